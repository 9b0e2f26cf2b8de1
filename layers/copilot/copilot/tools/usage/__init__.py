"""What a copilot and its environments used and cost."""
