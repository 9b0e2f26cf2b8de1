"""Runs on the table: what was asked, revisions, steps, model calls, answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from copilot.adapters.dynamodb.limits import countings
from copilot.adapters.dynamodb.rows import (
    STEP,
    Row,
    approval_row,
    call_row,
    focus_key,
    journal_row,
    listed_key,
    pack,
    pending_row,
    queued_key,
    revision_row,
    run_key,
    small,
    step_name,
    ttl,
    turn_row,
    unpack,
)
from copilot.adapters.dynamodb.table import NEW, Table
from copilot.domain import (
    About,
    Advanced,
    Approval,
    Counting,
    Focus,
    JournalEntry,
    ModelCall,
    Retention,
    Revision,
    Run,
    StepState,
    Trigger,
    Turn,
    place_in_time,
)
from copilot.errors import Conflict, NotFound, OtherRequest
from copilot.ports import RunRecord


class Runs:
    """ports.Runs, but for what calls gave."""

    _table: Table
    _kept: Table
    _retention: Callable[[], Retention]

    def record_trigger(self, trigger: Trigger, revision: Revision | None = None) -> tuple[Run, bool]:
        earlier = trigger.earlier_run_id
        if earlier and self._kept.get(run_key(trigger.tenant, earlier)):
            return self._repeated(trigger, earlier), False
        run = Run(run_id=trigger.run_id, trigger=trigger, revision=0 if revision is None else 1)
        turn = Turn(run_id=run.run_id, author=trigger.person.id, text=trigger.text, at=trigger.received_at)
        retention = self._retention()
        until, said_until = (of(trigger.received_at) for of in (retention.run_until, retention.said_until))
        meta = run_key(run.tenant, run.run_id) | {"trigger": pack(trigger)} | ttl(until)
        queued = queued_key(run) | {"run_id": {"S": run.run_id}} | ttl(until)
        said = turn_row(run.tenant, run.conversation, turn, said_until)
        # By whom and where: what there is of a person, or of a conversation, is found by it.
        told = {
            "run_id": run.run_id,
            "kind": trigger.kind,
            "person": trigger.person.id,
            "conversation": run.conversation,
        }
        listed = listed_key(run) | {name: {"S": value} for name, value in told.items()} | ttl(until)
        rows = [said, queued, listed]
        if revision is not None:
            meta |= {"revision": {"N": "1"}}
            rows.append(revision_row(run.tenant, run.run_id, 1, revision, until))
        try:
            self._table.transact([*self._table.puts([meta], NEW), *self._table.puts(rows)])
        except Conflict:
            return self._repeated(trigger, run.run_id), False
        return run, True

    def _repeated(self, trigger: Trigger, run_id: str) -> Run:
        """The Run there is under the Trigger's dedupe key. Raises OtherRequest."""
        run = self.run(trigger.tenant, run_id)
        if run.trigger.request_digest != trigger.request_digest:
            raise OtherRequest(run, trigger)
        return run

    def recent_runs(self, tenant: str, limit: int = 50) -> list[Run]:
        found = self._kept.page("pk = :pk", {":pk": {"S": f"RUNS#{tenant}"}}, ScanIndexForward=False, Limit=limit)
        return self.runs(tenant, [row["run_id"]["S"] for row in found["Items"]])

    def runs(self, tenant: str, run_ids: Iterable[str]) -> list[Run]:
        wanted = list(dict.fromkeys(run_ids))
        rows = self._kept.get_all([run_key(tenant, run_id) for run_id in wanted])
        found = {run.run_id: run for run in map(_run_of, rows)}
        return [found[run_id] for run_id in wanted if run_id in found]

    def was_spoken_to(self, tenant: str, since: datetime) -> bool:
        values = {":pk": {"S": f"RUNS#{tenant}"}, ":since": {"S": place_in_time(since)}}
        found = self._table.query(
            "pk = :pk AND sk >= :since",
            values | {":schedule": {"S": "schedule"}, ":event": {"S": "event"}},
            FilterExpression="attribute_not_exists(#kind) OR NOT #kind IN (:schedule, :event)",
            ExpressionAttributeNames={"#kind": "kind"},
            ScanIndexForward=False,
        )
        return next(found, None) is not None

    def run(self, tenant: str, run_id: str) -> Run:
        return run_in(self._kept, tenant, run_id)

    def load_run(self, tenant: str, run_id: str) -> RunRecord:
        rows = {row["sk"]["S"]: row for row in self._kept.partition(f"RUN#{tenant}#{run_id}")}
        if "META" not in rows:
            raise NotFound(f"no run {run_id}")
        plans = sorted(name for name in rows if name.startswith("PLAN#"))
        bodies = {name: row["body"] for name, row in rows.items() if name.startswith(STEP)}
        bodies |= {name: body for name, body in rows["META"].items() if name.startswith(STEP)}
        steps = [unpack(bodies[name], StepState) for name in sorted(bodies)]
        revisions = tuple(unpack(rows[name]["body"], Revision) for name in plans)
        return RunRecord(_run_of(rows["META"]), revisions, {step.step_id: step for step in steps})

    def mark_started(self, run: Run, execution: int) -> None:
        meta = self._meta_update(run.tenant, run.run_id, {"execution": {"N": str(execution)}})
        waits = {"Delete": {"TableName": self._table.name, "Key": queued_key(run)}}
        self._table.transact([self._update(meta), waits])

    def cancel_run(self, tenant: str, run_id: str, person: str) -> Run:
        self._table.call("update_item", **self._meta_update(tenant, run_id, {"cancelled_by": {"S": person}}))
        return self.run(tenant, run_id)

    def save_revision(self, run: Run, revision: Revision) -> Run:
        number = run.revision + 1
        row = revision_row(run.tenant, run.run_id, number, revision, self._run_until(run))
        meta = self._meta_update(run.tenant, run.run_id, {"revision": {"N": str(number)}})
        self._table.transact([*self._table.puts([row], NEW), self._update(meta)])
        return run.model_copy(update={"revision": number})

    def record_call(self, tenant: str, run_id: str, call: ModelCall, journal: JournalEntry) -> None:
        row = call_row(tenant, run_id, call, self._retention().run_until(journal.at))
        with suppress(Conflict):  # a repeat of the same task, which found the same place taken
            self._table.transact(self._table.puts([row, journal_row(tenant, journal)], NEW))

    def calls(self, tenant: str, run_id: str) -> list[ModelCall]:
        return [unpack(row["body"], ModelCall) for row in self._kept.partition(f"MODEL#{tenant}#{run_id}")]

    def save_wave(
        self,
        run: Run,
        steps: Iterable[StepState],
        approval: Approval | None,
        journal: Sequence[JournalEntry],
        counting: Sequence[Counting] = (),
    ) -> None:
        assert run.advanced is not None
        values: Row = {
            "wave": {"N": str(run.wave)},
            "advanced": small(run.advanced) or pack(run.advanced),
            "items_run": {"N": str(run.items_run)},
            "approval_id": {"S": run.approval_id} if run.approval_id else {"NULL": True},
        }
        decided = "attribute_not_exists(wave)" if run.wave == 1 else "wave = :before"
        seen = "attribute_exists(cancelled_by)" if run.cancelled_by else "attribute_not_exists(cancelled_by)"
        rows = list[Row]()
        gone = list[str]()
        for step in steps:
            if body := small(step):
                values[step_name(step.step_id)] = body
            else:
                gone.append(step_name(step.step_id))
                row = run_key(run.tenant, run.run_id, step_name(step.step_id))
                rows.append(row | {"body": pack(step)} | ttl(self._run_until(run)))
        meta = self._meta_update(run.tenant, run.run_id, values, f"{decided} AND {seen}", gone)
        if run.wave > 1:
            meta["ExpressionAttributeValues"][":before"] = {"N": str(run.wave - 1)}
        writes: list[Row] = [self._update(meta), *self._table.puts(rows)]
        if approval is not None:
            kept_until = self._retention().evidence_until(approval.created_at)
            writes += self._table.puts([approval_row(approval, kept_until)], NEW)
            writes += self._table.puts([pending_row(approval.in_brief)])
        evidence = self._table.puts((journal_row(run.tenant, entry) for entry in journal), NEW)
        self._table.transact([*writes, *evidence, *countings(self._table, run.tenant, counting)])

    def load_step(self, tenant: str, run_id: str, step: str) -> StepState:
        name = step_name(step)
        meta = self._table.get(run_key(tenant, run_id)) or {}
        row = {"body": meta[name]} if name in meta else self._table.get(run_key(tenant, run_id, name))
        if row is None:
            raise NotFound(f"run {run_id} has no step {step}")
        return unpack(row["body"], StepState)

    def answer_run(self, run: Run, turn: Turn, journal: Sequence[JournalEntry], focus: Focus | None = None) -> bool:
        assert run.outcome is not None and run.answered_at is not None
        values: Row = {
            "answer": {"S": run.answer or ""},
            "outcome": {"S": run.outcome},
            "answered_at": {"S": run.answered_at.isoformat()},
        } | ({"about": pack(run.about)} if run.about else {})
        meta = self._meta_update(run.tenant, run.run_id, values, "attribute_not_exists(outcome)")
        said = turn_row(run.tenant, run.conversation, turn, self._retention().said_until(turn.at))
        rows = [said, *(journal_row(run.tenant, entry) for entry in journal)]
        writes = [self._update(meta), *self._table.puts(rows, NEW)]
        if focus is not None:
            writes.append(self._put_focus(run, focus, self._retention().said_until(run.answered_at)))
        try:
            self._table.transact(writes)
        except Conflict:
            if run_in(self._table, run.tenant, run.run_id).outcome is None:
                raise
            return False
        return True

    def _put_focus(self, run: Run, focus: Focus, until: datetime) -> Row:
        """Where it is still the one before: where there is none any more, it was deleted or its life is over, and what
        this one has of it must not come back. One that is past its life is none, cleaned up or not.
        """
        row = focus_key(run.tenant, run.conversation) | {"body": pack(focus), "rev": {"N": str(focus.rev)}} | ttl(until)
        if focus.rev > 1:
            (put,) = self._table.puts([row], "rev = :before")
            put["Put"]["ExpressionAttributeValues"] = {":before": {"N": str(focus.rev - 1)}}
            return put
        (put,) = self._table.puts([row], "attribute_not_exists(rev) OR #ttl <= :now")
        assert run.answered_at is not None
        put["Put"]["ExpressionAttributeValues"] = {":now": {"N": str(int(run.answered_at.timestamp()))}}
        put["Put"]["ExpressionAttributeNames"] = {"#ttl": "ttl"}
        return put

    def _run_until(self, run: Run) -> datetime:
        return self._retention().run_until(run.trigger.received_at)

    def _meta_update(
        self,
        tenant: str,
        run_id: str,
        values: Row,
        condition: str = "attribute_exists(pk)",
        gone: Sequence[str] = (),
    ) -> Row:
        """`gone` are attributes that are not there any more."""
        names = {name: f"#n{place}" for place, name in enumerate([*values, *gone])}
        sets = ", ".join(f"{names[name]} = :v{place}" for place, name in enumerate(values))
        removes = " REMOVE " + ", ".join(names[name] for name in gone) if gone else ""
        return {
            "Key": run_key(tenant, run_id),
            "UpdateExpression": f"SET {sets}{removes}",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {place: name for name, place in names.items()},
            "ExpressionAttributeValues": {f":v{place}": value for place, value in enumerate(values.values())},
        }

    def _update(self, meta: Row) -> Row:
        """The update of a Run, as one of the writes of a transaction."""
        return {"Update": {"TableName": self._table.name} | meta}


def run_in(table: Table, tenant: str, run_id: str) -> Run:
    """Raises NotFound."""
    row = table.get(run_key(tenant, run_id))
    if row is None:
        raise NotFound(f"no run {run_id}")
    return _run_of(row)


def _run_of(row: Row) -> Run:
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
            "about": unpack(row["about"], About) if "about" in row else None,
        }
    )
