"""A Run as the API shows it to one person: what policy does not let them have of it is left out, and said so."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from pydantic import JsonValue

from copilot.config.names import ROLES
from copilot.domain import About, Approval, Destination, Person, Run
from copilot.plans.about import NOTHING, Outputs, about_answer, about_steps
from copilot.plans.telling import Telling
from copilot.policy.decisions import Policy
from copilot.ports import RunRecord
from copilot.text.outside import inert
from copilot.tools.registry import Registry

View = dict[str, JsonValue]
_TOLD = {
    "steps": {"id", "tool", "status", "items"},
    "items": {"index", "status", "phase", "attempt", "issued_at", "settled_at", "seconds"},
    "effects": {"step", "item", "tool", "state", "attempt", "started_at", "finished_at"},
}
"""What is told of each whoever looks: that it was done, and when."""


class Seer(NamedTuple):
    """Who looks, with their roles as they are now, and what decides how much they see. `into` where it is shown to
    others than them, whoever may decide an Approval of it.
    """

    person: Person
    policy: Policy
    registry: Registry
    into: Destination | None = None

    def seen(self, shown: View, record: RunRecord, approval: Approval | None, outputs: Outputs) -> View:
        """The view without what is not theirs to see; `withheld` says what that is and whom to ask, "" for nothing.

        Whoever may decide an Approval sees all of it: they answer for what they approve.
        """
        run = record.run
        told = about_steps(record.revisions, record.steps, outputs, self.registry)
        answer = run.about or about_answer(record.revisions, record.steps, outputs, self.registry)
        asked = NOTHING if approval is None else self._asked(record, approval, outputs)
        destination = self._destination(run)
        wanted = {*told.values(), answer, asked}
        hidden = wanted - self.policy.shown(self._as_asking(run), wanted, destination)
        if not hidden:
            return shown | {"withheld": ""}
        steps = {name for name, about in told.items() if about in hidden}
        said = _without(shown["steps"], "steps", "id", steps), _without(shown["effects"], "effects", "step", steps)
        kept: View = {"steps": said[0], "effects": said[1]}
        # A plan made after a look, and a question, may say what was seen.
        kept |= dict.fromkeys(("plan", "answer", "question") if answer in hidden else ("plan",))
        kept |= {"used_again": []}
        kept |= {"approval": None} if asked in hidden else {}
        return shown | kept | {"withheld": self._said(run, hidden, destination)}

    def sees(self, record: RunRecord, approval: Approval, outputs: Outputs) -> bool:
        """Whether they are kept from nothing in an Approval of this run."""
        asked = self._asked(record, approval, outputs)
        return asked in self.policy.shown(self._as_asking(record.run), {asked}, self._destination(record.run))

    def _asked(self, record: RunRecord, approval: Approval, outputs: Outputs) -> About:
        if self.into is None and self._decides(approval):
            return NOTHING
        request = record.run.trigger.text
        return Telling(record.revisions, record.steps, outputs, self.registry, request).asked(approval)

    def _as_asking(self, run: Run) -> Person:
        """Who asked, as narrow as what they said of themself then, a pipeline's job."""
        own = run.trigger.person.id == self.person.id
        return self.person.narrowed(run.trigger.person.job) if own else self.person

    def _destination(self, run: Run) -> Destination:
        if self.into is not None:
            return self.into
        return "direct" if run.trigger.person.id == self.person.id else "others"

    def _decides(self, approval: Approval) -> bool:
        targets = [target for call in approval.calls for target in call.preview.targets]
        own = approval.requested_by.id == self.person.id
        return self.policy.may_approve(self.person, targets, own=own).outcome == "allow"

    def _said(self, run: Run, hidden: Collection[About], destination: Destination) -> str:
        what = sorted({about.in_words for about in hidden})
        if self.into is not None:
            return f"Not shown here, where others read, is what tells of {', '.join(what)}: policy says so."
        told = f"Not shown to you is what tells of {', '.join(what)}: policy says so."
        if destination == "direct":
            return f"{told} Whoever keeps this copilot's policy can change that."
        may = [role for role in ROLES if {*hidden} <= self.policy.shown(_in(role), hidden, destination)]
        others = f", or somebody who is {' or '.join(may)}" if may else ""
        return f"{told} Ask {inert(run.trigger.person.id)}, who asked for this{others}."


def _in(role: str) -> Person:
    return Person(id=role, name=role, roles=(role,))


def _without(views: JsonValue, what: str, by: str, hidden: Collection[str]) -> JsonValue:
    """Of those that are of hidden steps only what is told whoever looks."""
    return [
        _bare(one, what) if isinstance(one, dict) and one[by] in hidden else one
        for one in (views if isinstance(views, list) else [])
    ]


def _bare(view: View, what: str) -> View:
    told: View = {name: value for name, value in view.items() if name in _TOLD[what]}
    items = told.get("items")
    if isinstance(items, list):
        told["items"] = [_bare(one, "items") for one in items if isinstance(one, dict)]
    return told
