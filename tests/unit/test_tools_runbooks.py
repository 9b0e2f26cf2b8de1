"""Runbooks are saved as versions that stay, listed, withdrawn and put back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from some_clients import SomeClients
from test_runbook_check import GOOD

from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.domain import Call, NothingToUndo, Person, Preview
from copilot.errors import NotReady, ToolInputError
from copilot.tools.runbooks.keeping import (
    RunbookOutput,
    SaveRunbook,
    SaveRunbookInput,
    WithdrawRunbook,
    WithdrawRunbookInput,
)
from copilot.tools.runbooks.listing import ListRunbooks, ListRunbooksInput

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA, BEN = Person(id="ana", name="Ana", roles=("operator",)), Person(id="ben", name="Ben", roles=("operator",))


class FixedClock:
    def now(self) -> datetime:
        return NOON


class Clients(SomeClients):
    def __init__(self, runbooks: MemoryRunbooks, person: Person = ANA) -> None:
        self.runbooks, self.person, self.clock, self.call_id = runbooks, person, FixedClock(), "r1/s/0"


def given(text: str = GOOD, name: str = "idle") -> SaveRunbookInput:
    return SaveRunbookInput(name=name, document=text)


def save(runbooks: MemoryRunbooks, text: str = GOOD, person: Person = ANA) -> tuple[Preview, RunbookOutput]:
    tool = SaveRunbook(Clients(runbooks, person))
    preview = tool.preview(given(text))
    output = tool.run(given(text), preview)
    assert tool.verify(given(text), preview).outcome == "true"
    return preview, output


def withdraw(runbooks: MemoryRunbooks, version: int, withdrawn: bool = True) -> tuple[Preview, RunbookOutput]:
    tool, taken = (
        WithdrawRunbook(Clients(runbooks)),
        WithdrawRunbookInput(name="idle", version=version, withdrawn=withdrawn),
    )
    preview = tool.preview(taken)
    output = tool.run(taken, preview)
    assert tool.verify(taken, preview).outcome == "true"
    return preview, output


def called(runbooks: MemoryRunbooks, call: Any) -> RunbookOutput:
    """What the inverse of a call comes to."""
    assert isinstance(call, Call) and call.tool == "withdraw_runbook"
    tool, taken = WithdrawRunbook(Clients(runbooks)), WithdrawRunbookInput.model_validate(call.arguments)
    return tool.run(taken, tool.preview(taken))


OTHER = GOOD.replace("default: 6", "default: 7")


def test_what_is_saved_is_the_next_version_of_its_name_whatever_it_says_itself() -> None:
    runbooks = MemoryRunbooks()
    preview, output = save(runbooks, "version: 9\n" + GOOD)
    assert (output.version, preview.changes[0].before) == (1, "no runbook of this name")
    assert "version 1: list_environments, environment_activity for each, notify; it takes" in preview.changes[0].after
    preview, output = save(runbooks, OTHER, BEN)
    assert (output.version, preview.changes[0].before) == (2, "version 1 by Ana")
    assert output.summary.startswith("saved as runbook idle, version 2 of a name that there was already: ")
    kept = [(one.runbook.version, one.by, one.at) for one in runbooks.versions("idle")]
    assert kept == [(1, ANA, NOON), (2, BEN, NOON)]


def test_what_is_as_the_newest_is_not_saved_again() -> None:
    runbooks = MemoryRunbooks()
    save(runbooks)
    preview, output = save(runbooks, GOOD + "\n# said again\n")
    assert preview.is_idle and output.version == 1 and len(runbooks.versions("idle")) == 1
    assert isinstance(SaveRunbook.undo(given(), preview), NothingToUndo)


def test_a_saving_whose_worker_died_is_made_once() -> None:
    runbooks = MemoryRunbooks()
    tool = SaveRunbook(Clients(runbooks))
    preview = tool.preview(given())
    assert tool.run(given(), preview) == tool.run(given(), preview)
    assert len(runbooks.versions("idle")) == 1


def test_what_another_saved_meanwhile_stays_as_it_is() -> None:
    runbooks = MemoryRunbooks()
    tool = SaveRunbook(Clients(runbooks))
    preview = tool.preview(given())
    for text, person in ((OTHER, ANA), (GOOD, BEN)):
        runbooks = MemoryRunbooks()
        tool = SaveRunbook(Clients(runbooks))
        save(runbooks, text, person)
        with pytest.raises(NotReady, match="another version 1 of idle was saved meanwhile"):
            tool.run(given(), preview)


def test_undoing_a_saving_leaves_the_version_before_and_undoing_that_the_one_after() -> None:
    runbooks = MemoryRunbooks()
    save(runbooks)
    before = runbooks.runbooks()
    preview, _ = save(runbooks, OTHER)
    after = runbooks.runbooks()
    output = called(runbooks, SaveRunbook.undo(given(OTHER), preview))
    assert runbooks.runbooks() == before
    assert output.summary == "runbook idle, version 2, is withdrawn; version 1 is the newest now"
    taken = WithdrawRunbookInput(name="idle", version=2)
    called(runbooks, WithdrawRunbook.undo(taken, preview.model_copy(update={"changes": ()})))
    assert runbooks.runbooks() == after


def test_the_number_of_a_version_that_was_withdrawn_is_not_used_again() -> None:
    runbooks = MemoryRunbooks()
    save(runbooks)
    preview, output = withdraw(runbooks, 1)
    assert preview.changes[0].action == "delete"
    assert output.summary == "runbook idle, version 1, is withdrawn; there is no version left to run"
    assert save(runbooks)[1].version == 2
    preview, _ = withdraw(runbooks, 1)
    assert preview.is_idle
    assert isinstance(WithdrawRunbook.undo(WithdrawRunbookInput(name="idle", version=1), preview), NothingToUndo)
    preview, output = withdraw(runbooks, 1, withdrawn=False)
    assert preview.changes[0].action == "create"
    assert output.summary == "runbook idle, version 1, is there again; version 2 is the newest now"


def test_what_is_no_runbook_or_of_another_name_is_refused() -> None:
    tool = SaveRunbook(Clients(MemoryRunbooks()))
    with pytest.raises(ToolInputError, match=r"the document is no runbook: .*there is no key nam; nearest: name"):
        tool.preview(given(GOOD.replace("name: idle", "nam: idle")))
    with pytest.raises(ToolInputError, match="the document is of runbook idle, and not other"):
        tool.preview(given(name="other"))


def test_a_version_that_is_not_there_is_refused_with_what_there_is() -> None:
    runbooks = MemoryRunbooks()
    save(runbooks)
    tool = WithdrawRunbook(Clients(runbooks))
    with pytest.raises(ToolInputError, match="no runbook idle, version 2; its last is version 1"):
        tool.preview(WithdrawRunbookInput(name="idle", version=2))
    with pytest.raises(ToolInputError, match="no runbook idel, version 1; nearest: idle"):
        tool.preview(WithdrawRunbookInput(name="idel", version=1))


def test_runbooks_are_listed_with_what_they_take_and_who_saved_them() -> None:
    runbooks = MemoryRunbooks()
    listed = ListRunbooks(Clients(runbooks))
    assert listed.run(ListRunbooksInput()).none == "There is no runbook. `devops-copilot runbooks add FILE` adds one."
    save(runbooks, GOOD + "description: Stop what is idle\n")
    (one,) = listed.run(ListRunbooksInput()).runbooks
    assert (one.name, one.version, one.by) == ("idle", 1, "ana")
    assert one.takes == (
        "kind (one of development, preview; development unless it is said), "
        "hours (a whole number; 6 unless it is said), channel (a #channel)"
    )
    assert one.summary == f"idle, version 1, by Ana: «Stop what is idle». It takes {one.takes}."
