"""One element of a step as it goes: what it calls, and how far it has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

from copilot.domain.claims import Claim, EffectPlace
from copilot.domain.frozen import Frozen
from copilot.domain.plans import Arguments
from copilot.domain.targets import Kind, ResourceRef


class Mend(Frozen):
    """An argument of a read that was nearly a name: what was `said`, and the only name near it, which was `meant`."""

    argument: str
    said: str
    meant: str


class Decision(Frozen):
    """What policy said of one call, with the ids of the policies that decided."""

    outcome: Literal["allow", "ask", "deny"]
    policies: tuple[str, ...] = ()
    reason: str = ""


Wanted = Literal["repair", "revise"]
Phase = Literal["preview", "execute", "check"]
End = Literal[
    "done", "failed", "denied", "expired", "no_data", "unknown", "cancelled", "replanned", "left_out", "halted"
]
Status = Literal["open", "issued", "asking", "wrong", End]
SETTLED: frozenset[str] = frozenset(get_args(End))
_BECOMES: dict[Status, frozenset[Status]] = {
    "open": frozenset({"issued", "failed", "denied", "cancelled", "halted"}),
    "issued": frozenset(
        {"open", "asking", "wrong", "done", "failed", "denied", "no_data", "unknown", "left_out", "cancelled"}
    ),
    "asking": frozenset({"open", "failed", "denied", "expired", "left_out", "cancelled"}),
    "wrong": frozenset({"open", "failed", "replanned", "cancelled"}),
}
"""What each status may become; what is settled stays so."""


class Item(Frozen):
    """One element of a for_each, or the step itself: its resolved arguments and how far it has come.

    open: to be issued in `phase` once `due` has come; issued: in the current wave; asking: waits for an Approval;
    wrong: waits for a better plan, of kind `wanted`; replanned: failed, and a later revision does without it; left_out:
    whoever approved the others left it out, or a standing approval covers no more; halted: others of its step failed,
    so it was not begun; the rest are settled too. `repaired` are the reasons for which a plan has made its call anew.
    `marked` are the fields of its output that hold marked text (see marks.py), None where none was looked at;
    `reason_marked` is whether the reason has words that are not the copilot's own. `mended` is how its call was put
    right without a model; `choices` are those of a Verdict that is a question. `targets` is what its call would change,
    as it was looked at, `accounts` in which it would change anything, `kind` the strictest of its targets; `counted` is
    the hour in which it counts for what is changed at once. `unready` is at how many of its attempts its turn had not
    come yet. `claim` is what it does about an effect of another Run; `kept_in` is where the ledger has the effect of
    one that another Run made, and this one does not make again.
    """

    index: int
    arguments: Arguments
    status: Status = "open"
    phase: Phase = "execute"
    attempt: int = 1
    reason: str = ""
    wanted: Wanted | None = None
    repaired: tuple[str, ...] = ()
    due: datetime | None = None
    deadline: datetime | None = None
    waits: int = 0
    unready: int = 0
    state_hash: str | None = None
    targets: tuple[ResourceRef, ...] = ()
    accounts: tuple[str, ...] = ()
    kind: Kind | None = None
    counted: str = ""
    approval_id: str | None = None
    decision: Decision | None = None
    issued_at: datetime | None = None
    settled_at: datetime | None = None
    marked: tuple[str, ...] | None = None
    reason_marked: bool = False
    mended: Mend | None = None
    choices: tuple[str, ...] = ()
    claim: Claim | None = None
    kept_in: EffectPlace | None = None

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED

    def issue(self, now: datetime) -> Item:
        """In a wave. This and all that follow raise ValueError where its status does not lead there."""
        return self._become("issued", issued_at=self.issued_at or now)

    def settle(self, status: End, reason: str, now: datetime, *, reason_marked: bool | None = None) -> Item:
        """At its end; with words in the reason that are not the copilot's own, where that is told."""
        marked = self.reason_marked if reason_marked is None else reason_marked
        return self._become(status, reason=reason[:400], due=None, settled_at=now, reason_marked=marked)

    def ask(self, decision: Decision, state_hash: str) -> Item:
        """To wait for a person, who is to approve what was looked at."""
        return self._become("asking", decision=decision, state_hash=state_hash, phase="execute", due=None)

    def allow(self, decision: Decision, state_hash: str) -> Item:
        """To be made as it was looked at."""
        return self._become("open", decision=decision, state_hash=state_hash, phase="execute", due=None)

    def approve(self, by: str) -> Item:
        """To be made as a person approved it."""
        return self._become("open", reason=f"approved by {by}")

    def hold(self, reason: str) -> Item:
        """To wait for others of its step. Its time begins when it is issued, and it is not an attempt."""
        return self.model_copy(update={"reason": reason, "issued_at": None})

    def look(self, due: datetime | None, reason: str, deadline: datetime | None) -> Item:
        """To be looked at once more, whether what was done has come to be."""
        return self._become("open", phase="check", due=due, waits=self.waits + 1, deadline=deadline, reason=reason)

    def look_at_once(self) -> Item:
        """To be looked at, since the one that was to do it has not been heard of."""
        return self._become("open", due=None)

    def retry(self, phase: Phase, reason: str, due: datetime, deadline: datetime | None = None) -> Item:
        """To be called again; with a deadline it goes on waiting until that, without one it begins anew.

        What was approved is not what is there now, where it is to be previewed again: it has to be asked again.
        """
        update: dict[str, Any] = {"phase": phase, "due": due, "attempt": self.attempt + 1, "reason": reason}
        update["deadline"] = deadline
        if deadline is None:
            update["waits"] = 0
            if phase == "preview":
                update |= {"approval_id": None, "decision": None, "state_hash": None}
        return self._become("open", **update)

    def mend(self, mend: Mend, now: datetime) -> Item:
        """To be called again with the argument that was meant."""
        again = self.retry("execute", f"{mend.said!r} was read as {mend.meant}", now)
        return again.model_copy(update={"arguments": {**self.arguments, mend.argument: mend.meant}, "mended": mend})

    def go_wrong(self, wanted: Wanted, reason: str) -> Item:
        """To wait for a better plan."""
        return self._become("wrong", wanted=wanted, reason=reason, due=None)

    def _become(self, status: Status, **update: Any) -> Item:
        if status not in _BECOMES.get(self.status, ()):
            raise ValueError(f"an item that is {self.status} never becomes {status}")
        return self.model_copy(update={"status": status, **update})
