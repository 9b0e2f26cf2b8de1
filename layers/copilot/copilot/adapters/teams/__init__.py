"""Microsoft Teams: what is read of it, and what is posted there."""
