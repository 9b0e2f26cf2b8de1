"""What a model may say once it has read marked text (see marks.py): no link, no mention and no name out of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from copilot.domain import Plan, Step
from copilot.errors import NotFound
from copilot.plans.arguments import literals_of, with_literal_texts, written_texts
from copilot.plans.templates import placeholders, with_words, without_placeholders
from copilot.plans.tool_types import shown_arguments
from copilot.text.outside import as_drawn, spoken_parts, unformatted
from copilot.tools.registry import Registry

_NAME = re.compile(r"[A-Za-z0-9#](?:[A-Za-z0-9._/:-]*[A-Za-z0-9])?")
_TEXTS = re.compile(r"'[^']*'|`[^`]*`")
_PLAIN = re.compile(r"[A-Za-z]+|[\d.:/-]+")
_COMMON = frozenset(
    (
        "a able access all and any api app as at auto back based be bit build built by call case check client cloud "
        "code cold common container cost cpu cross cut data date day debug dev disk do docker down due e end error "
        "event ever exit fail failed fast file first fit follow for free full g get go good green hand hard health "
        "high hit hot hour i idle image in init input io is it job just key kind large last layer less level life "
        "line list live load local lock log long look low made main make many max mem memory min minute mode more "
        "multi name near net new night no non not of off old on once one only open or ops out output over own page "
        "part path peak per plan point port pre pro process pull push put queue rate re read real red ready release "
        "reset rest retry role root rule run running safe same scale scan self send server service set shell short "
        "side sign single size slow so soft spot stage start state step still stop storage sub sync system tag task "
        "team test than that the third throttled time timed to too top two type un unit up us use used user value "
        "version wait warm web week well wide will with work write year yet zero zone"
    ).split()
)
"""Words that are put together with dashes in any text: multi-stage, non-root, up-to-date."""
_SHOWN = 5
LONGEST_STRETCH = 6
"""Parts of a name that are looked for together."""
ACCOUNT = "Not done:"
"""What Reply's account of what did not happen begins with."""


def speaking_problems(said: Iterable[str], read: Iterable[str], trusted: Iterable[str]) -> list[str]:
    """What is wrong with what a model says: addresses and mentions that are in nothing trusted, and names that it has
    from what it `read` and that are in nothing trusted either.
    """
    texts = "\n".join(said)
    known = "\n".join(trusted).lower()
    leads = [part for part in dict.fromkeys(spoken_parts(texts)) if part.lower() not in known]
    names = _names_out_of(as_drawn(texts), as_drawn("\n".join(read)), as_drawn(known))
    problems = []
    if any(line.strip().lower() == ACCOUNT.lower() for line in texts.splitlines()):
        problems.append(f"what was not done is told by the copilot itself, under {ACCOUNT!r}: leave that out")
    if leads:
        problems.append(f"no links and no mentions may be said, found {', '.join(map(repr, leads[:_SHOWN]))}")
    if names and not leads:
        told = ", ".join(names[:_SHOWN])
        problems.append(f"these names stand only in text that is not to be trusted, leave them out: {told}")
    return problems


def said_by(plan: Plan, registry: Registry) -> Iterator[str]:
    """All that a plan says to people in words of its own."""
    yield plan.goal
    if plan.say is not None:
        yield plan.say
    if plan.decline is not None:
        yield plan.decline
    if plan.ask is not None:
        yield from (plan.ask.question, *plan.ask.choices)
    yield from _said_at_the_end(plan)
    for step in plan.steps:
        if step.when is not None:  # which is said where it was not so
            yield from _TEXTS.findall(step.when)
        try:
            shown = shown_arguments(registry.find(step.tool))
        except NotFound:  # which the plan's check says
            continue
        for name in shown:
            yield from written_texts(step.arguments.get(name), step.for_each)


def _said_at_the_end(plan: Plan) -> Iterator[str]:
    if plan.then is not None:
        yield plan.then.why
    if plan.answer is not None and plan.answer.text is not None:
        yield without_placeholders(plan.answer.text)
        for expression in placeholders(plan.answer.text):
            yield from literals_of(expression)


def said_plainly(plan: Plan, registry: Registry) -> Plan:
    """The plan with all that it says to people without formatting, and without anything that does something."""
    update: dict[str, object] = {"goal": unformatted(plan.goal)}
    if plan.say is not None:
        update["say"] = unformatted(plan.say)
    if plan.decline is not None:
        update["decline"] = unformatted(plan.decline)
    if plan.ask is not None:
        choices = tuple(map(unformatted, plan.ask.choices))
        update["ask"] = plan.ask.model_copy(update={"question": unformatted(plan.ask.question), "choices": choices})
    if plan.answer is not None and plan.answer.text is not None:
        update["answer"] = plan.answer.model_copy(update={"text": with_words(plan.answer.text, unformatted)})
    if plan.then is not None:
        update["then"] = plan.then.model_copy(update={"why": unformatted(plan.then.why)})
    update["steps"] = tuple(_told_plainly(step, registry) for step in plan.steps)
    return plan.model_copy(update=update)


def _told_plainly(step: Step, registry: Registry) -> Step:
    try:
        shown = shown_arguments(registry.find(step.tool))
    except NotFound:  # which the plan's check says
        return step
    told = {name: with_literal_texts(step.arguments[name], unformatted) for name in shown if name in step.arguments}
    return step.model_copy(update={"arguments": step.arguments | told}) if told else step


def texts_in(value: JsonValue) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts_in(inner)


def _names_out_of(said: str, read: str, known: str) -> list[str]:
    """The names in what is said that are, or are a part of, one that was read, and are not in what is known.

    One with a number in it is the same with other signs between its parts, or spaces: so are names spread out.
    """
    in_read = {part for name in _names(read) for part in ((name,), *_stretches(_parts(name)))}
    written = [_parts(name) if 1 < len(_parts(name)) <= LONGEST_STRETCH else (name,) for name in _names(said)]
    spread = [stretch for stretch in _stretches(_parts(said)) if any(map(str.isdigit, "".join(stretch)))]
    in_known = {*_stretches(_parts(known)), *((name,) for name in _names(known))}
    found = [one for one in dict.fromkeys([*written, *spread]) if one in in_read and one not in in_known]
    return list(dict.fromkeys("-".join(stretch) for stretch in found))


def _names(text: str) -> Iterator[str]:
    """What is written as names are: words with digits, dots or dashes in them."""
    found = (match[0] for match in _NAME.finditer(text) if not _PLAIN.fullmatch(match[0]))
    return (name for name in found if not all(part in _COMMON for part in re.split(r"[-.]", name)))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text))


def _stretches(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All runs of two parts or more, up to as many as names have."""
    for length in range(2, LONGEST_STRETCH + 1):
        for start in range(len(parts) - length + 1):
            yield tuple(parts[start : start + length])
