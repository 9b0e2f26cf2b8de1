"""Discord: https://docs.discord.com/developers, read in November 2026, as of August 2026."""
