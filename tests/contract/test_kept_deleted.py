"""What is kept of a person or a conversation is deleted whole, whatever is cut short, and nothing of anybody else's."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from fakes import FakeClock
from memory_schedules import MemorySchedules
from test_lives import database, kept_by, whole
from test_store import ANN, NOW, trigger

from copilot.adapters.dynamodb import rows
from copilot.adapters.dynamodb.facts import DynamoFacts
from copilot.adapters.dynamodb.kept import DynamoKeptOf
from copilot.adapters.dynamodb.store import DynamoStore
from copilot.adapters.memory_chat_links import MemoryChatLinks
from copilot.adapters.memory_watches import MemoryWatches
from copilot.config.configuration import Configuration
from copilot.domain import (
    EVERYBODY,
    Fact,
    Focus,
    KeptFact,
    KeptResult,
    OpenQuestion,
    Past,
    PastRequest,
    Person,
    Reference,
    Run,
    Turn,
    Whose,
    scope_of,
)
from copilot.domain.past import Repeated
from copilot.errors import Conflict, NotAllowed, RetryableError
from copilot.policy.decisions import Policy
from copilot.policy.entities import TenantAction
from copilot.tools.registry import Registry
from copilot.triggers.deleting import AT_ONCE, DeleteKept, Found, OfWhom

__all__ = ["database"]

BEN = Person(id="ben", name="Ben", roles=("developer",))
EVE = Person(id="eve", name="Eve", roles=("approver",))
POLICY = Policy(Registry(), "main", False)
SHARED = "slack:T1/C1/1.2"
EVIDENCE = {"LEDGER", "CHANGE", "APPROVAL", "JOURNAL"}
ACTIONS: tuple[TenantAction, ...] = ("export_of_others", "delete_of_others")
OWN, OTHERS = Whose(person="ann"), Whose(person="ben")


def deleting(database: Any, client: Any = None, tenant: str = "main") -> DeleteKept:
    """With a client that the deletions go through, where one is given."""
    kept = DynamoKeptOf("copilot", "kept", client or database, boto3.client("s3"), tenant)
    config = Configuration(tenant=tenant, accounts=(), people=())
    watches, links, schedules = MemoryWatches(), MemoryChatLinks(), MemorySchedules()
    return DeleteKept(
        OfWhom(kept, POLICY), kept_by(database), watches, links, lambda: schedules, config, FakeClock(NOW)
    )


def remembered(database: Any, scope: str) -> None:
    said = {"kind": "alias", "subject": "shop", "attribute": "means", "value": "orchard", "run": "r1"}
    fact = Fact.model_validate({**said, "author": ANN, "at": NOW})
    DynamoFacts("copilot", "arn", "main", database, lambda: database).put(KeptFact.first(scope, fact))


def filled(database: Any) -> dict[str, Run]:
    """Runs of two people, in Conversations of their own and in one of both; a long output; facts of all."""
    store = kept_by(database)
    for scope in (scope_of("ann"), scope_of("ben"), EVERYBODY):
        remembered(database, scope)
    for person in ("ann", "ben"):
        database.put_item(TableName="copilot", Item=rows.key(f"LEARNED#main#{person}", "shape"))
    return {
        "ann": whole(store, "k1", size=5000),
        "ann elsewhere": whole(store, "k2", conversation="ann/y"),
        "ann shared": whole(store, "k3", conversation=SHARED),
        "ben shared": whole(store, "k4", person=BEN, conversation=SHARED),
        "ben": whole(store, "k5", size=5000, person=BEN, conversation="ben/x"),
    }


def told(database: Any) -> dict[str, str]:
    """All there is, by place, in words, and objects with it."""
    rows = {f"{row['pk']['S']} {row['sk']['S']}": str(row) for row in database.scan(TableName="copilot")["Items"]}
    objects = boto3.client("s3").list_objects_v2(Bucket="kept").get("Contents", [])
    return rows | {one["Key"]: one["Key"] for one in objects}


def is_evidence(place: str) -> bool:
    return place.partition("#")[0] in EVIDENCE


def delete_all(delete: DeleteKept, asker: Person, whose: Whose) -> Found:
    for _ in range(20):
        found = delete(asker, whose)
        if found.is_nothing:
            return found
    raise AssertionError("it never ends")


def test_all_of_a_person_goes_and_nothing_of_others_and_no_evidence(database: Any) -> None:
    runs, before = filled(database), told(database)
    delete = deleting(database)
    assert delete.find(ANN, OWN).goes == {
        "runs": 3,
        "turns": 6,
        "facts": 1,
        "learned plans": 1,
        "watches": 0,
        "links": 0,
    }
    assert told(database) == before, "to look deletes nothing"
    delete_all(delete, ANN, OWN)
    after = told(database)
    gone = {place for place in before if place not in after}
    theirs = {runs[name].run_id for name in ("ann", "ann elsewhere", "ann shared")}
    for place, text in after.items():
        if not is_evidence(place) and not place.startswith(("LOCK", "results/")):
            assert not any(run in text for run in theirs), place
    assert not any(is_evidence(place) for place in gone)
    spoken_of = f"MEMORY#main#{SHARED} FOCUS"
    assert all(text == after[place] for place, text in before.items() if place in after and place != spoken_of)
    ben = {place for place in before if any(runs[name].run_id in place for name in ("ben", "ben shared"))}
    assert ben <= after.keys() and f"FACT#main#{scope_of('ben')} shop#means" in after
    assert "LEARNED#main#ben shape" in after and "LEARNED#main#ann shape" not in after
    assert f"FACT#main#{EVERYBODY} shop#means" in after and f"FACT#main#{scope_of('ann')} shop#means" not in after
    assert not any(run in place for run in theirs for place in after if place.startswith("results/"))
    assert any(place.startswith(f"results/main/{runs['ben'].run_id}/") for place in after)
    assert {turn.run_id for turn in kept_by(database).turns("main", SHARED)} == {runs["ben shared"].run_id}


def spoken(*people: str) -> Focus:
    """What a Conversation of these people speaks of, with something of each of them in each of its parts."""
    past = Past()
    for by in people:
        said = {"said": f"{by} said", "told": f"{by} told", "things": (f"{by}-thing",), "did": "look"}
        past = past.after(PastRequest.model_validate({"at": NOW, "by": by} | said))
    tallies = tuple(
        Repeated(did="look", outcome="succeeded", by=by, times=2, first=NOW, last=NOW, things=(f"{by}-tally",))
        for by in people
    )
    last = people[-1]
    return Focus(
        turn=1,
        by=last,
        slots={"value": f"{last} slot"},
        references=(Reference(type="environment", id=f"{last}-env", turn=1),),
        open=OpenQuestion(asker=last, at=NOW, request=f"{last} asked", lacks=""),
        results=tuple(KeptResult(name=by, run_id="r", at=NOW, by=by, what=f"{by} what") for by in people),
        past=past.model_copy(update={"tallies": tallies, "requests": past.requests + 2 * len(people)}),
    )


def speaks_of(store: DynamoStore, asked: str, focus: Focus, at: datetime = NOW, conversation: str = SHARED) -> None:
    """That a Conversation does, since a Run of Ben's that was answered then."""
    run, _ = store.record_trigger(trigger(asked, person=BEN, conversation=conversation))
    ended = run.model_copy(update={"answer": "x", "outcome": "succeeded", "answered_at": at})
    store.answer_run(ended, Turn(run_id=run.run_id, author="copilot", text="x", at=at), [], focus)


