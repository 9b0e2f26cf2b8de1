"""Who may cancel a Run, or start it again: decided once for every edge."""

from __future__ import annotations

import pytest
from fakes import TOOLS, FakeClock
from test_ingesting import FakeWorkflow

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Asked, Person, Run, Trigger
from copilot.errors import Conflict, NotAllowed
from copilot.policy.decisions import Policy
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest
from copilot.triggers.interfering import Interfere

DEV = Person(id="dev", name="Dev", roles=("developer",))
READER = Person(id="rea", name="Rea", roles=("reader",))
NOBODY = Person(id="nobody", name="Nobody")


class Setting:
    def __init__(self) -> None:
        self.store, self.workflow, clock = MemoryStore(), FakeWorkflow(), FakeClock()
        ingest = Ingest(self.store, self.workflow, clock)
        self.interfere = Interfere(ingest, Policy(Registry(TOOLS), "main", read_only=False))
        self.run, _ = ingest(Trigger.asked(Asked(text="stop dev"), "main", DEV, clock.now()))

    def kept(self) -> Run:
        return self.store.run("main", self.run.run_id)


@pytest.mark.parametrize("person", [READER, NOBODY], ids=["reader", "nobody"])
def test_whom_policy_does_not_let_changes_nothing(person: Person) -> None:
    setting = Setting()
    before, started = setting.kept(), list(setting.workflow.started)
    with pytest.raises(NotAllowed, match=r"may not cancel on .*; nothing was done"):
        setting.interfere.cancel("main", setting.run.run_id, person)
    with pytest.raises(NotAllowed, match=r"may not resume on .*; nothing was done"):
        setting.interfere.resume("main", setting.run.run_id, person)
    assert (setting.kept(), setting.workflow.started) == (before, started)


def test_whether_there_is_such_a_run_is_not_said_to_whom_it_does_not_let() -> None:
    with pytest.raises(NotAllowed):
        Setting().interfere.cancel("main", "rnone", READER)


def test_whom_it_lets_cancels_and_starts_again_as_far_as_that_goes() -> None:
    setting = Setting()
    with pytest.raises(Conflict, match="still at work"):
        setting.interfere.resume("main", setting.run.run_id, DEV)
    setting.workflow.running = False
    assert setting.interfere.resume("main", setting.run.run_id, DEV).execution == 2
    assert setting.interfere.cancel("main", setting.run.run_id, DEV).cancelled_by == "dev"
