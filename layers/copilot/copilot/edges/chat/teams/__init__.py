"""Microsoft Teams: https://learn.microsoft.com/microsoftteams/platform/bots, read in November 2026."""
