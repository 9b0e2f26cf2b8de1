"""What is watched is told once for each time that it comes to be so, to who may be told, where policy lets it stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field
from some_clients import SomeClients

from copilot.adapters.memory_chat import MemoryQueue
from copilot.adapters.memory_watches import MemoryWatches
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import (
    NOTHING_KNOWN,
    About,
    AnswerTo,
    ChatPlace,
    ChatUser,
    EnvironmentId,
    Frozen,
    Kind,
    Made,
    Permission,
    Person,
    Watch,
)
from copilot.errors import RetryableError, ToolInputError
from copilot.policy.decisions import Policy
from copilot.ports import Watches
from copilot.tools.registry import Registry
from copilot.tools.tool import ReadTool
from copilot.triggers.watching import AskForLooks, Look, TellWatcher

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA = KnownPerson(id="ana", name="Ana", principals=(), roles=("developer",))
REA = KnownPerson(id="rea", name="Rea", principals=(), roles=("reader",))
THREAD = AnswerTo(platform="slack", workspace="T1", place="C1", thread="1.2")
USER = ChatUser(platform="slack", workspace="T1", user="U1")
KEY = "arn:aws:ssm:eu-west-1:111111111111:parameter/chat/home"
CHAT = ChatSettings(workspaces=(ChatWorkspace(id="T1", name="Home", token=KEY),))


class GaugeInput(Frozen):
    environment_id: EnvironmentId = "blue"


class GaugeOutput(Frozen):
    environment_id: EnvironmentId = Field(description="the environment")
    kind: Kind = Field(description="its kind")
    value: int | None = Field(description="the value")
    summary: Made = Field(description="a line")


class Gauge(ReadTool[GaugeInput, GaugeOutput]):
    name, summary = "gauge", "Gauge."
    Input, Output = GaugeInput, GaugeOutput

    def run(self, input: GaugeInput) -> GaugeOutput:
        assert isinstance(self.clients, Reading)
        found = self.clients.world.value
        if isinstance(found, Exception):
            raise found
        kind = self.clients.world.kind
        return GaugeOutput(environment_id="blue", kind=kind, value=found, summary=f"it is at {found}")


REGISTRY = Registry(extra=[Gauge])


@cache
def policy() -> Policy:
    return Policy(REGISTRY, "main", False)


@dataclass
class World:
    """A clock, what the gauge says, what was sent, and, where it `breaks`, the moment at which the process dies."""

    watches: Watches
    value: Any = 0
    kind: Kind = "development"
    at: datetime = NOON
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    people: tuple[KnownPerson, ...] = (ANA, REA)
    chat: bool = False
    place: ChatPlace = field(default_factory=lambda: ChatPlace(name="team"))
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    dies_before_sending: bool = False
    dies_after_sending: bool = False
    announced: list[str] = field(default_factory=list)

    def announce(self, watch_id: str) -> None:
        self.announced.append(watch_id)

    def now(self) -> datetime:
        return self.at

    def check(self, channel: str) -> None: ...

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return ()

    def send(self, channel: str, text: str, key: str) -> str:
        if self.dies_before_sending:
            raise Died
        if key not in [one[2] for one in self.sent]:  # as the outbox does
            self.sent.append((channel, text, key))
        if self.dies_after_sending:
            raise Died
        return "sent"

    @property
    def config(self) -> Configuration:
        return Configuration(accounts=(), people=self.people, chat=CHAT if self.chat else None)

    def look(self) -> Watch | None:
        tell = TellWatcher(
            policy(), REGISTRY, self.config, self.queue, lambda: self, lambda: Chat(self), lambda id: (USER,)
        )  # fmt: skip
        look = Look(
            self.watches, policy(), REGISTRY, lambda person, watch: Reading(self, person), lambda: NOTHING_KNOWN,
            tell, self.announce, self.config, self,
        )  # fmt: skip
        found = look("w000000001")
        self.at += timedelta(minutes=2)
        return found

    def saw(self, *values: Any) -> list[str]:
        """The messages that come of these values, one look each."""
        for value in values:
            self.value = value
            self.look()
        return [text for _, text, _ in self.sent]


class Died(BaseException):
    """The process is killed."""


class Chat:
    def __init__(self, world: World) -> None:
        self.world = world

    def place(self, where: AnswerTo) -> ChatPlace:
        return self.world.place

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


class Reading(SomeClients):
    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person, self.clock = world, person, world


def watch(**more: Any) -> Watch:
    given: dict[str, Any] = {
        "id": "w000000001",
        "owner": "ana",
        "what": "the gauge over 2",
        "tool": "gauge@1",
        "arguments": {},
        "condition": "value > `2`",
        "until": NOON + timedelta(hours=5),
        "made_at": NOON,
    }
    return Watch.model_validate(given | more)


def world(**more: Any) -> World:
    of = {one: more.pop(one) for one in [*more] if one in World.__dataclass_fields__}
    return World(MemoryWatches(watch(**more)), **of)


def test_it_is_told_when_it_comes_to_be_so_with_what_was_seen() -> None:
    there = world()
    assert there.saw(1, 2) == []
    (told,) = there.saw(3)
    assert told.startswith("For Ana: “the gauge over 2”: it is so, as of Mon 02 Mar 2026 12:04 UTC.\n- it is at 3\n")
    assert "until Mon 02 Mar 2026 17:00 UTC" in told and "stop watching w000000001" in told.lower()
    assert there.sent[0][0] == "person:ana"


def test_what_is_so_from_the_first_is_told() -> None:
    assert len(world().saw(3)) == 1


def test_it_is_told_again_only_after_it_was_not_so() -> None:
    there = world()
    assert len(there.saw(3, 4, 5)) == 1
    assert len(there.saw(1, 5, 5)) == 2


def test_one_that_is_for_once_ends_when_it_was_told() -> None:
    there = world(once=True)
    (told,) = there.saw(0, 3, 0, 3)
    assert told.endswith("That ends this watch.") and there.watches.watches() == []


def test_one_whose_end_was_asked_for_says_when_it_ends_that_it_was_never_so() -> None:
    there = world(end_was_asked=True)
    there.saw(1)
    there.at = NOON + timedelta(hours=5)
    (told,) = there.saw(9)
    assert told.endswith("watched until Mon 02 Mar 2026 17:00 UTC as asked, and at no look was it so.")
    assert there.watches.watches() == []


@pytest.mark.parametrize(("more", "values"), [({}, [1]), ({"end_was_asked": True}, [9])])
def test_one_that_nobody_waits_for_ends_without_a_word(more: Any, values: list[int]) -> None:
    there = world(**more)
    before = len(there.saw(*values))
    there.at = NOON + timedelta(hours=5)
    there.look()
    assert len(there.sent) == before and there.watches.watches() == []


def test_that_it_cannot_be_seen_is_told_once_and_it_is_looked_at_further() -> None:
    there = world()
    assert there.saw(*[RetryableError("the cloud is away")] * 4) == []
    (told,) = there.saw(*[RetryableError("the cloud is away")] * 9)
    assert "cannot see any more" in told and "the cloud is away" in told
    assert len(there.saw(3)) == 2
    there.saw(None)
    found = there.watches.watch("w000000001")
    assert found is not None and found.unseen == 1 and found.is_so


def test_secrets_of_errors_are_not_told() -> None:
    there = world()
    told = there.saw(*[ToolInputError("password=hunter2-hunter2 is wrong")] * 5)
    assert told and "hunter2" not in told[0]


def test_one_whose_owner_is_gone_ends_and_nobody_is_told() -> None:
    there = world(people=(REA,))
    assert there.saw(9) == [] and there.watches.watches() == []


def test_rights_are_those_of_its_owner_now() -> None:
    nobody = KnownPerson(id="ana", name="Ana", principals=(), roles=("approver",))
    there = world(people=(nobody,))
    (told,) = there.saw(9)
    assert "not watched any more" in told and there.watches.watches() == []


def test_a_channel_is_told_what_policy_lets_stand_there() -> None:
    there = world(tell="#team")
    there.saw(3)
    assert [channel for channel, _, _ in there.sent] == ["#team"]


def test_a_channel_that_was_named_is_told_how_production_is() -> None:
    there = world(tell="#team", kind="production")
    there.saw(3)
    assert [channel for channel, _, _ in there.sent] == ["#team"]


def test_what_is_of_another_class_goes_to_its_owner_in_place_of_the_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gauge, "shows", "configuration")
    there = world(tell="#team")
    there.saw(3)
    ((channel, text, _),) = there.sent
    assert channel == "person:ana" and "#team was not told: it tells of configuration" in text


def test_who_may_not_tell_a_channel_any_more_is_told_alone() -> None:
    there = world(tell="#team", owner="rea")
    there.saw(3)
    assert [channel for channel, _, _ in there.sent] == ["person:rea"]


@pytest.mark.parametrize(
    ("kind", "place", "here"),
    [
        ("development", ChatPlace(name="team"), True),
        ("production", ChatPlace(name="team"), False),
        ("development", ChatPlace(name="team", shared=True), False),
        ("development", ChatPlace(name="team", guests=True), False),
        ("production", ChatPlace(name="", direct=True), True),
    ],
)
def test_in_a_chat_it_is_told_where_it_was_asked_if_policy_lets_it_stand_there(
    kind: Kind, place: ChatPlace, here: bool
) -> None:
    there = world(where=THREAD, kind=kind, place=place, chat=True)
    there.saw(3)
    ((delivery, _),) = there.queue.waiting
    assert (delivery.where, delivery.to) == ((THREAD, None) if here else (None, USER))
    assert delivery.kind == "report" and delivery.key == "watch/w000000001/1"


def test_those_whose_turn_it_is_are_looked_at() -> None:
    asked: list[str] = []

    class Sweeps:
        def ask_to_look(self, watches: Any) -> None:
            asked.extend(watches)

    late = watch(id="w000000003", looked_at=NOON - timedelta(minutes=59, seconds=30), every=60)
    soon = watch(id="w000000004", looked_at=NOON - timedelta(minutes=30), every=60)
    just = watch(id="w000000002", looked_at=NOON - timedelta(seconds=30))
    there = World(MemoryWatches(watch(), just, late, soon))
    AskForLooks(there.watches, Sweeps(), there)()  # type: ignore[arg-type]
    assert asked == ["w000000001", "w000000003"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 2, 3, 9, None, RetryableError("away")]),
            st.sampled_from(["", "", "before it is noted", "before it is sent", "after it was sent", "somebody else"]),
        ),
        max_size=30,
    )
)
def test_it_is_told_exactly_once_for_each_crossing_whatever_breaks_between(looks: list[tuple[Any, str]]) -> None:
    kept = Dying(watch())
    there = World(kept)
    crossings, was = 0, None
    for value, breaks in looks:
        before = kept.watch("w000000001")
        assert before is not None
        pending = before.to_tell is not None
        there.value, kept.dies = value, breaks == "before it is noted"
        there.dies_before_sending, there.dies_after_sending = (
            breaks == "before it is sent",
            breaks == "after it was sent",
        )
        kept.interferes = breaks == "somebody else"
        try:
            there.look()
        except Died:
            there.at += timedelta(minutes=2)
        noted = not pending and not kept.dies and not kept.interferes
        if noted and isinstance(value, int):
            crossings += value > 2 and not was
            was = value > 2
    kept.dies = kept.interferes = there.dies_before_sending = there.dies_after_sending = False
    there.value = RetryableError("away")
    there.look()
    so = [text for _, text, _ in there.sent if ": it is so, as of" in text]
    assert len(so) == crossings
    assert len({key for _, _, key in there.sent}) == len(there.sent)


class Dying(MemoryWatches):
    """Where the process dies before something is noted, or somebody else has looked meanwhile."""

    dies = interferes = False

    def change(self, before: Watch, after: Watch | None) -> bool:
        if self.dies:
            raise Died
        return False if self.interferes else super().change(before, after)


def test_two_who_look_at_once_note_one_crossing() -> None:
    there = world(value=3)
    first = there.watches.watch("w000000001")
    assert first is not None
    there.look()
    assert not there.watches.change(first, first.saw(True, "again", About(shows="status", kind=None), NOON))
    assert len(there.sent) == 1
