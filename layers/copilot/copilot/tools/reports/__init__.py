"""Reports of what earlier steps gave, kept as files that links open."""
