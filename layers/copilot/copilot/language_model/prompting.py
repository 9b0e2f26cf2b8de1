"""What a model is asked, for each purpose. The words are the files in prompts/, each placeholder filled in once.

Plan, correction, repair and revise have the same system text, byte for byte, so that what a provider caches serves all
of them. Whatever people and systems wrote stands as JSON on one line of its own, which nothing in it can end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

from pydantic import JsonValue

from copilot.domain import Plan, Prompt, PromptPart, digest
from copilot.language_model import shares
from copilot.language_model.context import Context as Context
from copilot.language_model.context import Part, least, told
from copilot.language_model.signatures import signatures, written
from copilot.plans.schema import plan_schema
from copilot.plans.schema_types import Type
from copilot.text.bounding import as_json, bounded, bounded_text
from copilot.text.listing import count
from copilot.text.masking import mask
from copilot.text.tokens import count_tokens
from copilot.tools.tool import AnyTool

SO_FAR_TOKENS = 330
"""Of what all steps came to, shared out evenly."""
RESULTS_TOKENS = 2_000
"""Of the results that an answer is composed from."""
LOOK_TOKENS = 6_000
"""Of all that is sent for a look, rules and schema included; the values have what the rest leaves."""
LEAST_OF_VALUES, LOOKED_REQUEST, LOOKED_TYPE, OUTCOMES_TOKENS = 1_500, 1_000, 100, 400
LOOKED_PLANS = (700, 300, 100)
"""Of the plan that is looked at, from much to little."""
UNREADABLE_TOKENS = 900
"""Of an answer that could not be read."""
REASON_TOKENS = 120
"""Of one problem, error or reason."""
HEADINGS = 20
"""What stands between the parts of a plan prompt, at most."""
PLAN_ANSWER, STEP_ANSWER, ROUTE_ANSWER, COMPOSED_ANSWER = 1_500, 500, 250, 600
"""The most tokens of each kind of answer."""


@dataclass(frozen=True)
class SoFar:
    """What a step of a plan has come to. `output` is masked and as references see it, None where there is none."""

    step: str
    status: Literal["done", "partly done", "failed", "under way", "not run"]
    output: JsonValue = None
    reason: str = ""


@dataclass(frozen=True)
class Value:
    """What an expression of a plan's `then` gave; `by_others` where text is in it, or chose it, that neither the
    copilot nor its person wrote.
    """

    expression: str
    type: Type
    value: JsonValue
    by_others: bool = False


@dataclass(frozen=True)
class Looked:
    """A plan, all steps of which are settled, as it is looked at. `outcomes` is how they came out, by id, in the
    copilot's own words; `rounds` how often a model may look again after this.
    """

    plan: Plan
    outcomes: Mapping[str, str]
    values: Sequence[Value]
    rounds: int


def plan_prompt(text: str, context: Context, tools: Sequence[AnyTool]) -> Prompt:
    """For a plan of a request."""
    situation = _situation(text, context, tools)
    return _planning(context, situation, situation.text, PLAN_ANSWER)


def correction_prompt(
    text: str, context: Context, tools: Sequence[AnyTool], given: Plan | str, problems: Iterable[str]
) -> Prompt:
    """For what has to change in a plan that may not run; for a whole plan where `given` could not be read."""
    some = [bounded_text(problem, REASON_TOKENS) for problem in list(problems)[:10]]
    wrong = _written(given) if isinstance(given, Plan) else given
    situation = _situation(text, context, tools)
    return _planning(context, situation, _corrected(situation.text, wrong, some), PLAN_ANSWER)


def _corrected(situation: str, given: JsonValue, problems: Sequence[str]) -> str:
    """`given` is a text where it could not be read."""
    plan = bounded_text(given, UNREADABLE_TOKENS) if isinstance(given, str) else given
    lines = "\n".join(f"data: {_data(problem)}" for problem in problems)
    if isinstance(given, str):
        lines += "\nIt could not be read: answer with the whole plan."
    return _filled("correction.md", situation=situation, plan=_data(plan), problems=lines)


def repair_prompt(
    text: str,
    context: Context,
    tools: Sequence[AnyTool],
    plan: Plan,
    step: str,
    error: str,
) -> Prompt:
    """For the one step whose call was wrong. The error names what is valid, nearest first."""
    situation = _situation(text, context, tools)
    return _planning(
        context,
        situation,
        _filled(
            "repair.md",
            situation=situation.text,
            plan=_json(plan),
            step=step,
            error=_data(bounded_text(error, REASON_TOKENS)),
        ),
        STEP_ANSWER,
    )


def revise_prompt(
    text: str,
    context: Context,
    tools: Sequence[AnyTool],
    plan: Plan,
    so_far: Sequence[SoFar],
    reason: str,
) -> Prompt:
    """For the rest of a plan, the world not being as it assumed."""
    each = SO_FAR_TOKENS // max(1, len(so_far))
    situation = _situation(text, context, tools)
    return _planning(
        context,
        situation,
        _filled(
            "revise.md",
            situation=situation.text,
            plan=_json(plan),
            steps="\n".join(_came_to(one, each) for one in so_far),
            reason=_data(bounded_text(reason, REASON_TOKENS)),
        ),
        PLAN_ANSWER,
    )


def look_prompt(
    text: str,
    context: Context,
    tools: Sequence[AnyTool],
    looked: Looked,
    given: Plan | str | None = None,
    problems: Sequence[str] = (),
) -> Prompt:
    """For what a plan goes on with, after what it came to; no longer than LOOK_TOKENS, but for a longer conversation
    than there are. `given` is what was answered before, and `problems` what is wrong with that.
    """
    then = looked.plan.then
    said = [
        f"why, data: {_data(bounded_text(then.why if then else '', REASON_TOKENS))}",
        f"rounds after this one: {looked.rounds}",
        f"how the steps came out, data: {_data(bounded(dict(looked.outcomes), OUTCOMES_TOKENS))}",
    ]
    text, whole = bounded_text(text, LOOKED_REQUEST), _written(looked.plan)
    wrong = bounded(_written(given), UNREADABLE_TOKENS) if isinstance(given, Plan) else given
    some = [bounded_text(problem, REASON_TOKENS) for problem in problems[:5]]

    def prompt(tools: Sequence[AnyTool], plan: str, values: Sequence[str] = ()) -> Prompt:
        situation = _situation(text, context, tools)
        user = _filled("look.md", situation=situation.text, plan=plan, look="\n".join([*said, *values]))
        user = user if wrong is None else _corrected(user, wrong, some)
        return _planning(context, situation, user, PLAN_ANSWER)

    for tokens in LOOKED_PLANS:
        plan = _data(bounded(whole, tokens))
        if (room := LOOK_TOKENS - _size(prompt(tools, plan))) >= LEAST_OF_VALUES:
            break
    while tools and room < LEAST_OF_VALUES:
        tools = tools[:-1]
        room = LOOK_TOKENS - _size(prompt(tools, plan))
    return prompt(tools, plan, _values(looked.values, room))


def _values(values: Sequence[Value], room: int) -> list[str]:
    """A line for each, the small ones whole before the large ones are cut, as far as there is room for them."""
    lines = dict[int, str]()
    sizes = [count_tokens(_value(one, one.value)) for one in values]
    for done, index in enumerate(sorted(range(len(values)), key=lambda index: sizes[index])):
        one, share = values[index], room // (len(values) - done)
        # The line break before it, too.
        line = _value(one, bounded(one.value, share - 2 - count_tokens(_value(one, ""))))
        if count_tokens(line) + 2 <= room:
            lines[index] = line
            room -= count_tokens(line) + 2
    return [lines[index] for index in sorted(lines)]


def _value(one: Value, value: JsonValue) -> str:
    told: dict[str, JsonValue] = {"of": one.expression, "type": bounded_text(written(one.type), LOOKED_TYPE)}
    return f"data: {_data(told | ({'by': 'others'} if one.by_others else {}) | {'is': value})}"


def route_prompt(text: str, context: Context) -> Prompt:
    """For whether a request needs a plan at all: {"plan": true}, {"say": ...} or {"ask": ...}."""
    system, schema, request = _file("route.system.md"), _route_schema(), _request(text)
    parts = told(context, _fixed(system, schema) + count_tokens(request.text))
    user = _filled("route.md", context=_lines(parts), request=request.text)
    made = _parts([*parts, request], system, user, schema)
    return Prompt(system=system, user=user, answer_schema=schema, max_tokens=ROUTE_ANSWER, parts=made)


def compose_prompt(
    request: str, instruction: str, results: Mapping[str, JsonValue], problems: Sequence[str] = ()
) -> Prompt:
    """For an answer in plain text, from these results (masked, by step) and from nothing else.

    `problems` are what was wrong with the last answer, where there was one.
    """
    asked, wanted = _request(request), _data(bounded_text(instruction, REASON_TOKENS))
    found = Part("results", _data(bounded(dict(results), RESULTS_TOKENS)), RESULTS_TOKENS)
    user = _filled("compose.md", request=asked.text, instruction=wanted, results=found.text)
    if problems:
        user = _filled("compose_again.md", prompt=user, problems="\n".join(f"data: {_data(one)}" for one in problems))
    system = _file("compose.system.md")
    made = _parts([found, asked], system, user, None)
    return Prompt(system=system, user=user, max_tokens=COMPOSED_ANSWER, parts=made)


class _Situation(NamedTuple):
    """What every prompt about a plan begins with, and what that is made of."""

    text: str
    parts: Sequence[Part]


def _planning(context: Context, situation: _Situation, user: str, most: int) -> Prompt:
    system, schema = _system(context), _plan_schema()
    parts = _parts(situation.parts, system, user, schema)
    return Prompt(system=system, user=user, answer_schema=schema, max_tokens=most, parts=parts)


def _system(context: Context) -> str:
    return "\n\n".join(part for part in (_file("system.md"), context.tools) if part)


def _situation(text: str, context: Context, tools: Sequence[AnyTool]) -> _Situation:
    request = _request(text)
    besides = _fixed(_system(context), _plan_schema()) + count_tokens(request.text) + HEADINGS
    shown = tools if context.needed else _with_room(tools, shares.LIMIT - besides - least(context))
    number = count(len(tools), "tool")
    holds = number if len(shown) == len(tools) else f"{len(shown)} of {number}"
    offered = Part("tools", signatures(shown) or "none fit", shares.TOOLS, holds)
    empty = _filled("plan.md", tools=offered.text, context="", request=request.text)
    parts = told(context, _fixed(_system(context), _plan_schema()) + count_tokens(empty))
    user = _filled("plan.md", tools=offered.text, context=_lines(parts), request=request.text)
    return _Situation(user, [offered, *parts, request])


def _with_room(tools: Sequence[AnyTool], room: int) -> Sequence[AnyTool]:
    """Without the last, which fit least, as far as there is no room for them, and what is left is not too little."""
    size = count_tokens(signatures(tools))
    while size >= room and (less := count_tokens(signatures(tools[:-1]))) >= shares.TOOLS_LEAST:
        tools, size = tools[:-1], less
    return tools


def _request(text: str) -> Part:
    return Part("request", _data(text), None)


def _lines(parts: Sequence[Part]) -> str:
    return "\n".join(part.text for part in parts)


def _parts(
    parts: Sequence[Part], system: str, user: str, schema: dict[str, JsonValue] | None
) -> tuple[PromptPart, ...]:
    """What each takes; the headings, and what a prompt has besides about a plan that there is, as one more."""
    fixed = _fixed(system, schema)
    made = [PromptPart(name=one.name, tokens=_count(one.text), share=one.share, holds=one.holds) for one in parts]
    rest = count_tokens(user) - sum(one.tokens for one in made)
    rules = PromptPart(name="rules", tokens=fixed, share=shares.RULES, holds="cached")
    return (rules, *made, PromptPart(name="else", tokens=max(0, rest)))


def _fixed(system: str, schema: dict[str, JsonValue] | None) -> int:
    return _count(system) + _count(_compact(schema))


def _compact(schema: dict[str, JsonValue] | None) -> str:
    return json.dumps(schema, separators=(",", ":")) if schema else ""


@lru_cache(maxsize=64)
def _count(text: str) -> int:
    """As count_tokens does; what is the same for every request is counted once."""
    return count_tokens(text)


def _came_to(so_far: SoFar, tokens: int) -> str:
    line = f"{so_far.step}: {so_far.status}"
    if so_far.reason:
        line += f", reason, data: {_data(bounded_text(so_far.reason, REASON_TOKENS))}"
    if so_far.output is not None:
        line += f", output, data: {_data(bounded(so_far.output, tokens))}"
    return line


def _json(plan: Plan) -> str:
    return _data(_written(plan))


def _written(plan: Plan) -> dict[str, JsonValue]:
    """A plan as a model writes it."""
    steps = tuple(step.model_copy(update={"accompanies": None}) for step in plan.steps)
    alone = plan.model_copy(update={"steps": steps})
    return alone.model_dump(mode="json", exclude_defaults=True, exclude={"goal"})


def _size(prompt: Prompt) -> int:
    """The tokens of all that is sent."""
    return _fixed(prompt.system, prompt.answer_schema) + count_tokens(prompt.user)


def _data(value: JsonValue) -> str:
    return as_json(mask(value))


@lru_cache
def _plan_schema() -> dict[str, JsonValue]:
    return plan_schema(described=False)


def _route_schema() -> dict[str, JsonValue]:
    """That of a plan, with `plan` in place of the steps."""
    schema = _plan_schema()
    fields = schema["properties"]
    assert isinstance(fields, dict)
    return schema | {"properties": {"plan": {"type": "boolean"}, "say": fields["say"], "ask": fields["ask"]}}


@lru_cache
def _file(name: str) -> str:
    return files("copilot").joinpath("language_model/prompts").joinpath(name).read_text(encoding="utf-8").rstrip("\n")


def _filled(name: str, **values: str) -> str:
    """A file of prompts/ with its placeholders filled in, once: what is filled in is not looked at again."""
    return re.sub(r"<<(\w+)>>", lambda match: values[match[1]], _file(name))


@cache
def prompts_digest() -> str:
    """Of all that every prompt has in common: another where any file of prompts/, or the plan's schema, is another."""
    there = files("copilot").joinpath("language_model/prompts")
    names = sorted(one.name for one in there.iterdir() if one.name.endswith((".md", ".yaml")))
    return digest([_plan_schema(), *(_file(name) for name in names)])
