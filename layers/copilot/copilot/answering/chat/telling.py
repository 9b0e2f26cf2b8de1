"""Tells owners, directly, of what was changed of theirs, and of what is about to be stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from copilot.answering.chat import owners, stops
from copilot.answering.chat.messages import Messages, WhereTo
from copilot.config.configuration import Configuration
from copilot.domain import (
    ChatPlace,
    ChatUser,
    ComingStop,
    LedgerEntry,
    Person,
    Run,
    Shown,
    spared_by,
    time_of,
)
from copilot.errors import CopilotError, RetryableError
from copilot.ports import Store
from copilot.tools.registry import Registry

MOST_OWNERS = 20
"""So many owners are told of one run."""
MOST_OWNERS_BEFORE = 100
"""So many of what is stopped at one time."""


@dataclass(frozen=True)
class TellOwners:
    """`users_of` gives who a person is in chats, by id; `coming` what Schedules stop at a time."""

    store: Store
    messages: Messages
    config: Configuration
    where_to: WhereTo
    users_of: Callable[[str], Sequence[ChatUser]]
    registry: Registry
    coming: Callable[[datetime], Sequence[stops.Coming]]

    def changed(self, run: Run) -> None:
        """Once to each who owns something that it changed, but who asked for it or approved it."""
        if run.status != "answered":
            return
        ledger, kept = self.store.effects(run.tenant, run.run_id), self.messages.of(run.run_id)
        decided = self._approved_by(run, ledger)
        for person, users, theirs in islice(self._owners_to_tell(run, ledger, decided), MOST_OWNERS):
            one = kept.get(f"owner/{person.id}")
            if one is None or one.state == "failed":
                self._tell_owner(run, person, users, theirs, decided)

    def _owners_to_tell(
        self, run: Run, ledger: Sequence[LedgerEntry], decided: Mapping[str, str]
    ) -> Iterator[tuple[Person, Sequence[ChatUser], list[LedgerEntry]]]:
        """With what is news to them."""
        for person, theirs in owners.owned(ledger, self.config):
            news = [entry for entry in theirs if decided.get(entry.approval_id or "") != person.id]
            users = self.users_of(person.id)
            if person.id == run.trigger.person.id or not news or not users:
                continue
            if self.where_to(person, owners.about(news), ChatPlace(name="", direct=True)) == "here":
                yield person, users, news

    def _tell_owner(
        self,
        run: Run,
        person: Person,
        users: Sequence[ChatUser],
        theirs: Sequence[LedgerEntry],
        decided: Mapping[str, str],
    ) -> None:
        names = {one.id: one.name for one in self.config.people}
        by = dict.fromkeys(decided.get(entry.approval_id or "", "") for entry in theirs)
        approvers = [names.get(one, one) for one in by if one]
        shown = owners.told(run, theirs, approvers, self.registry, self.config.zone_of(person.id))
        self._directly(run.run_id, person, users, shown)

    def _directly(
        self, about: str, owner: Person, users: Sequence[ChatUser], shown: Shown, told: tuple[ComingStop, ...] = ()
    ) -> None:
        """Once, as the first of their users who is there; those of the home workspace before the others."""
        key, reasons = f"owner/{owner.id}", list[str]()
        for user in sorted(users, key=lambda one: not self._is_at_home(one)):
            try:
                self.messages.post(about, key, self.messages.directly(user), shown, told)
                return
            except RetryableError:
                raise
            except CopilotError as error:  # one who cannot be told keeps no other from it
                reasons.append(str(error))
        self.messages.note(about, key, reason="; ".join(dict.fromkeys(reasons)))

    def _is_at_home(self, user: ChatUser) -> bool:
        return self.config.chat is not None and user.workspace == self.config.chat.workspaces[0].id

    def _approved_by(self, run: Run, ledger: Sequence[LedgerEntry]) -> dict[str, str]:
        """Who approved, by the Approval's id."""
        asked = {entry.approval_id for entry in ledger if entry.approval_id}
        found = [self.store.approval(run.tenant, one) for one in sorted(asked)]
        return {one.id: one.decided_by for one in found if one.decided_by}

    def before(self, occasion: str) -> None:
        """Once to each who owns something that is about to be stopped by another's Schedule; nothing when it was."""
        at, kept = time_of(occasion), self.messages.of(occasion)
        if at <= self.messages.clock.now():
            return
        for person, theirs in islice(stops.owned(self.coming(at), self.config), MOST_OWNERS_BEFORE):
            one, users = kept.get(f"owner/{person.id}"), self.users_of(person.id)
            if not users or (one is not None and one.state == "sent"):
                continue
            if self.where_to(person, stops.about(theirs), ChatPlace(name="", direct=True)) == "here":
                shown = stops.told(theirs, self.config, self.config.zone_of(person.id))
                self._directly(occasion, person, users, shown, tuple(each.stop for each in theirs))

    def spared(self, run: Run) -> None:
        """Where it was asked for by the button of a stop that comes, its message says so instead."""
        if (occasion := spared_by(run.trigger.dedupe_key)) and run.trigger.kind == "chat":
            person, kept = run.trigger.person.id, self.messages.of(occasion)
            one = kept.get(f"owner/{person}")
            if run.outcome == "succeeded" and one is not None and one.where is not None and one.stops:
                self.messages.keep(
                    occasion, one.key, one.where, stops.kept(one.stops, self.config.zone_of(person)), kept
                )
