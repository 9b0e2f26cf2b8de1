"""Services that page who is on call."""
