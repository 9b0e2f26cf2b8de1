"""The copilot's HTTP API, as the command line speaks it."""
