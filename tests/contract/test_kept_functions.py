"""Export, deletion and the archive by their own requests (events/), on a table and buckets of moto's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from test_functions import ANN, Deployed
from test_kept_deleted import BEN, remembered
from test_lives import LIVES, database, kept_by, whole
from test_store import NOW, trigger

from copilot.adapters.aws.journal_archive import S3JournalArchive
from copilot.adapters.dynamodb.facts import DynamoFacts
from copilot.adapters.dynamodb.journal_rows import DynamoJournalRows
from copilot.adapters.dynamodb.kept import DynamoKeptOf
from copilot.adapters.dynamodb.learned import DynamoLearned
from copilot.adapters.memory_watches import MemoryWatches
from copilot.config.configuration import KnownPerson
from copilot.domain import Focus, KeptResult, OpenQuestion, Past, PastRequest, Retention, Turn, scope_of
from copilot.errors import FatalError
from copilot.triggers.archiving import ArchiveJournal, LookAtArchive

__all__ = ["database"]
READER = KnownPerson(id="ann", name="Ann", principals=ANN.principals, roles=("reader",))


@pytest.fixture
def deployed(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    made, s3 = Deployed(monkeypatch), boto3.client("s3")
    made.clock.at = NOW + timedelta(days=1)
    made.config = made.config.model_copy(update={"people": (READER,), "retention": LIVES})
    rows, archive = DynamoJournalRows("copilot", database, "main"), S3JournalArchive("kept", s3, "main")
    lives = Retention.model_construct(runs=5, conversations=5, evidence=10)
    made.more |= {
        "store": kept_by(database),
        "kept_of": DynamoKeptOf("copilot", "kept", database, s3, "main"),
        "watches": MemoryWatches(),
        "learned": DynamoLearned("copilot", database, "main"),
        "facts": DynamoFacts("copilot", "arn", "main", database, lambda: database),
        "archive_journal": ArchiveJournal(rows, archive, lives, "main", made.clock),
        "look_at_archive": LookAtArchive(rows, archive, lives, made.clock),
    }
    yield made


def asked(deployed: Deployed, **query: str) -> tuple[int, Any]:
    answer: tuple[int, Any] = deployed.call("ingest_api", "ingest_api_export", queryStringParameters=query)
    return answer


def deletes(deployed: Deployed, body: str) -> tuple[int, Any]:
    answer: tuple[int, Any] = deployed.call("delete_kept", "delete_kept", body=body)
    return answer


def test_all_that_is_kept_of_who_asks_is_in_the_pages(deployed: Deployed, database: Any) -> None:
    runs = [whole(kept_by(database), f"k{n}", received_at=NOW + timedelta(seconds=n)) for n in range(7)]
    whole(kept_by(database), "k9", person=BEN, conversation="ben/x", text="the secret of ben")
    remembered(database, scope_of("ann"))
    status, first = asked(deployed)
    assert status == 200 and first["of"] == "the person ann" and len(first["runs"]) == 5
    status, second = asked(deployed, after=first["next"])
    assert status == 200 and second["next"] is None and "facts" not in second
    shown = first["runs"] + second["runs"]
    assert [one["run_id"] for one in shown] == [run.run_id for run in runs]
    for one in shown:
        assert one["request"] == "do it" and one["answer"] == "done" and one["calls"] and one["revisions"]
        assert {turn["text"] for turn in one["turns"]} == {"do it", "done"}
    assert first["facts"][0]["now"]["value"] == "orchard" and first["conversations"]["ann/x"]["focus"]["rev"] == 7
    assert "secret of ben" not in str([first, second])
    exports = [entry for entry in kept_by(database).journal("main", "2026-03-03") if entry.kind == "export"]
    pages = [[one["run_id"] for one in page["runs"]] for page in (first, second)]
    told = [(entry.person, entry.data) for entry in exports]
    assert sorted(told, key=str) == sorted([("ann", {"of": "the person ann", "runs": page}) for page in pages], key=str)


@pytest.mark.parametrize("after", ["!", "z"])
def test_whichever_page_is_asked_for_is_in_the_journal(deployed: Deployed, database: Any, after: str) -> None:
    whole(kept_by(database))
    assert asked(deployed, after=after)[0] == 200
    (entry,) = [one for one in kept_by(database).journal("main", "2026-03-03") if one.kind == "export"]
    assert entry.person == "ann"


def test_of_a_shared_conversation_nothing_that_others_said_or_were_told_is_handed_out(
    deployed: Deployed, database: Any
) -> None:
    store = kept_by(database)
    whole(store, "k1", conversation="slack:T1/C1/1.2")
    run, _ = store.record_trigger(trigger("k2", person=BEN, conversation="slack:T1/C1/1.2"))
    past = Past()
    for by in ("ann", "ben"):
        said = {"said": f"{by} said", "told": f"{by} told", "things": (f"{by}-thing",), "did": "look"}
        past = past.after(PastRequest.model_validate({"at": NOW, "by": by} | said))
    focus = Focus(
        rev=2,
        turn=1,
        by="ben",
        slots={"value": "ben slot"},
        open=OpenQuestion(asker="ben", at=NOW, request="ben asked", lacks=""),
        results=tuple(KeptResult(name=by, run_id="r", at=NOW, by=by, what=f"{by} what") for by in ("ann", "ben")),
        past=past,
    )
    ended = run.model_copy(update={"answer": "x", "outcome": "succeeded", "answered_at": NOW})
    store.answer_run(ended, Turn(run_id=run.run_id, author="copilot", text="x", at=NOW), [], focus)
    shown = str(asked(deployed)[1]["conversations"]["slack:T1/C1/1.2"]["focus"])
    assert all(f"ann {kind}" in shown for kind in ("said", "told", "what"))
    assert not [words for words in ("said", "told", "what", "asked", "slot") if f"ben {words}" in shown]
    assert "ben-thing" not in shown


def test_a_secret_that_was_kept_by_mistake_is_masked(deployed: Deployed, database: Any) -> None:
    token = "ghp_" + "a1B2" * 9
    whole(kept_by(database), "k1", text=f"use {token}")
    assert token not in str(asked(deployed))


@pytest.mark.parametrize("query", [{"person": "ben"}, {"person": "ben", "conversation": "x"}])
def test_others_are_not_handed_out_but_by_who_may(deployed: Deployed, database: Any, query: dict[str, str]) -> None:
    run = whole(kept_by(database), "k9", person=BEN, conversation="ben/x", text="the secret of ben")
    status, body = asked(deployed, **query)
    assert status == 403 and "not theirs alone" in body["error"]["message"] and "secret" not in str(body)
    deployed.config = deployed.config.model_copy(update={"people": (ANN,)})
    status, body = asked(deployed, **query)
    assert status == 200 and [one["run_id"] for one in body["runs"]] == [run.run_id]


def test_it_is_said_first_then_deleted_then_read_again(deployed: Deployed, database: Any) -> None:
    whole(kept_by(database), "k1", conversation="ann/default")
    look, confirm = (f'{{"conversation": "default", "confirmed": {said}}}' for said in ("false", "true"))
    status, found = deletes(deployed, look)
    assert (status, found["goes"], found["open"]) == (200, {"runs": 1, "turns": 2}, [])
    assert any("500 days" in one for one in found["stays"]), "evidence, and how long"
    assert any("words of requests" in one and "values of facts" in one for one in found["stays"]), "and what is in it"
    of_a_person = deletes(deployed, '{"confirmed": false}')[1]["stays"]
    assert any("others' runs" in one and "50 days" in one for one in of_a_person), "their prompts"
    assert kept_by(database).recent_runs("main")
    assert deletes(deployed, confirm)[1]["goes"] == {"runs": 0, "turns": 0}
    assert deletes(deployed, confirm)[1]["goes"] == {"runs": 0, "turns": 0}, "again, and nothing is wrong"
    assert kept_by(database).recent_runs("main") == []
    assert asked(deployed, conversation="default")[1]["runs"] == []


def test_what_others_have_is_not_deleted_but_by_who_may(deployed: Deployed, database: Any) -> None:
    whole(kept_by(database), "k9", person=BEN, conversation="ben/x")
    for confirmed in ("false", "true"):
        assert deletes(deployed, f'{{"person": "ben", "confirmed": {confirmed}}}')[0] == 403
    assert kept_by(database).recent_runs("main")
    deployed.config = deployed.config.model_copy(update={"people": (ANN,)})
    assert deletes(deployed, '{"person": "ben", "confirmed": true}')[0] == 200
    assert kept_by(database).recent_runs("main") == []


def test_who_deletes_is_who_signed_and_not_whom_the_body_names(deployed: Deployed, database: Any) -> None:
    whole(kept_by(database), "k1")
    event = deployed.event("delete_kept")
    event["requestContext"]["authorizer"]["iam"]["userArn"] = "arn:aws:iam::123456789012:user/nobody"
    assert deployed.call("delete_kept", event, body='{"person": "ann", "confirmed": true}')[0] == 403
    assert kept_by(database).recent_runs("main")


def test_the_clock_has_the_journal_archived_and_a_look_says_it_is_whole(deployed: Deployed, database: Any) -> None:
    whole(kept_by(database), "k1")
    assert deployed.call("archive", "archive") is None
    deployed.config = deployed.config.model_copy(update={"people": (ANN,)})
    status, looked = deployed.call("archive", "archive_look")
    assert (status, looked["faults"], looked["next"], looked["waiting"]) == (200, [], None, {})
    (part,) = looked["parts"]
    assert part["day"] == "2026-03-02" and part["entries"] == len(kept_by(database).journal("main", "2026-03-02"))


def test_who_may_not_list_all_may_not_look_at_the_archive(deployed: Deployed) -> None:
    assert deployed.call("archive", "archive_look")[0] == 403


def test_a_failure_rings(deployed: Deployed, database: Any) -> None:
    """What is raised is tried again and then left with the dead letters, which have an alarm (test_template.py)."""
    whole(kept_by(database), "k1")
    boto3.client("s3").put_object(Bucket="kept", Key="journal/main/00000001.jsonl", Body=b"of somebody else")
    with pytest.raises(FatalError, match="object 1"):
        deployed.call("archive", "archive")


@pytest.mark.parametrize("number", ["0", "x", "-1"])
def test_a_number_that_is_none_is_refused(deployed: Deployed, number: str) -> None:
    deployed.config = deployed.config.model_copy(update={"people": (ANN,)})
    assert deployed.call("archive", "archive_look", queryStringParameters={"number": number})[0] == 400
