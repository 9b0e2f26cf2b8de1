"""ports.Store in this process's memory, for the in-process runner and tests. Keeps what the DynamoDB one keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from threading import RLock

from copilot.domain import (
    Approval,
    Counted,
    Counting,
    Focus,
    Freeze,
    JournalEntry,
    Lease,
    LedgerEntry,
    MadeEffect,
    ModelCall,
    ResourceRef,
    Revision,
    Run,
    Scope,
    Standing,
    StepResult,
    StepState,
    Taking,
    Trigger,
    Turn,
    place_in_time,
)
from copilot.errors import Conflict, NotAllowed, NotFound, NotReady, OtherRequest
from copilot.ports import TAKEN, PendingPage, ResultKey, RunRecord


class MemoryStore:
    def __init__(self) -> None:
        self._guard = RLock()
        self._runs: dict[tuple[str, str], Run] = {}
        self._revisions: dict[tuple[str, str], list[Revision]] = {}
        self._calls: dict[tuple[str, str], dict[tuple[int, int], ModelCall]] = {}
        self._steps: dict[tuple[str, str], dict[str, StepState]] = {}
        self._results: dict[tuple[str, str], dict[ResultKey, StepResult]] = {}
        self._effects: dict[tuple[str, str], dict[tuple[str, int], LedgerEntry]] = {}
        self._by: dict[tuple[str, str, str, int], str] = {}
        self._approvals: dict[tuple[str, str], Approval] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._leases: dict[tuple[str, ResourceRef], Lease] = {}
        self._counted: dict[tuple[str, tuple[str, str]], Counted] = {}
        self._freezes: dict[tuple[str, Scope], Freeze] = {}
        self._standings: dict[tuple[str, str], Standing] = {}
        self._locks: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._turns: dict[tuple[str, str], list[Turn]] = {}
        self._queued: set[tuple[str, str]] = set()
        self._focus: dict[tuple[str, str], Focus] = {}
        self._journal: dict[tuple[str, str], JournalEntry] = {}

    # the request

    def record_trigger(self, trigger: Trigger, revision: Revision | None = None) -> tuple[Run, bool]:
        with self._guard:
            key = (trigger.tenant, trigger.run_id)
            if trigger.earlier_run_id and (trigger.tenant, trigger.earlier_run_id) in self._runs:
                key = (trigger.tenant, trigger.earlier_run_id)
            if key in self._runs:
                if self._runs[key].trigger.request_digest != trigger.request_digest:
                    raise OtherRequest(self._runs[key], trigger)
                return self._runs[key], False
            self._runs[key] = Run(run_id=trigger.run_id, trigger=trigger, revision=0 if revision is None else 1)
            if revision is not None:
                self._revisions[key] = [revision]
            self._queued.add(key)
            turn = Turn(run_id=trigger.run_id, author=trigger.person.id, text=trigger.text, at=trigger.received_at)
            self._turns.setdefault((trigger.tenant, trigger.conversation), []).append(turn)
            return self._runs[key], True

    def take_lock(self, run: Run, now: datetime, until: datetime) -> bool:
        with self._guard:
            holder, lease = self._locks.get((run.tenant, run.conversation), ("", now))
            if holder not in {"", run.run_id} and lease > now:
                return False
            self._locks[run.tenant, run.conversation] = (run.run_id, until)
            return True

    def release_lock(self, run: Run) -> None:
        with self._guard:
            if self._locks.get((run.tenant, run.conversation), ("",))[0] == run.run_id:
                del self._locks[run.tenant, run.conversation]

    def turns(self, tenant: str, conversation: str, limit: int = 50) -> list[Turn]:
        with self._guard:
            return self._turns.get((tenant, conversation), [])[-limit:]

    def next_queued(self, tenant: str, conversation: str) -> Run | None:
        with self._guard:
            said = self._turns.get((tenant, conversation), [])
            runs = (self.run(tenant, turn.run_id) for turn in said if (tenant, turn.run_id) in self._queued)
            return min(runs, key=_arrival, default=None)

    def recent_runs(self, tenant: str, limit: int = 50) -> list[Run]:
        with self._guard:
            runs = [run for (owner, _), run in self._runs.items() if owner == tenant]
            return sorted(runs, key=_arrival, reverse=True)[:limit]

    def was_spoken_to(self, tenant: str, since: datetime) -> bool:
        with self._guard:
            asked = [run.trigger for (owner, _), run in self._runs.items() if owner == tenant]
            return any(one.received_at >= since and one.kind not in {"schedule", "event"} for one in asked)

    # the run

    def run(self, tenant: str, run_id: str) -> Run:
        with self._guard:
            if (tenant, run_id) not in self._runs:
                raise NotFound(f"no run {run_id}")
            return self._runs[tenant, run_id]

    def runs(self, tenant: str, run_ids: Iterable[str]) -> list[Run]:
        with self._guard:
            return [self._runs[tenant, one] for one in dict.fromkeys(run_ids) if (tenant, one) in self._runs]

    def load_run(self, tenant: str, run_id: str) -> RunRecord:
        with self._guard:
            revisions = tuple(self._revisions.get((tenant, run_id), []))
            steps = dict(self._steps.get((tenant, run_id), {}))
            return RunRecord(self.run(tenant, run_id), revisions, steps)

    def mark_started(self, run: Run, execution: int) -> None:
        with self._guard:
            self._update(run, execution=execution)
            self._queued.discard((run.tenant, run.run_id))

    def cancel_run(self, tenant: str, run_id: str, person: str) -> Run:
        return self._update(self.run(tenant, run_id), cancelled_by=person)

    def save_revision(self, run: Run, revision: Revision) -> Run:
        with self._guard:
            revisions = self._revisions.setdefault((run.tenant, run.run_id), [])
            if len(revisions) != run.revision:
                raise Conflict(f"run {run.run_id} has revision {run.revision + 1} of its plan already")
            revisions.append(revision)
            return self._update(run, revision=run.revision + 1)

    def record_call(self, tenant: str, run_id: str, call: ModelCall, journal: JournalEntry) -> None:
        with self._guard:
            calls = self._calls.setdefault((tenant, run_id), {})
            if (call.revision, call.number) not in calls:
                calls[call.revision, call.number] = call
                self._keep(tenant, [journal])

    def calls(self, tenant: str, run_id: str) -> list[ModelCall]:
        with self._guard:
            return [call for _, call in sorted(self._calls.get((tenant, run_id), {}).items())]

    def save_wave(
        self,
        run: Run,
        steps: Iterable[StepState],
        approval: Approval | None,
        journal: Sequence[JournalEntry],
        counting: Sequence[Counting] = (),
    ) -> None:
        with self._guard:
            kept = self.run(run.tenant, run.run_id)
            if kept.wave != run.wave - 1 or kept.cancelled_by != run.cancelled_by:
                raise Conflict(f"wave {run.wave} of run {run.run_id} was decided already, or the run cancelled")
            if approval is not None and (run.tenant, approval.id) in self._approvals:
                raise Conflict(f"approval {approval.id} was asked for already")
            for one in counting:
                there = self._counted.get((run.tenant, (one.counted.account, one.counted.hour)))
                if (there.rev if there else None) != (one.seen.rev if one.seen else None):
                    raise Conflict("what is changed at once was counted otherwise meanwhile")
            self._update(
                run, wave=run.wave, advanced=run.advanced, items_run=run.items_run, approval_id=run.approval_id
            )
            self._steps.setdefault((run.tenant, run.run_id), {}).update({step.step_id: step for step in steps})
            for one in counting:
                self._counted[run.tenant, (one.counted.account, one.counted.hour)] = one.kept
            if approval is not None:
                self._approvals[run.tenant, approval.id] = approval
            self._keep(run.tenant, journal)

    def load_step(self, tenant: str, run_id: str, step: str) -> StepState:
        with self._guard:
            if step not in self._steps.get((tenant, run_id), {}):
                raise NotFound(f"run {run_id} has no step {step}")
            return self._steps[tenant, run_id][step]

    def answer_run(self, run: Run, turn: Turn, journal: Sequence[JournalEntry], focus: Focus | None = None) -> bool:
        with self._guard:
            if self.run(run.tenant, run.run_id).outcome is not None:
                return False
            if focus is not None and focus.rev != self.focus(run.tenant, run.conversation).rev + 1:
                raise Conflict("something else was spoken of meanwhile")
            self._update(run, answer=run.answer, outcome=run.outcome, answered_at=run.answered_at, about=run.about)
            self._turns.setdefault((run.tenant, run.conversation), []).append(turn)
            if focus is not None:
                self._focus[run.tenant, run.conversation] = focus
            self._keep(run.tenant, journal)
            return True

    # what calls gave

    def put_result(self, tenant: str, run_id: str, key: ResultKey, result: StepResult) -> None:
        with self._guard:
            self._results.setdefault((tenant, run_id), {})[key] = result

    def results(self, tenant: str, run_id: str, keys: Iterable[ResultKey]) -> dict[ResultKey, StepResult]:
        with self._guard:
            kept = self._results.get((tenant, run_id), {})
            return {key: kept[key] for key in keys if key in kept}

    # effects

    def start_effect(
        self,
        tenant: str,
        run_id: str,
        entry: LedgerEntry,
        call_hash: str | None,
        journal: JournalEntry,
        leases: Sequence[Taking] = (),
    ) -> None:
        with self._guard:
            ledger = self._effects.setdefault((tenant, run_id), {})
            kept = ledger.get((entry.step, entry.item))
            if kept is not None and kept.state != "failed_clean":
                raise Conflict(f"{entry.step} {entry.item} of run {run_id} was begun already")
            run = self._runs.get((tenant, run_id))
            if run is not None and (run.cancelled_by or run.outcome):
                raise NotAllowed(f"run {run_id} was cancelled or answered meanwhile")
            if entry.approval_id is not None:
                approval = self.approval(tenant, entry.approval_id)
                if approval.state != "approved" or call_hash not in {call.hash for call in approval.calls}:
                    raise NotAllowed(f"approval {entry.approval_id} does not stand for this call")
            self._take(tenant, leases)
            ledger[entry.step, entry.item] = entry
            self._by[tenant, run_id, entry.step, entry.item] = journal.person
            self._keep(tenant, [journal])

    def take_over_effect(
        self, tenant: str, run_id: str, entry: LedgerEntry, dead_owner: str, leases: Sequence[Taking] = ()
    ) -> None:
        with self._guard:
            self._owned(tenant, run_id, entry, dead_owner)
            self._take(tenant, leases)
            self._effects[tenant, run_id][entry.step, entry.item] = entry

    def finish_effect(self, tenant: str, run_id: str, entry: LedgerEntry, journal: JournalEntry) -> None:
        with self._guard:
            self._owned(tenant, run_id, entry, entry.owner)
            self._effects[tenant, run_id][entry.step, entry.item] = entry
            self._keep(tenant, [journal])

    def effect(self, tenant: str, run_id: str, step: str, item: int) -> LedgerEntry | None:
        with self._guard:
            return self._effects.get((tenant, run_id), {}).get((step, item))

    def effects(self, tenant: str, run_id: str) -> list[LedgerEntry]:
        with self._guard:
            return sorted(self._effects.get((tenant, run_id), {}).values(), key=lambda entry: entry.started_at)

    def effects_on(self, tenant: str, target: ResourceRef) -> list[LedgerEntry]:
        """Those of all its runs that were begun on this target, the newest first."""
        with self._guard:
            kept = [
                entry for (owner, _), ledger in self._effects.items() if owner == tenant for entry in ledger.values()
            ]
            on = [entry for entry in kept if target in {one.ref for one in entry.prior.targets}]
            return sorted(on, key=lambda entry: entry.started_at, reverse=True)

    def effects_made(self, tenant: str) -> list[MadeEffect]:
        """Those of all its runs, the newest first."""
        with self._guard:
            found = [
                MadeEffect(
                    run_id=run_id,
                    entry=entry,
                    person=self._by[owner, run_id, step, item],
                    schedule=self._schedule(owner, run_id),
                )
                for (owner, run_id), ledger in self._effects.items()
                for (step, item), entry in ledger.items()
                if owner == tenant
            ]
        return sorted(found, key=lambda one: one.entry.started_at, reverse=True)

    def _schedule(self, tenant: str, run_id: str) -> str | None:
        run = self._runs.get((tenant, run_id))
        return run.trigger.schedule_id if run else None

    # approvals

    def approval(self, tenant: str, approval_id: str) -> Approval:
        with self._guard:
            if (tenant, approval_id) not in self._approvals:
                raise NotFound(f"no approval {approval_id}")
            return self._approvals[tenant, approval_id]

    def keep_token(self, tenant: str, approval_id: str, token: str) -> None:
        with self._guard:
            if self.approval(tenant, approval_id).state != "pending":
                raise Conflict(f"approval {approval_id} is decided")
            self._tokens[tenant, approval_id] = token

    def decide_approval(self, approval: Approval, journal: JournalEntry) -> None:
        with self._guard:
            if self.approval(approval.tenant, approval.id).state != "pending":
                raise Conflict(f"approval {approval.id} was decided meanwhile")
            self._approvals[approval.tenant, approval.id] = approval
            self._keep(approval.tenant, [journal])

    def pending_approvals(self, tenant: str, now: datetime, after: str = "", limit: int = 50) -> PendingPage:
        with self._guard:
            kept = [approval for (owner, _), approval in self._approvals.items() if owner == tenant]
        waiting = [approval.in_brief for approval in kept if approval.state_at(now) == "pending"]
        found = sorted((one for one in waiting if one.place > after), key=lambda one: one.place)
        return PendingPage(found[:limit], found[limit - 1].place if len(found) > limit else None)

    def token(self, tenant: str, approval_id: str) -> str | None:
        with self._guard:
            return self._tokens.get((tenant, approval_id))

    # leases

    def leases(self, tenant: str, targets: Sequence[ResourceRef]) -> dict[ResourceRef, Lease]:
        with self._guard:
            return {ref: self._leases[tenant, ref] for ref in targets if (tenant, ref) in self._leases}

    def renew_leases(self, tenant: str, run_id: str, targets: Sequence[ResourceRef], until: datetime) -> None:
        with self._guard:
            for ref, lease in self.leases(tenant, targets).items():
                if lease.run_id == run_id and lease.until < until:
                    self._leases[tenant, ref] = lease.model_copy(update={"until": until})

    def free_leases(self, tenant: str, run_id: str, targets: Sequence[ResourceRef]) -> None:
        with self._guard:
            for ref, lease in self.leases(tenant, targets).items():
                if lease.run_id == run_id:
                    self._leases[tenant, ref] = lease.model_copy(update={"run_id": ""})

    def _take(self, tenant: str, leases: Sequence[Taking]) -> None:
        for seen, lease in leases:
            if self._leases.get((tenant, lease.target)) != seen:
                raise NotReady(TAKEN, ours=True)
        self._leases |= {(tenant, lease.target): lease for _, lease in leases}

    # freezes

    def freezes(self, tenant: str) -> list[Freeze]:
        with self._guard:
            kept = [freeze for (owner, _), freeze in self._freezes.items() if owner == tenant]
            return sorted(kept, key=lambda freeze: freeze.at)

    def freeze(self, tenant: str, freeze: Freeze, journal: JournalEntry) -> None:
        with self._guard:
            if (tenant, freeze.scope) in self._freezes:
                raise Conflict(f"{freeze.scope.in_words} is frozen already")
            self._freezes[tenant, freeze.scope] = freeze
            self._keep(tenant, [journal])

    def thaw(self, tenant: str, scope: Scope, journal: JournalEntry) -> None:
        with self._guard:
            if (tenant, scope) not in self._freezes:
                raise Conflict(f"{scope.in_words} is not frozen")
            del self._freezes[tenant, scope]
            self._keep(tenant, [journal])

    # limits

    def counted(self, tenant: str, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Counted]:
        with self._guard:
            return {place: self._counted[tenant, place] for place in places if (tenant, place) in self._counted}

    # standing approvals

    def standings(self, tenant: str) -> list[Standing]:
        with self._guard:
            kept = [one for (owner, _), one in self._standings.items() if owner == tenant]
            return sorted(kept, key=lambda one: (one.at, one.id))

    def grant(self, tenant: str, standing: Standing, journal: JournalEntry) -> None:
        with self._guard:
            if (tenant, standing.id) in self._standings:
                raise Conflict(f"standing approval {standing.id} is there already")
            self._standings[tenant, standing.id] = standing
            self._keep(tenant, [journal])

    def revoke(self, tenant: str, standing_id: str, journal: JournalEntry) -> None:
        with self._guard:
            if self._standings.pop((tenant, standing_id), None) is None:
                raise Conflict(f"there is no standing approval {standing_id}")
            self._keep(tenant, [journal])

    # memory and evidence

    def focus(self, tenant: str, conversation: str) -> Focus:
        with self._guard:
            return self._focus.get((tenant, conversation), Focus())

    def journal(self, tenant: str, day: str, since: datetime | None = None) -> list[JournalEntry]:
        with self._guard:
            kept = [entry for (owner, _), entry in self._journal.items() if owner == tenant]
            kept = [entry for entry in kept if since is None or entry.at >= since]
            return sorted(
                (entry for entry in kept if entry.at.date().isoformat() == day), key=lambda entry: (entry.at, entry.id)
            )

    def _update(self, run: Run, **change: object) -> Run:
        with self._guard:
            self._runs[run.tenant, run.run_id] = self.run(run.tenant, run.run_id).model_copy(update=change)
            return self._runs[run.tenant, run.run_id]

    def _keep(self, tenant: str, entries: Sequence[JournalEntry]) -> None:
        for entry in entries:
            self._journal.setdefault((tenant, entry.id), entry)

    def _owned(self, tenant: str, run_id: str, entry: LedgerEntry, owner: str) -> None:
        kept = self._effects.get((tenant, run_id), {}).get((entry.step, entry.item))
        if kept is None or kept.owner != owner or kept.state != "started":
            raise Conflict(f"{entry.step} {entry.item} of run {run_id} is another worker's now")


class MemoryEffects:
    """ports.Effects over a MemoryStore."""

    def __init__(self, store: MemoryStore, tenant: str = "main") -> None:
        self._store, self._tenant = store, tenant

    def on(self, target: ResourceRef) -> Iterator[LedgerEntry]:
        return iter(self._store.effects_on(self._tenant, target))

    def made(self, since: datetime, until: datetime, target: ResourceRef | None = None) -> Iterator[MadeEffect]:
        for one in self._store.effects_made(self._tenant):
            targets = {target.ref for target in one.entry.prior.targets}
            if since <= one.entry.started_at <= until and (target is None or target in targets):
                yield one


def _arrival(run: Run) -> str:
    return f"{place_in_time(run.trigger.received_at)}#{run.run_id}"
