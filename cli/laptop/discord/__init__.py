"""Discord on this machine, for the tests: it judges what is sent to it as Discord does, and signs as Discord signs."""

from cli.laptop.discord.discord import Discord
from cli.laptop.discord.people import Dialog, Used
from cli.laptop.discord.world import SERVER, Channel, Guild, Message, User, one_server

__all__ = ["SERVER", "Channel", "Dialog", "Discord", "Guild", "Message", "Used", "User", "one_server"]
