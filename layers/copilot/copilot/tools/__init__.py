"""What a tool is, and which there are; a room for each domain of them."""
