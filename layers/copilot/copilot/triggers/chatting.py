"""What was said and pressed in a chat: who it is, and a Run, a decision or a link of it.

It starts and decides; what is to be said about that goes to the delivery queue. Everything is done at most once however
often it comes: a Run by the key of what was said, a decision by the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from copilot.config.configuration import Configuration
from copilot.domain import (
    MOST_TEXT,
    AnswerTo,
    Approval,
    Asked,
    ChatEvent,
    ChatLink,
    ChatUser,
    Delivery,
    Freeze,
    FrozenScope,
    Gone,
    Opened,
    OpenQuestion,
    Person,
    Pressed,
    Said,
    Trigger,
    Unknown,
    conversation_at,
    digest,
)
from copilot.errors import (
    Conflict,
    CopilotError,
    FatalError,
    NotFound,
    PermissionDenied,
    RetryableError,
)
from copilot.ports import ChatReader, Clock, Conversations, Deliveries, DeliveryQueue
from copilot.text.outside import inert
from copilot.triggers.attaching import attached
from copilot.triggers.gone import LetGo
from copilot.triggers.linking import Link, code_in, person_on
from copilot.triggers.pressing import Approve, Ingest, Press
from copilot.triggers.telling_back import TellBack

DIRECTLY = (
    "People from elsewhere may read along in this channel: it is shared, has guests, or is too large to know. So I say "
    "and do nothing in it, whoever asks. Ask me directly, in a direct message."
)
NOT_IN = "I am not in this channel, so nothing was done. Invite me into it, or ask me directly."
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
NOT_YOUR_WORDS = (
    "I take as a request what you wrote yourself, and that message is somebody else's. Nothing was done: say it in "
    "your own words."
)
ASKED = "{name} asked: \u201c{request}\u201d"
LONGEST_ASKED = 1500
GREETING = (
    "Ask me in your own words, such as: which environments are idle? why did the last deployment fail? stop all "
    "development environments at 18:00. I show what would change before anything that needs an approval does."
)


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

    @cached_property
    def _tell(self) -> TellBack:
        return TellBack(self.config.tenant, self.approval, self.queue)

    @cached_property
    def _press(self) -> Press:
        given = (self.ingest, self.approve, self.freeze, self.approval, self.deliveries, self.config, self.clock)
        return Press(*given, self.link, self.may_see, self._problem_of, self._tell)

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
        self._tell.put(
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
        files, left = attached(self.chat, said)
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
        self._tell.receipt(said, ASKED.format(name=inert(person.name), request=cut))
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
            self._tell.put(notice)

    # what was pressed

    def _pressed(self, pressed: Pressed) -> None:
        """A home shows at once what came of it as far as it did."""
        self._press(pressed)
        if pressed.home:
            self._home(pressed)


def _as(event: Said | Pressed, user: ChatUser) -> Said | Pressed:
    where = event.where.model_copy(update={"workspace": user.workspace})
    return event.model_copy(update={"user": user, "where": where, "perhaps": ()})
