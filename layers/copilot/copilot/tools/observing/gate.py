"""What was read, held against what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from copilot.domain import Frozen, Made
from copilot.errors import FatalError
from copilot.text.listing import listed
from copilot.text.outside import inert, quoted
from copilot.tools.observing.metrics import amount
from copilot.tools.tool import ReadTool

Way = Literal["under", "at_most", "over", "at_least"]
_WORDS: Mapping[Way, str] = {"under": "under", "at_most": "at most", "over": "over", "at_least": "at least"}


class GateInput(Frozen):
    """Either `so` says whether it holds, or each of `values`, or the one `value`, is held against the bound."""

    what: str = Field(max_length=300, description="of what, in words")
    way: Way | None = Field(default=None, description="on which side of the bound")
    bound: float = Field(default=0, description="in the unit of the values")
    values: tuple[float, ...] = Field(default=(), description="what was measured")
    value: float | None = Field(default=None, description="or the one number that was counted")
    labels: tuple[str, ...] = Field(default=(), description="what each value is of")
    units: tuple[str, ...] = Field(default=(), description="in which unit; the first counts")
    so: bool | None = Field(default=None, description="or whether it is so")
    wanted: bool = Field(default=True, description="what `so` must be")
    seen: str | tuple[str, ...] = Field(default="", description="what was seen, where that is no number")
    unread: tuple[str, ...] = Field(default=(), description="what could not be looked at")


class GateOutput(Frozen):
    summary: Made = Field(description="what it is, and what it must be")


class Gate(ReadTool[GateInput, GateOutput]):
    """Made by code alone, of what people say. What could not be looked at, or has no value, does not hold."""

    name = "gate"
    summary = "Hold what was read against what it must be."
    Input = GateInput
    Output = GateOutput
    of_environments = False
    by_code = True
    lasts = 0

    def run(self, input: GateInput) -> GateOutput:
        """Raises FatalError with why it does not hold."""
        if input.unread:
            why = listed([quoted(one) for one in input.unread])
            raise FatalError(f"not all of {inert(input.what)} could be looked at: {why}", ours=True)
        return GateOutput(summary=_of_numbers(input) if input.way else _of_state(input))


def _of_state(input: GateInput) -> str:
    if input.so is None:
        raise FatalError(f"whether {inert(input.what)} is not known", ours=True)
    told = [input.seen] if isinstance(input.seen, str) else [*input.seen]
    seen = f": {listed([quoted(one) for one in told if one])}" if any(told) else ""
    if input.so is not input.wanted:
        said = "no, and it must be so" if input.wanted else "yes, and it must not be so"
        raise FatalError(f"{inert(input.what)}: {said}{seen}", ours=True)
    return f"{inert(input.what)}: {'yes' if input.wanted else 'no'}, as it must be{seen}"


def _of_numbers(input: GateInput) -> str:
    assert input.way is not None
    unit = input.units[0] if input.units else ""
    must = f"must be {_WORDS[input.way]} {amount(input.bound, unit)}"
    values = [*input.values] if input.value is None else [input.value]
    if not values:
        raise FatalError(f"nothing was measured of {inert(input.what)}, which {must}", ours=True)
    labels = [*input.labels] if len(values) > 1 and len(input.labels) == len(values) else [""] * len(values)
    told = [
        f"{amount(value, unit)}{f' ({quoted(label)})' if label else ''}"
        for value, label in zip(values, labels, strict=True)
    ]
    wrong = [said for value, said in zip(values, told, strict=True) if not _holds(value, input.way, input.bound)]
    if wrong:
        raise FatalError(f"{inert(input.what)} is {listed(wrong)}, {must}", ours=True)
    return f"{inert(input.what)} is {listed(told)}, {must}"


def _holds(value: float, way: Way, bound: float) -> bool:
    match way:
        case "under":
            return value < bound
        case "at_most":
            return value <= bound
        case "over":
            return value > bound
        case "at_least":
            return value >= bound
