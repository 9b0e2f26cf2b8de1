"""What is measured: one task, in a world of some size, after some talk, with some number of tools at hand."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

TASK = "Stop every development environment that nobody has used for six hours, then tell #platform which ones."
COMPOSED = f"{TASK} Explain to me why those."
KNOWN = "stop idle dev environments"
CHANNEL = "#platform"
HOURS = 6
PAUSE = 0.1
"""Seconds that every call of a tool takes."""


class Case(BaseModel):
    """`turns` are the messages before the task: half of them a person's, half answers. `tools` is how many there are
    in all, None for those a contestant comes with. With `reckoned` the model answers at once, and the time that it
    would have taken is worked out: a model's words for hundreds of environments take minutes. `request` is the task,
    the same with an answer that has to be composed, or as much of it as is a known intent.
    """

    model_config = ConfigDict(frozen=True)

    environments: int = 6
    turns: int = 0
    tools: int | None = None
    reckoned: bool = False
    request: str = TASK


def earlier_question(number: int) -> str:
    """What was talked about before; no two the same, and nothing an intent knows."""
    return f"Which development environments does team {number + 1} own?"
