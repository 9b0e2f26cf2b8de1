"""What a cloud's own records say that was done in it."""

from __future__ import annotations

from datetime import datetime

from copilot.domain.frozen import Frozen
from copilot.domain.places import Unreachable


class TrailEvent(Frozen):
    """One call that changed something, or tried to. `who` made it, as the records call them; `action` is what, such as
    ecs:UpdateService, `name` what it was done to, and `error` why it was refused, "" where it was not. `id` is the
    records' own.
    """

    id: str
    at: datetime
    who: str
    action: str
    name: str
    account: str
    region: str
    error: str = ""


class LookedIn(Frozen):
    """An account, as people call it, and a region."""

    account: str
    region: str


class TrailReading(Frozen):
    """What was found, the newest first, in the places that were `read`; `unread` where nothing was, `cut` where only
    the newest were looked at, `off` where it may not be, in sentences of ours.
    """

    events: tuple[TrailEvent, ...] = ()
    read: tuple[LookedIn, ...] = ()
    unread: tuple[Unreachable, ...] = ()
    cut: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
