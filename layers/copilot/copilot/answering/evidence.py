"""What each claim of a composed answer rests on.

A model words the answer as a template: every sentence cites, by an expression over the results, what it says, `{EXPR}`
where the value stands in it and `{#EXPR}` where it does not. Code evaluates each and puts the value in, so that nothing
is said of which it cannot be shown where it is from; and under the answer says which call gave it, and the command that
shows the same to whoever types it.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue, ValidationError

from copilot.answering.grounding import unfounded_numbers
from copilot.domain import Arguments, StepState
from copilot.errors import NoData, PlanError
from copilot.plans import references
from copilot.plans.templates import placeholders, render_text, without_placeholders, words
from copilot.text.listing import count
from copilot.text.outside import inert
from copilot.tools.by_hand import NEEDED, ByHand, tool_run
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool

SILENT = "#"
"""Before an expression whose value does not stand in the sentence."""
NOT_SHOWN = "(the command has text in it that is not shown as it is)"
GAPS = ("unreachable", "not_looked_at", "more")
"""Fields at the top of an Output that say what it was not made of."""
_SENTENCE_ENDS = re.compile(r"[.!?][)\]*_\"'\u201d\u2019]*\s+")
_OPTION = re.compile(r"--[a-z][a-z-]*=")
_MOST_CALLS, _MOST_COMMANDS, _MOST_VALUES, _LONGEST_VALUE = 3, 6, 4, 80


class Source(NamedTuple):
    """A step that results are from: its tool, and what each of its calls was given and gave."""

    tool: AnyTool
    calls: Sequence[tuple[Arguments, JsonValue]]


def sources(results: Mapping[str, JsonValue], steps: Mapping[str, StepState], registry: Registry) -> dict[str, Source]:
    """Of these results, by step."""
    found = {}
    for name in results.keys() & steps.keys():
        output, step = results[name], steps[name]
        each = output if step.for_each and isinstance(output, list) else [output]
        given = [item.arguments for item in step.items if item.status == "done"]
        found[name] = Source(registry.find(step.tool), tuple(zip(given, each, strict=False)))
    return found


def citing_problems(text: str, results: Mapping[str, JsonValue], *said: str) -> list[str]:
    """What is wrong with the citations of a composed text: a line each. What was `said` may be repeated without one."""
    try:
        cited = list(dict.fromkeys(map(_expression, placeholders(text))))
    except PlanError as error:
        return [str(error)]
    bare = [sentence for sentence in _sentences(text) if not any(placeholders(sentence))]
    problems = [f"{sentence[:80]!r} cites nothing: every sentence needs {{EXPR}} or {{#EXPR}}" for sentence in bare]
    problems += [problem for expression in cited for problem in _problems(expression, results)]
    if written := unfounded_numbers(without_placeholders(text), {}, *said):
        problems.append(f"these numbers are written out, cite them: {', '.join(written)}")
    return problems


def with_evidence(text: str, results: Mapping[str, JsonValue], made_by: Mapping[str, Source]) -> str:
    """The text of which nothing is wrong, with the values in it, and under it what they rest on. Raises NoData."""
    numbers: dict[str, int] = {}
    lines = [_rendered(line, results, numbers) for line in text.strip().splitlines()]
    cited = list(dict.fromkeys(map(_expression, placeholders(text))))
    rests = [
        line
        for name, number in numbers.items()
        for line in _rests_on(number, [one for one in cited if name in _steps(one)], results, made_by.get(name))
    ]
    gaps = [f"Not looked at: {gap}" for gap in dict.fromkeys(_gaps(made_by.values()))]
    parts = ["\n".join(lines), "\n".join(["Rests on:", *rests]) if rests else "", "\n".join(gaps)]
    return "\n\n".join(part for part in parts if part)


def _rendered(line: str, results: Mapping[str, JsonValue], numbers: dict[str, int]) -> str:
    """A line with its values, and after it the numbers of the steps these are from."""
    silent = [found for found in placeholders(line) if found.startswith(SILENT)]
    spoken = line
    for found in silent:
        spoken = re.sub(rf"\s*{re.escape('{' + found + '}')}", "", spoken, count=1)
    steps = [step for found in placeholders(line) for step in sorted(_steps(_expression(found)))]
    marks = "".join(f"[{mark}]" for mark in sorted({numbers.setdefault(step, len(numbers) + 1) for step in steps}))
    # What has no value in it is all its own words, also where it ends as a heading does.
    shown = render_text(spoken, results) if any(placeholders(spoken)) else spoken.strip()
    return f"{shown} {marks}" if marks and shown else shown


def _rests_on(
    number: int, cited: Sequence[str], results: Mapping[str, JsonValue], source: Source | None
) -> Iterator[str]:
    values = [f"{inert(one)} = {_short(one, results)}" for one in cited[:_MOST_VALUES]]
    more = f" and {len(cited) - _MOST_VALUES} more" if len(cited) > _MOST_VALUES else ""
    yield f"[{number}] {'; '.join(values)}{more}"
    if source is None:
        return
    found = [one for given, gave in source.calls[:_MOST_CALLS] for one in by_hand_of(source.tool, given, gave)]
    yield from (f"    {line}" for line in commands_in(found))
    if len(source.calls) > _MOST_CALLS:
        yield f"    and the same for {len(source.calls) - _MOST_CALLS} more"


def by_hand_of(tool: AnyTool, given: Arguments, gave: JsonValue) -> Sequence[ByHand]:
    """What to type to see the same: to run the tool where there is nothing else."""
    try:
        found = (
            tool.by_hand(tool.Input.model_validate(given), tool.Output.model_validate(gave))
            if issubclass(tool, ReadTool)
            else ()
        )
    except ValidationError:  # of an older version, or masked
        found = ()
    return found or (tool_run(tool.name, given),)


def commands_in(found: Sequence[ByHand]) -> list[str]:
    """The commands, quoted for a shell, each under the account that it is of, before them those of none; a few, and how
    many more there are.
    """
    # One in which something would have to be shown otherwise than it is would not show the same.
    shown = [one for one in dict.fromkeys(found) if all(inert(part) == part for part in one.argv)]
    by_account: dict[str, list[str]] = defaultdict(list)
    for one in shown[:_MOST_COMMANDS]:
        by_account[one.account].append(" ".join(map(_quoted, one.argv)))
    lines = []
    for account, commands in sorted(by_account.items(), key=lambda one: one[0] != ""):
        lines += [f"with credentials of {inert(account)}:"] if account else []
        lines += commands
    left = len(shown) - _MOST_COMMANDS
    return [*lines, *([f"and {count(left, 'more command')} like these"] if left > 0 else [])] or [NOT_SHOWN]


def _quoted(part: str) -> str:
    """For a shell; of an option its value alone, as people write it."""
    option = _OPTION.match(part)
    return f"{option[0]}{shlex.quote(part[option.end() :])}" if option else shlex.quote(part)


def _short(expression: str, results: Mapping[str, JsonValue]) -> str:
    """What it gives, as far as it fits: of what has parts how many, or what it says of itself."""
    value = references.evaluate(expression, dict(results))
    if isinstance(value, list) and (not value or isinstance(value[0], dict | list)):
        return f"{len(value)} listed"
    if isinstance(value, dict):
        value = value.get("summary") or ", ".join(name for name in value if name != NEEDED)
    shown = " ".join(words(value).split())
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}\u2026"


def _gaps(made_by: Iterable[Source]) -> Iterator[str]:
    for source in made_by:
        for _, gave in source.calls:
            for name in GAPS:
                found = gave.get(name) if isinstance(gave, dict) else None
                if isinstance(found, int) and not isinstance(found, bool) and found:
                    yield f"{found} more that {source.tool.name} did not list"
                for one in found if isinstance(found, list) else [found] if isinstance(found, str) else []:
                    said = one.get("summary") if isinstance(one, dict) else one
                    if isinstance(said, str) and said:
                        yield inert(said)


def _problems(expression: str, results: Mapping[str, JsonValue]) -> Iterator[str]:
    try:
        unknown = _steps(expression) - results.keys()
        if unknown or not _steps(expression):
            there = ", ".join(results)
            yield f"{expression} is of no result: begin with one of {there}"
        elif references.evaluate(expression, dict(results)) is None:
            yield f"{expression} gives nothing"
    except (NoData, PlanError) as error:
        yield f"{expression} cannot be cited: {error}"


def _sentences(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from (part for part in _SENTENCE_ENDS.split(line.strip().removeprefix("- ")) if part.strip())


def _expression(placeholder: str) -> str:
    return placeholder.removeprefix(SILENT).strip()


def _steps(expression: str) -> set[str]:
    return {path[0] for path in references.roots(expression)}
