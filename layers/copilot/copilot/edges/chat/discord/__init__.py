"""Discord: https://docs.discord.com/developers, read in November 2026 (its repository discord-api-docs, August 2026)."""
