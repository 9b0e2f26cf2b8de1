"""A chat of our own: who is in it, what was posted, and a copilot that is reached there, all in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Literal

from fakes import World
from test_runs import OFF_ALL, runner

from copilot.adapters.memory_chat import MemoryDeliveries, MemoryQueue
from copilot.adapters.memory_chat_links import MemoryChatLinks
from copilot.bootstrap.in_process import InProcess
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import (
    Action,
    AnswerTo,
    ChatFile,
    ChatPerson,
    ChatPlace,
    ChatUser,
    Opened,
    Part,
    Person,
    Plan,
    Pressed,
    Run,
    Said,
    Shown,
)
from copilot.errors import Conflict, CopilotError, NotFound
from copilot.ports import Sent

HOME = "T0HOME"
CHANNEL = AnswerTo(platform="slack", workspace=HOME, place="C0DEV")
PEOPLE = {"UASKER": ("dana", ("developer",)), "UBOSS": ("olga", ("approver",)), "UOTHER": ("omar", ("approver",))}
DECISIONS: dict[str, Literal["approve", "deny"]] = {"approved": "approve", "denied": "deny"}


def user(id: str) -> ChatUser:
    return ChatUser(platform="slack", workspace=HOME, user=id)


@dataclass
class Message:
    id: str
    where: AnswerTo
    shown: Shown
    only_for: ChatUser | None = None
    before: list[Shown] = field(default_factory=list)
    grows: bool = False
    done: list[str] = field(default_factory=lambda: ["post"])

    @property
    def text(self) -> str:
        return text_of(self.shown.parts)

    def buttons(self) -> list[str]:
        return [one.label for part in self.shown.parts if part.kind == "buttons" for one in part.buttons]


def text_of(parts: Sequence[Part]) -> str:
    """All that is read in them."""
    lines: list[str] = []
    for part in parts:
        match part.kind:
            case "words" | "heading" | "columns":
                lines.append(part.text)
            case "steps":
                lines += [part.title, *(f"{one.mark} {one.title} {one.details}".rstrip() for one in part.steps)]
            case "links":
                lines += [f"{one.label} {one.url}" for one in part.links]
            case "choices":
                lines += [one.label for one in part.choices]
    return "\n".join(lines)


@dataclass
class FakeChat:
    """ports.ChatWriter and ports.Homes. `fails` is asked before each post, and `breaks` after it. With `grows_until`,
    what is begun in direct messages grows until then.
    """

    places: dict[str, ChatPlace] = field(default_factory=dict)
    people: dict[ChatUser, ChatPerson] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    channels: dict[str, AnswerTo] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    attached: list[tuple[AnswerTo, str, bytes]] = field(default_factory=list)
    answers: list[tuple[str, bool, str]] = field(default_factory=list)
    fails: Callable[[AnswerTo], CopilotError | None] = lambda where: None
    breaks: Callable[[], None] = lambda: None
    lost: dict[str, CopilotError] = field(default_factory=dict)
    homes: dict[ChatUser, list[Shown]] = field(default_factory=dict)
    moved: set[ChatUser] = field(default_factory=set)
    grows_until: Callable[[], datetime | None] = lambda: None
    _ids: Any = field(default_factory=lambda: count(1))

    def place(self, where: AnswerTo) -> ChatPlace:
        if where.place.startswith("D"):
            return ChatPlace(name="", direct=True)
        return self.places.get(where.place, ChatPlace(name="#dev"))

    def person(self, user: ChatUser) -> ChatPerson:
        if user not in self.people:
            raise NotFound("no such user")
        return self.people[user]

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        return self.files[file.id]

    def direct(self, user: ChatUser) -> AnswerTo:
        return AnswerTo(platform=user.platform, workspace=user.workspace, place=f"D{user.user}")

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        return self.channels.get(name)

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        if error := self.fails(where):
            raise error
        message = Message(f"{next(self._ids)}.0", where, shown, only_for)
        self.messages.append(message)
        self.breaks()
        return (Sent(message.id, shown.model_dump_json()),)

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        (sent,) = self.post(where, shown)
        until = self.grows_until() if where.place.startswith("D") else None
        self.messages[-1].grows, self.messages[-1].done = until is not None, ["begin"]
        return sent._replace(grows_until=until)

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        found = self.found(message)
        assert found.grows
        return self._changed(found, shown, "grow")._replace(grows_until=self.grows_until())

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        found = self.found(message)
        assert found.grows == grows
        found.grows = False
        sent = self._changed(found, shown, "update")
        return sent._replace(sent=f"ended\n{sent.sent}") if grows else sent

    def show_home(self, user: ChatUser, shown: Shown, before: str = "") -> Sent:
        """ports.Homes; of those who have `moved` it shows something else by now, once."""
        pages = self.homes.setdefault(user, [])
        if before and (user in self.moved or before != f"h{len(pages)}"):
            self.moved.discard(user)
            raise Conflict("changed meanwhile")
        pages.append(shown)
        return Sent(f"h{len(pages)}", shown.model_dump_json())

    def found(self, message: str) -> Message:
        for one in self.messages:
            if one.id == message:
                return one
        raise NotFound("no such message")

    def _changed(self, found: Message, shown: Shown, how: str) -> Sent:
        if found.id in self.lost:
            raise self.lost[found.id]
        found.done.append(how)
        found.before.append(found.shown)
        found.shown = shown
        return Sent(found.id, shown.model_dump_json())

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        self.attached.append((where, name, content))
        return Sent(f"F{len(self.attached)}", name)

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        if error := self.fails(where):
            raise error
        self.answers.append((token, alone, text_of(shown.parts)))

    def to(self, place: str) -> list[Message]:
        """What stands in a channel, or in the direct messages of a user."""
        return [one for one in self.messages if one.where.place in {place, f"D{place}"} and one.only_for is None]

    def alone(self, id: str) -> list[str]:
        """What this user alone was told."""
        return [one.text for one in self.messages if one.only_for == user(id)]


def _number(run: Run) -> int:
    return int("".join(filter(str.isdigit, run.trigger.dedupe_key)))


class Chat:
    """`world` is what there is to be changed: lights, by environment. Whatever is said, `plan` is what is done; what
    comes with a plan of its own does that, and without any it is heard. `process` is a copilot over something else.
    """

    def __init__(
        self, world: World, plan: dict[str, Any] | None = OFF_ALL, process: InProcess | None = None, **more: Any
    ) -> None:
        self.chat = FakeChat(people={user(id): ChatPerson(name=name) for id, (name, _) in PEOPLE.items()})
        settings = ChatSettings(
            workspaces=(
                ChatWorkspace(id=HOME, name="home", token="arn:aws:ssm:eu-west-1:111111111111:parameter/chat/home"),
            ),
            **more,
        )
        people = tuple(
            KnownPerson(id=id, name=id.capitalize(), principals=(), roles=roles, chat=(user(chat).address,))
            for chat, (id, roles) in PEOPLE.items()
        )
        self.queue, self.deliveries = MemoryQueue(), MemoryDeliveries()
        self.process = process or runner(world)
        self.process.config = Configuration(accounts=(), people=people, chat=settings)
        parts = self.process.use_cases
        vars(parts).update(
            deliveries=self.deliveries,
            delivery_queue=self.queue,
            chat_writer=self.chat,
            homes=self.chat,
            chat_reader=self.chat,
            chat_links=MemoryChatLinks(),
            pause=lambda seconds: None,
        )
        ingest = parts.ingest
        given = Plan.model_validate(plan) if plan else None
        vars(parts).update(ingest=lambda trigger, own=None: ingest(trigger, own or given))
        vars(parts.installation).update(told={"API_URL": "https://api.example"})
        self._keys = count(1)

    @property
    def runs(self) -> list[Run]:
        """The first first."""
        return sorted(self.process.store.recent_runs("main"), key=_number)

    def say(self, text: str, by: str = "UASKER", where: AnswerTo | None = None, **more: Any) -> Said:
        """Somebody says something, and all of it is done that can be."""
        key = more.pop("key", f"Ev{next(self._keys)}")
        where = where or CHANNEL.model_copy(update={"thread": f"{key}.1"})
        addressed = {"addressed": True, "direct": where.place.startswith("D")} | more
        said = Said(key=key, user=user(by), where=where, text=text, **addressed)
        self.process.use_cases.take_chat(said)
        return said

    def press(self, action: Action, about: str, by: str = "UBOSS", **more: Any) -> Pressed:
        where = more.pop("where", self.chat.direct(user(by)))
        key = more.pop("key", f"Pr{next(self._keys)}")
        pressed = Pressed(key=key, user=user(by), where=where, message="1.0", action=action, about=about, **more)
        self.process.use_cases.take_chat(pressed)
        return pressed

    def open_home(self, by: str = "UASKER", **more: Any) -> None:
        key = more.pop("key", f"Op{next(self._keys)}")
        self.process.use_cases.take_chat(
            Opened(key=key, user=user(by), where=self.chat.direct(user(by)), home=True, **more)
        )

    def press_at_home(self, action: Action, about: str, by: str = "UASKER", **more: Any) -> Pressed:
        where = AnswerTo(platform="slack", workspace=HOME, place=by, person=True)
        key = more.pop("key", f"Pr{next(self._keys)}")
        given: dict[str, Any] = {"message": "", "action": action, "about": about, "home": True} | more
        pressed = Pressed(key=key, user=user(by), where=where, **given)
        self.process.use_cases.take_chat(pressed)
        return pressed

    def home(self, by: str = "UASKER") -> Shown:
        """What it shows now."""
        return self.chat.homes[user(by)][-1]

    def work(self) -> None:
        """Every run goes as far as it goes, and everything is shown that waits to be and is due."""
        for run in self.runs:
            if run.status in {"queued", "running", "parked"}:
                self.process.go_on(run)
                self.ended(run.run_id)
        self.show()

    def go_on(self) -> None:
        """What the machine does once an approval of the first run was decided."""
        run = self.runs[0]
        by = self.process.store.approval("main", run.approval_id or "").decided_by or ""
        self.process.approver = self.process.config.current(Person(id=by, name=by))
        self.process.decide = lambda approval: DECISIONS.get(approval.state)
        self.process.go_on(run)
        self.ended(run.run_id)
        self.show()

    def ended(self, run_id: str) -> None:
        """As the machine says it where a run is parked or answered."""
        run = self.process.store.run("main", run_id)
        of = {"tenant": "main", "conversation": run.conversation, "run_id": run_id}
        if run.status == "parked":
            self.process.use_cases.show("progress", of, wave=run.wave)
            self.process.use_cases.show("approval", of, approval_id=run.approval_id)
        else:
            self.process.use_cases.show("answer", of)
            self.process.use_cases.show_owners(of)

    def show(self, within: timedelta = timedelta()) -> None:
        """What waits to be shown, and what is due within that time."""
        while due := [one for one in self.queue.waiting if one[1] <= within]:
            self.queue.waiting = [one for one in self.queue.waiting if one not in due]
            for delivery, _ in due:
                self.process.use_cases.deliver(delivery)
