"""Tell an Approval that nobody answered to who is named for that, level after level, and tell them what became of it.

Silence only ever tells more people. What is told is noted before and after: what was begun and not noted as sent is
sent again under the same key, so that a page stays one, and a mail or a message may come twice after a crash. Whoever
may have been told is told the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from copilot.answering.escalations import wording
from copilot.config.configuration import Configuration
from copilot.config.escalating import due_after
from copilot.domain import (
    Approval,
    Delivered,
    Delivery,
    Escalation,
    opened_for,
    opened_key,
    resolved_key,
)
from copilot.errors import CopilotError, NotFound, NotReady, RetryableError
from copilot.plans.telling import MayTell, Telling
from copilot.ports import Clock, Deliveries, DeliveryQueue, Pagers, Store
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.tools.registry import Registry


@dataclass(frozen=True)
class Escalate:
    """`may_tell` is whether policy lets what tells of this be sent to a destination for who asked."""

    store: Store
    deliveries: Deliveries
    queue: DeliveryQueue
    pagers: Pagers
    config: Configuration
    clock: Clock
    may_tell: MayTell
    registry: Registry

    def __call__(self, delivery: Delivery, *, last: bool = False) -> str:
        """Why something of it could not be told, which is noted with each; "" where all was. Raises RetryableError
        where it is to be tried again; of a level, not with `last`.
        """
        try:
            approval = self.store.approval(delivery.tenant, delivery.approval_id)
            if delivery.kind == "resolution":
                return self._resolve(approval)
            if delivery.level:
                return self._level(approval, delivery.level, last=last)
            self._begin(approval)
        except NotFound as error:  # nothing of it is kept any more
            return str(error)
        return ""

    def _begin(self, approval: Approval) -> None:
        """Have each level told when it is due, and the outcome when it ends without one."""
        if not self._waits(approval):
            return
        for number, minutes in enumerate(due_after(self.config.escalate_to), 1):
            self._put(_level(approval, number), approval.created_at + timedelta(minutes=minutes))
        self._put(_resolution(approval), approval.expires_at)

    def _level(self, approval: Approval, level: int, *, last: bool) -> str:
        """Tell the destinations of a level, each once, while the Approval waits. Where nobody of it was told the next
        level is told at once.
        """
        levels = self.config.escalate_to
        if level > len(levels):
            return ""
        again = list[RetryableError]()
        for to in levels[level - 1].to:
            if not self._waits(self.store.approval(approval.tenant, approval.id)):  # decided while others were told
                return ""
            try:
                self._tell(approval, level, to, last=last)
            except RetryableError as error:
                again.append(error)
        if again:
            raise again[0]
        kept = self._of(approval)
        told = [kept[opened_key(approval.id, level, to)] for to in levels[level - 1].to]
        problems = [f"{opened_for(one.key, approval.id)}: {one.reason}" for one in told if one.state != "sent"]
        if len(problems) == len(told) and level < len(levels):
            self.queue.put([_level(approval, level + 1)])
        return listed(problems)

    def _resolve(self, approval: Approval) -> str:
        """Tell everybody who may have been told what became of it, each once; nothing while it waits."""
        if self._waits(approval):
            return ""
        kept, again, problems = self._of(approval), list[RetryableError](), list[str]()
        for to, opened in _opened(kept.values(), approval.id):
            key = resolved_key(opened.key)
            if (one := kept.get(key)) is not None and one.state == "sent":
                continue
            outcome = self._outcome(approval)
            try:
                sent = self.pagers.resolve(to, outcome)
                self._note(approval, key, "sent", outcome, sent=sent)
            except (RetryableError, NotReady) as error:
                self._note(approval, key, "failed", reason=str(error))
                again.append(RetryableError(str(error), ours=error.ours))
            except CopilotError as error:
                self._note(approval, key, "failed", reason=str(error))
                problems.append(f"{to}: {error}")
        if again:
            raise again[0]
        return listed(problems)

    def _tell(self, approval: Approval, level: int, to: str, *, last: bool) -> None:
        key = opened_key(approval.id, level, to)
        if (one := self._of(approval).get(key)) is not None and one.state != "unknown":
            return
        told, refused = self._told(approval, to), "failed" if one is None else "unknown"  # an earlier try may have left
        self._note(approval, key, "unknown", told, reason="it is being sent")
        try:
            sent = self.pagers.open(to, told)
        except NotReady as error:  # nothing left
            self._note(approval, key, refused if last else "unknown", told, reason=str(error))
            if not last:
                raise RetryableError(str(error), ours=error.ours) from None
        except RetryableError as error:  # it may have taken it all the same
            self._note(approval, key, "unknown", told, reason=str(error))
            if not last:
                raise
        except CopilotError as error:
            self._note(approval, key, refused, told, reason=str(error))
        else:
            self._note(approval, key, "sent", told, sent=sent)

    def _told(self, approval: Approval, to: str) -> Escalation:
        record = self.store.load_run(approval.tenant, approval.run_id)
        about = Telling.of(record, self.store, self.registry).asked(approval)
        whole = self.may_tell(self.config.current(approval.requested_by), to, about)
        zone, names = self.config.time_zone, self.config.account_names
        in_chat = self.config.chat is not None
        return wording.unanswered(approval, self.clock.now(), zone, names, whole=whole, in_chat=in_chat)

    def _outcome(self, approval: Approval) -> Escalation:
        by = self.config.known(approval.decided_by or "")
        name = inert(by.name if by else approval.decided_by or "")
        return wording.decided(approval, self.clock.now(), name, self.config.time_zone)

    def _waits(self, approval: Approval) -> bool:
        """Whether it can still be decided, and its Run waits for that."""
        run = self.store.run(approval.tenant, approval.run_id)
        pending = approval.state_at(self.clock.now()) == "pending"
        return pending and run.status != "answered" and run.approval_id == approval.id

    def _put(self, delivery: Delivery, due: datetime) -> None:
        self.queue.put([delivery], after=max(due - self.clock.now(), timedelta()))

    def _of(self, approval: Approval) -> dict[str, Delivered]:
        return {one.key: one for one in self.deliveries.of_run(approval.run_id)}

    def _note(
        self,
        approval: Approval,
        key: str,
        state: str,
        told: Escalation | None = None,
        sent: str = "",
        reason: str = "",
    ) -> None:
        given = {"run_id": approval.run_id, "key": key, "state": state, "at": self.clock.now(), "reason": reason}
        given |= {"message": told.key if told else "", "sent": (sent,) if sent else ()}
        self.deliveries.note(Delivered.model_validate(given))


def _opened(kept: Iterable[Delivered], approval_id: str) -> Iterator[tuple[str, Delivered]]:
    """Each that was told of it, or may have been."""
    for one in kept:
        if (to := opened_for(one.key, approval_id)) is not None and one.state != "failed":
            yield to, one


def _level(approval: Approval, number: int) -> Delivery:
    return Delivery(
        kind="escalation", tenant=approval.tenant, run_id=approval.run_id, approval_id=approval.id, level=number
    )


def _resolution(approval: Approval) -> Delivery:
    return Delivery(
        kind="resolution", tenant=approval.tenant, run_id=approval.run_id, approval_id=approval.id, key="ended"
    )
