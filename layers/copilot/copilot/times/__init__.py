"""Time as people write it and as EventBridge Scheduler keeps it. Pure: the present is always given."""
