"""The app of Slack that the copilot is there: as what it is made, and what an installation of it turns out to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from copilot.adapters.slack.calls import Calls

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "hear when it is mentioned in a channel",
    "assistant:write": "be talked to in a direct message as an agent, and say there that it is at work",
    "channels:history": "hear what is said in its own threads of public channels it was invited to",
    "channels:read": "see which public channels it is in, and whether one is shared or has guests",
    "chat:write": "post its answers, progress and approvals, where it was invited",
    "commands": "be asked by /copilot",
    "files:read": "read the files that are sent along with a request",
    "files:write": "put charts and reports beside its answers",
    "groups:history": "the same as channels:history, of private channels it was invited to",
    "groups:read": "the same as channels:read, of private channels it was invited to",
    "im:history": "hear what is said to it in direct messages",
    "im:read": "see whose direct message one is",
    "im:write": "open a direct message: for approvals, and for what a channel may not show",
    "users:read": "see whether somebody is a guest, of another organisation, or gone",
    "users:read.email": "see the confirmed mail of somebody, for `readers_by_mail` in the configuration",
}
"""What it may, and why. docs.slack.dev, reference/scopes."""
EVENTS = (
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "tokens_revoked",
    "user_change",
)
_ABOUT = (
    "Say what you want done to your infrastructure. It plans, asks before it changes anything that needs it, and tells"
)


class Installed(NamedTuple):
    """Where a token is of: the id of the workspace, or of the organisation where it is installed in all of it. `lacks`
    are the scopes that it has not.
    """

    id: str
    name: str
    bot: str
    lacks: tuple[str, ...]


def manifest(address: str) -> dict[str, Any]:
    """As api.slack.com/apps takes it, for a copilot at this address. docs.slack.dev, reference/app-manifest."""
    chat = f"{address.rstrip('/')}/v1/chat/slack"
    command = {
        "command": "/copilot",
        "url": f"{chat}/commands",
        "description": "Ask the copilot for something",
        "usage_hint": "which environments are idle?",
        "should_escape": True,
    }
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "DevOps Copilot",
            "description": "Say what you want done to your infrastructure.",
        },
        "features": {
            "agent_view": {"agent_description": f"{_ABOUT} you what came of it."},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "copilot", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"request_url": f"{chat}/events", "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": f"{chat}/interactions"},
            "org_deploy_enabled": True,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def installed(token: str, endpoint: str | None = None) -> Installed:
    """What a bot's token is of. Raises as ports.ChatReader says."""
    said, headers = Calls(token, endpoint).answered("checking the token", "auth.test", {})
    granted = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
    has = {scope.strip() for scope in granted.split(",")}
    of_all = bool(said.get("is_enterprise_install"))
    return Installed(
        id=str((said.get("enterprise_id") if of_all else None) or said.get("team_id") or ""),
        name=str(said.get("team") or ""),
        bot=str(said.get("user") or ""),
        lacks=tuple(scope for scope in SCOPES if scope not in has),
    )
