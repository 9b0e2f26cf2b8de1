"""From the Items of a Plan to their Verdicts."""
