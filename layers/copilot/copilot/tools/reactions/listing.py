"""Which reactions there are, and what of each was begun, counted or held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from copilot.domain import Frozen, Made
from copilot.domain.reaction_words import and_more, in_words
from copilot.domain.reactions import Begin, KnownReaction, Open
from copilot.text.listing import count
from copilot.text.outside import quoted, quoted_people
from copilot.times.zones import moment, zone_of
from copilot.tools.by_hand import ByHand, own
from copilot.tools.tool import MOMENTS, ReadTool


class ListReactionsInput(Frozen):
    hours: int | None = Field(
        default=None, ge=1, le=168, description="only those to which something came within so many hours"
    )
    since: AwareDatetime | None = Field(default=None, description="only those to which something came since then")
    until: AwareDatetime | None = Field(default=None, description="else now")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class ReactionSummary(Frozen):
    name: str = Field(description="the reaction's name")
    events: int = Field(description="how many events it answered to, all in all")
    last_at: AwareDatetime | None = Field(description="when the last came; null where none did")
    held: int = Field(description="how many are held now, for quiet hours or maintenance")
    beyond: int = Field(description="how many came beyond the most runs of an hour, and are not told yet")
    summary: Made = Field(description="one line about it")


class ListReactionsOutput(Frozen):
    reactions: tuple[ReactionSummary, ...] = Field(description="in the order of the configuration")
    came: tuple[Made, ...] = Field(description="what came last and what was begun of it, a line each")
    none: Made = Field(description='that there are none, in a sentence; "" where there are some')


class ListReactions(ReadTool[ListReactionsInput, ListReactionsOutput]):
    name = "list_reactions"
    summary = "List the reactions to events: what each answers to and does, what came, what was begun, counted or held."
    Input = ListReactionsInput
    Output = ListReactionsOutput
    of_environments = False
    lasts = MOMENTS
    shown_by = ("devops-copilot reactions list",)

    @classmethod
    def by_hand(cls, input: ListReactionsInput, output: ListReactionsOutput) -> Sequence[ByHand]:
        return [own("reactions", "list")]

    def run(self, input: ListReactionsInput) -> ListReactionsOutput:
        zone, every = zone_of(input.time_zone), self.clients.reactions.all()
        since, until = input.since, input.until
        if since is None and input.hours:
            since = self.clients.clock.now() - timedelta(hours=input.hours)
        found = [one for one in every if _has_come(one, since, until)]
        none = "" if found else "There is no reaction. `reactions` of the configuration says what events start."
        if every and not found:
            when = f"since {moment(since, zone)}" if since else ""
            when = f"in the last {input.hours} hours" if input.hours and not input.since else when
            before = f" and up to {moment(until, zone)}" if until and until < self.clients.clock.now() else ""
            none = f"To none of the {count(len(every), 'reaction')} anything came {when}{before}."
        return ListReactionsOutput(
            reactions=tuple(_summary(one, zone) for one in found),
            came=tuple(
                _came(one, what, zone) for one in found for what in one.kept.last if _is_in(what.since, since, until)
            ),
            none=none,
        )


def _has_come(one: KnownReaction, since: datetime | None, until: datetime | None) -> bool:
    came = [what.since for what in one.kept.last] + ([one.kept.last_at] if one.kept.last_at else [])
    return (since is None and until is None) or any(_is_in(at, since, until) for at in came)


def _is_in(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at <= until)


def _summary(one: KnownReaction, zone: ZoneInfo) -> ReactionSummary:
    kept = one.kept
    held = kept.held.events if kept.held else 0
    last = f"the last {moment(kept.last_at, zone)}" if kept.last_at else "none yet"
    parts = [f"{count(kept.events, 'event')}, {last}" if kept.last_at else "no event yet"]
    parts += [f"{held} held"] if held else []
    parts += [f"{kept.over} beyond the most of an hour"] if kept.over else []
    does = f"runs {quoted(one.does)}" if one.runs else f"asks {quoted(one.does)}"
    return ReactionSummary(
        name=one.name,
        events=kept.events,
        last_at=kept.last_at,
        held=held,
        beyond=kept.over,
        summary=f"{one.name}: upon {one.answers}, {does} as {quoted_people(one.person)} and tells {one.tells}; "
        + ", ".join(parts)
        + ".",
    )


def _came(one: KnownReaction, what: Open, zone: ZoneInfo) -> str:
    crowd = one.kept.gathered
    begin = Begin(what, crowd if crowd and crowd.first == what.cause and crowd.since == what.since else None)
    became = f"run {what.run_id}" if what.run_id else what.said or "not begun yet"
    more = and_more(begin, one.account_names, moment(what.until, zone))
    said = f"{moment(what.since, zone)}, {one.name}: {in_words(what, one.account_names)}: {became}."
    return f"{said} {more}".rstrip()
