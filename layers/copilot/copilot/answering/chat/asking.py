"""Shows approvals to those who may decide them, and where they were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from copilot.answering.chat import approvals
from copilot.answering.chat.messages import Later, Messages, WhereTo, alone, in_words, shown_as
from copilot.config.configuration import Configuration
from copilot.config.duty import on_duty
from copilot.domain import (
    PLATFORMS,
    AnswerTo,
    Approval,
    ChatUser,
    Delivery,
    Run,
    Shown,
)
from copilot.errors import CopilotError, RetryableError
from copilot.plans.telling import Telling
from copilot.ports import DeliveryQueue, Store
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.tools.registry import Registry

OTHERS_AFTER = timedelta(minutes=10)
"""How long those on duty are alone with an approval."""
REMINDED_BEFORE = timedelta(minutes=10)
"""How long before it expires those who may decide it are reminded."""


@dataclass(frozen=True)
class ShowApproval:
    """`users_of` gives who a person is in chats, by id."""

    store: Store
    messages: Messages
    queue: DeliveryQueue
    config: Configuration
    where_to: WhereTo
    users_of: Callable[[str], Sequence[ChatUser]]
    registry: Registry

    def __call__(self, approval: Approval, stage: Literal[1, 2, 3]) -> None:
        """Where it was asked for, and to those who may decide it."""
        run = self.store.run(approval.tenant, approval.run_id)
        if approval.state_at(self.messages.clock.now()) != "pending" or run.approval_id != approval.id:
            return
        later = Later()
        self._tell(approval, stage, later)
        if stage == 1:
            with later:
                self._tell_asker(approval, run)
        later.done()
        if stage == 1:
            self._tell_again(approval)
        if stage != 1 or not self._others_later(approval):
            self._say_if_nobody(approval, run)

    def _tell(self, approval: Approval, stage: Literal[1, 2, 3], later: Later) -> None:
        """Once each account: the direct message of one that is in several servers is the same in all of them."""
        kept, told = self.messages.of(approval.run_id), set[str]()
        for user, zone in self._who_is_told(approval, stage):
            key = f"approval/{approval.id}/{user.address}" + ("/again" if stage == 3 else "")
            if user.account in told:
                continue
            if (one := kept.get(key)) is not None and one.state != "failed":
                told.add(user.account)
                continue
            with later:
                if self.all_of(approval, user, zone=zone, key="again" if stage == 3 else ""):
                    told.add(user.account)

    def given_up(self, approval: Approval) -> None:
        """What could not be shown in all this time is not tried again: where nobody was told of it, the asker is."""
        run = self.store.run(approval.tenant, approval.run_id)
        if approval.state_at(self.messages.clock.now()) == "pending":
            self._tell_again(approval)
            self._say_if_nobody(approval, run)

    def _tell_asker(self, approval: Approval, run: Run) -> None:
        """That it waits, where it was asked for; a channel that cannot be told keeps nobody from it."""
        key = f"approval/{approval.id}/here"
        try:
            where = self.messages.where(run)
            if where is None:
                return
            counts = self._may_be_here(approval, run, where)
            zone = self.config.zone_of(run.trigger.person.id)
            brief = approvals.in_brief(approval, zone, self.config.account_names, counts=counts)
            self.messages.keep(run.run_id, key, where, brief, self.messages.of(run.run_id))
        except RetryableError:
            raise
        except CopilotError as error:
            self.messages.note(run.run_id, key, reason=str(error))

    def _may_be_here(self, approval: Approval, run: Run, where: AnswerTo) -> bool:
        """Whether what it is for may be seen where it was asked for."""
        record = self.store.load_run(run.tenant, run.run_id)
        about = Telling.of(record, self.store, self.registry).asked(approval)
        return self.where_to(run.trigger.person, about, self.messages.chat.place(where)) == "here"

    def _others_later(self, approval: Approval) -> bool:
        """Whether those on duty are alone with it for a while; it lasts long enough for the others after them."""
        left = approval.expires_at - self.messages.clock.now()
        return left > OTHERS_AFTER and bool(on_duty(self.config, self.messages.clock.now()) & {*approval.approvers})

    def _tell_again(self, approval: Approval) -> None:
        """The others a little later, and everybody before it is too late."""
        left = approval.expires_at - self.messages.clock.now()
        first = Delivery(kind="approval", tenant=approval.tenant, run_id=approval.run_id, approval_id=approval.id)
        if self._others_later(approval):
            self.queue.put([first.model_copy(update={"stage": 2})], after=OTHERS_AFTER)
        if left > 2 * REMINDED_BEFORE:
            self.queue.put([first.model_copy(update={"stage": 3})], after=left - REMINDED_BEFORE)

    def _who_is_told(self, approval: Approval, stage: Literal[1, 2, 3]) -> list[tuple[ChatUser, str]]:
        """With their time zones; first those on duty, where any of them can be told."""
        able = {person: users for person in approval.approvers if (users := self.users_of(person))}
        duty = on_duty(self.config, self.messages.clock.now()) & able.keys()
        chosen = duty if stage == 1 and duty and self._others_later(approval) else able.keys()
        return [(user, self.config.zone_of(person)) for person in able if person in chosen for user in able[person]]

    def all_of(self, approval: Approval, user: ChatUser, *, zone: str | None = None, key: str = "") -> bool:
        """Whether they could be shown it; why not is noted."""
        name = f"approval/{approval.id}/{user.address}" + (f"/{key}" if key else "")
        try:
            where, zone = self.messages.directly(user), zone or self.config.time_zone
            shown = approvals.whole(approval, zone, self.config.account_names, again=key == "again")
            if approval.state_at(self.messages.clock.now()) != "pending":
                shown = self._as_decided(approval)
            self.messages.post(approval.run_id, name, where, shown)
        except RetryableError:
            raise
        except CopilotError as error:  # one who cannot be told keeps no other from it
            self.messages.note(approval.run_id, name, reason=str(error))
            return False
        return True

    def _say_if_nobody(self, approval: Approval, run: Run) -> None:
        kept, key, where = self.messages.of(run.run_id), f"approval/{approval.id}/nobody", self.messages.where(run)
        addressed = tuple(f"approval/{approval.id}/{platform}:" for platform in PLATFORMS)
        ours = [one for one in kept.values() if one.key.startswith(addressed)]
        if any(one.state == "sent" for one in ours) or key in kept or where is None:
            return
        names = listed([inert(one) for one in approval.approvers])
        why = f"{names} cannot be reached here" if names else "nobody may give it"
        text = (
            f"Nobody was told of this approval: {why}. Whoever may approve it can with the command "
            f"devops-copilot approve {approval.id}; the command devops-copilot link {where.platform} has them told "
            "here next time."
        )
        self.messages.post(run.run_id, key, where, in_words(text))

    def decided(self, approval: Approval) -> None:
        """Every copy shows what became of it; nothing while it can still be decided."""
        now, run = self.messages.clock.now(), self.store.run(approval.tenant, approval.run_id)
        if approval.state_at(now) == "pending" and run.status != "answered" and run.approval_id == approval.id:
            return
        kept, later = self.messages.of(approval.run_id), Later()
        for key, one in kept.items():
            if key.startswith(f"approval/{approval.id}/") and not key.endswith("/nobody") and one.where is not None:
                with later, alone():
                    counts = not key.endswith("/here") or self._may_be_here(approval, run, one.where)
                    shown = self._as_decided(approval, counts=counts)
                    for message in one.earlier if one.shows != shown_as(shown) else ():
                        self.messages.chat.update(one.where, message, in_words(shown.brief))
                    self.messages.keep(approval.run_id, key, one.where, shown, kept)
        later.done()

    def _as_decided(self, approval: Approval, *, counts: bool = True) -> Shown:
        by = self.config.known(approval.decided_by or "")
        name = inert(by.name if by else approval.decided_by or "")
        now, zone = self.messages.clock.now(), self.config.time_zone
        return approvals.decided(approval, now, name, zone, self.config.account_names, counts=counts)
