"""What the HTTP API says about who the caller is in chats, as frozen types."""

from __future__ import annotations

from datetime import datetime

from cli.api.documents import View
from copilot.domain import ChatUser


class LinkView(View):
    user: ChatUser
    made_at: datetime
    until: datetime


class LinkList(View):
    """`configured` are the addresses of users that the configuration says are the caller."""

    links: tuple[LinkView, ...]
    configured: tuple[str, ...] = ()


class LinkingView(View):
    """A code that is to be sent by `until`; where there is none, the links that were renewed instead."""

    code: str | None = None
    until: datetime | None = None
    links: tuple[LinkView, ...] = ()
