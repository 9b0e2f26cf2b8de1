"""Asking a model and reading what it says, with its prompts and prices."""
