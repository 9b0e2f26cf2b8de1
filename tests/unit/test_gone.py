"""What is taken from people who are gone, from the configuration or from a chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from chat_people import FakeChatPeople
from fakes import FakeClock

from copilot.adapters.in_memory import MemoryStore
from copilot.adapters.memory_chat_links import MemoryChatLinks
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import ChatLink, ChatPerson, ChatUser, Gone, Person, Standing
from copilot.errors import CopilotError, FatalError, PermissionDenied, RetryableError
from copilot.triggers.gone import MOST_ASKED, PARTS, LetGo
from copilot.triggers.linking import evidence_of
from copilot.triggers.sweeping import TICK

CLOCK = FakeClock()
KEY = "arn:aws:ssm:eu-west-1:111122223333:parameter/chat"
CHAT = ChatSettings(workspaces=(ChatWorkspace(id="T1", name="Home", token=KEY),))


def user(number: int, workspace: str = "T1") -> ChatUser:
    return ChatUser(platform="slack", workspace=workspace, user=f"U{number:04}")


def link(of: ChatUser, person: str = "ana") -> ChatLink:
    until = CLOCK.at + timedelta(days=30)
    return ChatLink(user=of, person=person, principal="arn:x", made_at=CLOCK.at, until=until)


def standing(id: str, by: str, owner: str) -> Standing:
    return Standing(
        id=f"g{id * 9}",
        schedule="s000000001",
        title="off",
        owner=owner,
        shapes=("x",),
        most=3,
        by=Person(id=by, name=by, roles=("approver",)),
        at=CLOCK.at,
        expires_at=CLOCK.at + timedelta(days=30),
    )


class Case:
    def __init__(self, *links: ChatLink, people: tuple[str, ...] = ("ana", "ben")) -> None:
        self.kept, self.store, self.clock = MemoryChatLinks(*links), MemoryStore(), FakeClock()
        self.platform = FakeChatPeople({one.user: ChatPerson(name="x") for one in links})
        self.let_go = LetGo(self.kept, self.store, lambda: self.platform, self.config(*people), self.clock)

    def config(self, *people: str, roles: tuple[str, ...] = ("developer",)) -> Configuration:
        known = (KnownPerson(id=id, name=id, principals=(), roles=roles) for id in people)
        return Configuration(accounts=(), people=tuple(known), chat=CHAT)

    def hour(self) -> None:
        for _ in range(PARTS):
            self.let_go()
            self.clock.at += TICK

    @property
    def users(self) -> list[ChatUser]:
        return [one.user for one in self.kept.links()]


def test_whoever_is_no_longer_configured_loses_their_links_at_the_next_look() -> None:
    case = Case(link(user(1)), link(user(2), "ben"), link(user(3)), people=("ben",))
    removed = case.let_go()
    assert [one.user for one in removed.links] == [user(1), user(3)]
    assert case.users == [user(2)]
    (first, _) = case.kept.evidence
    assert (first.kind, first.person) == ("link", "copilot")
    assert case.let_go().links == []


def test_whoever_has_no_role_any_more_loses_them_too() -> None:
    case = Case(link(user(1)))
    case.let_go = replace(case.let_go, config=case.config("ana", roles=()))
    case.let_go()
    assert case.users == []


def test_standing_approvals_by_or_for_whoever_is_gone_are_taken_back() -> None:
    case = Case(people=("ben", "cid"))
    kept = standing("a", "ben", "cid")
    for one in (kept, standing("b", "ana", "ben"), standing("c", "ben", "ana")):
        case.store._standings["main", one.id] = one
    removed = case.let_go()
    assert {one.id[1] for one in removed.standings} == {"b", "c"}
    assert case.store.standings("main") == [kept]
    entries = case.store.journal("main", CLOCK.at.date().isoformat())
    assert {(one.kind, one.person) for one in entries} == {("standing", "copilot")}
    assert case.let_go().standings == []


def test_what_the_platform_says_of_a_user_counts_at_once_in_that_workspace_alone() -> None:
    case = Case(link(user(1)), link(user(1, "T2")), link(user(2), "ben"))
    removed = case.let_go.told(Gone(platform="slack", workspace="T1", user="U0001"))
    assert [one.user for one in removed.links] == [user(1)]
    assert case.users == [user(2), user(1, "T2")]
    assert case.platform.asked == [], "it said so"
    case.let_go.told(Gone(platform="slack", workspace="T1", user="U0009"))
    assert len(case.users) == 2


def test_a_workspace_that_is_gone_takes_all_its_links_with_it() -> None:
    case = Case(link(user(1)), link(user(2), "ben"), link(user(1, "T2")))
    case.let_go.told(Gone(platform="slack", workspace="T1"))
    assert case.users == [user(1, "T2")]


def test_whoever_is_gone_from_the_platform_unheard_loses_their_links_within_the_hour() -> None:
    people = [link(user(number)) for number in range(40)]
    case = Case(*people)
    case.platform.people[user(3)] = ChatPerson(name="x", gone=True)
    del case.platform.people[user(17)]
    case.platform.people[user(20)] = ChatPerson(name="x", bot=True)
    case.hour()
    assert {one.user for one in people} - {*case.users} == {user(3), user(17)}
    asked = case.platform.asked
    assert len(asked) == len({*asked}) == 40, "each once an hour"


def test_looks_share_the_hour() -> None:
    case = Case(*(link(user(number)) for number in range(100)))
    case.let_go()
    assert 10 < len(case.platform.asked) < 45


def test_a_look_asks_for_no_more_than_it_may_and_says_how_many_are_left() -> None:
    case = Case(*(link(user(number)) for number in range(MOST_ASKED * 5)))
    removed = case.let_go()
    assert len(case.platform.asked) == MOST_ASKED
    assert removed.unread > 0


@pytest.mark.parametrize(
    ("trouble", "asked"), [(RetryableError("busy"), 1), (PermissionDenied("no"), 40), (FatalError("no token"), 40)]
)
def test_a_platform_that_does_not_answer_takes_nothing_away(trouble: CopilotError, asked: int) -> None:
    case = Case(*(link(user(number)) for number in range(40)))
    case.platform.people.clear()
    case.platform.troubles = {one: trouble for one in case.users}
    unread = case.let_go().unread
    assert unread > 5
    assert (len(case.platform.asked) == 1) is (asked == 1)
    assert len(case.users) == 40


def test_a_link_that_was_renewed_or_removed_meanwhile_is_no_trouble() -> None:
    case = Case(link(user(1)), people=())
    listed = case.kept.links()
    case.kept.unlink(listed[0], evidence_of(listed[0], "removed", "ana", case.clock.at))
    case.kept.links = lambda: listed  # type: ignore[method-assign]
    assert case.let_go().links == []


def test_where_there_is_no_chat_any_more_nobody_is_asked() -> None:
    case = Case(link(user(1)))
    case.let_go = replace(case.let_go, config=case.let_go.config.model_copy(update={"chat": None}))
    case.hour()
    assert (case.platform.asked, case.users) == ([], [user(1)])
