"""The demo: scenes, and what each has to show."""
