"""Web hooks of code hosts, GitHub and GitLab: verified at a door of their own, read behind its queue."""
