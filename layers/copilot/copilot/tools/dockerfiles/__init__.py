"""A Dockerfile read, judged and rewritten by rules that keep what its instructions do. Needs no client."""
