"""Keys and attribute values of the table (design section 4a), and what its errors mean to us.

A row's `body` is our type as JSON: a string, or a compressed binary where it is long. What conditions look at stands
beside it as attributes of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from copilot.domain import (
    Approval,
    Freeze,
    Frozen,
    JournalEntry,
    LedgerEntry,
    ModelCall,
    PendingApproval,
    ResourceRef,
    Revision,
    Run,
    Scope,
    Turn,
    place_in_time,
)
from copilot.errors import Conflict, FatalError, RetryableError
from copilot.ports import ResultKey

Row = dict[str, Any]
ModelT = TypeVar("ModelT", bound=Frozen)

LONG = 4096
SMALL = 1024  # bytes, compressed
STEP = "STEP#"
_TRANSIENT = frozenset(
    "ThrottlingException ThrottlingError ProvisionedThroughputExceededException RequestLimitExceeded "
    "InternalServerError InternalError ServiceUnavailable SlowDown TransactionInProgressException "
    "TransactionConflictException TransactionConflict".split()
)


def key(pk: str, sk: str = "-") -> Row:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def run_key(tenant: str, run_id: str, sk: str = "META") -> Row:
    return key(f"RUN#{tenant}#{run_id}", sk)


def step_name(step_id: str) -> str:
    """Where a step is kept with its run: an attribute of META where it is small, else a row of its own."""
    return f"{STEP}{step_id}"


def revision_row(tenant: str, run_id: str, number: int, revision: Revision, until: datetime) -> Row:
    return run_key(tenant, run_id, f"PLAN#{number:04}") | {"body": pack(revision)} | ttl(until)


def result_key(tenant: str, run_id: str, of: ResultKey) -> Row:
    return key(f"RESULT#{tenant}#{run_id}", f"{of.step}#{of.item:05}" + ("#preview" if of.preview else ""))


def ledger_key(tenant: str, run_id: str, step: str, item: int) -> Row:
    return key(f"LEDGER#{tenant}#{run_id}", f"{step}#{item:05}")


def approval_key(tenant: str, approval_id: str) -> Row:
    return key(f"APPROVAL#{tenant}#{approval_id}")


def lock_key(tenant: str, conversation: str) -> Row:
    return key(f"LOCK#{tenant}#{conversation}")


def focus_key(tenant: str, conversation: str) -> Row:
    return key(f"MEMORY#{tenant}#{conversation}", "FOCUS")


def approval_row(approval: Approval, until: datetime) -> Row:
    hashes = sorted({call.hash for call in approval.calls})
    return approval_key(approval.tenant, approval.id) | {
        "body": pack(approval),
        "state": {"S": approval.state},
        "hashes": {"SS": hashes},
        **ttl(until),
    }


def lease_key(tenant: str, target: ResourceRef) -> Row:
    return key(f"LEASE#{tenant}#{target.type}#{target.id}")


def freeze_key(tenant: str, scope: Scope) -> Row:
    return key(f"FREEZE#{tenant}", f"{scope.of}#{scope.name}")


def freeze_row(tenant: str, freeze: Freeze) -> Row:
    return freeze_key(tenant, freeze.scope) | {"body": pack(freeze)}


def limit_key(tenant: str, account: str, hour: str) -> Row:
    return key(f"LIMIT#{tenant}#{account}", hour)


def pending_key(approval: PendingApproval) -> Row:
    return key(f"PENDING#{approval.tenant}", approval.place)


def pending_row(approval: PendingApproval) -> Row:
    """There as long as nobody has decided; cleaned up where nobody ever does."""
    return pending_key(approval) | {"body": pack(approval)} | ttl(approval.expires_at)


def ledger_row(tenant: str, run_id: str, entry: LedgerEntry, until: datetime) -> Row:
    own = {"body": pack(entry), "state": {"S": entry.state}, "owner": {"S": entry.owner}}
    return ledger_key(tenant, run_id, entry.step, entry.item) | own | ttl(until)


def change_partition(tenant: str, target: ResourceRef) -> str:
    return f"CHANGE#{tenant}#{target.type}#{target.id}"


def change_place(at: datetime) -> str:
    """What the places of changes begin with, in the order in which they were begun."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def change_row(tenant: str, target: ResourceRef, run_id: str, entry: LedgerEntry, person: str, until: datetime) -> Row:
    """Where the ledger holds an effect on this target. Put when the effect begins: what it did stands in the ledger."""
    at = change_place(entry.started_at)
    of = key(change_partition(tenant, target), f"{at}#{run_id}#{entry.step}#{entry.item:05}")
    place = {"run_id": {"S": run_id}, "step": {"S": entry.step}, "item": {"N": str(entry.item)}}
    return of | place | {"tool": {"S": entry.tool}, "person": {"S": person}} | ttl(until)


