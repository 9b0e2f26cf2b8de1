"""What a Plan is, and whether it may run."""
