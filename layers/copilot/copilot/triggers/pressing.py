"""What was pressed in a chat: a decision, a Run as if its presser had asked for it, or more of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from copilot.config.configuration import Configuration
from copilot.domain import (
    MOST_TEXT,
    AnswerTo,
    Approval,
    Asked,
    ChatUser,
    Delivery,
    Freeze,
    FrozenScope,
    Person,
    Plan,
    Pressed,
    Run,
    Trigger,
    Unknown,
    from_home,
    home_key,
    keep_key,
)
from copilot.errors import (
    Conflict,
    CopilotError,
    FatalError,
    NotAllowed,
    NotFound,
    PermissionDenied,
    RetryableError,
)
from copilot.ports import Clock, Deliveries
from copilot.times.windows import moment
from copilot.triggers.keeping import keeping
from copilot.triggers.linking import Link
from copilot.triggers.telling_back import TellBack

NOT_TOLD_YOU = (
    "This is for whom it was sent to, who own what is stopped. Nothing was changed. If it was sent to you just now, "
    "press it again."
)
"""A message can be pressed a second before it is noted whom it was sent to."""
NOT_YOURS = "All of it is for who asked for it and for those who may decide it. Nothing was changed."


class Ingest(Protocol):
    def __call__(self, trigger: Trigger, plan: Plan | None = None) -> tuple[Run, bool]: ...


class Approve(Protocol):
    def __call__(
        self,
        tenant: str,
        approval_id: str,
        person: Person,
        decision: Literal["approve", "deny"],
        reason: str = "",
        leave_out: tuple[str, ...] = (),
    ) -> Approval: ...


@dataclass(frozen=True)
class Press:
    """`ingest`, `approve` and `freeze` are the use cases of these names; `may_see` says who is shown all of an
    Approval, `problem_of` why nothing is said in a place.
    """

    ingest: Ingest
    approve: Approve
    freeze: Callable[[Person, FrozenScope, str, str], Freeze]
    approval: Callable[[str, str], Approval]
    deliveries: Deliveries
    config: Configuration
    clock: Clock
    link: Link
    may_see: Callable[[Person, Approval], bool]
    problem_of: Callable[[AnswerTo], str]
    tell: TellBack

    def __call__(self, pressed: Pressed) -> None:
        person = self.link.who(pressed.user, external=pressed.external)
        if isinstance(person, Unknown):
            self.tell(pressed, f"{person.why} Nothing was changed. {person.what_to_do}")
            return
        try:
            self._press(pressed, person)
        except (RetryableError, PermissionDenied, FatalError):  # as of what is said
            raise
        except CopilotError as error:
            self.tell(pressed, str(error))
            if pressed.action in {"approve", "deny", "narrow"} and not isinstance(error, NotFound):
                # Where it was decided meanwhile, its copies are made to show that.
                self._settled(pressed.about, pressed.key)

    def _press(self, pressed: Pressed, person: Person) -> None:
        match pressed.action:
            case "show":
                self._show(pressed, person)
            case "approve" | "deny" | "narrow":
                self._decide(pressed, person)
            case "undo" | "retry":
                self._again(pressed, person)
            case "freeze":
                self.freeze(person, "all", "", f"pressed in chat on {pressed.about}")
                self.tell(pressed, "Frozen: no change begins anywhere until somebody who approves thaws it.")
            case "keep":
                self._keep(pressed, person)
            case "pause" | "resume":
                self._request(pressed, person, f"{pressed.action} schedule {pressed.about}")

    def _decide(self, pressed: Pressed, person: Person) -> None:
        """A denial counts from anywhere; an approval where the presser was shown everything."""
        approval = self.approval(self.config.tenant, pressed.about)
        if pressed.action == "approve" and pressed.chosen:
            self.tell(
                pressed,
                "Something is ticked to be left out, so nothing was decided: press the button beside it to approve the "
                "rest, or untick it.",
            )
            return
        if pressed.action != "deny" and not self._was_shown(approval, pressed.user):
            self._show(pressed, person)
            self.tell(pressed, "Look at all of it first: I sent it to you directly, and there you can approve it.")
            return
        decision: Literal["approve", "deny"] = "deny" if pressed.action == "deny" else "approve"
        leave_out = pressed.chosen if pressed.action == "narrow" else ()
        if pressed.action == "narrow" and not leave_out:
            self.tell(pressed, "Nothing was ticked to be left out, so nothing was decided. Tick some, or approve all.")
            return
        decided = self.approve(self.config.tenant, pressed.about, person, decision, leave_out=leave_out)
        self._settled(decided.id, "decided")

    def _settled(self, approval_id: str, key: str) -> None:
        self.tell.put(Delivery(kind="decided", tenant=self.config.tenant, approval_id=approval_id, key=key[-60:]))
        if self.config.escalate_to:
            self.tell.put(
                Delivery(kind="resolution", tenant=self.config.tenant, approval_id=approval_id, key=key[-60:])
            )

    def _was_shown(self, approval: Approval, user: ChatUser) -> bool:
        """In whichever of its servers an account was: its direct message is the same."""
        there = self.config.chat.on(user.platform) if self.config.chat else ()
        users = [user.model_copy(update={"workspace": one.id}) for one in there]
        names = tuple(f"approval/{approval.id}/{one.address}/" for one in users if one.account == user.account)
        kept = self.deliveries.of_run(approval.run_id)
        return any(one.state == "sent" and f"{one.key}/".startswith(names) for one in kept)

    def _show(self, pressed: Pressed, person: Person) -> None:
        """Raises NotAllowed."""
        if not self.may_see(person, self.approval(self.config.tenant, pressed.about)):
            raise NotAllowed(NOT_YOURS)
        self.tell.put(
            Delivery(
                kind="show",
                tenant=self.config.tenant,
                approval_id=pressed.about,
                to=pressed.user,
                key=pressed.key[-60:],
            )
        )

    def _again(self, pressed: Pressed, person: Person) -> None:
        self._request(pressed, person, f"{pressed.action} run {pressed.about}")

    def _keep(self, pressed: Pressed, person: Person) -> None:
        """What was told them is about to be stopped is kept, as often as they press it once. Raises NotAllowed."""
        keys = {f"owner/{person.id}", home_key(person.id)}
        told = [stop for one in self.deliveries.of_run(pressed.about) if one.key in keys for stop in one.stops]
        if not told:
            raise NotAllowed(NOT_TOLD_YOU)
        stops = [*{stop.environment: stop for stop in told}.values()]
        now, zone, at = self.clock.now(), self.config.zone_of(person.id), stops[0].at
        if at <= now:
            raise Conflict(
                f"It was due to be stopped at {moment(at.astimezone(ZoneInfo(zone)))}, which is past, so nothing was "
                "changed. To have it on again, ask me to start it."
            )
        text, plan = keeping(stops, zone)
        asked = Asked(text=text[:MOST_TEXT], dedupe_key=keep_key(pressed.about), kind="chat")
        trigger = Trigger.asked(asked, self.config.tenant, person, now, pressed.where, pressed.user.address)
        run, new = self.ingest(trigger, plan)
        if not new:
            self.tell(pressed, "You asked for that already. Nothing more was done.", run.run_id)

    def _request(self, pressed: Pressed, person: Person, text: str) -> None:
        """What a button says for its presser, as if they had written it there."""
        key = f"{pressed.user.platform}:{pressed.key}"
        asked = Asked(text=text, dedupe_key=from_home(pressed.user, pressed.key) if pressed.home else key, kind="chat")
        if not pressed.home and (problem := self.problem_of(pressed.where)):
            raise NotAllowed(problem)
        now, user = self.clock.now(), pressed.user.address
        self.ingest(Trigger.asked(asked, self.config.tenant, person, now, pressed.where, user))
