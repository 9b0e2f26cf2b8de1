"""The application of Discord that the copilot is there: its commands, what it may, and what its token is of.

A server's own commands do not reach direct messages (docs.discord.com, developers/interactions/application-commands),
so these are of the application: they are in every server in which it is installed, and in direct messages with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from copilot.adapters.discord.calls import Calls
from copilot.errors import FatalError

PERMISSIONS: Mapping[str, tuple[int, str]] = {
    "View Channel": (1 << 10, "see what channels there are, and who else may read in one"),
    "Send Messages": (1 << 11, "post its answers, progress and approvals"),
    "Send Messages in Threads": (1 << 38, "the same in threads"),
    "Attach Files": (1 << 15, "put charts and reports beside its answers"),
    "Read Message History": (1 << 16, "change its own messages, so that they show how far it is"),
}
"""What it may, and why: docs.discord.com, developers/topics/permissions."""
_SERVER, _IN_SERVERS, _DIRECT = 0, 0, 1
_LONGEST_REQUEST = 6000
COMMANDS: tuple[dict[str, Any], ...] = (
    {
        "name": "copilot",
        "type": 1,
        "description": "Ask the copilot for something",
        "options": [
            {
                "name": "request",
                "type": 3,
                "description": "in your own words, such as: which environments are idle?",
                "required": True,
                "max_length": _LONGEST_REQUEST,
            },
            {"name": "file", "type": 11, "description": "a text file that it is about", "required": False},
        ],
        "integration_types": [_SERVER],
        "contexts": [_IN_SERVERS, _DIRECT],
    },
    {
        "name": "Ask copilot",
        "type": 3,
        "integration_types": [_SERVER],
        "contexts": [_IN_SERVERS, _DIRECT],
    },
)


class Application:
    """The one that a bot's token is of: its id, its name and the key that it signs with. Everything raises as
    ports.ChatReader says.
    """

    def __init__(self, token: str, endpoint: str | None = None) -> None:
        self._calls = Calls(token, endpoint)
        said = self._calls.get("checking the token", "/applications/@me")
        app, key = said.get("id"), said.get("verify_key")
        if not isinstance(app, str) or not app.isdecimal() or not isinstance(key, str):
            raise FatalError("checking the token: Discord does not say of what application it is", ours=True)
        self.id, self.name, self.public_key = app, str(said.get("name") or "the application"), key

    def server_named(self, server: str) -> str:
        """What a server is called in which it is. Raises NotFound where it is not."""
        return str(self._calls.get("looking at the server", f"/guilds/{server}").get("name") or server)

    def register(self) -> None:
        """All of its commands, in place of those it had."""
        self._calls.put("registering the commands", f"/applications/{self.id}/commands", list(COMMANDS))


def install_link(app: str) -> str:
    """Where whoever manages a server lets it in: docs.discord.com, developers/topics/oauth2, bot authorization flow."""
    bits = sum(bit for bit, _ in PERMISSIONS.values())
    scopes = "bot%20applications.commands"
    return f"https://discord.com/oauth2/authorize?client_id={app}&scope={scopes}&permissions={bits}"
