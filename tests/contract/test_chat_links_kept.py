"""What is kept of who chat users are, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aws_accounts import simulated
from tables import make_table

from copilot.adapters.dynamodb.chat_links import DynamoChatLinks
from copilot.adapters.dynamodb.store import DynamoStore
from copilot.adapters.memory_chat_links import MemoryChatLinks
from copilot.domain import ChatLink, ChatUser, JournalEntry, LinkCode
from copilot.errors import Conflict, NotFound
from copilot.ports import ChatLinks

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=10)
LATER = NOW + timedelta(days=30)
ANA = ChatUser(platform="slack", workspace="T1", user="U1")
ELSEWHERE = ANA.model_copy(update={"workspace": "E2"})
BEN = ANA.model_copy(update={"user": "U2"})
PRINCIPAL = "arn:aws:iam::111122223333:user/ana"
CODE = LinkCode(person="ana", principal=PRINCIPAL, until=SOON)


def linked(user: ChatUser = ANA, person: str = "ana", **more: Any) -> ChatLink:
    given: dict[str, Any] = {"user": user, "person": person, "principal": PRINCIPAL, "made_at": NOW, "until": LATER}
    return ChatLink(**(given | more))


def evidence(id: str = "j1") -> JournalEntry:
    return JournalEntry(at=NOW, id=id, kind="link", run_id="", person="ana", data={})


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[ChatLinks]:
    if request.param == "memory":
        yield MemoryChatLinks()
        return
    with simulated() as cloud:
        database = cloud.client("dynamodb")
        make_table(database)
        yield DynamoChatLinks("copilot", database, "main")


def journal_of(kept: ChatLinks) -> list[JournalEntry]:
    if isinstance(kept, MemoryChatLinks):
        return kept.evidence
    assert isinstance(kept, DynamoChatLinks)
    table = kept._table
    return DynamoStore(table.name, "none", table._db, None).journal("main", NOW.date().isoformat())


def link(kept: ChatLinks, user: ChatUser = ANA, person: str = "ana", code: str = "c1", **more: Any) -> ChatLink:
    kept.put_code(code, CODE.model_copy(update={"person": person}))
    return kept.take_code(code, linked(user, person, **more), evidence(code))


def test_a_code_becomes_a_link_with_its_evidence(kept: ChatLinks) -> None:
    assert (kept.link(ANA), kept.code("c1"), kept.links()) == (None, None, [])
    assert link(kept) == kept.link(ANA) == linked()
    assert kept.code("c1") is None
    assert journal_of(kept) == [evidence("c1")]


def test_a_code_is_taken_once_and_by_the_same_user_again_is_what_it_became(kept: ChatLinks) -> None:
    first = link(kept)
    again = linked(made_at=NOW + timedelta(minutes=1))
    assert kept.take_code("c1", again, evidence("again")) == first
    with pytest.raises(NotFound):
        kept.take_code("c1", linked(BEN), evidence("other"))
    assert kept.links() == [first]
    assert journal_of(kept) == [evidence("c1")]


@pytest.mark.parametrize("late", [SOON, SOON + timedelta(seconds=1)])
def test_a_code_that_was_not_taken_in_time_is_none(kept: ChatLinks, late: datetime) -> None:
    kept.put_code("c1", CODE)
    with pytest.raises(NotFound):
        kept.take_code("c1", linked(made_at=late), evidence())
    assert (kept.link(ANA), journal_of(kept)) == (None, [])


def test_a_user_is_one_person_at_a_time_and_a_code_for_another_is_not_used_up(kept: ChatLinks) -> None:
    first = link(kept)
    kept.put_code("c2", CODE.model_copy(update={"person": "ben"}))
    with pytest.raises(Conflict):
        kept.take_code("c2", linked(person="ben"), evidence("c2"))
    assert (kept.link(ANA), kept.code("c2") is None) == (first, False)
    kept.unlink(first, evidence("gone"))
    assert kept.take_code("c2", linked(person="ben"), evidence("c2")).person == "ben"


def test_a_code_that_is_spoilt_becomes_nothing_and_no_other_is(kept: ChatLinks) -> None:
    for code in ("c1", "c2"):
        kept.put_code(code, CODE)
    for _ in range(2):
        kept.spoil("c1")
    with pytest.raises(NotFound):
        kept.take_code("c1", linked(), evidence())
    assert (kept.code("c1"), kept.open_codes("ana", NOW)) == (None, 1)


def test_a_link_that_has_lapsed_gives_way(kept: ChatLinks) -> None:
    link(kept, until=SOON)
    kept.put_code("c2", CODE.model_copy(update={"person": "ben", "until": LATER}))
    with pytest.raises(Conflict):
        kept.take_code("c2", linked(person="ben", made_at=SOON - timedelta(seconds=1)), evidence("early"))
    assert kept.take_code("c2", linked(person="ben", made_at=SOON), evidence("c2")).person == "ben"


def test_a_person_links_the_same_user_anew(kept: ChatLinks) -> None:
    link(kept)
    second = link(kept, code="c2", until=LATER + timedelta(days=1))
    assert kept.links() == [second]


def test_a_person_may_have_several_and_each_is_of_its_workspace(kept: ChatLinks) -> None:
    first, second = link(kept), link(kept, ELSEWHERE, code="c2")
    other = link(kept, BEN, "ben", "c3")
    assert list(kept.links_of("ana")) == sorted((first, second), key=lambda one: one.user.address)
    assert list(kept.links_of("ben")) == [other]
    assert list(kept.links()) == sorted((first, second, other), key=lambda one: one.user.address)
    assert list(kept.links_of("an")) == []


def test_open_codes_are_those_of_a_person_that_can_still_be_taken(kept: ChatLinks) -> None:
    kept.put_code("c1", CODE)
    kept.put_code("c2", CODE.model_copy(update={"until": LATER}))
    kept.put_code("c3", CODE.model_copy(update={"person": "ben"}))
    kept.count_try(ANA, NOW, SOON)
    assert (kept.open_codes("ana", NOW), kept.open_codes("ana", SOON), kept.open_codes("ben", NOW)) == (2, 1, 1)


def test_a_code_that_is_there_stays_as_it_is(kept: ChatLinks) -> None:
    kept.put_code("c1", CODE)
    with pytest.raises(Conflict):
        kept.put_code("c1", CODE.model_copy(update={"person": "ben"}))
    assert kept.code("c1") == CODE


def test_tries_are_counted_for_each_user_until_their_time_is_over(kept: ChatLinks) -> None:
    later = NOW + timedelta(minutes=5)
    assert [kept.count_try(ANA, NOW, SOON), kept.count_try(ANA, later, later + timedelta(minutes=10))] == [1, 2]
    assert kept.count_try(BEN, NOW, SOON) == kept.count_try(ELSEWHERE, NOW, SOON) == 1
    assert kept.count_try(ANA, SOON - timedelta(seconds=1), LATER) == 3
    assert [kept.count_try(ANA, SOON, LATER), kept.count_try(ANA, SOON, LATER)] == [1, 2]


def test_a_link_is_renewed_and_removed_only_while_it_is_the_persons(kept: ChatLinks) -> None:
    first = link(kept)
    renewed = first.model_copy(update={"until": LATER + timedelta(days=9), "principal": PRINCIPAL + "2"})
    kept.renew(renewed, evidence("renewed"))
    assert kept.link(ANA) == renewed
    for other in (linked(person="ben"), linked(BEN)):
        for change in (kept.renew, kept.unlink):
            with pytest.raises(NotFound):
                change(other, evidence("refused"))
    kept.unlink(first, evidence("removed"))
    with pytest.raises(NotFound):
        kept.unlink(first, evidence("again"))
    assert kept.link(ANA) is None
    assert {one.id for one in journal_of(kept)} == {"c1", "renewed", "removed"}


def test_a_code_does_not_give_back_a_link_that_was_removed(kept: ChatLinks) -> None:
    kept.unlink(link(kept), evidence("removed"))
    with pytest.raises(NotFound):
        kept.take_code("c1", linked(), evidence("again"))


def test_that_a_link_lapses_is_told_once_and_again_after_it_was_renewed(kept: ChatLinks) -> None:
    first = link(kept)
    assert [kept.note_told(first), kept.note_told(first)] == [True, False]
    renewed = first.model_copy(update={"until": LATER + timedelta(days=30)})
    kept.renew(renewed, evidence("renewed"))
    assert [kept.note_told(first), kept.note_told(renewed), kept.note_told(renewed)] == [False, True, False]
    assert not kept.note_told(linked(BEN))
    assert kept.link(ANA) == renewed
