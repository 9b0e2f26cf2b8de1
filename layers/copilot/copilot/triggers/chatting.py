"""What was said and pressed in a chat: who it is, and a Run, a decision or a link of it.

It starts and decides; what is to be said about that goes to the delivery queue. Everything is done at most once however
often it comes: a Run by the key of what was said, a decision by the record.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from copilot.config.configuration import Configuration
from copilot.domain import (
    MOST_ATTACHED,
    MOST_FILES,
    MOST_TEXT,
    AnswerTo,
    Approval,
    Asked,
    Attachment,
    ChatEvent,
    ChatFile,
    ChatLink,
    ChatUser,
    Delivery,
    Freeze,
    FrozenScope,
    Gone,
    Opened,
    OpenQuestion,
    Person,
    Plan,
    Pressed,
    Run,
    Said,
    Trigger,
    Unknown,
    conversation_at,
    digest,
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
from copilot.ports import ChatReader, Clock, Conversations, Deliveries, DeliveryQueue
from copilot.text.outside import inert
from copilot.times.windows import moment
from copilot.triggers.gone import LetGo
from copilot.triggers.keeping import keeping
from copilot.triggers.linking import Link, code_in, person_on

TEXTS = re.compile(r"(?i)\.(txt|log|md|ya?ml|json|toml|ini|cfg|conf|env|tf|sh|py|js|ts|go|java|rb|csv|xml|dockerfile)$")
DIRECTLY = (
    "People from elsewhere may read along in this channel: it is shared, has guests, or is too large to know. So I say "
    "and do nothing in it, whoever asks. Ask me directly, in a direct message."
)
NOT_IN = "I am not in this channel, so nothing was done. Invite me into it, or ask me directly."
NOT_TOLD_YOU = (
    "This is for whom it was sent to, who own what is stopped. Nothing was changed. If it was sent to you just now, "
    "press it again."
)
"""A message can be pressed a second before it is noted whom it was sent to."""
ANSWERS_OTHER = "I take that as the answer to my question about “{request}”. It goes on there, in its thread."
LAST_THREADS = 10
"""Of a person's direct messages: in so many an open question is looked for."""
MOST_OF_ANSWER = 120
"""Characters of what may answer one that was asked elsewhere."""
SECOND_USER = (
    "{name} ({address}) sent me a code of yours at {at} UTC: who writes to me as that user may from now on do all that "
    "you may. If that is not you, `devops-copilot link remove {address}` ends it at once; then tell an administrator "
    "of the copilot that somebody had your code."
)
NOT_YOURS = "All of it is for who asked for it and for those who may decide it. Nothing was changed."
NOT_YOUR_WORDS = (
    "I take as a request what you wrote yourself, and that message is somebody else's. Nothing was done: say it in "
    "your own words."
)
TOLD_ALONE = "I answered whoever asked this, and nobody else."
ASKED = "{name} asked: \u201c{request}\u201d"
LONGEST_ASKED = 1500
GREETING = (
    "Ask me in your own words, such as: which environments are idle? why did the last deployment fail? stop all "
    "development environments at 18:00. I show what would change before anything that needs an approval does."
)


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
class TakeChat:
    """`ingest`, `approve` and `freeze` are the use cases of these names; `may_see` says who is shown all of an
    Approval, `answers` whether a Trigger says what answers a question, by its form.
    """

    ingest: Ingest
    approve: Approve
    freeze: Callable[[Person, FrozenScope, str, str], Freeze]
    approval: Callable[[str, str], Approval]
    deliveries: Deliveries
    queue: DeliveryQueue
    chat: ChatReader
    config: Configuration
    clock: Clock
    link: Link
    let_go: LetGo
    may_see: Callable[[Person, Approval], bool]
    conversations: Conversations
    answers: Callable[[OpenQuestion, Trigger], bool]

    def __call__(self, event: ChatEvent) -> None:
        """Raises RetryableError where it is to come again."""
        if isinstance(event, Said | Pressed) and event.perhaps:
            event = self._as_known(event)
        if isinstance(event, Gone):
            self.let_go.told(event)
        elif self.config.chat is None or self.config.chat.workspace(event.user.workspace) is None:
            return  # of a workspace that nobody configured: there is no way to say anything there either
        elif isinstance(event, Said):
            self._heard(event)
        elif isinstance(event, Opened):
            self._opened(event)
        else:
            self._pressed(event)

    def _as_known(self, event: Said | Pressed) -> Said | Pressed:
        """As the first of those who they may be that is somebody to us; else as one who is there. A server that does
        not let the copilot look keeps nobody from another. Raises PermissionDenied where none does.
        """
        looked, refused = dict[ChatUser, bool](), PermissionDenied()
        for user in (event.user, *event.perhaps):
            try:
                if not isinstance(self.link.who(user, external=event.external), Unknown):
                    return _as(event, user)
                looked[user] = person_on(self.chat, user) is not None
            except PermissionDenied as error:
                refused = error
        if not looked:
            raise refused
        return _as(event, max(looked, key=lambda user: looked[user]))

    # what was said

    def _heard(self, said: Said) -> None:
        """What is wrong with the copilot itself is for the dead letters and their alarm."""
        try:
            self._said(said)
        except (RetryableError, PermissionDenied, FatalError):
            raise
        except Conflict:  # the same message once more, otherwise put: it was taken
            pass
        except CopilotError as error:
            self._tell(said, f"{error} Nothing was done.")

    def _opened(self, opened: Opened) -> None:
        """They are greeted once, and nobody who may not ask; a home is shown to whoever it is."""
        if opened.home:
            self._home(opened, opened=True)
            return
        greeted = opened.where.model_copy(update={"thread": "greeted"})
        known = self.link.who(opened.user, external=opened.external)
        if not isinstance(known, Unknown) and not self.deliveries.own_thread(greeted):
            self.deliveries.note_thread(greeted)
            self._tell(opened, GREETING)

    def _home(self, event: Opened | Pressed, *, opened: bool = False) -> None:
        """To who is nobody it says that, and nothing else."""
        known = self.link.who(event.user, external=event.external)
        self._put(
            Delivery(
                kind="home",
                tenant=self.config.tenant,
                to=event.user,
                person="" if isinstance(known, Unknown) else known.id,
                text=f"{known.why} {known.what_to_do}" if isinstance(known, Unknown) else "",
                key=event.key[-60:],
                opened=opened,
            )
        )

    def _said(self, said: Said) -> None:
        if not said.addressed and not self.deliveries.own_thread(said.where):
            return
        if code := code_in(said.text):
            self._tell(said, self._linked(code, said))
            return
        person = self.link.who(said.user, external=said.external)
        if isinstance(person, Unknown):
            if said.addressed:  # in a thread of ours others may talk with each other
                self._tell(said, f"{person.why} {person.what_to_do}")
            return
        if said.where.thread is not None and not said.direct and (problem := self._problem_of(said.where)):
            self._tell(said, problem)
            return
        if said.quoted:
            self._tell(said, NOT_YOUR_WORDS)
            return
        if not said.text.strip() and not said.files:
            self._tell(said, GREETING)
            return
        self._ask(said, person)

    def _problem_of(self, where: AnswerTo) -> str:
        """Why nothing is said in this place; "" where there is nothing against it."""
        try:
            place = self.chat.place(where)
        except (NotFound, PermissionDenied):
            return NOT_IN
        if place.shared or place.guests:
            return DIRECTLY
        return "" if place.joined and not place.archived else NOT_IN

    def _ask(self, said: Said, person: Person) -> None:
        if len(said.text) > MOST_TEXT:
            self._tell(
                said,
                f"That has {len(said.text):,} characters, and I read at most {MOST_TEXT:,}. Nothing was done: say it "
                "shorter, or send what it is about as a file.",
            )
            return
        files, left = self._files(said)
        if left and not files:
            self._tell(said, f"Not read: {'; '.join(left)}. Nothing was done.")
            return
        asked = Asked(
            text=said.text.strip() or "what is in this file?",
            dedupe_key=f"{said.user.platform}:{said.key}",
            kind="chat",
            attachments=tuple(files),
        )
        # A command is seen by nobody but who gives it: it is answered directly.
        alone = {"place": said.user.user, "person": True}
        where = said.where if said.where.thread is not None else said.where.model_copy(update=alone)
        trigger = Trigger.asked(asked, self.config.tenant, person, self.clock.now(), where, said.user.address)
        if (asked_there := self._answers_elsewhere(said, trigger)) is not None:
            there, _ = asked_there
            trigger = Trigger.asked(asked, self.config.tenant, person, trigger.received_at, there, said.user.address)
        elif where.thread is not None:
            self.deliveries.note_thread(where)
        run, _ = self.ingest(trigger)
        request = inert(run.trigger.text)
        cut = f"{request[:LONGEST_ASKED]}…" if len(request) > LONGEST_ASKED else request
        self._receipt(said, ASKED.format(name=inert(person.name), request=cut))
        if asked_there is not None:  # what was taken otherwise before is none of that, and raises
            self._tell(said, ANSWERS_OTHER.format(request=inert(asked_there[1].request)))
        if left:
            self._tell(said, f"Not read: {'; '.join(left)}. The rest was.", run.run_id)
        if run.status == "queued":  # also where it comes again: it is told once
            told = "Another request of this thread is at work. Yours is next, and I begin it by myself."
            self._tell(said, told, run.run_id)
        if reminder := self.link.reminder(said.user):
            self._tell(said, reminder, run.run_id)

    def _answers_elsewhere(self, said: Said, trigger: Trigger) -> tuple[AnswerTo, OpenQuestion] | None:
        """Of what begins a thread of direct messages: the one question open in another of them that it answers, and
        where. None where there is none, or there are several: nobody knows which is meant.
        """
        begins = said.direct and said.message and said.message == said.where.thread
        if not begins or said.files or len(said.text) > MOST_OF_ANSWER:
            return None
        found = list[tuple[AnswerTo, OpenQuestion]]()
        for there in self.deliveries.threads(said.where, LAST_THREADS):
            question = self.conversations.focus(trigger.tenant, conversation_at(there)).open
            if question is not None and question.asker == trigger.person.id and question.waits_at(trigger.received_at):
                found.append((there, question))
        return found[0] if len(found) == 1 and self.answers(found[0][1], trigger) else None

    def _linked(self, code: str, said: Said) -> str:
        """What came of a code, in words."""
        try:
            link = self.link.take(code, said.user, direct=said.direct, external=said.external)
        except RetryableError:
            raise
        except CopilotError as error:
            return str(error)
        known = self.config.known(link.person)
        self._tell_others(link)
        return (
            f"You are {known.name if known else link.person} here from now on, until {link.until:%d %b %Y}; your roles "
            "are those you have anyway. Ask me something."
        )

    def _tell_others(self, link: ChatLink) -> None:
        """Whoever the person is in chats already: of a code that somebody else has used they would hear nothing."""
        name, address = inert(self.chat.person(link.user).name), link.user.address
        for user in self.link.others(link):
            notice = Delivery(
                kind="notice",
                tenant=self.config.tenant,
                to=user,
                text=SECOND_USER.format(name=name, address=address, at=f"{link.made_at:%d %b %Y %H:%M}"),
                key=digest([address, link.made_at.isoformat(), user.address]),
            )
            self._put(notice)

    def _files(self, said: Said) -> tuple[list[Attachment], list[str]]:
        """What could be read, and what not and why, in words."""
        files, left = list[Attachment](), list[str]()
        room = MOST_ATTACHED
        for file in said.files:
            problem = self._problem(file, len(files), room)
            if not problem:
                try:
                    text = self.chat.file(said.where, file, room).decode()
                    files.append(Attachment(name=file.name, text=text))
                    room -= len(text.encode())
                except UnicodeDecodeError:
                    problem = "it is no text in UTF-8"
                except RetryableError:
                    raise
                except CopilotError as error:
                    problem = str(error)
            if problem:
                left.append(f"{inert(file.name)} ({problem})")
        return files, left

    def _problem(self, file: ChatFile, read: int, room: int) -> str:
        if read >= MOST_FILES:
            return f"at most {MOST_FILES} files are read"
        if file.size > room:
            return f"it has {file.size:,} bytes, and all files together may have {MOST_ATTACHED:,}"
        is_text = file.type in {"text/plain", "text"} or file.type.startswith("text/") or TEXTS.search(file.name)
        named = file.name.lower().startswith(("dockerfile", "makefile", ".dockerignore"))
        return "" if is_text or named else "only text files are read"

    # what was pressed

    def _pressed(self, pressed: Pressed) -> None:
        """A home shows at once what came of it as far as it did."""
        self._taken(pressed)
        if pressed.home:
            self._home(pressed)

    def _taken(self, pressed: Pressed) -> None:
        person = self.link.who(pressed.user, external=pressed.external)
        if isinstance(person, Unknown):
            self._tell(pressed, f"{person.why} Nothing was changed. {person.what_to_do}")
            return
        try:
            self._press(pressed, person)
        except (RetryableError, PermissionDenied, FatalError):  # as of what is said
            raise
        except CopilotError as error:
            self._tell(pressed, str(error))
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
                self._tell(pressed, "Frozen: no change begins anywhere until somebody who approves thaws it.")
            case "keep":
                self._keep(pressed, person)
            case "pause" | "resume":
                self._request(pressed, person, f"{pressed.action} schedule {pressed.about}")

    def _decide(self, pressed: Pressed, person: Person) -> None:
        """A denial counts from anywhere; an approval where the presser was shown everything."""
        approval = self.approval(self.config.tenant, pressed.about)
        if pressed.action == "approve" and pressed.chosen:
            self._tell(
                pressed,
                "Something is ticked to be left out, so nothing was decided: press the button beside it to approve the "
                "rest, or untick it.",
            )
            return
        if pressed.action != "deny" and not self._was_shown(approval, pressed.user):
            self._show(pressed, person)
            self._tell(pressed, "Look at all of it first: I sent it to you directly, and there you can approve it.")
            return
        decision: Literal["approve", "deny"] = "deny" if pressed.action == "deny" else "approve"
        leave_out = pressed.chosen if pressed.action == "narrow" else ()
        if pressed.action == "narrow" and not leave_out:
            self._tell(pressed, "Nothing was ticked to be left out, so nothing was decided. Tick some, or approve all.")
            return
        decided = self.approve(self.config.tenant, pressed.about, person, decision, leave_out=leave_out)
        self._settled(decided.id, "decided")

    def _settled(self, approval_id: str, key: str) -> None:
        self._put(Delivery(kind="decided", tenant=self.config.tenant, approval_id=approval_id, key=key[-60:]))
        if self.config.escalate_to:
            self._put(Delivery(kind="resolution", tenant=self.config.tenant, approval_id=approval_id, key=key[-60:]))

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
        self._put(
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
            self._tell(pressed, "You asked for that already. Nothing more was done.", run.run_id)

    def _request(self, pressed: Pressed, person: Person, text: str) -> None:
        """What a button says for its presser, as if they had written it there."""
        key = f"{pressed.user.platform}:{pressed.key}"
        asked = Asked(text=text, dedupe_key=from_home(pressed.user, pressed.key) if pressed.home else key, kind="chat")
        if not pressed.home and (problem := self._problem_of(pressed.where)):
            raise NotAllowed(problem)
        now, user = self.clock.now(), pressed.user.address
        self.ingest(Trigger.asked(asked, self.config.tenant, person, now, pressed.where, user))

    # what is told

    def _receipt(self, said: Said, text: str, to: ChatUser | None = None) -> None:
        """What all who are there see of it that a command was given, where they see that an answer is awaited; all that
        one is told, where they are alone.
        """
        if said.token:
            receipt = Delivery(
                kind="receipt",
                tenant=self.config.tenant,
                where=said.where,
                to=to,
                text=text[:3000],
                key=said.key,
                token=said.token,
            )
            self._put(receipt)

    def _tell(self, event: Said | Pressed | Opened, text: str, run_id: str = "") -> None:
        """Them alone, where they are; it is kept with the run that it is about. Of what nothing else came that is the
        answer, as far as nobody else sees it.
        """
        token = event.token if isinstance(event, Said | Pressed) else ""
        if token and isinstance(event, Said):
            if event.direct and not run_id:
                self._receipt(event, text, event.user)
                return
            if not run_id:
                self._receipt(event, TOLD_ALONE)
            token = "" if event.direct else token
        key = digest([event.key, text])
        if isinstance(event, Pressed) and not run_id:
            run_id, of = self._about(event)
            key = f"{of}{key}"
        self._put(
            Delivery(
                kind="notice",
                tenant=self.config.tenant,
                run_id=run_id,
                where=None if isinstance(event, Pressed) and event.home else event.where,
                to=event.user,
                text=text[:3000],
                key=key,
                token=token,
            )
        )

    def _about(self, pressed: Pressed) -> tuple[str, str]:
        """The run that a button is of, "" where there is none; and how the key begins where it is an Approval's."""
        if pressed.action in {"undo", "retry", "freeze"}:
            return pressed.about, ""
        try:
            return self.approval(self.config.tenant, pressed.about).run_id, f"{pressed.about}/"
        except NotFound:
            return "", ""

    def _put(self, delivery: Delivery) -> None:
        self.queue.put([delivery])


def _as(event: Said | Pressed, user: ChatUser) -> Said | Pressed:
    where = event.where.model_copy(update={"workspace": user.workspace})
    return event.model_copy(update={"user": user, "where": where, "perhaps": ()})
