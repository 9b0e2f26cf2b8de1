"""How deployments went."""