@pytest.mark.parametrize("people", [("ann", "ben"), ("ben", "ann")])
def test_what_others_left_in_a_shared_conversation_stays_and_nothing_of_who_goes(
    database: Any, people: tuple[str, str]
) -> None:
    store = kept_by(database)
    whole(store, "k3", conversation=SHARED)
    speaks_of(store, "k4", spoken(*people).model_copy(update={"rev": 2}))
    delete_all(deleting(database), ANN, OWN)
    left = store.focus("main", SHARED)
    assert "ann" not in str(left)
    parts = [f"ben {part}" for part in ("said", "told", "what")] + ["ben-thing", "ben-tally"]
    parts += ["ben slot", "ben asked", "ben-env"] if people[-1] == "ben" else []
    assert not [part for part in parts if part not in str(left)]
    assert left.past.requests == 3 and left.rev == 3
    (row,) = [row for row in database.scan(TableName="copilot")["Items"] if row["pk"]["S"].startswith("MEMORY")]
    assert "ttl" in row, "it has the end that it had"


@pytest.mark.parametrize("conversation", [SHARED, "ann/x"])
def test_an_answer_that_was_begun_before_does_not_bring_back_what_was_deleted(database: Any, conversation: str) -> None:
    store = kept_by(database)
    whole(store, "k3", conversation=conversation)
    before = spoken("ben", "ann").model_copy(update={"rev": 2})
    delete_all(deleting(database), ANN, OWN)
    with pytest.raises(Conflict):
        speaks_of(store, "k4", before, conversation=conversation)
    assert "ann said" not in str(store.focus("main", conversation))


