"""ports.Store on one DynamoDB table, with outputs over 4 KB in S3."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from copilot.adapters.dynamodb.rows import (
    LONG,
    Row,
    approval_key,
    approval_row,
    call_row,
    change_row,
    errors_in_words,
    focus_key,
    journal_row,
    ledger_key,
    ledger_row,
    listed_key,
    lock_key,
    pack,
    partition,
    pending_key,
    pending_row,
    query,
    queued_key,
    result_key,
    revision_row,
    run_key,
    trigger_key,
    turn_row,
    unpack,
)
from copilot.domain import (
    Advanced,
    Approval,
    Focus,
    JournalEntry,
    LedgerEntry,
    ModelCall,
    PendingApproval,
    Revision,
    Run,
    StepResult,
    StepState,
    Trigger,
    Turn,
    place_in_time,
)
from copilot.errors import Conflict, NotAllowed, NotFound, OtherRequest
from copilot.ports import PendingPage, ResultKey, RunRecord

KEEP_RESULTS = timedelta(days=30)
KEEP_LISTED = timedelta(days=90)
NEW = "attribute_not_exists(pk)"


class DynamoStore:
    """`dynamodb` and `s3` are boto3 clients. Every read is consistent."""

    def __init__(self, table: str, bucket: str, dynamodb: Any, s3: Any) -> None:
        self._table, self._bucket, self._db, self._s3 = table, bucket, dynamodb, s3

    # the request

    def record_trigger(self, trigger: Trigger, revision: Revision | None = None) -> tuple[Run, bool]:
        earlier = trigger.earlier_run_id
        if earlier and self._get(run_key(trigger.tenant, earlier)):
            return self._repeated(trigger, earlier), False
        run = Run(run_id=trigger.run_id, trigger=trigger, revision=0 if revision is None else 1)
        turn = Turn(run_id=run.run_id, author=trigger.person.id, text=trigger.text, at=trigger.received_at)
        expires = _ttl(trigger.received_at + KEEP_RESULTS)
        asked = {"run_id": {"S": run.run_id}, "digest": {"S": trigger.request_digest}}
        seen = trigger_key(run.tenant, run.run_id) | asked | expires
        meta = run_key(run.tenant, run.run_id) | {"trigger": pack(trigger)}
        queued = queued_key(run) | {"run_id": {"S": run.run_id}}
        said = turn_row(run.tenant, run.conversation, turn)
        listed = listed_key(run) | {"run_id": {"S": run.run_id}, "kind": {"S": trigger.kind}}
        listed |= _ttl(trigger.received_at + KEEP_LISTED)
        rows = [said, queued, listed]
        if revision is not None:
            meta |= {"revision": {"N": "1"}}
            rows.append(revision_row(run.tenant, run.run_id, 1, revision))
        try:
            # META alone says what is new: it holds the Trigger, and stays when the other has expired.
            self._transact([self._put(meta, NEW), self._put(seen), *(self._put(row) for row in rows)])
        except Conflict:
            return self._repeated(trigger, run.run_id), False
        return run, True

    def _repeated(self, trigger: Trigger, run_id: str) -> Run:
        """The Run there is under the Trigger's dedupe key. Raises OtherRequest."""
        run = self.run(trigger.tenant, run_id)
        seen = self._get(trigger_key(trigger.tenant, run_id)) or {}
        # The row expires, and one of an earlier version has no digest.
        first = seen["digest"]["S"] if "digest" in seen else run.trigger.request_digest
        if first != trigger.request_digest:
            raise OtherRequest(run, trigger)
        return run

    def take_lock(self, run: Run, now: datetime, until: datetime) -> bool:
        row = lock_key(run.tenant, run.conversation) | {
            "run_id": {"S": run.run_id},
            "until": {"N": str(until.timestamp())},
            "ttl": {"N": str(int(until.timestamp()) + 86400)},
        }
        values = {":run": {"S": run.run_id}, ":now": {"N": str(now.timestamp())}}
        condition = f"{NEW} OR run_id = :run OR #until < :now"
        try:
            self._call("put_item", Item=row, ConditionExpression=condition, ExpressionAttributeValues=values,
                       ExpressionAttributeNames={"#until": "until"})  # fmt: skip
        except Conflict:
            return False
        return True

    def release_lock(self, run: Run) -> None:
        with suppress(Conflict):  # another run holds it, or nobody does
            self._call("delete_item", Key=lock_key(run.tenant, run.conversation), ConditionExpression="run_id = :run",
                       ExpressionAttributeValues={":run": {"S": run.run_id}})  # fmt: skip

    def turns(self, tenant: str, conversation: str, limit: int = 50) -> list[Turn]:
        found = self._conversation(tenant, conversation, "turn#", newest_first=True, limit=limit)
        return [unpack(row["body"], Turn) for row in reversed(found)]

    def next_queued(self, tenant: str, conversation: str) -> Run | None:
        for row in self._conversation(tenant, conversation, "queued#", newest_first=False, limit=1):
            return self.run(tenant, row["run_id"]["S"])
        return None

    def recent_runs(self, tenant: str, limit: int = 50) -> list[Run]:
        found = self._call(
            "query",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"RUNS#{tenant}"}},
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
        )
        return [self.run(tenant, row["run_id"]["S"]) for row in found["Items"]]

    def was_spoken_to(self, tenant: str, since: datetime) -> bool:
        found = query(
            self._db,
            self._table,
            KeyConditionExpression="pk = :pk AND sk >= :since",
            FilterExpression="attribute_not_exists(#kind) OR NOT #kind IN (:schedule, :event)",
            ExpressionAttributeNames={"#kind": "kind"},
            ExpressionAttributeValues={
                ":pk": {"S": f"RUNS#{tenant}"},
                ":since": {"S": place_in_time(since)},
                ":schedule": {"S": "schedule"},
                ":event": {"S": "event"},
            },
            ScanIndexForward=False,
        )
        return next(found, None) is not None

    def _conversation(
        self, tenant: str, conversation: str, prefix: str, *, newest_first: bool, limit: int
    ) -> list[Row]:
        found = self._call(
            "query",
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": f"TURN#{tenant}#{conversation}"}, ":prefix": {"S": prefix}},
            ScanIndexForward=not newest_first,
            Limit=limit,
            ConsistentRead=True,
        )
        rows: list[Row] = found["Items"]
        return rows

    # the run

    def run(self, tenant: str, run_id: str) -> Run:
        row = self._get(run_key(tenant, run_id))
        if row is None:
            raise NotFound(f"no run {run_id}")
        return _run(row)

    def load_run(self, tenant: str, run_id: str) -> RunRecord:
        rows = {row["sk"]["S"]: row for row in self._query(f"RUN#{tenant}#{run_id}")}
        if "META" not in rows:
            raise NotFound(f"no run {run_id}")
        plans = sorted(name for name in rows if name.startswith("PLAN#"))
        steps = [unpack(row["body"], StepState) for name, row in rows.items() if name.startswith("STEP#")]
        revisions = tuple(unpack(rows[name]["body"], Revision) for name in plans)
        return RunRecord(_run(rows["META"]), revisions, {step.step_id: step for step in steps})

    def mark_started(self, run: Run, execution: int) -> None:
        meta = self._meta_update(run.tenant, run.run_id, {"execution": {"N": str(execution)}})
        waits = {"Delete": {"TableName": self._table, "Key": queued_key(run)}}
        self._transact([{"Update": meta}, waits])

    def cancel_run(self, tenant: str, run_id: str, person: str) -> Run:
        self._update_meta(tenant, run_id, {"cancelled_by": {"S": person}})
        return self.run(tenant, run_id)

    def save_revision(self, run: Run, revision: Revision) -> Run:
        number = run.revision + 1
        row = revision_row(run.tenant, run.run_id, number, revision)
        meta = self._meta_update(run.tenant, run.run_id, {"revision": {"N": str(number)}})
        self._transact([self._put(row, NEW), {"Update": meta}])
        return run.model_copy(update={"revision": number})

    def record_call(self, tenant: str, run_id: str, call: ModelCall, journal: JournalEntry) -> None:
        with suppress(Conflict):  # a repeat of the same task, which found the same place taken
            self._transact(
                [self._put(call_row(tenant, run_id, call), NEW), self._put(journal_row(tenant, journal), NEW)]
            )

    def calls(self, tenant: str, run_id: str) -> list[ModelCall]:
        return [unpack(row["body"], ModelCall) for row in self._query(f"MODEL#{tenant}#{run_id}")]

    def save_wave(
        self, run: Run, steps: Iterable[StepState], approval: Approval | None, journal: Sequence[JournalEntry]
    ) -> None:
        assert run.advanced is not None
        values: Row = {
            "wave": {"N": str(run.wave)},
            "advanced": pack(run.advanced),
            "items_run": {"N": str(run.items_run)},
            "approval_id": {"S": run.approval_id} if run.approval_id else {"NULL": True},
        }
        decided = "attribute_not_exists(wave)" if run.wave == 1 else "wave = :before"
        seen = "attribute_exists(cancelled_by)" if run.cancelled_by else "attribute_not_exists(cancelled_by)"
        meta = self._meta_update(run.tenant, run.run_id, values, f"{decided} AND {seen}")
        if run.wave > 1:
            meta["ExpressionAttributeValues"][":before"] = {"N": str(run.wave - 1)}
        writes: list[Row] = [{"Update": meta}]
        writes += [
            self._put(run_key(run.tenant, run.run_id, f"STEP#{step.step_id}") | {"body": pack(step)}) for step in steps
        ]
        if approval is not None:
            writes += [self._put(approval_row(approval), NEW), self._put(pending_row(approval.in_brief))]
        self._transact([*writes, *(self._put(journal_row(run.tenant, entry), NEW) for entry in journal)])

    def load_step(self, tenant: str, run_id: str, step: str) -> StepState:
        row = self._get(run_key(tenant, run_id, f"STEP#{step}"))
        if row is None:
            raise NotFound(f"run {run_id} has no step {step}")
        return unpack(row["body"], StepState)

    def answer_run(self, run: Run, turn: Turn, journal: Sequence[JournalEntry], focus: Focus | None = None) -> bool:
        assert run.outcome is not None and run.answered_at is not None
        values: Row = {
            "answer": {"S": run.answer or ""},
            "outcome": {"S": run.outcome},
            "answered_at": {"S": run.answered_at.isoformat()},
        }
        meta = self._meta_update(run.tenant, run.run_id, values, "attribute_not_exists(outcome)")
        rows = [turn_row(run.tenant, run.conversation, turn), *(journal_row(run.tenant, entry) for entry in journal)]
        spoken_of = [] if focus is None else [focus_key(run.tenant, run.conversation) | {"body": pack(focus)}]
        try:
            self._transact(
                [{"Update": meta}, *(self._put(row, NEW) for row in rows), *(self._put(row) for row in spoken_of)]
            )
        except Conflict:
            return False
        return True

    # what calls gave

    def put_result(self, tenant: str, run_id: str, key: ResultKey, result: StepResult) -> None:
        row = result_key(tenant, run_id, key)
        output = json.dumps(result.output)
        if len(output) > LONG:
            name = f"results/{tenant}/{run_id}/{row['sk']['S']}#{result.attempt}.json"
            with errors_in_words():
                self._s3.put_object(Bucket=self._bucket, Key=name, Body=output.encode(), ContentType="application/json")
            row["pointer"] = {"S": name}
            result = result.model_copy(update={"output": None})
        expires = {"N": str(int((result.ended_at + KEEP_RESULTS).timestamp()))}
        self._call("put_item", Item=row | {"body": pack(result), "ttl": expires})

    def results(self, tenant: str, run_id: str, keys: Iterable[ResultKey]) -> dict[ResultKey, StepResult]:
        wanted = {result_key(tenant, run_id, of)["sk"]["S"]: of for of in keys}
        rows = self._batch_get([result_key(tenant, run_id, of) for of in wanted.values()])
        return {wanted[row["sk"]["S"]]: self._result(row) for row in rows}

    def _result(self, row: Row) -> StepResult:
        result = unpack(row["body"], StepResult)
        if "pointer" not in row:
            return result
        with errors_in_words():
            body = self._s3.get_object(Bucket=self._bucket, Key=row["pointer"]["S"])["Body"].read()
        return result.model_copy(update={"output": json.loads(body)})

    # effects

    def start_effect(
        self, tenant: str, run_id: str, entry: LedgerEntry, call_hash: str | None, journal: JournalEntry
    ) -> None:
        begun = self._put(ledger_row(tenant, run_id, entry), f"{NEW} OR #state = :clean")
        begun["Put"] |= {
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":clean": {"S": "failed_clean"}},
        }
        wanted = {
            "Key": run_key(tenant, run_id),
            "TableName": self._table,
            "ConditionExpression": "attribute_not_exists(cancelled_by) AND attribute_not_exists(outcome)",
        }
        writes = [begun, self._put(journal_row(tenant, journal), NEW), {"ConditionCheck": wanted}]
        if entry.approval_id is not None:
            check = {
                "Key": approval_key(tenant, entry.approval_id),
                "TableName": self._table,
                "ConditionExpression": "#state = :approved AND contains(hashes, :hash)",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": {":approved": {"S": "approved"}, ":hash": {"S": call_hash or ""}},
            }
            writes.append({"ConditionCheck": check})
        targets = dict.fromkeys(target.ref for target in entry.prior.targets)
        changes = [self._put(change_row(tenant, target, run_id, entry, journal.person)) for target in targets]
        try:
            self._transact([*writes, *changes])
        except Conflict as conflict:
            if _failed(conflict, 2):
                raise NotAllowed(f"run {run_id} was cancelled or answered meanwhile") from conflict
            if _failed(conflict, 3):
                raise NotAllowed(f"approval {entry.approval_id} does not stand for this call") from conflict
            raise

    def take_over_effect(self, tenant: str, run_id: str, entry: LedgerEntry, dead_owner: str) -> None:
        self._transact([self._owned(tenant, run_id, entry, dead_owner)])

    def finish_effect(self, tenant: str, run_id: str, entry: LedgerEntry, journal: JournalEntry) -> None:
        self._transact([self._owned(tenant, run_id, entry, entry.owner), self._put(journal_row(tenant, journal), NEW)])

    def effect(self, tenant: str, run_id: str, step: str, item: int) -> LedgerEntry | None:
        row = self._get(ledger_key(tenant, run_id, step, item))
        return unpack(row["body"], LedgerEntry) if row else None

    def effects(self, tenant: str, run_id: str) -> list[LedgerEntry]:
        entries = [unpack(row["body"], LedgerEntry) for row in self._query(f"LEDGER#{tenant}#{run_id}")]
        return sorted(entries, key=lambda entry: entry.started_at)

    def _owned(self, tenant: str, run_id: str, entry: LedgerEntry, owner: str) -> Row:
        row = ledger_row(tenant, run_id, entry)
        return {
            "Update": {
                "TableName": self._table,
                "Key": ledger_key(tenant, run_id, entry.step, entry.item),
                "UpdateExpression": "SET body = :body, #state = :state, #owner = :new",
                "ConditionExpression": "#owner = :owner AND #state = :started",
                "ExpressionAttributeNames": {"#state": "state", "#owner": "owner"},
                "ExpressionAttributeValues": {
                    ":body": row["body"],
                    ":state": row["state"],
                    ":new": row["owner"],
                    ":owner": {"S": owner},
                    ":started": {"S": "started"},
                },
            }
        }

    # approvals

    def approval(self, tenant: str, approval_id: str) -> Approval:
        row = self._get(approval_key(tenant, approval_id))
        if row is None:
            raise NotFound(f"no approval {approval_id}")
        return unpack(row["body"], Approval)

    def keep_token(self, tenant: str, approval_id: str, token: str) -> None:
        self._call("update_item", **self._pending(tenant, approval_id, "SET #token = :token", {":token": {"S": token}},
                                                  {"#token": "token"}))  # fmt: skip

    def decide_approval(self, approval: Approval, journal: JournalEntry) -> None:
        row = approval_row(approval)
        values = {":body": row["body"], ":state": row["state"]}
        update = self._pending(approval.tenant, approval.id, "SET body = :body, #state = :state", values, {})
        waits_no_more = {"TableName": self._table, "Key": pending_key(approval.in_brief)}
        self._transact(
            [
                {"Update": update | {"TableName": self._table}},
                {"Delete": waits_no_more},
                self._put(journal_row(approval.tenant, journal), NEW),
            ]
        )

    def pending_approvals(self, tenant: str, now: datetime, after: str = "", limit: int = 50) -> PendingPage:
        expired = f"{place_in_time(now)}\uffff"  # and all that does in this very millisecond
        found = self._call(
            "query",
            KeyConditionExpression="pk = :pk AND sk > :from",
            ExpressionAttributeValues={":pk": {"S": f"PENDING#{tenant}"}, ":from": {"S": max(after, expired)}},
            Limit=limit + 1,
            ConsistentRead=True,
        )
        rows = found["Items"]
        more = len(rows) > limit or "LastEvaluatedKey" in found
        waiting = [unpack(row["body"], PendingApproval) for row in rows[:limit]]
        return PendingPage(waiting, waiting[-1].place if more else None)

    def token(self, tenant: str, approval_id: str) -> str | None:
        kept = self._get(approval_key(tenant, approval_id)) or {}
        return kept["token"]["S"] if "token" in kept else None

    def _pending(self, tenant: str, approval_id: str, change: str, values: Row, names: dict[str, str]) -> Row:
        return {
            "Key": approval_key(tenant, approval_id),
            "UpdateExpression": change,
            "ConditionExpression": "#state = :pending",
            "ExpressionAttributeNames": {"#state": "state"} | names,
            "ExpressionAttributeValues": values | {":pending": {"S": "pending"}},
        }

    # memory and evidence

    def focus(self, tenant: str, conversation: str) -> Focus:
        row = self._get(focus_key(tenant, conversation))
        return unpack(row["body"], Focus) if row else Focus()

    def journal(self, tenant: str, day: str) -> list[JournalEntry]:
        return [unpack(row["body"], JournalEntry) for row in self._query(f"JOURNAL#{tenant}#{day}")]

    # the table

    def _put(self, row: Row, condition: str | None = None) -> Row:
        return {
            "Put": {"TableName": self._table, "Item": row} | ({"ConditionExpression": condition} if condition else {})
        }

    def _meta_update(self, tenant: str, run_id: str, values: Row, condition: str = "attribute_exists(pk)") -> Row:
        return {
            "TableName": self._table,
            "Key": run_key(tenant, run_id),
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in values),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in values},
            "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
        }

    def _update_meta(self, tenant: str, run_id: str, values: Row) -> None:
        with errors_in_words():
            self._db.update_item(**self._meta_update(tenant, run_id, values))

    def _transact(self, writes: list[Row]) -> None:
        with errors_in_words():
            self._db.transact_write_items(TransactItems=writes)

    def _call(self, operation: str, **arguments: Any) -> Any:
        with errors_in_words():
            return getattr(self._db, operation)(TableName=self._table, **arguments)

    def _get(self, of: Row) -> Row | None:
        row: Row | None = self._call("get_item", Key=of, ConsistentRead=True).get("Item")
        return row

    def _query(self, pk: str) -> Iterator[Row]:
        return query(self._db, self._table, **partition(pk))

    def _batch_get(self, keys: list[Row]) -> Iterator[Row]:
        for start in range(0, len(keys), 100):
            asked: Row = {self._table: {"Keys": keys[start : start + 100], "ConsistentRead": True}}
            while asked:
                with errors_in_words():
                    answer = self._db.batch_get_item(RequestItems=asked)
                yield from answer["Responses"].get(self._table, [])
                asked = answer.get("UnprocessedKeys") or {}


