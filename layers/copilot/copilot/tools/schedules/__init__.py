"""What is stopped and started when, by itself."""
