"""The journal is archived in order and complete, and only what is archived is given an end: whatever is cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import product
from random import Random
from typing import Any

import boto3
import pytest
from fakes import FakeClock
from moto import mock_aws
from pydantic import JsonValue
from tables import make_table

from copilot.adapters.aws.journal_archive import S3JournalArchive
from copilot.adapters.dynamodb.journal_rows import DynamoJournalRows
from copilot.adapters.dynamodb.rows import journal_row, key
from copilot.domain import JournalEntry, Retention, part_after, part_in
from copilot.errors import Conflict, FatalError, RetryableError
from copilot.triggers import archiving
from copilot.triggers.archiving import ArchiveJournal, LookAtArchive

DAY = date(2026, 3, 2)
LIVES = Retention.model_construct(runs=5, conversations=5, evidence=10)
"""Short, as the first look goes through all of it."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


class Archived:
    """A table and an archive of their own, and what is archived from the one into the other."""

    def __init__(self) -> None:
        self.database, s3 = boto3.client("dynamodb"), boto3.client("s3")
        name = f"t{Random().getrandbits(60)}"
        self.name, self.s3 = name, s3
        make_table(self.database, name)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.clock = FakeClock(datetime(2026, 3, 3, 3, 0, tzinfo=UTC))
        self.rows, self.archive = DynamoJournalRows(name, self.database, "main"), S3JournalArchive(name, s3, "main")

    def use(self, wrapped: Callable[[Any], Any] = lambda port: port) -> ArchiveJournal:
        return ArchiveJournal(wrapped(self.rows), wrapped(self.archive), LIVES, "main", self.clock)

    def look(self, number: int = 1) -> archiving.Looked:
        return LookAtArchive(self.rows, self.archive, LIVES, self.clock)(number)

    def write(self, day: date, *names: str) -> list[JournalEntry]:
        made = [entry(day, name, second) for second, name in enumerate(names)]
        for one in made:
            with suppress(self.database.exceptions.ConditionalCheckFailedException):  # as all do who write there
                row = journal_row("main", one)
                self.database.put_item(TableName=self.name, Item=row, ConditionExpression="attribute_not_exists(pk)")
        return made

    def objects(self) -> list[Any]:
        return [part_in(self.archive.read(number) or b"") for number in range(1, self.archive.last() + 1)]

    def archived(self) -> list[str]:
        return [entry.id for part in self.objects() for entry in part.entries]

    def ends(self, day: date) -> dict[str, datetime | None]:
        return {one.entry.id: one.end for one in self.rows.of_day(day)}


def entry(day: date, name: str, second: int = 0) -> JournalEntry:
    at = datetime(day.year, day.month, day.day, 12, 0, second, tzinfo=UTC)
    data: JsonValue = {"said": f"ä\u2028\n{name}", "n": 1.5}
    return JournalEntry(at=at, id=name, kind="effect", run_id="r1", person="ann", data=data)


@pytest.fixture
def kept(aws: None) -> Archived:
    return Archived()


def test_a_day_is_an_object_in_order_and_only_then_have_its_rows_an_end(kept: Archived) -> None:
    kept.write(DAY, "b", "a", "c")
    (head,) = kept.use()()
    assert (head.number, head.day, head.entries, head.previous) == (1, DAY, 3, "")
    assert kept.archived() == ["b", "a", "c"], "by time"
    assert set(kept.ends(DAY).values()) == {datetime(2026, 3, 3, tzinfo=UTC) + timedelta(days=LIVES.evidence)}
    assert kept.use()() == [], "it is archived once"


def test_a_day_that_is_not_over_is_not_archived(kept: Archived) -> None:
    kept.write(DAY, "a")
    kept.clock.at = datetime(2026, 3, 3, 1, 59, tzinfo=UTC)
    assert kept.use()() == [] and kept.ends(DAY) == {"a": None}
    kept.clock.at = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    assert len(kept.use()()) == 1


