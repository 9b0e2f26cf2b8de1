"""What a change would do, and what was changed by whom."""