def test_that_it_was_deleted_is_evidence_without_what_it_was(database: Any) -> None:
    filled(database)
    delete_all(deleting(database), ANN, OWN)
    (entry,) = [one for one in kept_by(database).journal("main", "2026-03-02") if one.kind == "deletion"]
    assert entry.person == "ann" and entry.data == {
        "of": "the person ann",
        "runs": [*entry.data["runs"]],  # type: ignore[index,call-overload,misc]
        "found": {"runs": 3, "turns": 6, "facts": 1, "learned plans": 1, "watches": 0, "links": 0},
    }
    assert "do it" not in str(entry) and "orchard" not in str(entry)


def test_a_conversation_goes_whole_with_what_it_speaks_of(database: Any) -> None:
    runs = filled(database)
    mine = Whose.named("ann", None, "y")
    assert mine.conversation == "ann/y"
    delete_all(deleting(database), ANN, mine)
    store = kept_by(database)
    assert store.turns("main", "ann/y") == [] and store.focus("main", "ann/y").rev == 0
    assert {run.run_id for run in store.recent_runs("main")} == {
        run.run_id for name, run in runs.items() if name != "ann elsewhere"
    }
    assert store.focus("main", "ann/x").rev == 1 and f"FACT#main#{scope_of('ann')} shop#means" in told(database)


@pytest.mark.parametrize(
    ("asker", "whose", "allowed"),
    [
        (ANN, OWN, True),
        (ANN, OTHERS, False),
        (BEN, OWN, False),
        (EVE, OWN, True),
        (BEN, Whose.named("ben", None, "x"), True),
        (BEN, Whose.named("ben", "ann", "x"), False),
        (ANN, Whose.named("ann", None, SHARED), False),
        (EVE, Whose.named("eve", None, SHARED), True),
        (ANN, Whose.named("ann", None, "slack:T1/D9"), False),
        (Person(id="ann", name="Ann", roles=()), OTHERS, False),
        (Person(id="op", name="Op", roles=("operator",)), OWN, False),
    ],
)
def test_whose_it_is_to_ask_for(database: Any, asker: Person, whose: Whose, allowed: bool) -> None:
    filled(database)
    before = told(database)
    of = deleting(database).of
    for action in ACTIONS:
        if allowed:
            of.runs(asker, whose, action)
        else:
            with pytest.raises(NotAllowed):
                of.runs(asker, whose, action)
    if not allowed:
        for ask in (deleting(database), deleting(database).find):
            with pytest.raises(NotAllowed):
                ask(asker, whose)
        assert told(database) == before


