"""Tools about reactions: which there are, and what they came to."""
