"""What a pipeline's job is, what it hands on, and what it writes where others of its repository read."""
