"""What the copilot itself costs: the caps that hold it, and what is said of it."""
