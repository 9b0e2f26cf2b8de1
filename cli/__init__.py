"""The command line, `devops-copilot`."""
