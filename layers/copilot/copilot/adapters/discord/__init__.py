"""Discord: what is read of it, and what is posted there."""
