"""Which runbooks are kept; to keep one, and to withdraw one."""
