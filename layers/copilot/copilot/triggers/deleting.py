"""What is kept of a person, or of a Conversation: what there is, whose it is to ask for, and that it is deleted.

Evidence stays, for as long as the configuration says. What is deleted is deleted a few Runs at a time, each Run with
the list of Runs last: whoever is cut short asks again, and goes on with what is listed still.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import EntryKind, JournalEntry, ListedRun, Person, Whose, digest
from copilot.errors import Conflict, NotAllowed
from copilot.policy.decisions import Policy
from copilot.policy.entities import TenantAction
from copilot.ports import ChatLinks, Clock, KeptOf, Runs, Schedules, Watches
from copilot.triggers.linking import evidence_of

AT_ONCE = 10
"""Runs that are deleted before it is asked again."""
NAMED = 5


@dataclass(frozen=True)
class Found:
    """How much there is that goes, by what it is; what stays, a sentence each; and the Runs that are not over."""

    goes: dict[str, int]
    stays: list[str]
    open: list[str]

    @property
    def is_nothing(self) -> bool:
        return not any(self.goes.values())


@dataclass(frozen=True)
class OfWhom:
    """Whose is it, and what is there?"""

    kept: KeptOf
    policy: Policy

    def runs(self, asker: Person, whose: Whose, action: TenantAction) -> list[ListedRun]:
        """Raises NotAllowed where it is not theirs alone and policy does not let them ask for that of others."""
        runs = self.kept.listed(whose)
        if not self._is_their_own(asker, whose, runs):
            decision = self.policy.may(asker, action)
            if decision.outcome != "allow":
                raise NotAllowed(f"{decision.reason}: {whose.in_words} is not theirs alone. Nothing was done")
        return runs

    def note_export(self, asker: Person, whose: Whose, runs: Sequence[str], at: datetime) -> None:
        """In the journal, that a page of it was handed out, of which Runs, and to whom."""
        self.kept.note(_evidence("export", asker, whose, at, {"runs": [*runs]}))

    def _is_their_own(self, asker: Person, whose: Whose, runs: list[ListedRun]) -> bool:
        if whose.person is not None:
            return whose.person == asker.id
        own = (whose.conversation or "").startswith(f"{asker.id}/")
        return own or (bool(runs) and all(run.person == asker.id for run in runs))


@dataclass(frozen=True)
class DeleteKept:
    """Raises NotAllowed as `OfWhom` does."""

    of: OfWhom
    store: Runs
    watches: Watches
    links: ChatLinks
    schedules: Callable[[], Schedules]
    config: Configuration
    clock: Clock

    def find(self, asker: Person, whose: Whose) -> Found:
        return self._found(whose, self.of.runs(asker, whose, "delete_of_others"))

    def __call__(self, asker: Person, whose: Whose) -> Found:
        """Some of it; what is left then, as it is read again. Raises Conflict where a Run of it is not over."""
        runs = self.of.runs(asker, whose, "delete_of_others")
        found = self._found(whose, runs)
        if found.open:
            which = ", ".join(found.open[:NAMED]) + (" and others" if len(found.open) > NAMED else "")
            raise Conflict(
                f"not all of it is over: {which}. Wait for it, or cancel it (`devops-copilot runs cancel ID`) and wait "
                "for its answer; nothing was deleted"
            )
        if found.is_nothing:
            return found
        some = runs[:AT_ONCE]
        told: dict[str, JsonValue] = {"runs": [run.run_id for run in some], "found": {**found.goes}}
        self.of.kept.note(_evidence("deletion", asker, whose, self.clock.now(), told))
        if whose.person is not None:
            self._delete_own(asker, whose.person)
        if whose.conversation is not None:
            self.of.kept.delete_focus(whose.conversation, None)
            self.of.kept.delete_turns(whose.conversation, None)
        for conversation, each in groupby(sorted(some, key=_where), _where):
            # What others left in a Conversation stays; in one of the person's own there is nothing of others.
            own = whose.person is None or conversation.startswith(f"{whose.person}/")
            self.of.kept.delete_focus(conversation, None if own else whose.person)
            self.of.kept.delete_turns(conversation, {run.run_id for run in each})
        for run in some:
            self.of.kept.delete_run(run)
        return self.find(asker, whose)

    def _delete_own(self, asker: Person, person: str) -> None:
        self.of.kept.delete_remembered(person)
        for watch in self.watches.watches():
            if watch.owner == person:
                self.watches.change(watch, None)
        for link in self.links.links_of(person):
            self.links.unlink(link, evidence_of(link, "removed", asker.id, self.clock.now()))

    def _found(self, whose: Whose, runs: list[ListedRun]) -> Found:
        goes = {"runs": len(runs), "turns": self._turns(whose, runs)}
        if whose.person is not None:
            goes["facts"] = self.of.kept.facts(whose.person)
            goes["learned plans"] = self.of.kept.learned(whose.person)
            goes["watches"] = sum(watch.owner == whose.person for watch in self.watches.watches())
            goes["links"] = len(self.links.links_of(whose.person))
        kept = self.store.runs(self.config.tenant, [run.run_id for run in runs])
        return Found(goes, self._stays(whose), [run.run_id for run in kept if run.status != "answered"])

    def _turns(self, whose: Whose, runs: list[ListedRun]) -> int:
        if whose.conversation is not None:
            return len(self.of.kept.turns(whose.conversation))
        ids = {run.run_id for run in runs}
        said = [turn for one in {run.conversation for run in runs} for turn in self.of.kept.turns(one)]
        return sum(turn.run_id in ids for turn in said)

    def _stays(self, whose: Whose) -> list[str]:
        retention = self.config.retention
        stays = [
            "evidence of who had what changed, in ledger, approvals and journal, with the words of requests in it and "
            "the values of facts that were remembered or forgotten: undo, limits and audits go by it. "
            f"It is there for {retention.evidence} days, and what of it is archived for good",
            "what was sent into chats or the outbox, reports and their links: messages are the chat's, the others go "
            "after 30 days",
            "backups of the table, for as long as its point-in-time recovery reaches (35 days)",
        ]
        if whose.person is not None:
            own = [one.id for one in self.schedules().schedules() if one.owner == whose.person]
            stays += [f"schedules, since they act for others too: {', '.join(own)}"] if own else []
            stays += [
                "what was spent in their name, by day and month, since caps are held by it: it goes after "
                f"{retention.runs} days",
                "runbooks, standing approvals, and what is so for everybody, that they saved",
                "what a model was asked in others' runs, with the last turns of the conversation, this person's too: "
                f"it goes with these runs, after {retention.runs} days",
            ]
        return stays


def _evidence(
    kind: EntryKind, asker: Person, whose: Whose, at: datetime, told: Mapping[str, JsonValue]
) -> JournalEntry:
    """Without anything of what it was."""
    data: JsonValue = {"of": whose.in_words, **told}
    id = f"{kind}-{digest([asker.id, data, at.isoformat()])[:16]}"
    return JournalEntry(at=at, id=id, kind=kind, run_id="", person=asker.id, data=data)


def _where(run: ListedRun) -> str:
    return run.conversation
