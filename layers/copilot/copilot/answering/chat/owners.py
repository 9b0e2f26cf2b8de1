"""Whose it is that a Run changed, and the message that tells them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from copilot.answering.chat.runs import LONGEST_REQUEST, cut, undoing
from copilot.config.configuration import Configuration
from copilot.domain import PRIVATE, STRICTER, About, LedgerEntry, Part, Person, Run, Shown, Words
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.text.spoken import tool_spoken
from copilot.times.windows import moment
from copilot.tools.registry import Registry

MOST_LINES = 10


def owned(ledger: Sequence[LedgerEntry], config: Configuration) -> Iterator[tuple[Person, list[LedgerEntry]]]:
    """What was changed, by those whose name the tag of its targets bears; a tag names several with commas between."""
    changed = [(entry, _owners(entry, config.tags.owner)) for entry in ledger if entry.did_something]
    for known in config.people:
        names = config.owned_as(known.person)
        if theirs := [entry for entry, bears in changed if not bears.isdisjoint(names)]:
            yield known.person, theirs


def about(theirs: Sequence[LedgerEntry]) -> About:
    """What is told of it: that it was done, to what."""
    kinds = [target.kind or STRICTER[-1] for entry in theirs for target in entry.prior.targets]
    return About.all_of(About(shows=PRIVATE[0], kind=kind) for kind in kinds)


def told(run: Run, theirs: Sequence[LedgerEntry], approvers: Sequence[str], registry: Registry, zone: str) -> Shown:
    """Who changed what of theirs, when and why. Of an answered Run; `approvers` are names."""
    asker, request = inert(run.trigger.person.name), cut(inert(run.trigger.text), LONGEST_REQUEST)
    by = f"A schedule of {asker}" if run.trigger.kind == "schedule" else asker
    brief = f"{by} changed what is yours"
    lines = [_line(entry, zone) for entry in theirs[:MOST_LINES]]
    lines += [f"and {len(theirs) - MOST_LINES} more"] if len(theirs) > MOST_LINES else []
    why = [f"Asked for: \u201c{request}\u201d"]
    why += [f"Approved by {listed([inert(name) for name in approvers])}"] if approvers else []
    parts: list[Part] = [
        Words(text="\n".join([f"{brief}:", *lines, *why])),
        Words(text=f"The command devops-copilot runs show {run.run_id} has all of it.", small=True),
        *undoing(run.run_id, theirs, registry),
    ]
    return Shown(brief=f"{brief}: {lines[0]}", parts=tuple(parts))


def _owners(entry: LedgerEntry, tag: str) -> set[str]:
    return {name.strip() for target in entry.prior.targets for name in target.tags.get(tag, "").split(",")} - {""}


def _line(entry: LedgerEntry, zone: str) -> str:
    tool = tool_spoken(entry.tool)
    targets = listed([inert(target.name) for target in entry.prior.targets])
    at = (entry.finished_at or entry.started_at).astimezone(ZoneInfo(zone))
    return f"{tool} {targets}, {moment(at)}"