def _run(row: Row) -> Run:
    def text(name: str) -> str | None:
        found: str | None = row.get(name, {}).get("S")
        return found

    def number(name: str) -> int:
        return int(row.get(name, {}).get("N", 0))

    trigger = unpack(row["trigger"], Trigger)
    return Run.model_validate(
        {
            "run_id": row["pk"]["S"].rpartition("#")[2],
            "trigger": trigger,
            "execution": number("execution"),
            "revision": number("revision"),
            "wave": number("wave"),
            "advanced": unpack(row["advanced"], Advanced) if "advanced" in row else None,
            "items_run": number("items_run"),
            "approval_id": text("approval_id"),
            "cancelled_by": text("cancelled_by"),
            "answered_at": text("answered_at"),
            "outcome": text("outcome"),
            "answer": text("answer"),
        }
    )


def _ttl(at: datetime) -> Row:
    return {"ttl": {"N": str(int(at.timestamp()))}}


def _failed(conflict: Conflict, index: int) -> bool:
    """Whether it was the condition of the write at this place in the transaction that failed."""
    cause = conflict.__cause__
    reasons = cause.response.get("CancellationReasons", []) if isinstance(cause, ClientError) else []
    return len(reasons) > index and reasons[index].get("Code") == "ConditionalCheckFailed"
