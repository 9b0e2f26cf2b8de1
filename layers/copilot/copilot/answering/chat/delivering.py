"""Show what a Run does and comes to where it was asked for, and approvals to those who may decide them.

At least once: what was sent is noted after it was, under a key that says what it shows, and the same key is updated
from then on. So after a crash between the two something may stand twice, never not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial

from copilot.answering.chat import stops
from copilot.answering.chat.asking import ShowApproval
from copilot.answering.chat.at_home import ShowHome
from copilot.answering.chat.following import Picture, ShowRun
from copilot.answering.chat.laying_out import laid_out
from copilot.answering.chat.messages import Messages, WhereTo, alone, in_words
from copilot.answering.chat.telling import TellOwners
from copilot.config.configuration import Configuration
from copilot.domain import (
    ChatUser,
    Delivery,
    Home,
    Person,
    Run,
    Shown,
    home_of,
    is_from_home,
    letter_of,
    notice_key,
    report_of,
    spared_by,
    way_of,
)
from copilot.errors import CopilotError, FatalError, NotFound, NotReady, PermissionDenied, RetryableError
from copilot.ports import ChatWriter, Clock, Deliveries, DeliveryQueue, Destinations, Homes, RunRecord, Store
from copilot.text.listing import first_line
from copilot.tools.registry import Registry

THREAD_LASTS = timedelta(days=1)
HEARD = "I have it."


@dataclass(frozen=True)
class Deliver:
    """`users_of` gives who a person is in chats, by id; `links_base` is the address of the HTTP API, `picture` gives
    what a link of ours leads to, where that is a picture, and `coming` what Schedules stop at a time. `rest` is what
    the chat needs before it can be changed again: once all is noted, so that nothing comes between. `destinations` are
    those outside the chat; `homes` are where `page`, that of a person, is shown.
    """

    store: Store
    deliveries: Deliveries
    queue: DeliveryQueue
    chat: ChatWriter
    config: Configuration
    clock: Clock
    where_to: WhereTo
    users_of: Callable[[str], Sequence[ChatUser]]
    links_base: str = ""
    picture: Callable[[str], Picture | None] = lambda url: None
    registry: Registry = field(default_factory=Registry)
    coming: Callable[[datetime], Sequence[stops.Coming]] = lambda at: ()
    rest: Callable[[], None] = lambda: None
    destinations: Destinations | None = None
    homes: Callable[[], Homes] | None = None
    page: Callable[[Person], Home] | None = None

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.deliveries, self.chat, self.clock)

    @cached_property
    def _runs(self) -> ShowRun:
        given = (self.store, self.messages, self.queue, self.where_to, self.users_of)
        page = self._home.message if self.page is not None else None
        return ShowRun(*given, self.links_base, self.picture, self.registry, page)

    @cached_property
    def _home(self) -> ShowHome:
        assert self.homes is not None and self.page is not None
        return ShowHome(self.messages, self.homes, self.config, self.where_to, self.page)

    @cached_property
    def _approvals(self) -> ShowApproval:
        given = (self.store, self.messages, self.queue, self.config, self.where_to, self.users_of)
        return ShowApproval(*given, self.registry)

    @cached_property
    def _owners(self) -> TellOwners:
        given = (self.store, self.messages, self.config, self.where_to, self.users_of)
        return TellOwners(*given, self.registry, self.coming)

    def __call__(self, delivery: Delivery, *, last: bool = False) -> str:
        """Why it cannot be shown, which is noted; "" where it is.

        Raises RetryableError where it is to be tried again; with `last` there is no again, and that is noted.
        """
        try:
            self._show(delivery)
        except RetryableError as error:
            if not last:
                raise
            self._failed(delivery, str(error))
            if delivery.kind == "approval":
                with suppress(CopilotError):
                    self._approvals.given_up(self.store.approval(delivery.tenant, delivery.approval_id))
            raise
        except CopilotError as error:
            self._failed(delivery, str(error))
            return str(error)
        finally:
            self.rest()
        return ""

    def _show(self, delivery: Delivery) -> None:
        match delivery.kind:
            case "progress":
                self._runs.progress(self.store.load_run(delivery.tenant, delivery.run_id))
            case "answer":
                self._answer(self.store.load_run(delivery.tenant, delivery.run_id))
            case "approval" | "decided" | "show":
                self._approval(delivery)
            case "notice" | "receipt":
                (self._notice if delivery.kind == "notice" else self._receipt)(delivery)
            case "report" | "remark":
                self._said(delivery)
            case "owners":
                self._owners.changed(self.store.run(delivery.tenant, delivery.run_id))
            case "stops":
                self._owners.before(delivery.run_id)
            case "home":
                self._home(delivery)

    def _approval(self, delivery: Delivery) -> None:
        approval = self.store.approval(delivery.tenant, delivery.approval_id)
        if delivery.kind == "approval":
            self._approvals(approval, delivery.stage)
        elif delivery.kind == "decided":
            self._approvals.decided(approval)
        else:
            assert delivery.to is not None
            self._approvals.all_of(approval, delivery.to, key=delivery.key)

    def _answer(self, record: RunRecord) -> None:
        """Before it every copy of its approvals shows what became of them, whoever decided."""
        run = record.run
        if run.trigger.answer_to is None or run.status != "answered":
            return
        kept = self.messages.of(run.run_id)
        for approval_id in dict.fromkeys(key.split("/")[1] for key in kept if key.startswith("approval/")):
            with alone():
                self._approvals.decided(self.store.approval(run.tenant, approval_id))
        self._runs.answer(record)
        self._owners.spared(run)
        self._home_again(run)

    def _home_again(self, run: Run) -> None:
        """What was pressed at somebody's home shows there what it came to; of what has none, and of who is somebody
        else by now, nothing is shown.
        """
        pressed = is_from_home(run.trigger.dedupe_key) or spared_by(run.trigger.dedupe_key)
        if not pressed or not run.trigger.asked_as:
            return
        user, person, key = ChatUser.at(run.trigger.asked_as), run.trigger.person.id, f"run/{run.run_id}"
        if user in self.users_of(person) and self.messages.of(home_of(user)):
            self.queue.put([Delivery(kind="home", tenant=run.tenant, to=user, person=person, key=key)])

    def _notice(self, delivery: Delivery) -> None:
        """Once, where it is about a run."""
        assert delivery.to is not None
        run_id, key = delivery.run_id, notice_key(delivery.key)
        if run_id and (kept := self.messages.of(run_id).get(key)) is not None and kept.state == "sent":
            return
        post = partial(self.messages.post, run_id, key) if run_id else self.chat.post
        shown = in_words(delivery.text)
        if delivery.where is not None and delivery.token:
            with suppress(NotFound, PermissionDenied):  # its time is over
                self.chat.answered(delivery.where, delivery.token, shown, alone=True)
                if run_id:
                    self.messages.note(run_id, key, delivery.where, shown=shown)
                return
        if delivery.where is not None:
            try:
                post(delivery.where, shown, only_for=delivery.to)
                return
            except (NotFound, PermissionDenied):  # they are not there any more, or the copilot is not
                pass
        post(self.chat.direct(delivery.to), shown)

    def _receipt(self, delivery: Delivery) -> None:
        """Once its time is over nobody awaits it; what one is told is told all the same. What is not taken is put
        shortly: until something stands there what is told alone after it would, for all to read.
        """
        assert delivery.where is not None
        shown = in_words(delivery.text)
        try:
            self.chat.answered(delivery.where, delivery.token, shown, alone=False)
        except NotFound:
            if delivery.to is not None:
                self.chat.post(self.chat.direct(delivery.to), shown)
        except FatalError:
            self.chat.answered(delivery.where, delivery.token, in_words(HEARD), alone=False)
            raise

    def _said(self, delivery: Delivery) -> None:
        """Once under its key."""
        about = report_of(delivery.key)
        if delivery.kind in self.messages.of(about):
            return
        if delivery.kind == "remark":
            assert delivery.where is not None
            self.messages.post(about, "remark", delivery.where, in_words(delivery.text))
        else:
            self._report(delivery, about)

    def _report(self, delivery: Delivery, about: str) -> None:
        """Raises NotFound for a channel that is not there, or that the copilot is not in."""
        if way_of(delivery.channel):
            self._outside(delivery, about)
            return
        assert self.config.chat is not None
        where = delivery.where or (self.chat.direct(delivery.to) if delivery.to else None)
        where = where or self.chat.channel(self.config.chat.workspaces[0].id, delivery.channel)
        if where is None:
            raise NotFound(f"the copilot is in no channel {delivery.channel}; invite it there, or name another")
        named = bool(delivery.channel) and delivery.channel in {self.config.reports_to, *self.config.may_be_told}
        begun = self.messages.of(report_of(delivery.under)).get("report") if delivery.under else None
        if begun is not None and begun.where is not None and self.clock.now() - begun.at < THREAD_LASTS:
            where = begun.where.model_copy(update={"thread": begun.where.thread or begun.message})
        if self.chat.place(where).is_read_by_others(named=named):
            raise PermissionDenied(f"{delivery.channel} has others in it than this organisation; name another channel")
        shown = Shown(brief=first_line(delivery.text), parts=laid_out(delivery.text))
        self.messages.post(about, "report", where, shown)
        if delivery.under and (begun is None or begun.where is None or where.thread is None):
            first = self.messages.of(about)["report"]
            message = (*first.earlier, first.message)[0]
            self.messages.note(report_of(delivery.under), "report", first.where, message, shown)

    def _outside(self, delivery: Delivery, about: str) -> None:
        """Again and again, since nobody asks for what is told by itself."""
        assert self.destinations is not None
        letter = letter_of(delivery.text, self.links_base, self.picture, recurring="as it is configured to")
        try:
            self.destinations.send(delivery.channel, letter, delivery.key)
        except NotReady as error:
            raise RetryableError(str(error), ours=error.ours) from error
        self.messages.note(about, "report", shown=in_words(delivery.text))

    def _failed(self, delivery: Delivery, reason: str) -> None:
        """What could not be shown is seen in `runs show`; an approval that reached nobody is told to the asker."""
        run_id = delivery.run_id
        if not run_id and delivery.approval_id:
            with suppress(NotFound):
                run_id = self.store.approval(delivery.tenant, delivery.approval_id).run_id
        if not run_id:
            return
        of_run = delivery.kind in {"answer", "progress", "owners", "stops"}
        key = delivery.kind if of_run else f"{delivery.kind}/{delivery.approval_id}"
        key = notice_key(delivery.key) if delivery.kind == "notice" else key
        kept = self.messages.of(run_id).get(key)
        if kept is None or kept.state == "failed":
            self.messages.note(run_id, key, reason=reason)
