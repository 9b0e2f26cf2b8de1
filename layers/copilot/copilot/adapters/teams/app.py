"""The app of Teams that the copilot is there: as what it is added, and whether its registration is as it has to be.

learn.microsoft.com, microsoftteams/platform/resources/schema/manifest-schema, version 1.19.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from copilot.adapters.teams.calls import Calls
from copilot.adapters.teams.client import TeamsClient
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.domain import AnswerTo
from copilot.errors import CopilotError
from copilot.ports import Clock

PERMISSIONS: Mapping[str, str] = {
    "TeamMember.Read.Group": "see who is in the team, and whether somebody is a guest",
    "ChannelMember.Read.Group": "the same of channels that are private or shared",
}
"""What it may in a team to which it is added, and why. microsoftteams/platform/graph-api/rsc."""
_ABOUT = "Say what you want done to your infrastructure."
_COMMANDS = (
    ("which environments are idle?", "What nobody uses, and what it costs"),
    ("why did the last deployment fail?", "What happened, from what was logged"),
    ("stop all development environments", "It is shown first what would change"),
)
_INK = (0x2B, 0x57, 0x9A)


def manifest(app: str, address: str) -> dict[str, Any]:
    """As the Teams admin center and Developer Portal take it, for a copilot at this address."""
    site = address.rstrip("/")
    commands = [{"title": title, "description": about} for title, about in _COMMANDS]
    return {
        "$schema": "https://developer.microsoft.com/en-us/json-schemas/teams/v1.19/MicrosoftTeams.schema.json",
        "manifestVersion": "1.19",
        "version": "1.0.0",
        "id": app,
        "developer": {"name": "DevOps Copilot", "websiteUrl": site, "privacyUrl": site, "termsOfUseUrl": site},
        "name": {"short": "copilot", "full": "DevOps Copilot"},
        "description": {
            "short": _ABOUT,
            "full": f"{_ABOUT} It plans, asks before it changes anything that needs it, and tells what came of it.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#{:02X}{:02X}{:02X}".format(*_INK),
        "bots": [
            {
                "botId": app,
                "scopes": ["personal", "team"],
                "supportsFiles": True,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": ["personal", "team"], "commands": commands}],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "webApplicationInfo": {"id": app, "resource": "https://RscBasedStoreApp"},
        "authorization": {
            "permissions": {"resourceSpecific": [{"name": name, "type": "Application"} for name in PERMISSIONS]}
        },
    }


def package(made: Mapping[str, Any]) -> bytes:
    """The manifest with its two pictures, as a ZIP file to be uploaded."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("manifest.json", json.dumps(made, indent=2))
        whole.writestr("color.png", _picture(192, (*_INK, 255), (255, 255, 255, 255)))
        whole.writestr("outline.png", _picture(32, (0, 0, 0, 0), (255, 255, 255, 255)))
    return out.getvalue()


def checked(workspace: ChatWorkspace, secret: str, clock: Clock) -> Iterator[str | CopilotError]:
    """Each thing that has to be so, in words, or why it is not; and nothing after that."""
    assert workspace.app is not None
    client = TeamsClient(ChatSettings(workspaces=(workspace,)), lambda _: secret, clock)
    try:
        Calls(workspace.id, workspace.app, lambda: secret, clock, workspace.endpoint).token()
        yield f"Entra gives the app {workspace.app} of the tenant {workspace.id} a token for its secret."
        if workspace.team is None:
            yield "No team is named: channels can be told nothing by their names. --team names one."
            return
        names = sorted(f"#{name}" for name in client.channels(workspace.id))
        yield f"The app is in the team, whose channels are {', '.join(names)}."
        place = client.place(AnswerTo(platform="teams", workspace=workspace.id, place=workspace.team))
        yield f"Who is in its channels can be seen{'; there are guests among them' if place.guests else ''}."
    except CopilotError as error:
        yield error


def _picture(size: int, ground: tuple[int, ...], ink: tuple[int, ...]) -> bytes:
    """A ring on a ground: a PNG of RGBA."""
    middle, outer, inner = (size - 1) / 2, size * 0.36, size * 0.22
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            away = ((x - middle) ** 2 + (y - middle) ** 2) ** 0.5
            rows += bytes(ink if inner <= away <= outer else ground)
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
