"""What every Store promises; the one in memory and the one on DynamoDB must not differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import boto3
import pytest
from fakes import environments_in, focus_on, spoken_of
from moto import mock_aws
from pydantic import JsonValue
from tables import make_table

from copilot.adapters.dynamodb.effects import DynamoEffects
from copilot.adapters.dynamodb.store import DynamoStore
from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.domain import (
    About,
    Advanced,
    Answer,
    Approval,
    ApprovalCall,
    Attachment,
    Counted,
    Counting,
    Focus,
    Freeze,
    FrozenScope,
    Item,
    JournalEntry,
    Lease,
    LedgerEntry,
    LeftOut,
    ModelCall,
    Person,
    Plan,
    Preview,
    ResourceRef,
    Revision,
    Run,
    Scope,
    Standing,
    Step,
    StepResult,
    StepState,
    Taking,
    Target,
    Trigger,
    Turn,
    Verdict,
)
from copilot.domain.frozen import digest
from copilot.errors import Conflict, NotAllowed, NotFound, NotReady, OtherRequest
from copilot.ports import History, ResultKey, Store

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN = Person(id="ann", name="Ann", roles=("developer",))


class InSmallPages:
    """A client of DynamoDB that gives a row at a time, as the real one gives a megabyte, and reads only what is so."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._client, operation)

    def get_item(self, **given: Any) -> Any:
        assert given["ConsistentRead"]
        return self._client.get_item(**given)

    def query(self, **given: Any) -> Any:
        assert given["ConsistentRead"]
        return self._client.query(**{"Limit": 1} | given)

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:
        ((table, asked),) = RequestItems.items()
        assert asked["ConsistentRead"]
        first, rest = asked["Keys"][:1], asked["Keys"][1:]
        answer = self._client.batch_get_item(RequestItems={table: asked | {"Keys": first}})
        return answer | ({"UnprocessedKeys": {table: asked | {"Keys": rest}}} if rest else {})