def test_each_object_follows_the_one_before_and_each_day_has_one(kept: Archived) -> None:
    kept.write(DAY, "a")
    kept.write(DAY + timedelta(days=3), "b")
    kept.clock.at = datetime(2026, 3, 7, 3, 0, tzinfo=UTC)
    heads = kept.use()()
    assert [head.day for head in heads] == [DAY + timedelta(days=number) for number in range(5)]
    assert [head.entries for head in heads] == [1, 0, 0, 1, 0]
    assert [head.previous for head in heads] == ["", *(head.digest for head in heads[:-1])]
    looked = kept.look()
    assert (looked.parts, looked.faults, looked.next, looked.waiting) == (heads, [], None, {})


def test_what_is_written_late_is_another_part_of_its_day(kept: Archived) -> None:
    kept.write(DAY, "a")
    kept.use()()
    kept.clock.at += timedelta(days=1)
    kept.write(DAY, "late")
    kept.write(DAY + timedelta(days=1), "b")
    assert [(head.day, head.entries) for head in kept.use()()] == [(DAY, 1), (DAY + timedelta(days=1), 1)]
    assert kept.archived() == ["a", "late", "b"] and None not in kept.ends(DAY).values()


def test_a_day_of_many_is_several_objects(kept: Archived, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "MOST", 2)
    kept.write(DAY, *"abcde")
    assert [head.entries for head in kept.use()()] == [2, 2, 1] and kept.archived() == [*"abcde"]


class Killed(BaseException):
    """The worker is gone in the middle of its work."""


class CutPort:
    """Cuts the call of this number to either port, before or after it was done, by being killed or by an error."""

    def __init__(self, port: Any, left: list[int], after: bool, error: type[BaseException]) -> None:
        self._port, self._left, self._after, self._error = port, left, after, error

    def __getattr__(self, name: str) -> Any:
        made = getattr(self._port, name)

        def call(*given: Any) -> Any:
            self._left[0] -= 1
            if self._left[0] == 0 and not self._after:
                raise self._error("cut")
            answer = made(*given)
            if self._left[0] == 0:
                raise self._error("cut")
            return answer

        return call


@pytest.mark.parametrize(("after", "error"), [*product([False, True], [Killed, RetryableError])])
def test_nothing_is_lost_or_archived_twice_whichever_call_is_cut_short(
    aws: None, after: bool, error: type[BaseException]
) -> None:
    cut = 1
    while True:
        kept = Archived()
        kept.write(DAY, "a", "b")
        kept.write(DAY + timedelta(days=1), "c")
        kept.clock.at += timedelta(days=1)
        left = [cut]
        try:
            kept.use(partial(CutPort, left=left, after=after, error=error))()
        except (Killed, RetryableError):
            pass
        else:
            assert cut > 8, "there is a call at each point"
            return
        archived = kept.archived()
        for day in (DAY, DAY + timedelta(days=1)):
            assert {name for name, end in kept.ends(day).items() if end} <= set(archived), "no end without an archive"
        kept.write(DAY, "a", "b", "late")
        kept.use()()
        assert sorted(kept.archived()) == ["a", "b", "c", "late"], cut
        assert None not in [*kept.ends(DAY).values(), *kept.ends(DAY + timedelta(days=1)).values()]
        assert kept.look().faults == [] and kept.look().waiting == {}
        cut += 1


class Between:
    """Has another at work, from its beginning to its end, before the call of this number."""

    def __init__(self, port: Any, kept: Archived, calls: list[int], at: int) -> None:
        self._port, self._kept, self._calls, self._at = port, kept, calls, at

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any) -> Any:
            self._calls[0] += 1
            if self._calls[0] == self._at:
                self._kept.write(DAY, "a", "b", "meanwhile")
                self._kept.use()()
            return getattr(self._port, name)(*given)

        return call


def test_a_second_delivery_at_any_point_of_the_first_archives_nothing_twice(aws: None) -> None:
    at = 0
    while True:
        kept = Archived()
        kept.write(DAY, "a", "b")
        calls = [0]

        with suppress(Conflict):
            kept.use(partial(Between, kept=kept, calls=calls, at=at))()
        kept.use()()
        expected = ["a", "b"] if at == 0 or at > calls[0] else ["a", "b", "meanwhile"]
        assert sorted(kept.archived()) == expected, at
        assert kept.look().faults == [] and None not in kept.ends(DAY).values()
        if at > calls[0]:
            return
        at += 1


