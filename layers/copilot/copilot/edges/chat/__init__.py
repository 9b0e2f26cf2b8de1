"""What chat platforms send us: that it is theirs, and what it says, in the copilot's own words."""
