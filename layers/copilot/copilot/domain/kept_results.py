"""What was read in a Conversation and may be referred to again, as memory.<name> in a plan."""

from __future__ import annotations

from datetime import datetime

from copilot.domain.classes import NOT_KNOWN, About
from copilot.domain.frozen import Frozen

ANSWER = "answer"
"""The name of what the copilot said last."""


class KeptResult(Frozen):
    """What a step of a Run read and its answer spoke of; by the name `answer` that answer itself, as it was said.

    `step` of `run_id` gave it, by `tool` (name@version), in so many `items`, as a list where `for_each`; an answer has
    neither step nor tool. `at` is when it was read. It is not `trusted` where text which is not to be trusted had
    chosen it, `marked` are the fields of it that hold such text (see plans.marks); `kept_back`: no model may read it.
    `about` is what it tells of, `by` the id of whoever asked for it. `call` is the same of two that were read in the
    same way, `what` says in a line what was read. `told_in` is the Run whose answer spoke of it last, and `lists` the
    lists of it that this showed, as expressions, what is shown first first.
    """

    name: str
    run_id: str
    step: str = ""
    tool: str = ""
    for_each: bool = False
    items: int = 1
    at: datetime
    by: str
    trusted: bool = True
    marked: tuple[str, ...] = ()
    kept_back: bool = False
    about: About = NOT_KNOWN
    call: str = ""
    what: str = ""
    told_in: str = ""
    lists: tuple[str, ...] = ()