@pytest.fixture(params=["memory", "dynamodb", "dynamodb in small pages"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        database, objects = boto3.client("dynamodb"), boto3.client("s3")
        make_table(database)
        objects.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        small = request.param == "dynamodb in small pages"
        yield DynamoStore("copilot", "kept", InSmallPages(database) if small else database, objects)


def trigger(key: str = "k1", **more: Any) -> Trigger:
    given: dict[str, Any] = {
        "kind": "api",
        "person": ANN,
        "text": "do it",
        "conversation": "ann/x",
        "received_at": NOW,
    } | more
    return Trigger(tenant="main", dedupe_key=key, **given)


def entry(kind: str = "effect", name: str = "j1") -> JournalEntry:
    return JournalEntry(at=NOW, id=name, kind=kind, run_id="r1", person="ann", data={"a": 1})  # type: ignore[arg-type]


def advanced(wave: int, **more: Any) -> Advanced:
    return Advanced(next="wait", wave=wave, seconds=1, **more)


def waved(run: Run, wave: int, **more: Any) -> Run:
    return run.model_copy(update={"wave": wave, "advanced": advanced(wave)} | more)


def approval(**more: Any) -> Approval:
    call = ApprovalCall(step="off", item=0, tool="switch_off", arguments={"n": 1}, preview=preview())
    given: dict[str, Any] = {"id": "a1", "run_id": "r1", "requested_by": ANN, "request": "do it", "created_at": NOW}
    return Approval(tenant="main", calls=(call,), **({"expires_at": NOW + timedelta(hours=1)} | given | more))


def preview() -> Preview:
    ref = ResourceRef(type="environment", id="dev")
    return Preview(targets=(Target(ref=ref, name="dev", kind="production"),), changes=(), state={"on": True})


def effect(**more: Any) -> LedgerEntry:
    given: dict[str, Any] = {
        "step": "off",
        "item": 0,
        "tool": "switch_off",
        "arguments_hash": "h",
        "state": "started",
        "owner": "w1",
    }
    times: dict[str, Any] = {
        "prior": preview(),
        "attempt": 1,
        "started_at": NOW,
        "dead_after": NOW + timedelta(minutes=1),
    }
    return LedgerEntry(**(given | times | more))


def beginning(run_id: str, begun: LedgerEntry) -> JournalEntry:
    """The evidence of it, as an Effect gives it."""
    name = f"{run_id}-{begun.step}-{begun.item}-{begun.attempt}-started"
    told: JsonValue = {"step": begun.step, "item": begun.item, "state": begun.state}
    return JournalEntry(at=begun.started_at, id=name, kind="effect", run_id=run_id, person="ann", data=told)


def test_a_dedupe_key_is_one_run(store: Store) -> None:
    first, new = store.record_trigger(trigger())
    again, repeated = store.record_trigger(trigger(received_at=NOW + timedelta(seconds=5)))
    assert (new, repeated, again.run_id) == (True, False, first.run_id)
    assert again.trigger.received_at == NOW
    assert len(store.turns("main", "ann/x")) == 1
    assert store.record_trigger(trigger("k2"))[0].run_id != first.run_id


def test_a_dedupe_key_is_one_run_however_late_it_comes_again(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    store.mark_started(run, 1)
    again, new = store.record_trigger(trigger(received_at=NOW + timedelta(days=31)))
    assert (new, again.execution, again.trigger.received_at) == (False, 1, NOW)
    assert len(store.turns("main", "ann/x")) == 1
    assert store.next_queued("main", "ann/x") is None


@pytest.mark.parametrize("was", ["api", "ci", "chat"])
def test_a_key_is_one_key_for_a_person_and_their_pipeline(store: Store, was: str) -> None:
    first, _ = store.record_trigger(trigger(kind=was))
    for kind in ("api", "ci", "chat"):
        assert store.record_trigger(trigger(kind=kind)) == (first, False)
        with pytest.raises(OtherRequest):
            store.record_trigger(trigger(kind=kind, text="do something else"))
    assert store.record_trigger(trigger(kind="ci", person=ANN.model_copy(update={"id": "ben"})))[1]


def test_nobodys_key_is_that_of_a_firing(store: Store) -> None:
    firing, _ = store.record_trigger(trigger(kind="schedule"))
    asked, new = store.record_trigger(trigger())
    assert new and asked.run_id != firing.run_id


def test_a_run_stored_while_the_kind_told_keys_apart_is_found(store: Store) -> None:
    with pytest.MonkeyPatch.context() as before:
        before.setattr(Trigger, "run_id", property(lambda asked: asked.earlier_run_id))
        stored, _ = store.record_trigger(trigger(kind="ci"))
    assert stored.run_id == "r" + digest(["main", "ci", "ann", "k1"])[:15]
    for kind in ("ci", "api"):
        assert store.record_trigger(trigger(kind=kind)) == (stored, False)
        with pytest.raises(OtherRequest):
            store.record_trigger(trigger(kind=kind, text="do something else"))
    assert store.run("main", stored.run_id) == stored
    assert [run.run_id for run in store.recent_runs("main")] == [stored.run_id]


FILES = (Attachment(name="Dockerfile", text="FROM scratch"), Attachment(name="app.py", text="pass"))


@pytest.mark.parametrize(
    "another",
    [
        {"text": "do it now"},
        {"text": "do it", "conversation": "ann/y"},
        {"attachments": ()},
        {"attachments": FILES[:1]},
        {"attachments": (FILES[0], FILES[1].model_copy(update={"text": "pass  "}))},
        {"attachments": (FILES[0], FILES[1].model_copy(update={"name": "app2.py"}))},
    ],
)
def test_a_dedupe_key_used_for_another_request_is_refused_with_both(store: Store, another: dict[str, Any]) -> None:
    first, _ = store.record_trigger(trigger(attachments=FILES))
    given: dict[str, Any] = {"attachments": FILES, "received_at": NOW + timedelta(seconds=5)}
    asked = trigger(**given | another)
    for _ in range(2):
        with pytest.raises(OtherRequest) as refused:
            store.record_trigger(asked)
        assert (refused.value.earlier, refused.value.asked) == (first, asked)
    assert store.run("main", first.run_id) == first
    assert len(store.turns("main", "ann/x")) == 1 and store.turns("main", "ann/y") == []


@pytest.mark.parametrize(
    "again",
    [
        {"received_at": NOW + timedelta(days=3)},
        {"attachments": FILES[::-1]},
        {"person": ANN.model_copy(update={"roles": ("operator",), "name": "Ann B."})},
    ],
)
def test_the_same_request_is_the_same_run_whoever_its_person_has_become(store: Store, again: dict[str, Any]) -> None:
    first, _ = store.record_trigger(trigger(attachments=FILES))
    assert store.record_trigger(trigger(**{"attachments": FILES} | again)) == (first, False)


def test_the_key_of_a_firing_says_all_of_it(store: Store) -> None:
    first, _ = store.record_trigger(trigger(kind="schedule", text="Stop, as s1 says: every day at 18:00"))
    assert store.record_trigger(trigger(kind="schedule", text="Stop, as s1 says: paused")) == (first, False)


def test_a_run_is_read_back_as_it_was_written(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    assert store.run("main", run.run_id) == run
    store.mark_started(run, 1)
    assert store.run("main", run.run_id).status == "running"
    with pytest.raises(NotFound):
        store.run("main", "rnone")
    with pytest.raises(NotFound):
        store.load_run("other", run.run_id)


def test_one_run_at_a_time_holds_a_conversation(store: Store) -> None:
    first, second = store.record_trigger(trigger("a"))[0], store.record_trigger(trigger("b"))[0]
    until = NOW + timedelta(hours=1)
    assert store.take_lock(first, NOW, until)
    assert store.take_lock(first, NOW, until)
    assert not store.take_lock(second, NOW, until)
    store.release_lock(second)
    assert not store.take_lock(second, NOW, until)
    store.release_lock(first)
    assert store.take_lock(second, NOW, until)


def test_a_lease_that_ran_out_is_no_lock(store: Store) -> None:
    first, second = store.record_trigger(trigger("a"))[0], store.record_trigger(trigger("b"))[0]
    store.take_lock(first, NOW, NOW + timedelta(minutes=1))
    assert store.take_lock(second, NOW + timedelta(minutes=2), NOW + timedelta(hours=1))
    store.release_lock(first)
    assert not store.take_lock(first, NOW + timedelta(minutes=3), NOW + timedelta(hours=1))


def test_the_oldest_run_that_waits_is_next(store: Store) -> None:
    runs = [store.record_trigger(trigger(f"k{i}", received_at=NOW + timedelta(seconds=i)))[0] for i in range(3)]
    store.mark_started(runs[0], 1)
    queued = store.next_queued("main", "ann/x")
    assert queued is not None and queued.run_id == runs[1].run_id
    for run in runs[1:]:
        store.mark_started(run, 1)
    assert store.next_queued("main", "ann/x") is None
    for i in range(60):
        store.record_trigger(trigger(f"q{i:02}", received_at=NOW + timedelta(minutes=i + 1)))
    first = store.next_queued("main", "ann/x")
    assert first is not None and first.trigger.dedupe_key == "q00", "the oldest, however many came after it"


def test_a_revision_of_a_plan_is_kept_once(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    first = Revision(plan=Plan(goal="g", steps=(Step(id="a", tool="t"),), answer=Answer(text="x" * 6000)))
    assert store.save_revision(run, first).revision == 1
    with pytest.raises(Conflict):
        store.save_revision(run, first)
    second = Revision(plan=Plan(say="no"), kind="revise", reason="it was not so")
    store.save_revision(store.run("main", run.run_id), second)
    assert store.load_run("main", run.run_id).revisions == (first, second)


def test_what_a_run_is_to_do_is_kept_with_it_and_once(store: Store) -> None:
    first, second = (Revision(plan=Plan(goal=goal, say="x" * 6000)) for goal in ("stop it", "start it"))
    run, new = store.record_trigger(trigger(), first)
    assert (run.revision, new, store.record_trigger(trigger(), second)) == (1, True, (run, False))
    assert store.load_run("main", run.run_id).revisions == (first,)
    with pytest.raises(Conflict):
        store.save_revision(run.model_copy(update={"revision": 0}), second)
    assert store.save_revision(run, second).revision == 2
    assert store.load_run("main", run.run_id).revisions == (first, second)


def test_a_run_is_in_the_queue_until_its_start_is_noted_whatever_became_of_it(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    answered = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": NOW})
    store.answer_run(answered, Turn(run_id=run.run_id, author="copilot", text="done", at=NOW), [])
    found = store.next_queued("main", "ann/x")
    assert found is not None and found.status == "answered"
    store.mark_started(found, 1)
    assert store.next_queued("main", "ann/x") is None


def test_a_call_of_a_model_is_kept_as_it_first_was(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    calls = [
        ModelCall(revision=1, number=number, purpose="plan", model="m", asked="a" * 5000, answered="b", at=NOW)
        for number in (1, 2)
    ]
    for call in [calls[1], calls[0], calls[0].model_copy(update={"answered": "another"})]:
        store.record_call("main", run.run_id, call, entry("model", f"m{call.number}"))
    assert store.calls("main", run.run_id) == calls
    assert store.calls("main", "another") == []


def test_a_wave_is_decided_once_and_whole(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    step = StepState(step_id="a", tool="t", items=(Item(index=0, arguments={"x": 1}),))
    store.save_wave(waved(run, 1), [step], None, [entry("decision", "w1")])
    with pytest.raises(Conflict):
        store.save_wave(
            waved(run, 1), [step.model_copy(update={"tool": "other"})], approval(), [entry("decision", "w1b")]
        )
    record = store.load_run("main", run.run_id)
    assert (record.run.wave, record.steps) == (1, {"a": step})
    assert store.load_step("main", run.run_id, "a") == step
    with pytest.raises(NotFound):
        store.approval("main", "a1")
    store.save_wave(waved(run, 2, approval_id="a1"), [], approval(), [])
    assert store.run("main", run.run_id).approval_id == "a1"
    store.save_wave(waved(run, 3, approval_id=None), [], None, [])
    assert store.run("main", run.run_id).approval_id is None


def test_every_wave_follows_the_one_before_and_none_is_decided_twice(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    store.save_wave(waved(run, 1), [], None, [])
    first = StepState(step_id="a", tool="first")
    store.save_wave(waved(run, 2), [first], None, [])
    for wave in (1, 2, 4):
        with pytest.raises(Conflict):
            store.save_wave(waved(run, wave), [StepState(step_id="a", tool="second")], approval(), [])
    record = store.load_run("main", run.run_id)
    assert (record.run.wave, record.steps) == (2, {"a": first})
    with pytest.raises(NotFound):
        store.approval("main", "a1")


def test_steps_of_a_thousand_items_fit(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    items = tuple(Item(index=i, arguments={"environment_id": f"dev-{i}"}, reason="r" * 200) for i in range(1000))
    step = StepState(step_id="a", tool="t", items=items)
    store.save_wave(waved(run, 1), [step], None, [])
    assert store.load_step("main", run.run_id, "a") == step


def test_a_step_is_as_it_was_last_kept_however_much_there_is_of_it(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    few, many = (
        StepState(step_id="a", tool="t", items=tuple(Item(index=i, arguments={"n": digest(i)}) for i in range(number)))
        for number in (2, 200)
    )
    other = StepState(step_id="b", tool="t", reason="untouched")
    store.save_wave(waved(run, 1), [other], None, [])
    for wave, step in enumerate([few, many, few, many], start=2):
        store.save_wave(waved(run, wave), [step], None, [])
        assert store.load_step("main", run.run_id, "a") == step
        assert store.load_run("main", run.run_id).steps == {"a": step, "b": other}
    with pytest.raises(NotFound):
        store.load_step("main", run.run_id, "c")


def test_cancelling_does_not_lose_what_others_wrote(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    store.save_wave(waved(run, 1), [], None, [])
    assert store.cancel_run("main", run.run_id, "bob").cancelled_by == "bob"
    store.mark_started(run, 2)
    kept = store.run("main", run.run_id)
    assert (kept.cancelled_by, kept.execution, kept.wave) == ("bob", 2, 1)


def test_a_run_is_answered_once(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    turn = Turn(run_id=run.run_id, author="copilot", text="done", at=NOW + timedelta(seconds=9))
    about = About(shows="cost", kind=None)
    answered = run.model_copy(update={"answer": "done", "about": about, "outcome": "succeeded", "answered_at": NOW})
    assert store.answer_run(answered, turn, [entry("answer", "a")])
    late = answered.model_copy(update={"answer": "late", "outcome": "aborted"})
    assert not store.answer_run(late, turn.model_copy(update={"text": "late"}), [entry("answer", "b")])
    assert (store.run("main", run.run_id).answer, store.run("main", run.run_id).status) == ("done", "answered")
    assert store.run("main", run.run_id).about == about and store.load_run("main", run.run_id).run.about == about
    assert [turn.text for turn in store.turns("main", "ann/x")] == ["do it", "done"]


def test_a_run_is_answered_once_however_late_the_second_answer_comes(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    for minute, said in enumerate(["done", "it was aborted"]):
        at = NOW + timedelta(minutes=minute)
        answered = run.model_copy(update={"answer": said, "outcome": "succeeded", "answered_at": at})
        turn = Turn(run_id=run.run_id, author="copilot", text=said, at=at)
        assert store.answer_run(answered, turn, [entry("answer", f"a{minute}")]) == (minute == 0)
    assert store.run("main", run.run_id).answer == "done"
    assert [turn.text for turn in store.turns("main", "ann/x")] == ["do it", "done"]
    assert [kept.id for kept in store.journal("main", "2026-03-02")] == ["a0"]


@pytest.mark.parametrize("size", [10, 100_000])
def test_results_of_any_size_come_back(store: Store, size: int) -> None:
    result = StepResult(
        status="ok", output={"text": "é" * size}, verdict=Verdict(kind="pass"), started_at=NOW, ended_at=NOW
    )
    keys = (
        [ResultKey("a", i) for i in range(150)] if size < 100 else [ResultKey("a", 0), ResultKey("a", 0, preview=True)]
    )
    for key in keys:
        store.put_result("main", "r1", key, result)
    found = store.results("main", "r1", [*keys, ResultKey("b", 0)])
    assert found == dict.fromkeys(keys, result)
    assert store.results("main", "r2", keys) == {}


@pytest.mark.parametrize("ended", ["cancelled", "answered"])
def test_an_effect_is_not_begun_in_a_run_that_ended(store: Store, ended: str) -> None:
    run, _ = store.record_trigger(trigger())
    if ended == "cancelled":
        store.cancel_run("main", run.run_id, "bob")
    else:
        answered = run.model_copy(update={"answer": "x", "outcome": "aborted", "answered_at": NOW})
        store.answer_run(answered, Turn(run_id=run.run_id, author="copilot", text="x", at=NOW), [])
    with pytest.raises(NotAllowed):
        store.start_effect("main", run.run_id, effect(), None, entry(name="s1"))
    assert store.effects("main", run.run_id) == []
    assert store.effect("main", run.run_id, "off", 0) is None


def test_a_wave_is_not_kept_in_a_run_that_was_cancelled_since_it_was_read(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    store.cancel_run("main", run.run_id, "bob")
    with pytest.raises(Conflict):
        store.save_wave(waved(run, 1), [], None, [])
    store.save_wave(waved(store.run("main", run.run_id), 1), [], None, [])


def test_an_effect_is_begun_once(store: Store) -> None:
    store.start_effect("main", "r1", effect(), None, entry(name="s1"))
    with pytest.raises(Conflict):
        store.start_effect("main", "r1", effect(owner="w2"), None, entry(name="s2"))
    assert store.effects("main", "r1") == [effect()]


A = ResourceRef(type="environment", id="a")


def lease(run_id: str = "r1", fence: int = 1, minutes: int = 15) -> Lease:
    return Lease(target=A, run_id=run_id, fence=fence, until=NOW + timedelta(minutes=minutes))


def test_a_lease_is_taken_with_an_effect_by_who_knows_how_it_was(store: Store) -> None:
    assert store.leases("main", [A]) == {}
    store.start_effect("main", "r1", effect(), None, entry(name="s1"), [Taking(None, lease())])
    assert store.leases("main", [A, A]) == {A: lease()}
    theirs = lease("r2", fence=2)
    for number, seen in enumerate([None, lease(minutes=14), lease("")]):
        with pytest.raises(NotReady, match="another run began to change it meanwhile"):
            store.start_effect("main", "r2", effect(), None, entry(name=f"t{number}"), [Taking(seen, theirs)])
    assert (store.effects("main", "r2"), store.leases("main", [A])) == ([], {A: lease()})
    store.start_effect("main", "r2", effect(), None, entry(name="s2"), [Taking(lease(), theirs)])
    assert store.leases("main", [A]) == {A: theirs}
    with pytest.raises(NotReady):
        store.take_over_effect("main", "r1", effect(owner="w2"), "w1", [Taking(lease(), lease())])
    with pytest.raises(Conflict):
        store.take_over_effect("main", "r1", effect(owner="w2"), "nobody", [Taking(theirs, lease(fence=3))])
    store.take_over_effect("main", "r1", effect(owner="w2"), "w1", [Taking(theirs, lease(fence=3))])
    assert store.leases("main", [A]) == {A: lease(fence=3)}


def test_what_is_changed_at_once_is_counted_with_a_wave_by_who_knows_how_it_was(store: Store) -> None:
    here, there = ("111111111111", "2026-03-02T09"), ("222222222222", "2026-03-02T10")
    assert store.counted("main", [here, there]) == {}
    first, second = (store.record_trigger(trigger(key))[0] for key in ("k1", "k2"))
    none = [Counted(account=account, hour=hour) for account, hour in (here, there)]
    mine = [one.plus(first.run_id, {"environment#a": "staging"}) for one in none]
    step = StepState(step_id="a", tool="t@1")
    store.save_wave(waved(first, 1), [step], None, [], [Counting(None, one) for one in mine])
    kept = store.counted("main", [here, there, here])
    assert {place: one.targets for place, one in kept.items()} == {here: mine[0].targets, there: mine[1].targets}
    assert store.counted("other", [here]) == {}

    theirs = kept[here].plus(second.run_id, {"environment#a": "staging", "environment#b": None})
    for seen in (None, kept[here].model_copy(update={"rev": 7})):
        with pytest.raises(Conflict):
            store.save_wave(waved(second, 1), [step], None, [entry()], [Counting(seen, theirs)])
    assert store.counted("main", [here]) == {here: kept[here]}
    assert (store.run("main", second.run_id).wave, store.journal("main", "2026-03-02")) == (0, [])

    store.save_wave(waved(second, 1), [step], None, [], [Counting(kept[here], theirs)])
    with pytest.raises(Conflict):
        store.save_wave(waved(first, 2), [], None, [], [Counting(kept[here], kept[here])])
    now = store.counted("main", [here])[here]
    assert now.targets["environment#a"].run_ids == (first.run_id, second.run_id)
    store.save_wave(waved(first, 2), [], None, [], [Counting(now, now.minus(first.run_id, {"environment#a"}))])
    left = store.counted("main", [here])[here].targets
    assert {name: one.run_ids for name, one in left.items()} == {
        "environment#a": (second.run_id,),
        "environment#b": (second.run_id,),
    }


def test_only_who_has_a_lease_renews_it_and_gives_it_back(store: Store) -> None:
    store.start_effect("main", "r1", effect(), None, entry(name="s1"), [Taking(None, lease())])
    store.renew_leases("main", "r2", [A], NOW + timedelta(hours=1))
    store.free_leases("main", "r2", [A])
    store.renew_leases("main", "r1", [A], NOW)
    assert store.leases("main", [A]) == {A: lease()}
    store.renew_leases("main", "r1", [A], NOW + timedelta(minutes=20))
    assert store.leases("main", [A]) == {A: lease(minutes=20)}
    store.free_leases("main", "r1", [A])
    assert store.leases("main", [A]) == {A: lease("", minutes=20)}
    store.renew_leases("main", "r1", [A], NOW + timedelta(hours=1))
    assert store.leases("main", [A]) == {A: lease("", minutes=20)}


def test_standing_approvals_are_granted_once_listed_and_taken_back(store: Store) -> None:
    later = standing("g000000000", at=NOW + timedelta(minutes=1))
    for number, one in enumerate((later, standing())):
        store.grant("main", one, entry(name=f"s{number}"))
    assert (store.standings("main"), store.standings("other")) == ([standing(), later], [])
    with pytest.raises(Conflict):
        store.grant("main", standing(most=9), entry(name="s3"))
    store.revoke("main", standing().id, entry(name="s4"))
    assert store.standings("main") == [later]
    with pytest.raises(Conflict):
        store.revoke("main", standing().id, entry(name="s5"))


def standing(id: str = "g000000001", **more: Any) -> Standing:
    made = {"id": id, "schedule": "s000000001", "title": "t", "owner": "ana", "shapes": ("x",), "most": 2, "by": ANN}
    return Standing.model_validate(made | {"at": NOW, "expires_at": NOW + timedelta(days=1)} | more)


def frozen(of: FrozenScope, name: str = "", **more: Any) -> Freeze:
    return Freeze(scope=Scope(of=of, name=name), reason="x", by=ANN, at=NOW, **more)


def test_what_is_frozen_stays_so_until_it_is_thawed(store: Store) -> None:
    everything, one = frozen("all"), frozen("environment", "shop").model_copy(update={"at": NOW - timedelta(hours=1)})
    assert store.freezes("main") == []
    store.freeze("main", everything, entry(name="f1"))
    store.freeze("main", one, entry(name="f2"))
    assert (store.freezes("main"), store.freezes("other")) == ([one, everything], [])
    with pytest.raises(Conflict):
        store.freeze("main", everything.model_copy(update={"reason": "y"}), entry(name="f3"))
    store.thaw("main", everything.scope, entry(name="f4"))
    with pytest.raises(Conflict):
        store.thaw("main", everything.scope, entry(name="f5"))
    assert store.freezes("main") == [one]
    assert [kept.id for kept in store.journal("main", f"{NOW:%Y-%m-%d}")] == ["f1", "f2", "f4"]


def effects_of(store: Store) -> History:
    if isinstance(store, MemoryStore):
        return MemoryEffects(store)
    return DynamoEffects("copilot", boto3.client("dynamodb"), "main")


def test_effects_are_found_by_their_target_the_newest_first_as_the_ledger_has_them(store: Store) -> None:
    """By one that began, whether it ended or not; over all runs, and more of them than are read at once."""
    dev, live = (ResourceRef(type="environment", id=id) for id in ("dev", "live"))
    other = Preview(targets=(Target(ref=live, name="live", kind="production"),), changes=(), state={})
    runs = [store.record_trigger(trigger(f"k{number}"))[0].run_id for number in range(13)]
    for number, run_id in enumerate(runs):
        begun = effect(started_at=NOW + timedelta(minutes=number))
        store.start_effect("main", run_id, begun, None, entry(name=f"e{number}"))
        if number % 2:
            ended = begun.model_copy(update={"state": "done", "finished_at": NOW + timedelta(hours=1)})
            store.finish_effect("main", run_id, ended, entry(name=f"d{number}"))
    store.start_effect("main", runs[0], effect(item=1, prior=other), None, entry(name="other"))
    found = list(effects_of(store).on(dev))
    assert [one.started_at for one in found] == [NOW + timedelta(minutes=12 - number) for number in range(13)]
    assert [one.state for one in found] == ["started", "done"] * 6 + ["started"]
    assert [one.item for one in effects_of(store).on(live)] == [1]
    assert list(effects_of(store).on(ResourceRef(type="environment", id="none"))) == []


def test_effects_are_found_by_when_they_were_begun_with_whose_they_were(store: Store) -> None:
    """Of all there are over several days, or of one target; of a schedule's firing, which that was. What else is noted
    of them, and when, changes nothing.
    """
    dev, live = (ResourceRef(type="environment", id=id) for id in ("dev", "live"))
    other = Preview(targets=(Target(ref=live, name="live", kind="production"),), changes=(), state={})
    asked = store.record_trigger(trigger("k"))[0].run_id
    fired = trigger("f").model_copy(update={"kind": "schedule", "conversation": "schedule/s0123abcde"})
    firing = store.record_trigger(fired)[0].run_id
    for day in range(13):
        begun = effect(item=day, started_at=NOW - timedelta(days=day))
        store.start_effect("main", asked, begun, None, beginning(asked, begun))
    begun = effect(prior=other, started_at=NOW - timedelta(hours=1))
    store.start_effect("main", firing, begun, None, beginning(firing, begun))
    paused = beginning(asked, effect(item=12)).model_copy(update={"id": f"{asked}-off-12-1-paused"})
    store.finish_effect("main", asked, effect(item=12, started_at=NOW - timedelta(days=12)), paused)
    store.finish_effect("main", asked, effect(item=1, started_at=NOW - timedelta(days=1), state="done"), entry())
    made = list(effects_of(store).made(NOW - timedelta(days=11, minutes=1), NOW + timedelta(seconds=1)))
    assert [(one.entry.item, one.schedule) for one in made[:3]] == [(0, None), (0, "s0123abcde"), (1, None)]
    assert len(made) == 13 and {one.person for one in made} == {"ann"}
    within = effects_of(store).made(NOW - timedelta(days=2, minutes=-1), NOW - timedelta(minutes=1))
    assert [one.entry.item for one in within] == [0, 1], "but for the first and the last of the days they are of"
    of_one = effects_of(store).made(NOW - timedelta(days=3), NOW - timedelta(minutes=1), dev)
    assert [one.entry.item for one in of_one] == [1, 2, 3]
    assert [one.schedule for one in effects_of(store).made(NOW - timedelta(days=9), NOW, live)] == ["s0123abcde"]
    assert list(effects_of(store).made(NOW + timedelta(days=1), NOW + timedelta(days=2))) == []


def test_one_that_was_begun_again_is_found_once(store: Store) -> None:
    run_id = store.record_trigger(trigger())[0].run_id
    store.start_effect("main", run_id, effect(), None, entry(name="e1"))
    store.finish_effect("main", run_id, effect(state="failed_clean"), entry(name="e2"))
    again = effect(attempt=2, started_at=NOW + timedelta(minutes=5))
    store.start_effect("main", run_id, again, None, entry(name="e3"))
    assert list(effects_of(store).on(ResourceRef(type="environment", id="dev"))) == [again]


def test_an_effect_that_failed_cleanly_may_be_begun_again(store: Store) -> None:
    store.start_effect("main", "r1", effect(), None, entry(name="s1"))
    store.finish_effect("main", "r1", effect(state="failed_clean"), entry(name="f1"))
    store.start_effect("main", "r1", effect(owner="w2", attempt=2), None, entry(name="s2"))
    assert store.effects("main", "r1") == [effect(owner="w2", attempt=2)]


def test_only_its_owner_ends_an_effect(store: Store) -> None:
    store.start_effect("main", "r1", effect(), None, entry(name="s1"))
    store.take_over_effect("main", "r1", effect(owner="w2"), "w1")
    with pytest.raises(Conflict):
        store.finish_effect("main", "r1", effect(state="done"), entry(name="f1"))
    with pytest.raises(Conflict):
        store.take_over_effect("main", "r1", effect(owner="w3"), "w1")
    done = effect(owner="w2", state="done", output={"n": 1})
    store.finish_effect("main", "r1", done, entry(name="f2"))
    assert store.effects("main", "r1") == [done]
    with pytest.raises(Conflict):
        store.finish_effect("main", "r1", done, entry(name="f3"))


def test_an_effect_that_needs_an_approval_begins_only_with_it(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    asked = approval(run_id=run.run_id)
    store.save_wave(waved(run, 1, approval_id="a1"), [], asked, [])
    wanted, call_hash = effect(approval_id="a1"), asked.calls[0].hash
    with pytest.raises(NotAllowed):
        store.start_effect("main", "r1", wanted, call_hash, entry(name="s1"))
    store.decide_approval(asked.model_copy(update={"state": "approved", "decided_by": "bob"}), entry("approval", "d"))
    with pytest.raises(NotAllowed):
        store.start_effect("main", "r1", wanted, "another hash", entry(name="s2"))
    assert store.effects("main", "r1") == []
    store.start_effect("main", "r1", wanted, call_hash, entry(name="s3"))
    with pytest.raises(Conflict):
        store.start_effect("main", "r1", wanted, call_hash, entry(name="s4"))


def test_what_was_left_out_of_an_approval_never_begins(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    first = approval(run_id=run.run_id).calls[0]
    other = first.model_copy(update={"item": 1})
    asked = approval(run_id=run.run_id).model_copy(update={"calls": (first, other)})
    store.save_wave(waved(run, 1, approval_id="a1"), [], asked, [])
    left_out = (LeftOut(step="off", item=1, target="dev"),)
    decided = {"state": "approved", "decided_by": "bob", "calls": (first,), "left_out": left_out}
    store.decide_approval(asked.model_copy(update=decided), entry("approval", "d"))
    with pytest.raises(NotAllowed):
        store.start_effect("main", "r1", effect(item=1, approval_id="a1"), other.hash, entry(name="s1"))
    store.start_effect("main", "r1", effect(approval_id="a1"), first.hash, entry(name="s2"))
    assert store.approval("main", "a1").left_out == left_out


def test_an_approval_stays_what_was_asked_for(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    asked = approval(run_id=run.run_id)
    store.save_wave(waved(run, 1, approval_id="a1"), [], asked, [])
    more = asked.model_copy(update={"calls": (*asked.calls, asked.calls[0].model_copy(update={"item": 1}))})
    with pytest.raises(Conflict):
        store.save_wave(waved(run, 2, approval_id="a1"), [], more, [])
    assert (store.approval("main", "a1"), store.run("main", run.run_id).wave) == (asked, 1)


def test_an_approval_is_decided_once_and_gives_its_token(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    store.save_wave(waved(run, 1), [], approval(), [])
    store.keep_token("main", "a1", "token-1")
    store.keep_token("main", "a1", "token-2")
    denied = approval(state="denied", decided_by="bob")
    store.decide_approval(denied, entry("approval", "d1"))
    assert store.token("main", "a1") == "token-2"
    with pytest.raises(Conflict):
        store.decide_approval(approval(state="approved"), entry("approval", "d2"))
    with pytest.raises(Conflict):
        store.keep_token("main", "a1", "late")
    assert store.approval("main", "a1") == denied
    with pytest.raises(NotFound):
        store.approval("main", "a2")


def test_focus_is_remembered_by_conversation(store: Store) -> None:
    assert store.focus("main", "c") == Focus()
    spoken_of(store, focus_on(environments=("dev",)), "c")
    assert (environments_in(store.focus("main", "c")), environments_in(store.focus("main", "d"))) == (("dev",), ())


def test_a_run_that_spoke_of_nothing_leaves_the_focus_as_it_was_and_so_does_one_answered_again(store: Store) -> None:
    first, second = (store.record_trigger(trigger(key))[0] for key in ("a", "b"))
    dev = focus_on(environments=("dev",))
    for run, focus, at in ((first, dev, 1), (second, None, 2), (first, focus_on(environments=("live",)), 3)):
        answered = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": NOW})
        turn = Turn(run_id=run.run_id, author="copilot", text="done", at=NOW + timedelta(seconds=at))
        store.answer_run(answered, turn, [entry("answer", f"j{at}")], focus)
        assert store.focus("main", "ann/x") == dev


def test_a_focus_is_written_only_over_the_one_before_it(store: Store) -> None:
    first, second = (store.record_trigger(trigger(key))[0] for key in ("a", "b"))
    for run, rev, kept in ((first, 1, "dev"), (second, 1, "dev"), (second, 2, "live")):
        answered = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": NOW})
        turn = Turn(run_id=run.run_id, author="copilot", text="done", at=NOW + timedelta(seconds=rev))
        focus = focus_on(environments=("dev" if run is first else "live",)).model_copy(update={"rev": rev})
        stale = run is second and rev == 1
        with pytest.raises(Conflict) if stale else nullcontext():
            assert store.answer_run(answered, turn, [entry("answer", f"{run.run_id}{rev}")], focus)
        assert environments_in(store.focus("main", "ann/x")) == (kept,)
        assert (store.run("main", run.run_id).outcome is None) == stale, "nothing of it is written"


def test_evidence_is_listed_by_day_in_its_order(store: Store) -> None:
    run, _ = store.record_trigger(trigger())
    later = entry(name="b").model_copy(update={"at": NOW + timedelta(seconds=1)})
    tomorrow = entry(name="c").model_copy(update={"at": NOW + timedelta(days=1)})
    store.save_wave(waved(run, 1), [], None, [later, entry(name="a"), tomorrow])
    assert [kept.id for kept in store.journal("main", "2026-03-02")] == ["a", "b"]
    assert [kept.id for kept in store.journal("main", "2026-03-02", later.at)] == ["b"]
    assert [kept.id for kept in store.journal("main", "2026-03-02", NOW)] == ["a", "b"]


def test_evidence_is_never_overwritten_whoever_writes_it_again(store: Store) -> None:
    """A Store that refuses the second and one that passes it over both keep the first."""
    run, _ = store.record_trigger(trigger())
    forged = entry(name="x").model_copy(update={"data": {"a": 2}})
    store.save_wave(waved(run, 1, approval_id="a1"), [], approval(run_id=run.run_id), [entry(name="x")])
    call = ModelCall(revision=1, number=1, purpose="plan", model="m", asked="a", answered="b", at=NOW)
    turn = Turn(run_id=run.run_id, author="copilot", text="done", at=NOW + timedelta(seconds=9))
    answered = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": NOW})
    begun = effect(step="on")
    store.start_effect("main", run.run_id, begun, None, entry(name="begun"))
    for write in (
        lambda: store.save_wave(waved(run, 2), [], None, [forged]),
        lambda: store.record_call("main", run.run_id, call, forged),
        lambda: store.start_effect("main", run.run_id, effect(), None, forged),
        lambda: store.finish_effect("main", run.run_id, begun.model_copy(update={"state": "done"}), forged),
        lambda: store.decide_approval(approval(run_id=run.run_id, state="denied", decided_by="bob"), forged),
        lambda: store.answer_run(answered, turn, [forged]),
    ):
        with suppress(Conflict):
            write()
        assert [kept.data for kept in store.journal("main", "2026-03-02") if kept.id == "x"] == [{"a": 1}]


def test_attachments_are_kept_with_the_trigger_however_little_they_compress(store: Store) -> None:
    random = Random(1)
    texts = ["".join(chr(random.randrange(0x4E00, 0x9FA5)) for _ in range(8_500)) for _ in range(4)]
    files = tuple(Attachment(name=f"f{n}", text=text) for n, text in enumerate(texts))
    given = trigger(attachments=files)
    run, _ = store.record_trigger(given)
    store.mark_started(run, 1)
    assert store.run("main", run.run_id).trigger == given
    assert store.load_run("main", run.run_id).run.trigger.attachments == files


def waiting(store: Store, minutes: dict[str, int]) -> list[Approval]:
    """Approvals that wait, each of a run of its own, by id and in how many minutes it expires."""
    made = []
    for id, left in minutes.items():
        run, _ = store.record_trigger(trigger(f"run of {id}"))
        made.append(approval(id=id, run_id=run.run_id, expires_at=NOW + timedelta(minutes=left)))
        store.save_wave(waved(run, 1, approval_id=id), [], made[-1], [])
    return made


def test_what_waits_is_listed_in_brief_and_what_expires_soonest_first(store: Store) -> None:
    later, _ = waiting(store, {"a2": 100, "a1": 2})
    page = store.pending_approvals("main", NOW)
    assert [one.id for one in page.approvals] == ["a1", "a2"] and page.after is None
    brief = page.approvals[1]
    assert brief == later.in_brief
    assert (brief.request, brief.requested_by, brief.run_id) == ("do it", ANN, later.run_id)
    assert [(call.tool, call.targets[0].name, call.changes) for call in brief.calls] == [("switch_off", "dev", 0)]
    assert store.pending_approvals("other", NOW).approvals == []


@pytest.mark.parametrize("state", ["approved", "denied"])
def test_what_is_decided_waits_no_more(store: Store, state: str) -> None:
    first, _ = waiting(store, {"a1": 1, "a2": 2})
    store.decide_approval(first.model_copy(update={"state": state, "decided_by": "bob"}), entry("approval", "d"))
    assert [one.id for one in store.pending_approvals("main", NOW).approvals] == ["a2"]
    with pytest.raises(Conflict):
        store.decide_approval(first.model_copy(update={"state": "denied"}), entry("approval", "d2"))
    assert [one.id for one in store.pending_approvals("main", NOW).approvals] == ["a2"]


def test_what_expired_waits_no_more_also_where_nobody_cleans_up(store: Store) -> None:
    waiting(store, {"a1": 1, "a2": 2})
    for seconds, left in ((59.999, ["a1", "a2"]), (60, ["a2"]), (60.0004, ["a2"]), (120, [])):
        page = store.pending_approvals("main", NOW + timedelta(seconds=seconds))
        assert [one.id for one in page.approvals] == left, seconds


def test_what_waits_comes_in_pages(store: Store) -> None:
    waiting(store, {"a1": 1, "a2": 2, "a3": 3, "a4": 4})
    pages, after = [], ""
    while True:
        page = store.pending_approvals("main", NOW, after, limit=2)
        pages.append([one.id for one in page.approvals])
        if page.after is None:
            break
        after = page.after
    assert pages == [["a1", "a2"], ["a3", "a4"]]
    late = store.pending_approvals("main", NOW + timedelta(minutes=2), limit=2)
    assert [one.id for one in late.approvals] == ["a3", "a4"], "no page is taken up by what has expired"


def test_the_last_runs_of_everybody_are_listed(store: Store) -> None:
    bob = Person(id="bob", name="Bob")
    at = [NOW, NOW + timedelta(milliseconds=20), NOW + timedelta(seconds=3)]
    runs = [
        store.record_trigger(trigger("k1", received_at=at[0]))[0],
        store.record_trigger(trigger("k1", person=bob, conversation="bob/y", received_at=at[1]))[0],
        store.record_trigger(trigger("k2", kind="schedule", conversation="schedule/s1", received_at=at[2]))[0],
    ]
    store.record_trigger(trigger("k1", received_at=NOW + timedelta(hours=1)))
    store.mark_started(runs[0], 1)
    listed = store.recent_runs("main")
    assert [run.run_id for run in listed] == [run.run_id for run in reversed(runs)]
    assert listed[-1].status == "running"
    assert [run.run_id for run in store.recent_runs("main", limit=2)] == [runs[2].run_id, runs[1].run_id]
    assert store.recent_runs("other") == []


@pytest.mark.parametrize(
    ("kind", "counts"), [("chat", True), ("api", True), ("ci", True), ("schedule", False), ("event", False)]
)
def test_whether_anybody_spoke_lately(store: Store, kind: str, counts: bool) -> None:
    store.record_trigger(trigger("k1", kind=kind))
    store.record_trigger(trigger("k2", received_at=NOW - timedelta(hours=9)))
    assert store.was_spoken_to("main", NOW - timedelta(hours=8)) is counts
    assert store.was_spoken_to("main", NOW - timedelta(hours=10))
    assert not store.was_spoken_to("other", NOW - timedelta(hours=10))
