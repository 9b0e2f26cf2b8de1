"""What of this is seen from outside: HTTP, views of what is kept, logs and metrics."""
