"""Code hosts, GitHub and GitLab: who may ask, what a job logged, and comments."""