def test_the_id_of_a_person_that_begins_as_anothers_is_another(database: Any) -> None:
    store = kept_by(database)
    whole(store, "k1")
    whole(store, "k2", person=Person(id="ann2", name="A", roles=("reader",)), conversation="ann2/x")
    assert [run.person for run in deleting(database).of.kept.listed(OWN)] == ["ann"]
    with pytest.raises(NotAllowed):
        deleting(database)(ANN, Whose(conversation="ann2/x"))


@pytest.mark.parametrize("state", ["queued", "started", "cancelled and not answered"])
def test_what_is_not_over_is_named_and_nothing_is_deleted(database: Any, state: str) -> None:
    filled(database)
    store = kept_by(database)
    run, _ = store.record_trigger(trigger("open"))
    if state != "queued":
        store.mark_started(run, 1)
    if state.startswith("cancelled"):
        store.cancel_run("main", run.run_id, "ann")
    before = told(database)
    assert deleting(database).find(ANN, OWN).open == [run.run_id]
    with pytest.raises(Conflict, match=run.run_id):
        deleting(database)(ANN, OWN)
    assert told(database) == before


class Cut:
    """A client whose call of this number is the last, before or after it was done."""

    def __init__(self, client: Any, at: int, after: bool) -> None:
        self._client, self.left, self._after = client, at, after

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self.left -= 1
            if self.left == 0 and not self._after:
                raise RetryableError("cut")
            answer = getattr(self._client, name)(**given)
            if self.left == 0:
                raise RetryableError("cut")
            return answer

        return call


@pytest.mark.parametrize("after", [False, True])
def test_whichever_call_is_cut_short_who_asks_again_has_it_all_deleted(database: Any, after: bool) -> None:
    at, whole_way = 1, False
    while not whole_way:
        runs = filled(database)
        cut = Cut(database, at, after)
        with suppress(RetryableError):
            delete_all(deleting(database, cut), ANN, OWN)
        whole_way = cut.left > 0
        delete_all(deleting(database), ANN, OWN)
        theirs = [runs[name].run_id for name in ("ann", "ann elsewhere", "ann shared")] + [
            "FACT#main#person:ann",
            "LEARNED#main#ann",
        ]
        rest = {place for place, text in told(database).items() if any(one in text for one in theirs)}
        assert not {place for place in rest if not is_evidence(place) and not place.startswith("LOCK")}, at
        for row in database.scan(TableName="copilot")["Items"]:
            database.delete_item(TableName="copilot", Key={"pk": row["pk"], "sk": row["sk"]})
        at += 11
    assert at > 60


def test_many_are_deleted_some_at_a_time(database: Any) -> None:
    store = kept_by(database)
    for number in range(AT_ONCE + 2):
        whole(store, f"k{number:02}", received_at=NOW + timedelta(seconds=number))
    delete = deleting(database)
    assert delete(ANN, OWN).goes["runs"] == 2
    assert delete(ANN, OWN).is_nothing and delete(ANN, OWN).is_nothing


def test_a_run_listed_by_an_earlier_version_is_found_by_what_it_is(database: Any) -> None:
    runs = filled(database)
    for row in database.scan(TableName="copilot")["Items"]:
        if row["pk"]["S"] == "RUNS#main":
            database.put_item(
                TableName="copilot", Item={name: row[name] for name in row if name not in {"person", "conversation"}}
            )
    found = deleting(database).of.kept.listed(OTHERS)
    assert {run.run_id for run in found} == {runs["ben"].run_id, runs["ben shared"].run_id}
    delete_all(deleting(database), ANN, OWN)
    assert {run.run_id for run in kept_by(database).recent_runs("main")} == {run.run_id for run in found}


def test_another_tenants_is_another(database: Any) -> None:
    filled(database)
    before = told(database)
    assert deleting(database, tenant="other")(ANN, OWN).is_nothing
    assert told(database) == before


def test_an_effect_stays_known_when_its_run_is_gone(database: Any) -> None:
    runs = filled(database)
    delete_all(deleting(database), ANN, OWN)
    (entry,) = kept_by(database).effects("main", runs["ann"].run_id)
    assert entry.state == "done" and entry.prior.targets
