"""What the HTTP API says of what is kept, and of the archive of the journal, as frozen types."""

from __future__ import annotations

from datetime import date

from cli.api.documents import View


class FoundView(View):
    """`goes` is how much of it there is, by what it is; `open` are the runs that are not over."""

    of: str
    goes: dict[str, int]
    stays: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not any(self.goes.values())

    @property
    def in_words(self) -> str:
        said = [
            f"{number} {name if number != 1 else ONE.get(name, name)}" for name, number in self.goes.items() if number
        ]
        return ", ".join(said) or "nothing"


ONE = {
    "runs": "run",
    "turns": "turn",
    "facts": "fact",
    "learned plans": "learned plan",
    "watches": "watch",
    "links": "link",
}


class PartView(View):
    """An object of the archive, as its head says."""

    number: int
    day: date
    reached: date
    entries: int


class ArchiveView(View):
    """`waiting` are entries that are not archived yet, by day."""

    parts: tuple[PartView, ...] = ()
    faults: tuple[str, ...] = ()
    next: int | None = None
    waiting: dict[date, int] = {}
