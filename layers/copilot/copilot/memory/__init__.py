"""What a Conversation keeps between Turns."""
