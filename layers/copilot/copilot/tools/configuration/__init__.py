"""What environments and services are configured with: names, never values."""
