"""Chats, for whoever installs the copilot in one; imported where that is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from copilot.adapters.system_clock import SystemClock
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.errors import CopilotError
from copilot.ports import ChatWriter

if TYPE_CHECKING:
    from copilot.adapters.discord.app import Application
    from copilot.adapters.slack.app import Installed


def slack_manifest(address: str) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The manifest of the app of a copilot at this address, and why it wants each scope."""
    from copilot.adapters.slack.app import SCOPES, manifest

    return manifest(address), SCOPES


def slack_installed(token: str, endpoint: str | None) -> Installed:
    """Raises as ports.ChatReader says."""
    from copilot.adapters.slack.app import installed

    return installed(token, endpoint)


def slack_in(workspace: ChatWorkspace, token: str) -> ChatWriter:
    from copilot.adapters.slack.client import SlackClient

    return SlackClient(ChatSettings(workspaces=(workspace,)), lambda _: token, SystemClock())


def teams_manifest(app: str, address: str) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The manifest of the app of a copilot at this address, and why it wants each permission."""
    from copilot.adapters.teams.app import PERMISSIONS, manifest

    return manifest(app, address), PERMISSIONS


def teams_package(manifest: Mapping[str, Any]) -> bytes:
    """It as a file to be uploaded."""
    from copilot.adapters.teams.app import package

    return package(manifest)


def teams_checked(workspace: ChatWorkspace, secret: str) -> Sequence[str | CopilotError]:
    """Whether the registration of a bot is as it has to be: what is so, in words, and what is not."""
    from copilot.adapters.teams.app import checked

    return list(checked(workspace, secret, SystemClock()))


def teams_in(workspace: ChatWorkspace, secret: str) -> ChatWriter:
    from copilot.adapters.teams.client import TeamsClient

    return TeamsClient(ChatSettings(workspaces=(workspace,)), lambda _: secret, SystemClock())


def discord_app(token: str, endpoint: str | None) -> Application:
    """Raises as ports.ChatReader says."""
    from copilot.adapters.discord.app import Application

    return Application(token, endpoint)


def discord_link(app: str) -> tuple[str, Mapping[str, str]]:
    """Where a server lets an application in, and why it wants each permission."""
    from copilot.adapters.discord.app import PERMISSIONS, install_link

    return install_link(app), {name: why for name, (_, why) in PERMISSIONS.items()}


def discord_in(workspace: ChatWorkspace, token: str) -> ChatWriter:
    from copilot.adapters.discord.client import DiscordClient

    return DiscordClient(ChatSettings(workspaces=(workspace,)), lambda _: token, SystemClock())
