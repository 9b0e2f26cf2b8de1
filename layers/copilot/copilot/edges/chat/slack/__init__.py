"""Slack: https://docs.slack.dev, read in November 2026."""
