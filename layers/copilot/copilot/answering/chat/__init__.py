"""What of a run is shown where people talk, and that it gets there."""
