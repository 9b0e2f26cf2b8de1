"""The turns of a Conversation, whichever call to the store or the workflow is cut short: one at a time, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, product
from typing import Any, TypeVar

import pytest
from fakes import FakeClock
from test_store import NOW, entry, store, trigger

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Advanced, Run, Turn
from copilot.errors import RetryableError
from copilot.ports import Store, Workflow
from copilot.triggers.ingesting import Ingest
from functions.ingest_event.app import is_lost

__all__ = ["store"]

T = TypeVar("T")

MOST_CALLS = 9
"""More than there are in any part of what is tried here."""


class Killed(BaseException):
    """What ends a worker in the middle of its work: nothing of it runs any more."""


CUTS = {
    "dead before it": (Killed, False),
    "dead after it": (Killed, True),
    "throttled": (RetryableError, False),
    "its answer lost": (RetryableError, True),
}


@dataclass
class Machine:
    """ports.Workflow: executions by name, and how each stands, in the order they were started."""

    executions: dict[str, str] = field(default_factory=dict)

    def start(self, run: Run, execution: int) -> None:
        self.executions.setdefault(f"{run.run_id}-{execution}", "RUNNING")

    def wake(self, token: str) -> None: ...

    def is_running(self, run: Run) -> bool:
        return self.executions.get(f"{run.run_id}-{run.execution}") == "RUNNING"


@dataclass
class Cut:
    """Cuts short the call that is made as number `at` to one of two ports."""

    at: int
    error: type[BaseException]
    late: bool
    made: int = 0

    def through(self, port: Any) -> Any:
        return _Through(port, self)


@dataclass
class _Through:
    port: Any
    cut: Cut

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            self.cut.made += 1
            cut = self.cut.made == self.cut.at
            if cut and not self.cut.late:
                raise self.cut.error("cut short")
            answer = getattr(self.port, name)(*given)
            if cut:
                raise self.cut.error("cut short")
            return answer

        return call


@dataclass
class Conversation:
    store: Store
    name: str
    machine: Machine = field(default_factory=Machine)
    sent: dict[str, str] = field(default_factory=dict)

    def ingest(self, cut: Cut | None = None) -> Ingest:
        store: Store = cut.through(self.store) if cut else self.store
        machine: Workflow = cut.through(self.machine) if cut else self.machine
        return Ingest(store, machine, FakeClock(NOW))

    def send(self, key: str, cut: Cut | None = None) -> None:
        given = trigger(
            f"{self.name} {key}", conversation=self.name, received_at=NOW + timedelta(seconds=len(self.sent))
        )
        self.sent.setdefault(key, given.run_id)
        self.ingest(cut)(given)
        self.one_at_a_time()

    def end(self, how: str, cut: Cut | None = None) -> None:
        """The oldest execution that is at work comes to its end, of which the machine tells until it is heard."""
        name = next(name for name, status in self.machine.executions.items() if status == "RUNNING")
        run = self.store.run("main", name.rpartition("-")[0])
        if how == "parks":
            wave = run.wave + 1
            advanced = Advanced(next="approve", wave=wave)
            self.store.save_wave(run.model_copy(update={"wave": wave, "advanced": advanced}), [], None, [])
            self.store.release_lock(run)
            with cut_short():
                self.ingest(cut).start_next("main", self.name)
            self.ingest().start_next("main", self.name)
            self.machine.executions[name] = "PARKED"
            self.one_at_a_time()
            self.machine.executions[name] = "RUNNING"
        self.machine.executions[name] = "FAILED" if how == "dies" else "SUCCEEDED"
        if how != "dies":
            self.answer(run)
        for each in (cut, None):
            with cut_short():
                run = self.store.run("main", run.run_id)
                if is_lost(run, {"name": name, "status": self.machine.executions[name]}):
                    self.answer(run)
                self.ingest(each).start_next("main", self.name)
        self.one_at_a_time()

    def answer(self, run: Run) -> None:
        done = run.model_copy(update={"answer": "done", "outcome": "succeeded", "answered_at": NOW})
        at = NOW + timedelta(minutes=len(self.store.turns("main", self.name)))
        turn = Turn(run_id=run.run_id, author="copilot", text="done", at=at)
        self.store.answer_run(done, turn, [entry("answer", run.run_id)])
        self.store.release_lock(run)

    @property
    def is_at_work(self) -> bool:
        return "RUNNING" in self.machine.executions.values()

    def one_at_a_time(self) -> None:
        assert list(self.machine.executions.values()).count("RUNNING") <= 1, self.machine.executions

    def came_to_its_end(self) -> None:
        for _ in range(9):
            if self.is_at_work:
                self.end("answers")
        runs = [self.store.run("main", run_id) for run_id in self.sent.values()]
        assert [run.status for run in runs] == ["answered"] * len(runs)
        assert sorted(self.machine.executions) == sorted(f"{run.run_id}-1" for run in runs), "each ran once"
        assert {run.execution for run in runs} == {1}
        assert self.store.next_queued("main", self.name) is None


@contextmanager
def cut_short() -> Iterator[None]:
    with suppress(Killed, RetryableError):
        yield


def some_of(every: Iterator[T], store: Store) -> Iterator[T]:
    """All of them in memory; over the network, where each takes most of a second, one of every few."""
    return every if isinstance(store, MemoryStore) else islice(every, 5, None, 19)


@pytest.mark.parametrize("cut", CUTS)
def test_a_request_that_is_cut_short_anywhere_neither_runs_beside_another_nor_holds_one_up(
    store: Store, cut: str
) -> None:
    error, late = CUTS[cut]
    every = product(range(1, MOST_CALLS), ("answers", "dies", "parks"), ("first", "last"), (True, False))
    for at, how, when, again in some_of(every, store):
        conversation = Conversation(store, f"ann/{at} {how} {when} {again}")
        with cut_short():
            conversation.send("k1", Cut(at, error, late))
        if conversation.is_at_work and when == "first":
            conversation.end(how)
        conversation.send("k2")
        conversation.send("k3")
        if again or (at, late) == (1, False):
            conversation.send("k1")
        if conversation.is_at_work and when == "last":
            conversation.end(how)
        conversation.came_to_its_end()


@pytest.mark.parametrize("cut", CUTS)
def test_a_turn_whose_start_at_the_end_of_another_is_cut_short_anywhere_neither_runs_beside_a_third_nor_holds_it_up(
    store: Store, cut: str
) -> None:
    error, late = CUTS[cut]
    every = product(range(1, MOST_CALLS), ("answers", "dies", "parks"), ("answers", "dies", "parks"))
    for at, how, then in some_of(every, store):
        conversation = Conversation(store, f"ann/{at} {how} {then}")
        for key in ("k1", "k2", "k3"):
            conversation.send(key)
        conversation.end(how, Cut(at, error, late))
        if conversation.is_at_work:
            conversation.end(then, Cut(at, error, late))
        conversation.send("k4")
        conversation.came_to_its_end()
