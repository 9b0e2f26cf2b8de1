"""Show what a Run does and comes to where it was asked for, and approvals to those who may decide them.

At least once: what was sent is noted after it was, under a key that says what it shows, and the same key is updated
from then on. So after a crash between the two something may stand twice, never not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal, NamedTuple

from copilot.answering.chat import approvals, owners, runs, stops
from copilot.answering.chat.laying_out import laid_out
from copilot.config.configuration import Configuration
from copilot.config.duty import on_duty
from copilot.domain import (
    NOT_KNOWN,
    About,
    AnswerTo,
    Approval,
    ChatPlace,
    ChatUser,
    ComingStop,
    Delivered,
    Delivery,
    Growing,
    Heading,
    LedgerEntry,
    Person,
    Run,
    Shown,
    Words,
    digest,
    spared_by,
    time_of,
)
from copilot.errors import CopilotError, NotFound, PermissionDenied, RetryableError
from copilot.plans.about import about_approval, about_progress
from copilot.ports import ChatWriter, Clock, Deliveries, DeliveryQueue, RunRecord, Sent, Store
from copilot.text.listing import first_line, listed
from copilot.text.outside import inert
from copilot.tools.registry import Registry

WhereTo = Callable[[Person, About, ChatPlace], Literal["here", "privately", "ask_directly", "nowhere"]]
"""Where policy lets what tells of this stand, for a person."""
NOT_YOURS = "You may not be shown what this came to; an operator can say more."
NOT_HERE = "What this is about is not for this channel, whoever asks. Ask me directly, in a direct message."

OTHERS_AFTER = timedelta(minutes=10)
"""How long those on duty are alone with an approval."""
REMINDED_BEFORE = timedelta(minutes=10)
"""How long before it expires those who may decide it are reminded."""


class Picture(NamedTuple):
    name: str
    content: bytes


@dataclass(frozen=True)
class Deliver:
    """`users_of` gives who a person is in chats, by id; `links_base` is the address of the HTTP API, `picture` gives
    what a link of ours leads to, where that is a picture, and `coming` what Schedules stop at a time.
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
            raise
        except CopilotError as error:
            self._failed(delivery, str(error))
            return str(error)
        return ""

    def _show(self, delivery: Delivery) -> None:
        match delivery.kind:
            case "progress":
                self._progress(self.store.load_run(delivery.tenant, delivery.run_id))
            case "answer":
                self._answer(self.store.load_run(delivery.tenant, delivery.run_id))
            case "approval":
                self._approval(self.store.approval(delivery.tenant, delivery.approval_id), delivery.stage)
            case "decided":
                self._decided(self.store.approval(delivery.tenant, delivery.approval_id))
            case "show":
                assert delivery.to is not None
                approval = self.store.approval(delivery.tenant, delivery.approval_id)
                self._show_all(approval, delivery.to, key=delivery.key)
            case "notice":
                self._notice(delivery)
            case "report":
                self._report(delivery)
            case "owners":
                self._owners(self.store.run(delivery.tenant, delivery.run_id))
            case "stops":
                self._stops(delivery.run_id)

    # a Run

    def _progress(self, record: RunRecord) -> None:
        """Nothing of a Run that is answered and showed none: the answer says all."""
        kept, where = self._kept(record.run.run_id), self._where(record.run)
        if where is None or (record.run.status == "answered" and "progress" not in kept):
            return
        there = self.chat.place(where)
        place = self.where_to(record.run.trigger.person, about_progress(record.steps), there)
        if place not in {"ask_directly", "nowhere"}:
            shown = runs.progress(record, steps=place == "here", values=there.direct)
            self._follow(record.run, where, shown, kept)

    def _follow(self, run: Run, where: AnswerTo, shown: Shown, kept: Mapping[str, Delivered]) -> None:
        """As a message that grows while the run is at work, where there are such; they end before their platform ends
        them, and while a person is waited for.
        """
        one, at_work = kept.get("progress"), run.status == "running"
        if at_work and (one is None or one.state == "failed" or one.where is None):
            self._begin(run, where, shown)
        elif one is None or one.grows is None or one.where is None:
            self._keep(run.run_id, "progress", where, shown, kept)
        elif at_work and self.clock.now() < one.grows.until and {*one.grows.steps} <= {*_steps(shown)}:
            if one.shows != _digest(shown):
                sent = self.chat.grow(one.where, one.message, shown)
                self._note_one(run.run_id, "progress", one.where, sent, shown, one.sent)
        else:
            sent = self.chat.update(one.where, one.message, shown, grows=True)
            self._note_one(run.run_id, "progress", one.where, sent, shown, one.sent)

    def _begin(self, run: Run, where: AnswerTo, shown: Shown) -> None:
        sent = self.chat.begin(where, shown)
        if sent.grows_until is not None:
            end = Delivery(kind="progress", tenant=run.tenant, conversation=run.conversation, run_id=run.run_id)
            self.queue.put([end.model_copy(update={"key": sent.message})], after=sent.grows_until - self.clock.now())
        self._note_one(run.run_id, "progress", where, sent, shown)

    def _answer(self, record: RunRecord) -> None:
        run, where = record.run, self._where(record.run)
        if where is None or run.status != "answered":
            return
        kept = self._kept(run.run_id)
        if "progress" in kept:
            with _alone():
                self._progress(record)
        for approval_id in dict.fromkeys(key.split("/")[1] for key in kept if key.startswith("approval/")):
            with _alone():
                self._decided(self.store.approval(run.tenant, approval_id))
        if (sent := kept.get("answer")) is None or sent.state == "failed":
            self._answered(record, where)
        self._pictures(record, where)
        self._spared(run)

    def _pictures(self, record: RunRecord, asked_in: AnswerTo) -> None:
        """Those that the answer leads to, where it stands."""
        run, kept = record.run, self._kept(record.run.run_id)
        where = kept["answer"].where
        links, place = runs.links(record, self.links_base), self._place(run, asked_in)
        stands_alone = where is not None and where.place != asked_in.place
        if where is None or not links or not (place == "here" or (place == "privately" and stands_alone)):
            return
        for link in links:
            picture = self.picture(link.url)
            if picture is not None and f"answer/{picture.name}" not in kept:
                sent = self.chat.attach(where, picture.name, picture.content, link.label)
                self._note(run.run_id, f"answer/{picture.name}", where, sent.message, _words(link.label), (sent.sent,))

    def _place(self, run: Run, where: AnswerTo) -> str:
        return self.where_to(run.trigger.person, run.about or NOT_KNOWN, self.chat.place(where))

    def _answered(self, record: RunRecord, where: AnswerTo) -> None:
        run = record.run
        shown = runs.answer(record, self.store.effects(run.tenant, run.run_id), self.registry, self.links_base)
        match self._place(run, where):
            case "here":
                self._post(run.run_id, "answer", where, shown)
            case "privately":
                self._privately(run, where, shown)
            case "ask_directly":
                self._post(run.run_id, "answer", where, _words(NOT_HERE))
            case "nowhere":
                self._post(run.run_id, "answer", where, _words(NOT_YOURS))

    def _privately(self, run: Run, where: AnswerTo, shown: Shown) -> None:
        """To the asker alone, who is told there that it was."""
        user = next((one for one in self.users_of(run.trigger.person.id) if one.workspace == where.workspace), None)
        if user is None:
            self._post(run.run_id, "answer", where, _words(NOT_HERE))
            return
        asked = Heading(text=f"You asked: {inert(run.trigger.text)}"[:140])
        self._post(
            run.run_id, "answer", self.chat.direct(user), shown.model_copy(update={"parts": (asked, *shown.parts)})
        )
        told = "The answer is not for this channel: I sent it to you directly."
        self.chat.post(where, _words(told), only_for=user)

    def _owners(self, run: Run) -> None:
        """Once to each who owns something that it changed, but who asked for it or approved it."""
        if run.status != "answered":
            return
        ledger, kept = self.store.effects(run.tenant, run.run_id), self._kept(run.run_id)
        decided = self._approved_by(run, ledger)
        for person, user, theirs in islice(self._owners_to_tell(run, ledger, decided), MOST_OWNERS):
            one = kept.get(f"owner/{person.id}")
            if one is None or one.state == "failed":
                self._tell_owner(run, person, user, theirs, decided)

    def _owners_to_tell(
        self, run: Run, ledger: Sequence[LedgerEntry], decided: Mapping[str, str]
    ) -> Iterator[tuple[Person, ChatUser, list[LedgerEntry]]]:
        """With what is news to them."""
        for person, theirs in owners.owned(ledger, self.config):
            news = [entry for entry in theirs if decided.get(entry.approval_id or "") != person.id]
            user = next(iter(self.users_of(person.id)), None)
            if person.id == run.trigger.person.id or not news or user is None:
                continue
            if self.where_to(person, owners.about(news), ChatPlace(name="", direct=True)) == "here":
                yield person, user, news

    def _tell_owner(
        self, run: Run, person: Person, user: ChatUser, theirs: Sequence[LedgerEntry], decided: Mapping[str, str]
    ) -> None:
        names = {one.id: one.name for one in self.config.people}
        by = dict.fromkeys(decided.get(entry.approval_id or "", "") for entry in theirs)
        approvers = [names.get(one, one) for one in by if one]
        shown = owners.told(run, theirs, approvers, self.registry, self.config.zone_of(person.id))
        self._directly(run.run_id, person, user, shown)

    def _directly(
        self, about: str, owner: Person, user: ChatUser, shown: Shown, told: tuple[ComingStop, ...] = ()
    ) -> None:
        key = f"owner/{owner.id}"
        try:
            self._post(about, key, self.chat.direct(user), shown, told)
        except RetryableError:
            raise
        except CopilotError as error:  # one who cannot be told keeps no other from it
            self._note(about, key, reason=str(error))

    def _approved_by(self, run: Run, ledger: Sequence[LedgerEntry]) -> dict[str, str]:
        """Who approved, by the Approval's id."""
        asked = {entry.approval_id for entry in ledger if entry.approval_id}
        found = [self.store.approval(run.tenant, one) for one in sorted(asked)]
        return {one.id: one.decided_by for one in found if one.decided_by}

    # what comes

    def _stops(self, occasion: str) -> None:
        """Once to each who owns something that is about to be stopped by another's Schedule; nothing when it was."""
        at, kept = time_of(occasion), self._kept(occasion)
        if at <= self.clock.now():
            return
        for person, theirs in islice(stops.owned(self.coming(at), self.config), MOST_OWNERS_BEFORE):
            one, user = kept.get(f"owner/{person.id}"), next(iter(self.users_of(person.id)), None)
            if user is None or (one is not None and one.state == "sent"):
                continue
            if self.where_to(person, stops.about(theirs), ChatPlace(name="", direct=True)) == "here":
                shown = stops.told(theirs, self.config, self.config.zone_of(person.id))
                self._directly(occasion, person, user, shown, tuple(each.stop for each in theirs))

    def _spared(self, run: Run) -> None:
        """Where it was asked for by the button of a stop that comes, its message says so instead."""
        if (occasion := spared_by(run.trigger.dedupe_key)) and run.trigger.kind == "chat":
            person, kept = run.trigger.person.id, self._kept(occasion)
            one = kept.get(f"owner/{person}")
            if run.outcome == "succeeded" and one is not None and one.where is not None and one.stops:
                self._keep(occasion, one.key, one.where, stops.kept(one.stops, self.config.zone_of(person)), kept)

    # an Approval

    def _approval(self, approval: Approval, stage: Literal[1, 2, 3]) -> None:
        """Where it was asked for, and to those who may decide it."""
        run = self.store.run(approval.tenant, approval.run_id)
        if approval.state_at(self.clock.now()) != "pending" or run.approval_id != approval.id:
            return
        kept = self._kept(run.run_id)
        told = self._who_is_told(approval, stage)
        for user, zone in told:
            key = f"approval/{approval.id}/{user.address}" + ("/again" if stage == 3 else "")
            if (one := kept.get(key)) is None or one.state == "failed":
                self._show_all(approval, user, zone=zone, key="again" if stage == 3 else "")
        if stage == 1:
            self._tell_again(approval)
            self._tell_asker(approval, run)
        if stage != 1 or not self._others_later(approval):
            self._say_if_nobody(approval, run)

    def _tell_asker(self, approval: Approval, run: Run) -> None:
        """That it waits, where it was asked for; a channel that cannot be told keeps nobody from it."""
        key = f"approval/{approval.id}/here"
        try:
            where = self._where(run)
            if where is None:
                return
            record = self.store.load_run(run.tenant, run.run_id)
            about = about_approval(approval, record.plan, self.registry)
            counts = self.where_to(run.trigger.person, about, self.chat.place(where)) == "here"
            zone = self.config.zone_of(run.trigger.person.id)
            brief = approvals.in_brief(approval, zone, self.config.account_names, counts=counts)
            self._keep(run.run_id, key, where, brief, self._kept(run.run_id))
        except RetryableError:
            raise
        except CopilotError as error:
            self._note(run.run_id, key, reason=str(error))

    def _others_later(self, approval: Approval) -> bool:
        """Whether those on duty are alone with it for a while; it lasts long enough for the others after them."""
        left = approval.expires_at - self.clock.now()
        return left > OTHERS_AFTER and bool(on_duty(self.config, self.clock.now()) & {*approval.approvers})

    def _tell_again(self, approval: Approval) -> None:
        """The others a little later, and everybody before it is too late."""
        left = approval.expires_at - self.clock.now()
        first = Delivery(kind="approval", tenant=approval.tenant, run_id=approval.run_id, approval_id=approval.id)
        if self._others_later(approval):
            self.queue.put([first.model_copy(update={"stage": 2})], after=OTHERS_AFTER)
        if left > 2 * REMINDED_BEFORE:
            self.queue.put([first.model_copy(update={"stage": 3})], after=left - REMINDED_BEFORE)

    def _who_is_told(self, approval: Approval, stage: Literal[1, 2, 3]) -> list[tuple[ChatUser, str]]:
        """With their time zones; first those on duty, where any of them can be told."""
        able = {person: users for person in approval.approvers if (users := self.users_of(person))}
        duty = on_duty(self.config, self.clock.now()) & able.keys()
        chosen = duty if stage == 1 and duty and self._others_later(approval) else able.keys()
        return [(user, self.config.zone_of(person)) for person in able if person in chosen for user in able[person]]

    def _show_all(self, approval: Approval, user: ChatUser, *, zone: str | None = None, key: str = "") -> None:
        name = f"approval/{approval.id}/{user.address}" + (f"/{key}" if key else "")
        try:
            where, zone = self.chat.direct(user), zone or self.config.time_zone
            shown = approvals.whole(approval, zone, self.config.account_names, again=key == "again")
            if approval.state_at(self.clock.now()) != "pending":
                shown = self._as_decided(approval)
            self._post(approval.run_id, name, where, shown)
        except RetryableError:
            raise
        except CopilotError as error:  # one who cannot be told keeps no other from it
            self._note(approval.run_id, name, reason=str(error))

    def _say_if_nobody(self, approval: Approval, run: Run) -> None:
        kept, key, where = self._kept(run.run_id), f"approval/{approval.id}/nobody", self._where(run)
        ours = [one for one in kept.values() if one.key.startswith(f"approval/{approval.id}/slack:")]
        if any(one.state == "sent" for one in ours) or key in kept or where is None:
            return
        names = listed([inert(one) for one in approval.approvers])
        why = f"{names} cannot be reached here" if names else "nobody may give it"
        text = (
            f"Nobody was told of this approval: {why}. Whoever may approve it can with the command "
            f"devops-copilot approve {approval.id}; the command devops-copilot link slack has them told here next time."
        )
        self._post(run.run_id, key, where, _words(text))

    def _decided(self, approval: Approval) -> None:
        """Every copy shows what became of it; nothing while it can still be decided."""
        now, run = self.clock.now(), self.store.run(approval.tenant, approval.run_id)
        if approval.state_at(now) == "pending" and run.status != "answered" and run.approval_id == approval.id:
            return
        shown, kept = self._as_decided(approval), self._kept(approval.run_id)
        for key, one in kept.items():
            if key.startswith(f"approval/{approval.id}/") and not key.endswith("/nobody") and one.where is not None:
                for message in one.earlier if one.shows != _digest(shown) else ():
                    self.chat.update(one.where, message, _words(shown.brief))
                self._keep(approval.run_id, key, one.where, shown, kept)

    def _as_decided(self, approval: Approval) -> Shown:
        by = self.config.known(approval.decided_by or "")
        name = inert(by.name if by else approval.decided_by or "")
        return approvals.decided(approval, self.clock.now(), name, self.config.time_zone, self.config.account_names)

    def _where(self, run: Run) -> AnswerTo | None:
        """Where it is answered: a person, and not a place, is answered directly."""
        where = run.trigger.answer_to
        if where is None or not where.person:
            return where
        given = {"platform": where.platform, "workspace": where.workspace, "user": where.place}
        return self.chat.direct(ChatUser.model_validate(given))

    # words

    def _notice(self, delivery: Delivery) -> None:
        assert delivery.to is not None
        shown = _words(delivery.text)
        if delivery.where is not None:
            try:
                self.chat.post(delivery.where, shown, only_for=delivery.to)
                return
            except (NotFound, PermissionDenied):  # they are not there any more, or the copilot is not
                pass
        self.chat.post(self.chat.direct(delivery.to), shown)

    def _report(self, delivery: Delivery) -> None:
        """Once under its key. Raises NotFound for a channel that is not there, or that the copilot is not in."""
        assert self.config.chat is not None
        about = f"report-{digest(delivery.key)[:24]}"
        if "report" in self._kept(about):
            return
        where = self.chat.channel(self.config.chat.workspaces[0].id, delivery.channel)
        if where is None:
            raise NotFound(f"the copilot is in no channel {delivery.channel}; invite it there, or name another")
        self._post(about, "report", where, Shown(brief=first_line(delivery.text), parts=laid_out(delivery.text)))

    # what was sent

    def _kept(self, run_id: str) -> Mapping[str, Delivered]:
        return {one.key: one for one in self.deliveries.of_run(run_id)}

    def _keep(self, run_id: str, key: str, where: AnswerTo, shown: Shown, kept: Mapping[str, Delivered]) -> None:
        """One message that shows what is so now."""
        one = kept.get(key)
        if one is None or one.state == "failed" or one.where is None:
            self._post(run_id, key, where, shown)
        elif one.shows != _digest(shown):
            sent = self.chat.update(one.where, one.message, shown)
            self._note_one(run_id, key, one.where, sent, shown, one.sent, told=one.stops)

    def _post(self, run_id: str, key: str, where: AnswerTo, shown: Shown, told: tuple[ComingStop, ...] = ()) -> None:
        sent = self.chat.post(where, shown)
        earlier = tuple(one.message for one in sent[:-1])
        texts = _latest([one.sent for one in sent])
        self._note(run_id, key, where, sent[-1].message, shown, texts, earlier=earlier, told=told)

    def _note_one(
        self,
        run_id: str,
        key: str,
        where: AnswerTo,
        sent: Sent,
        shown: Shown,
        before: tuple[str, ...] = (),
        told: tuple[ComingStop, ...] = (),
    ) -> None:
        grows = Growing(until=sent.grows_until, steps=_steps(shown)) if sent.grows_until else None
        texts = _latest((*before, *sent.sent.split("\n")))
        self._note(run_id, key, where, sent.message, shown, texts, grows=grows, told=told)

    def _note(
        self,
        run_id: str,
        key: str,
        where: AnswerTo | None = None,
        message: str = "",
        shown: Shown | None = None,
        sent: tuple[str, ...] = (),
        reason: str = "",
        earlier: tuple[str, ...] = (),
        grows: Growing | None = None,
        told: tuple[ComingStop, ...] = (),
    ) -> None:
        self.deliveries.note(
            Delivered(
                run_id=run_id,
                key=key,
                state="failed" if shown is None else "sent",
                where=where,
                message=message,
                earlier=earlier,
                shows=_digest(shown) if shown is not None else "",
                sent=sent,
                grows=grows,
                reason=reason,
                stops=told,
                at=self.clock.now(),
            )
        )

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
        kept = self._kept(run_id).get(key)
        if kept is None or kept.state == "failed":
            self._note(run_id, key, reason=reason)


MOST_OWNERS = 20
"""So many owners are told of one run."""
MOST_OWNERS_BEFORE = 100
"""So many of what is stopped at one time."""
MOST_SENT = 100_000
"""So many characters are kept of what was sent for one message, the latest: a row has room for that in any script."""


@contextmanager
def _alone() -> Iterator[None]:
    """A message that cannot be changed for good, since somebody took it away, keeps nobody from the answer."""
    try:
        yield
    except RetryableError:
        raise
    except CopilotError:
        return


def _latest(states: Sequence[str]) -> tuple[str, ...]:
    room, kept = MOST_SENT, list[str]()
    for state in reversed(states):
        room -= len(state)
        if kept and room < 0:
            break
        kept.insert(0, state)
    return tuple(kept)


def _steps(shown: Shown) -> tuple[str, ...]:
    return tuple(step.id for part in shown.parts if part.kind == "steps" for step in part.steps)


def _words(text: str) -> Shown:
    return Shown(brief=text, parts=(Words(text=text),))


def _digest(shown: Shown) -> str:
    return digest(shown.model_dump(mode="json"))
