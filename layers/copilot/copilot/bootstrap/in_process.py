"""A whole run in this process: the same use cases as the deployed system, a Store in memory, threads for the Map.

For trying a plan or a tool, for tests, evaluations and benchmarks. One call: `InProcess(clients).run(plan)`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, cast
from uuid import uuid4

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.adapters.memory_facts import MemoryFacts
from copilot.adapters.memory_inventory import MemoryInventory
from copilot.adapters.memory_learned import MemoryLearned
from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.adapters.memory_spending import MemorySpending
from copilot.adapters.system_clock import SystemClock
from copilot.bootstrap.use_cases import UseCases
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import (
    AnswerTo,
    Approval,
    Asked,
    Attachment,
    ItemCall,
    ItemOutcome,
    Permission,
    Person,
    Place,
    Plan,
    Run,
    Runtime,
    Trigger,
    Verdict,
)
from copilot.edges.run_views import view_run
from copilot.language_model.consulting import ModelFor
from copilot.plans.check import check_plan
from copilot.ports import Clients, Clock, Facts, History, Inventory, Learned, Runbooks, Spending, Store, Sweeps
from copilot.tools.registry import Registry

log = logging.getLogger(__name__)
ClientsFor = Callable[[Run, str, Sequence[Permission] | None], Clients]
ME = Person(id="me", name="Me", roles=("developer", "operator", "approver"))
ANOTHER = Person(id="another", name="Another", roles=("reader", "approver"))


class NobodyWaits:
    """ports.Workflow for a runner that goes on by itself."""

    def start(self, run: Run, execution: int) -> None: ...

    def wake(self, token: str) -> None: ...

    def is_running(self, run: Run) -> bool:
        return False


class NobodySweeps:
    """ports.Sweeps where what is known is what was given."""

    def ask(self, places: Iterable[Place], attempt: int = 1, after: timedelta = timedelta()) -> None: ...

    def ask_whose_turn(self) -> None: ...

    def ask_to_publish(self, after: timedelta) -> None: ...

    def ask_to_look(self, watches: Iterable[str]) -> None: ...


@dataclass
class InProcess:
    """`clients` gives a tool's clients for a run, a call and, for a write, its permissions.

    `decide` stands for `approver`, who is asked for an approval; None leaves the run parked. `model_for` gives the
    model for a purpose; without one only known intents are planned. `inventory` is what is known by name, and
    `history` what all Runs changed, where the store is none in memory.
    """

    clients: ClientsFor
    config: Configuration = field(default_factory=lambda: Configuration(accounts=(), people=()))
    registry: Registry = field(default_factory=Registry)
    store: Store = field(default_factory=MemoryStore)
    inventory: Inventory = field(default_factory=MemoryInventory)
    sweeps: Sweeps = field(default_factory=NobodySweeps)
    runbooks: Runbooks = field(default_factory=MemoryRunbooks)
    facts: Facts = field(default_factory=MemoryFacts)
    learned: Learned = field(default_factory=MemoryLearned)
    spending: Spending = field(default_factory=MemorySpending)
    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], None] = time.sleep
    decide: Callable[[Approval], Literal["approve", "deny"] | None] = lambda approval: None
    person: Person = ME
    approver: Person = ANOTHER
    answer_to: AnswerTo | None = None
    workers: int = 20
    runtime: Runtime | None = None
    model_for: ModelFor = lambda purpose: None
    history: History | None = None
    use_cases: UseCases = field(init=False)

    def __post_init__(self) -> None:
        """The person at work here is known to the configuration, as everybody who may do something is."""
        known = KnownPerson(id=self.person.id, name=self.person.name, principals=(), roles=self.person.roles)
        self.config = self.config.model_copy(update={"people": (*self.config.people, known)})
        self.use_cases = UseCases(
            store=self.store,
            inventory=self.inventory,
            history=self.history or MemoryEffects(cast(MemoryStore, self.store)),
            registry=self.registry,
            clock=self.clock,
            workflow=NobodyWaits(),
            sweeps=self.sweeps,
            runbooks=self.runbooks,
            facts=self.facts,
            learned=self.learned,
            spending=self.spending,
            configuration=lambda: self.config,
            functions={name: name for name in ("read", "write", "render", "send", "check")},
            runtime=self.runtime,
            reading=self._reading,
            reading_back=self._reading,
            writing=self.clients,
            model_for=lambda purpose: self.model_for(purpose),
            has_model=lambda: self.model_for("plan") is not None,
        )

    def run(
        self, request: Plan | str, conversation: str = "in-process", attachments: tuple[Attachment, ...] = ()
    ) -> dict[str, Any]:
        """Do a plan, or what a text asks for; returns the run as the API shows it. Raises PlanError."""
        text = request if isinstance(request, str) else request.goal
        asked = Asked(text=text, conversation=conversation, attachments=attachments)
        trigger = Trigger.asked(asked, self.config.tenant, self.person, self.clock.now(), self.answer_to)
        if isinstance(request, Plan):
            check_plan(request, self.use_cases.registry)
            run, _ = self.use_cases.ingest(trigger, request)
        else:
            run, _ = self.use_cases.ingest(trigger)
        return self.go_on(run)

    def go_on(self, run: Run) -> dict[str, Any]:
        """Take a run as far as it goes: to its answer, or to an approval that nobody decides."""
        wave, outcomes = 0, list[ItemOutcome]()
        self.use_cases.make_plan(run.tenant, run.run_id)
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            while True:
                advanced = self.use_cases.advance(run.tenant, run.run_id, wave, outcomes)
                wave, outcomes = advanced.wave, []
                if advanced.next in {"items", "items_distributed"}:
                    outcomes = list(pool.map(self._item, advanced.items))
                elif advanced.next == "plan":
                    self.use_cases.make_plan(run.tenant, run.run_id)
                elif advanced.next == "wait":
                    self.sleep(advanced.seconds or 0)
                elif advanced.next == "approve":
                    if not self._decided(run.tenant, advanced.approval_id or ""):
                        break
                else:
                    self.use_cases.reply_composed(run.tenant, run.run_id)
                    break
        return view_run(self.store, run.tenant, run.run_id, self.clock.now())

    def _item(self, call: ItemCall) -> ItemOutcome:
        """What the machine does with an item: its function, then Check if that left it open."""
        try:
            if call.function == "check":
                return self.use_cases.check(call)
            dead_after = self.clock.now() + timedelta(minutes=1)
            outcome = self.use_cases.execute(call, owner=uuid4().hex, dead_after=dead_after)
            return outcome if outcome.verdict.settled else self.use_cases.check(call)
        except Exception as error:  # as the machine's Catch: a broken tool is this item's trouble, not the run's
            log.exception("%s failed", call.id)
            if call.phase == "execute" and call.function == "write":
                return self.use_cases.check(call)  # it may have been made all the same
            verdict = Verdict(
                kind="unknown", reason=f"a part of the copilot failed ({type(error).__name__}); its log says why"
            )
            return ItemOutcome(step=call.step, item=call.item, attempt=call.attempt, phase=call.phase, verdict=verdict)

    def _decided(self, tenant: str, approval_id: str) -> bool:
        decision = self.decide(self.store.approval(tenant, approval_id))
        if decision is not None:
            self.use_cases.approve(tenant, approval_id, self.approver, decision)
        return decision is not None

    def _reading(self, run: Run, call_id: str) -> Clients:
        return self.clients(run, call_id, None)
