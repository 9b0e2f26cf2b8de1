"""An approval that nobody answers, who is told of it outside the chats, and a queue with its clock, in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, Literal

from fakes import FakeClock, World
from test_runs import OFF_ALL, runner

from copilot.adapters.memory_chat import MemoryDeliveries, MemoryQueue
from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import Approval, Delivered, Delivery, Escalation, Plan, Run
from copilot.errors import CopilotError, RetryableError

AGAIN = timedelta(seconds=60)
"""After which the queue hands over again what was not done with."""
MOST_RECEIVES = 10
PLACES: dict[str, Any] = {
    "mail": {
        "sender": "copilot@example.com",
        "region": "eu-west-1",
        "owner": "ops@example.com",
        "lists": {"oncall": {"to": ["oncall@example.com"]}},
    },
    "sns": {"oncall": {"arn": "arn:aws:sns:eu-west-1:111111111111:oncall"}},
    "pagerduty": {"oncall": {"key": "arn:aws:ssm:eu-west-1:111111111111:parameter/pagers/pagerduty"}},
    "opsgenie": {"oncall": {"key": "arn:aws:ssm:eu-west-1:111111111111:parameter/pagers/opsgenie"}},
}
LEVELS = (
    {"after": 10, "to": ["mail:oncall", "sns:oncall"]},
    {"after": 15, "to": ["pagerduty:oncall"]},
    {"after": 15, "to": ["opsgenie:oncall"]},
)


def _deliver() -> Any:
    """The module of the function, whose name others have too."""
    where = Path(__file__).parents[2] / "functions" / "deliver" / "app.py"
    spec = spec_from_file_location("deliver_app", where)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DELIVER = _deliver()


@dataclass
class FakePagers:
    """ports.Pagers. `fails` is asked before something is taken, `breaks` after it was, both with the destination."""

    clock: FakeClock
    fails: Callable[[str], CopilotError | None] = lambda to: None
    breaks: Callable[[str], None] = lambda to: None
    taken: list[tuple[datetime, Literal["open", "resolve"], str, Escalation]] = field(default_factory=list)

    def open(self, to: str, escalation: Escalation) -> str:
        return self._take("open", to, escalation)

    def resolve(self, to: str, outcome: Escalation) -> str:
        return self._take("resolve", to, outcome)

    def _take(self, what: Literal["open", "resolve"], to: str, told: Escalation) -> str:
        if error := self.fails(to):
            raise error
        self.taken.append((self.clock.now(), what, to, told))
        self.breaks(to)
        return told.model_dump_json()

    def told(self, what: Literal["open", "resolve"] = "open") -> list[str]:
        return [to for _, one, to, _ in self.taken if one == what]

    def open_now(self) -> set[tuple[str, str]]:
        """What is open: a page by its key is one, however often it was opened."""
        opened = set[tuple[str, str]]()
        for _, what, to, told in self.taken:
            (opened.add if what == "open" else opened.discard)((to, told.key))
        return opened


class Unanswered:
    """One approval, asked for at the start; whoever is told of it is told by `deliver`, as its queue hands it over."""

    def __init__(self, levels: Sequence[Any] = LEVELS, approval_minutes: int = 60, **more: Any) -> None:
        self.world = World(lights={"a": True, "b": True}, kinds={"a": "production", "b": "production"})
        self.process = runner(self.world)
        people = (
            KnownPerson(id="dana", name="Dana <b>", roles=("developer",)),
            KnownPerson(id="olga", name="Olga", roles=("approver",)),
        )
        given = {
            "accounts": (),
            "people": (),
            "escalate_to": levels,
            "destinations": PLACES,
            "approval_minutes": approval_minutes,
        }
        self.process.config = Configuration.model_validate(given | more).model_copy(update={"people": people})
        self.process.person = people[0].person
        self.clock: FakeClock = self.process.clock  # type: ignore[assignment]
        self.pagers, self.queue, self.deliveries = FakePagers(self.clock), MemoryQueue(), MemoryDeliveries()
        self.counted = Counter[str]()
        DELIVER.count = lambda name: self.counted.update([name])
        self.parts = self.process.use_cases
        vars(self.parts).update(
            deliveries=self.deliveries, delivery_queue=self.queue, pagers=self.pagers, pause=lambda seconds: None
        )
        self.process.run(Plan.model_validate(OFF_ALL))
        self.asked_at, self.waiting = self.clock.now(), list[tuple[datetime, int, Delivery]]()
        self.parts.begin_escalation("main", self.run.run_id, self.approval.id)

    @property
    def run(self) -> Run:
        (run,) = self.process.store.recent_runs("main")
        return run

    @property
    def approval(self) -> Approval:
        if not hasattr(self, "_id"):
            self._id = self.run.approval_id or ""
        return self.process.store.approval("main", self._id)

    def kept(self) -> dict[str, Delivered]:
        return {one.key: one for one in self.deliveries.of_run(self.run.run_id)}

    def states(self) -> dict[str, str]:
        """Of what is kept, by what it is of."""
        return {key.replace(f"/{self.approval.id}", ""): one.state for key, one in self.kept().items()}

    def minutes(self) -> list[tuple[float, str, str]]:
        """Who was told, and when, in minutes since it was asked."""
        return [((at - self.asked_at).total_seconds() / 60, what, to) for at, what, to, _ in self.pagers.taken]

    def decide(self, decision: Literal["approve", "deny"] = "approve") -> None:
        """By the command, and what follows."""
        person = self.process.config.people[1].person
        self.parts.approve("main", self.approval.id, person, decision)
        self.parts.show_decided("main", self.run.run_id, self.approval.id)

    def until(self, minutes: float, again: Callable[[], bool] = lambda: False) -> None:
        """Whatever is due until so many minutes after it was asked for, in its order; `again` is whether the queue
        hands over once more what was done with.
        """
        end = self.asked_at + timedelta(minutes=minutes)
        while (found := self._next()) is not None and found[0] <= end:
            self.waiting.remove(found)
            due, received, delivery = found
            self.clock.at = max(self.clock.at, due)
            try:
                DELIVER.tell(delivery, received, self.parts)
                if again():
                    self.waiting.append((self.clock.at + AGAIN, received + 1, delivery))
            except (RetryableError, Crash):
                if received < MOST_RECEIVES:
                    self.waiting.append((self.clock.at + AGAIN, received + 1, delivery))
        self.clock.at = max(self.clock.at, end)

    def moved_back(self) -> None:
        """What was left with the dead letters comes again, once nothing is wrong any more."""
        self.pagers.fails, self.pagers.breaks = lambda to: None, lambda to: None
        for delivery in self.queue.left:
            DELIVER.tell(delivery, 1, self.parts)

    def _next(self) -> tuple[datetime, int, Delivery] | None:
        """What is due first; what is of one approval in the order in which it came."""
        for delivery, after in self.queue.waiting:
            self.waiting.append((self.clock.at + after, 1, delivery))
        self.queue.waiting.clear()
        return min(self.waiting, key=lambda one: one[0], default=None)


class Crash(BaseException):
    """The function dies."""