def call_row(tenant: str, run_id: str, call: ModelCall, until: datetime) -> Row:
    return key(f"MODEL#{tenant}#{run_id}", f"{call.revision:04}#{call.number:04}") | {"body": pack(call)} | ttl(until)


def journal_partition(tenant: str, day: date) -> str:
    return f"JOURNAL#{tenant}#{day.isoformat()}"


def journal_row(tenant: str, entry: JournalEntry) -> Row:
    """Without an end: it is given one by who has archived it."""
    return key(journal_partition(tenant, entry.at.date()), f"{entry.at.isoformat()}#{entry.id}") | {"body": pack(entry)}


def queued_key(run: Run) -> Row:
    """A row that is there until the run's start is noted; in the order of arrival."""
    at = run.trigger.received_at.isoformat()
    return key(f"TURN#{run.tenant}#{run.conversation}", f"queued#{at}#{run.run_id}")


def listed_key(run: Run) -> Row:
    """A row of the list of everybody's runs, in the order of arrival."""
    return key(f"RUNS#{run.tenant}", f"{place_in_time(run.trigger.received_at)}#{run.run_id}")


def turn_row(tenant: str, conversation: str, turn: Turn, until: datetime) -> Row:
    of = key(f"TURN#{tenant}#{conversation}", f"turn#{turn.at.isoformat()}#{turn.run_id}#{turn.author}")
    return of | {"body": pack(turn)} | ttl(until)


def ttl(at: datetime) -> Row:
    """What has the table clean the row up some time after that."""
    return {"ttl": {"N": str(int(at.timestamp()))}}


def pack(value: Frozen) -> Row:
    text = value.model_dump_json()
    return {"S": text} if len(text) <= LONG else {"B": zlib.compress(text.encode())}


def small(value: Frozen) -> Row | None:
    """It, packed to stand beside others in one row; None where it is too long for that."""
    packed = zlib.compress(value.model_dump_json().encode())
    return {"B": packed} if len(packed) <= SMALL else None


def unpack(attribute: Row, model: type[ModelT]) -> ModelT:
    return model.model_validate_json(attribute["S"] if "S" in attribute else zlib.decompress(attribute["B"]))


def is_in_the_way(error: ClientError) -> bool:
    """Whether all that is wrong is another transaction at work on the same rows (DynamoDB Developer Guide,
    "Transaction conflict handling"): nothing was done, and it may be tried again.
    """
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])} - {"None", None}
    return error.response["Error"]["Code"] == "TransactionConflictException" or reasons == {"TransactionConflict"}


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turns the database's errors into ours: Conflict for a failed condition, RetryableError for what passes."""
    try:
        yield
    except ClientError as error:
        codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
        codes.add(error.response["Error"]["Code"])
        if codes & {"ConditionalCheckFailed", "ConditionalCheckFailedException"}:
            raise Conflict("the record has changed meanwhile") from error
        if codes & _TRANSIENT:
            raise RetryableError("the database is busy") from error
        raise FatalError(f"the database refused: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise RetryableError(f"the database cannot be reached ({type(error).__name__})") from error
