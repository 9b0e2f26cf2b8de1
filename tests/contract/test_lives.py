"""Each kind of row has an end as it is written, and what is past its end reads as not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from fakes import environments_in, focus_on
from moto import mock_aws
from tables import make_table
from test_store import ANN, NOW, approval, effect, entry, trigger, waved

from copilot.adapters.dynamodb.store import DynamoStore
from copilot.domain import (
    Answer,
    Focus,
    KeptResult,
    ModelCall,
    Past,
    PastRequest,
    Plan,
    Retention,
    Revision,
    Run,
    Step,
    StepResult,
    StepState,
    Turn,
    Verdict,
)
from copilot.errors import NotFound
from copilot.ports import ResultKey

LIVES = Retention(runs=50, conversations=20, evidence=500)
DAYS = {
    "RUN": 50,
    "RUNS": 50,
    "MODEL": 50,
    "TURN": 20,
    "MEMORY": 20,
    "RESULT": 30,
    "LEDGER": 500,
    "CHANGE": 500,
    "APPROVAL": 500,
    "JOURNAL": None,
}
"""After NOW, which is when everything here was written; None where it is given no end yet."""
TABLE = Path(__file__).parents[2] / "docs" / "architecture.md"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        database, objects = boto3.client("dynamodb"), boto3.client("s3")
        make_table(database)
        objects.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield database


def kept_by(database: Any, at: datetime = NOW) -> DynamoStore:
    return DynamoStore("copilot", "kept", database, boto3.client("s3"), lambda: LIVES, lambda: at)


CALL = ModelCall(revision=1, number=1, purpose="plan", model="m", asked="a", answered="b", at=NOW)
PLAN = Plan(goal="g", steps=(Step(id="off", tool="switch_off"),), answer=Answer(text="x"))


def whole(store: DynamoStore, asked: str = "k1", size: int = 1, tenant: str = "main", **more: Any) -> Run:
    """A Run of whose kinds of rows each is written, and written again where it is."""
    run, _ = store.record_trigger(trigger(asked, **more).model_copy(update={"tenant": tenant}))
    store.mark_started(run, 1)
    run = store.save_revision(run, Revision(plan=PLAN))
    store.record_call(tenant, run.run_id, CALL, entry("model", f"{asked}-m"))
    asks = approval(id=f"a-{asked}", run_id=run.run_id).model_copy(update={"tenant": tenant})
    run = waved(run, 1, approval_id=asks.id)
    store.save_wave(run, [StepState(step_id="off", tool="switch_off")], asks, [entry(name=f"{asked}-w")])
    store.keep_token(tenant, asks.id, "token")
    store.decide_approval(
        asks.model_copy(update={"state": "approved", "decided_by": "ben", "decided_at": NOW}), entry(name=f"{asked}-a")
    )
    begun = effect(approval_id=None)
    store.start_effect(tenant, run.run_id, begun, None, entry(name=f"{asked}-s"))
    store.take_over_effect(tenant, run.run_id, begun.model_copy(update={"owner": "w2"}), "w1")
    done = begun.model_copy(update={"owner": "w2", "state": "done", "finished_at": NOW})
    store.finish_effect(tenant, run.run_id, done, entry(name=f"{asked}-f"))
    result = StepResult(
        status="ok",
        verdict=Verdict(kind="pass", reason=""),
        output={"n": "x" * size},
        attempt=1,
        started_at=NOW,
        ended_at=NOW,
    )
    store.put_result(tenant, run.run_id, ResultKey("off", 0), result)
    ended = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": NOW})
    rev = store.focus(tenant, run.conversation).rev + 1
    said = Turn(run_id=run.run_id, author="copilot", text="done", at=NOW)
    store.answer_run(ended, said, [entry("answer", f"{asked}-e")], focus_on("a").model_copy(update={"rev": rev}))
    return run


def rows(database: Any) -> Iterator[tuple[str, int | None]]:
    """Kind and end of each row there is."""
    for row in database.scan(TableName="copilot")["Items"]:
        yield row["pk"]["S"].partition("#")[0], int(row["ttl"]["N"]) if "ttl" in row else None


def test_every_row_of_a_run_is_written_with_the_end_of_its_kind(database: Any) -> None:
    whole(kept_by(database))
    found = dict.fromkeys(rows(database))
    expected = {
        (kind, int((NOW + timedelta(days=days)).timestamp()) if days is not None else None)
        for kind, days in DAYS.items()
    }
    assert set(found) - {("LOCK", None)} == expected


def test_what_waits_for_its_start_has_an_end_too(database: Any) -> None:
    kept_by(database).record_trigger(trigger())
    assert all(end is not None for _, end in rows(database))


def test_what_is_past_its_end_and_not_cleaned_up_yet_reads_as_not_there(database: Any) -> None:
    run = whole(kept_by(database))
    before, after = (kept_by(database, NOW + timedelta(days=50) + at) for at in (-timedelta(seconds=1), timedelta()))
    assert before.run("main", run.run_id).answer == "done" and before.calls("main", run.run_id)
    assert before.recent_runs("main")
    for look in (after.run, after.load_run):
        with pytest.raises(NotFound):
            look("main", run.run_id)
    assert after.recent_runs("main") == [] and after.calls("main", run.run_id) == []
    assert after.effects("main", run.run_id), "evidence lasts longer"
    assert after.approval("main", f"a-{run.trigger.dedupe_key}").state == "approved"


def test_what_was_said_is_gone_before_the_run_is(database: Any) -> None:
    run = whole(kept_by(database))
    after = kept_by(database, NOW + timedelta(days=20))
    assert after.turns("main", run.conversation) == [] and after.focus("main", run.conversation).rev == 0
    assert after.run("main", run.run_id)


def test_what_a_conversation_speaks_of_lives_as_long_as_it_is_used(database: Any) -> None:
    store = kept_by(database)
    whole(store)
    later = NOW + timedelta(days=15)
    run, _ = store.record_trigger(trigger("k2", received_at=later))
    ended = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": later})
    said = Turn(run_id=run.run_id, author="copilot", text="done", at=later)
    store.answer_run(ended, said, [entry("answer", "later")], focus_on("b").model_copy(update={"rev": 2}))
    after = kept_by(database, NOW + timedelta(days=30))
    assert after.focus("main", run.conversation).rev == 2
    assert {turn.run_id for turn in after.turns("main", run.conversation)} == {run.run_id}


def test_what_was_asked_before_is_no_more_told_of_than_what_was_said(database: Any) -> None:
    whole(kept_by(database))
    later = NOW + timedelta(days=15)
    past = Past()
    for said, at in (("old", NOW), ("new", later)):
        past = past.after(PastRequest(at=at, by="ann", said=said, told=said, things=(said,), changed=True))
    results = tuple(KeptResult(name=f"{at.day}", run_id="r", at=at, by="ann") for at in (NOW, later))
    focus = focus_on("b").model_copy(update={"rev": 2, "past": past, "results": results})
    answered(kept_by(database, later), "k2", focus, later)
    assert kept_by(database, later).focus("main", "ann/x").past == past
    kept = kept_by(database, NOW + timedelta(days=25)).focus("main", "ann/x")
    assert [one.said for one in (*kept.past.first, *kept.past.last)] == ["new", "new"]
    assert (kept.past.requests, kept.past.since, len(kept.results)) == (1, later, 1)


def test_what_is_past_its_life_is_in_no_answers_way(database: Any) -> None:
    whole(kept_by(database))
    later = NOW + timedelta(days=30)
    answered(kept_by(database, later), "k2", focus_on("b").model_copy(update={"rev": 1}), later)
    assert environments_in(kept_by(database, later).focus("main", "ann/x")) == ("b",)


def answered(store: DynamoStore, asked: str, focus: Focus, at: datetime) -> None:
    run, _ = store.record_trigger(trigger(asked, received_at=at))
    ended = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": at})
    store.answer_run(ended, Turn(run_id=run.run_id, author="copilot", text="done", at=at), [], focus)


def test_a_queue_goes_on_behind_a_run_that_is_gone(database: Any) -> None:
    store = kept_by(database)
    gone, _ = store.record_trigger(trigger("a"))
    waits, _ = store.record_trigger(trigger("b", received_at=NOW + timedelta(seconds=1)))
    database.delete_item(TableName="copilot", Key={"pk": {"S": f"RUN#main#{gone.run_id}"}, "sk": {"S": "META"}})
    queued = store.next_queued("main", "ann/x")
    assert queued is not None and queued.run_id == waits.run_id


@pytest.mark.parametrize(
    "wrong", [{"runs": 34}, {"runs": 900, "evidence": 899}, {"conversations": 401}, {"evidence": 399}, {"runs": 3651}]
)
def test_a_life_that_would_be_too_short_for_what_goes_by_it_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"runs|evidence|conversations"):
        Retention(**wrong)


def test_no_row_of_the_table_is_kept_without_a_word_on_how_long() -> None:
    """Until somebody deletes it is a life too, of what people made; of what is kept by itself it is none."""
    table = re.findall(r"^\| ([A-Z]+)#tenant[^|]*\|[^|]*\|[^|]*\|([^|]*)\|$", TABLE.read_text(), re.MULTILINE)
    lives = {kind: life.strip() for kind, life in table}
    assert all(lives.values())
    endless = {kind for kind, life in lives.items() if life.startswith("until deleted")}
    assert endless == {"SCHEDULE", "RUNBOOK"}
    for kind, days in DAYS.items():
        assert ("`retention." in lives[kind]) == (kind != "RESULT"), (kind, lives[kind], days)


def test_whoever_asks_is_found_in_the_list_of_runs(database: Any) -> None:
    run = whole(kept_by(database))
    row = next(row for row in database.scan(TableName="copilot")["Items"] if row["pk"]["S"] == "RUNS#main")
    assert (row["person"]["S"], row["conversation"]["S"]) == (ANN.id, run.conversation)
