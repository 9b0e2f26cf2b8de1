"""Chats, for whoever installs the copilot in one; imported where that is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from copilot.adapters.system_clock import SystemClock
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.ports import ChatWriter

if TYPE_CHECKING:
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
