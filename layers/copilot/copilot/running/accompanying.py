"""What is told of what other steps did, by code: which of their changes were made, of what is to be told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copilot.domain import ChangeSort, LedgerEntry, Person, Preview, Step, StepState, selected, sort_of
from copilot.running.board import Board
from copilot.text.listing import listed
from copilot.text.outside import inert, quoted

NOTHING_DONE = "nothing of that was done"
_DONE: dict[ChangeSort, str] = {
    "stop": "stopped",
    "start": "started",
    "restart": "restarted",
    "scale": "changed the size of",
    "deploy": "deployed to",
    "delete": "deleted",
}
_WHOLE = frozenset({"stop", "start", "delete"})
"""What is done to an environment, and not to one thing in it."""


def told_of(board: Board, step: Step, entries: Sequence[LedgerEntry]) -> str:
    """The message of a step that accompanies others; "" where nothing was done that it tells of. By the ledger, whose
    look is the one that the change was made by.
    """
    made = {(entry.step, entry.item): entry.prior for entry in entries if entry.state == "done"}
    done = list(dict.fromkeys(one for name in step.after for one in _lines(step, board.steps.get(name), made)))
    return f"{_person(board.run.trigger.person)} had me do this: {listed(done)}." if done else ""


def _lines(step: Step, state: StepState | None, made: dict[tuple[str, int], Preview]) -> Iterator[str]:
    for item in state.items if state else ():
        prior = made.get((state.step_id, item.index)) if state and item.status == "done" else None
        for of in step.accompanies.of if prior and step.accompanies else ():
            assert prior is not None
            targets, changes = selected(of, prior)
            names = listed([quoted(one.name) for one in targets])
            for sort in dict.fromkeys(sort_of(one) for one in changes):
                if sort is not None:
                    there = listed([quoted(one.name) for one in changes if sort_of(one) == sort])
                    yield f"{_DONE[sort]} {names if sort in _WHOLE else f'{there} in {names}'}"


def _person(person: Person) -> str:
    return inert(person.name)
