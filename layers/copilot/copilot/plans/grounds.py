"""Whether the targets that a model wrote into a plan are any the person, or our code, has named. Pure.

An id that stands in a step that writes has to be in the request's own words or be what the Conversation speaks of; any
other comes by a reference to a read. What an earlier answer quoted grounds nothing. What only who asks may say, code
looks for in the words of the request: a reference, what failed before or what was read says nothing for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from copilot.domain import TO_PERSON, Step, Way, way_of
from copilot.errors import NotFound
from copilot.plans.arguments import written_texts
from copilot.plans.tool_types import said_arguments, target_arguments
from copilot.tools.registry import Registry
from copilot.tools.tool import WriteTool

_WORD = re.compile(r"[^\W_]+")
_SAYS: dict[Way, tuple[str, ...]] = {
    "mail": ("mail", "mails", "mailed", "mailing", "email", "emails", "emailed", "emailing"),
    "sns": ("sns", "topic"),
    "webhook": ("webhook", "webhooks", "hook"),
}
"""How people say by which way something is to be sent: "e-mail" is e and mail, "web hook" web and hook."""


def ungrounded(steps: Iterable[Step], registry: Registry, grounds: Sequence[str], own: Sequence[str] = ()) -> list[str]:
    """A line for each target in these steps, of a plan that was checked, that is in none of the `grounds`; and for each
    thing that only who asks may say and that the `own` words of the request do not; and for each call that code alone
    plans.
    """
    known = [_words(text) for text in grounds]
    return [
        problem for step in steps for problem in (*_problems(step, registry, known), *_not_said(step, registry, own))
    ]


def _not_said(step: Step, registry: Registry, own: Sequence[str]) -> Iterator[str]:
    try:
        tool = registry.find(step.tool)
    except NotFound:
        return
    if tool.by_code:
        yield f"step {step.id}: {tool.name} is called by the copilot itself alone; leave it out"
    for name, pattern in said_arguments(tool).items():
        given = step.arguments.get(name, False)
        if given is not False and (given is not True or not any(_finds(pattern, text) for text in own)):
            yield f"step {step.id}, argument {name}: the person does not say so in the request; leave it out"


def _finds(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None


def _problems(step: Step, registry: Registry, grounds: Sequence[str]) -> Iterator[str]:
    try:
        tool = registry.find(step.tool)
    except NotFound:  # which the plan's check says
        return
    if not issubclass(tool, WriteTool):
        return
    for name in target_arguments(tool):
        written = written_texts(step.arguments.get(name), step.for_each)
        for target in dict.fromkeys(text for text in written if _WORD.search(text)):
            if not any(_is_named(target, ground) for ground in grounds):
                yield (
                    f"step {step.id}, argument {name}: {target!r} is neither in the request nor what the conversation "
                    "speaks of; take it from what a read gives, by a reference to it"
                )


def _is_named(target: str, ground: str) -> bool:
    """A destination outside the chat by its name and by a word for how it is sent there."""
    way = way_of(target)
    name = target.removeprefix(f"{way}:") if way else target.removeprefix(TO_PERSON)
    return _words(name) in ground and (way is None or any(f" {word} " in ground for word in _SAYS[way]))


def _words(text: str) -> str:
    """The words of a text with blanks around each: a name is in a text where its words are, however they are joined."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
