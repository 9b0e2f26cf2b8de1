"""What runs, looked at closer: what it logs and what is measured of it."""
