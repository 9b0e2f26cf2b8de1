"""What people asked to be left alone, as code holds it: it denies, or has a person asked, and permits nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from copilot.domain import EVERYBODY, EXCLUSION, Decision, Fact, Preview, scope_of, selected
from copilot.ports import Clock, Facts
from copilot.text.outside import quoted_people


class Exclusions(NamedTuple):
    """Those of a person, and those for everybody."""

    own: Sequence[Fact] = ()
    shared: Sequence[Fact] = ()


ExclusionsFor = Callable[[str], Exclusions]
"""What counts for what a person, by id, has done."""


class KeptFrom(NamedTuple):
    """That an exclusion keeps a change from being made, or has a person asked."""

    denies: bool
    reason: str


def nothing_excluded(person: str) -> Exclusions:
    """Where nothing is remembered."""
    return Exclusions()


def exclusions_in(facts: Callable[[], Facts], clock: Clock) -> ExclusionsFor:
    """Two queries for each look."""

    def found(person: str) -> Exclusions:
        kept, now = facts(), clock.now()
        own, shared = (
            [fact for one in kept.facts(scope) if (fact := one.current(now)) and fact.exclusion]
            for scope in (scope_of(person), EVERYBODY)
        )
        return Exclusions(own, shared)

    return found


def can_be_excluded(preview: Preview) -> bool:
    """Whether it is of what an exclusion may be of: else nobody need look what there is."""
    return not preview.is_idle and any(one.ref.type == "environment" for one in preview.targets)


def kept_from(exclusions: Exclusions, preview: Preview, now: datetime, *, granted: bool = False) -> KeptFrom | None:
    """By the strictest there is at this moment, told with who said it, when, and until when; None where none is of what
    the preview shows.

    What an Approval `granted` is taken back under any but the person's own, as under a freeze.
    """
    found = [
        KeptFrom(one.exclusion.effect == "deny", told(one))
        for one in (*exclusions.own, *(() if granted else exclusions.shared))
        if one.exclusion and one.exclusion.when.covers(now) and any(selected(one.exclusion.of, preview))
    ]
    return max(found, key=lambda one: one.denies, default=None)


def narrowed(decision: Decision, by: KeptFrom | None) -> Decision:
    """The Decision with that: as it was, or stricter."""
    if by is None or decision.outcome == "deny":
        return decision
    if by.denies:
        return Decision(outcome="deny", policies=(EXCLUSION,), reason=by.reason)
    reason = f"{decision.reason}; {by.reason}" if decision.outcome == "ask" and decision.reason else by.reason
    return Decision(outcome="ask", policies=(*decision.policies, EXCLUSION), reason=reason)


def told(fact: Fact) -> str:
    """`changes of prod-eu are off limits on Fridays (UTC), as Dev said on 12 Nov 2026`."""
    until = f", until {fact.until:%d %b %Y %H:%M %Z}" if fact.until else ""
    return f"{fact.value}, as {quoted_people(fact.author.name)} said on {fact.at.day} {fact.at:%b %Y}{until}"