def test_what_is_not_as_the_table_has_it_stops_it_and_gives_nothing_an_end(kept: Archived) -> None:
    (one,) = kept.write(DAY, "a")
    other = one.model_copy(update={"person": "eve"})
    kept.archive.put(1, DAY, part_after(None, "main", DAY, [other]).content)
    with pytest.raises(FatalError, match="something else than the table"):
        kept.use()()
    assert kept.ends(DAY) == {"a": None}
    assert any("something else than the table" in fault for fault in kept.look().faults)


def test_what_the_table_has_lost_stops_it(kept: Archived) -> None:
    one, _ = kept.write(DAY, "a", "b")
    kept.use()()
    row = journal_row("main", one)
    kept.database.delete_item(TableName=kept.name, Key=key(row["pk"]["S"], row["sk"]["S"]))
    with pytest.raises(FatalError, match="no more"):
        kept.use()()
    kept.clock.at += timedelta(days=LIVES.evidence + 1)
    kept.use()()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda content: content.replace(b'"ann"', b'"eve"'), "digest"),
        (lambda content: b"\n".join(content.split(b"\n")[:-2]) + b"\n", "entries, where it says"),
        (lambda content: b"nothing", "cannot be read"),
        (lambda content: content[:-40], "cannot be read"),
    ],
)
def test_a_harmed_object_is_seen_and_nothing_is_archived_behind_it(
    kept: Archived, harm: Callable[[bytes], bytes], said: str
) -> None:
    kept.write(DAY, "a", "b")
    kept.use()()
    content = kept.archive.read(1) or b""
    kept.s3.put_object(Bucket=kept.name, Key="journal/main/00000001.jsonl", Body=harm(content))
    assert any(said in fault for fault in kept.look().faults)
    kept.clock.at += timedelta(days=1)
    with pytest.raises(FatalError):
        kept.use()()


def test_a_look_tells_what_was_taken_out_and_what_waits(kept: Archived, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "PAGE", 2)
    for number in range(4):
        kept.write(DAY + timedelta(days=number), f"e{number}")
    kept.clock.at = datetime(2026, 3, 6, 3, 0, tzinfo=UTC)
    kept.use()()
    kept.write(DAY + timedelta(days=4), "today", "too")
    kept.s3.delete_object(Bucket=kept.name, Key="journal/main/00000002.jsonl")
    first, second = kept.look(), kept.look(3)
    assert first.faults == ["object 2 is missing"] and first.next == 3 and first.waiting == {}
    assert (second.faults, second.next, second.waiting) == ([], None, {DAY + timedelta(days=4): 2})


def test_a_look_ends_where_it_has_seen_enough_for_one_answer(kept: Archived, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "PAGE_ENTRIES", 3)
    for number in range(4):
        kept.write(DAY + timedelta(days=number), f"a{number}", f"b{number}")
    kept.clock.at = datetime(2026, 3, 6, 3, 0, tzinfo=UTC)
    kept.use()()
    assert [kept.look().next, kept.look(3).next] == [3, None] and len(kept.look(3).parts) == 2


def test_an_object_from_elsewhere_in_the_chain_is_seen(kept: Archived) -> None:
    kept.write(DAY, "a")
    kept.write(DAY + timedelta(days=1), "b")
    kept.clock.at += timedelta(days=1)
    kept.use()()
    forged = part_after(None, "main", DAY + timedelta(days=1), [entry(DAY + timedelta(days=1), "b")])
    forged = part_after(forged.head, "main", DAY + timedelta(days=1), [entry(DAY + timedelta(days=1), "b")])
    kept.s3.put_object(Bucket=kept.name, Key="journal/main/00000002.jsonl", Body=forged.content)
    assert kept.look().faults == ["object 2 does not follow the one before it"]


def test_another_tenants_archive_is_another(kept: Archived) -> None:
    kept.write(DAY, "a")
    kept.use()()
    assert S3JournalArchive(kept.name, kept.s3, "other").last() == 0
    assert DynamoJournalRows(kept.name, kept.database, "other").of_day(DAY) == []


def test_nothing_is_archived_of_a_copilot_that_has_no_journal(kept: Archived) -> None:
    assert kept.use()() == [] and kept.look() == archiving.Looked([], [], None, {})
