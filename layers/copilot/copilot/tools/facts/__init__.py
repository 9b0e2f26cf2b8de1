"""To remember a fact, and to forget one."""
