"""What the HTTP API says an event would start, as frozen types."""

from __future__ import annotations

from cli.api.documents import View


class Tested(View):
    """What one reaction would begin, None where nothing; `marked` are the values in it that others wrote, `why_not` is
    "" where it would be begun now.
    """

    name: str
    cause: str
    tells: str
    begins: str | None
    marked: tuple[str, ...] = ()
    why_not: str = ""


class TestedView(View):
    kind: str
    account: str
    reactions: tuple[Tested, ...]
