"""An intent filled with what was said: what a known request comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import JsonValue

from copilot.domain import Frozen, Kind, Plan, way_of
from copilot.intents.actions import Intent, slots_in
from copilot.intents.figures import Values
from copilot.intents.forms import with_files, with_links
from copilot.intents.frames import Correction
from copilot.runbooks.filling import defaults, filled

IDLE = "idle"
MINE = "mine"
NOW = "now"
WOULD = "would "
"""Before the name of an intent: that it is only asked what it would do."""


class Match(Frozen):
    """The intent that a request is, what its slots were filled with, and its plan; an action that needs none has no
    plan, and is its own intent.

    `remembered` are the texts among the slots that the person did not say but the Conversation had spoken of.
    `everything` are the words by which it is for all there are, `state` the state that is said within them.
    `channels` are told of it. `all_schedules`: it is for every schedule there is. `lacks` are the words in place of
    which an answer would come, where a step may ask which is meant; None for those of its environment, "" where it
    would come after them all. `as_one` are words for a kind, with the kind, that stand in a list as the name of one
    environment would: "dev and uat". `mine`: it is about what whoever asks is the owner of, where no owner is among its
    slots; the plan has <me> for how that owner is written, which in the end is one of `owner`. It is `doubtful` where
    it may only say what is so. `corrected`: words that were not as they should be, and `meant` the request with them
    put right. `foreseen`: it is only asked what the plan would do, and nothing of it is to be done. `says` is the
    answer to what cannot be given, in place of a plan. `over`: it is about the last answer, by which its plan goes, or
    may; `beside` is the plan of what it is to be held against.
    """

    intent: str
    slots: dict[str, JsonValue] = {}
    plan: Plan | None = None
    is_follow_up: bool = False
    everything: str = ""
    state: str = ""
    as_one: tuple[tuple[str, Kind], ...] = ()
    mine: bool = False
    owner: tuple[str, ...] = ()
    wants_file: str = ""
    all_schedules: bool = False
    channels: tuple[str, ...] = ()
    lacks: str | None = None
    remembered: tuple[str, ...] = ()
    corrected: tuple[Correction, ...] = ()
    meant: str = ""
    doubtful: bool = False
    foreseen: bool = False
    says: str = ""
    over: bool = False
    beside: Plan | None = None


def leaves_out(intent: Intent, values: Values) -> bool:
    """Whether the plan would do without something that was said: that would be another request."""
    used = slots_in(intent.plan)
    if "name" in used:
        used.add("types")  # beside a name, a noun says no more than it
    heard = {
        "state": IDLE if IDLE in intent.hears else None,
        "mine": values.get("mine") if MINE in intent.hears else None,
        "owner": values.get("owner") if MINE in intent.hears else None,
    }
    return any(
        value not in (None, [], heard.get(slot)) and slot not in used and slot not in {"time_zone", "end", NOW}
        for slot, value in values.items()
    )


def texts_in(value: JsonValue) -> Iterator[str]:
    """All that there are in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


def filled_with(
    text: str, intent: Intent, values: Values, channels: Sequence[str], forms: Sequence[str], changes: bool = False
) -> Match:
    """The plan for a request, at whose end these channels are told, and which comes as files of these forms. By mail
    all of the answer is sent, where nothing `changes`.
    """
    slots = defaults(intent.plan) | values
    if IDLE in intent.hears:
        slots["state"] = None  # the plan itself looks which are
    plan = filled(intent.plan, slots)
    if slots.get(NOW):
        plan = _of_now(plan, intent.recalls)
    tell = intent.tell
    if forms and intent.report:
        plan, tell = with_files(plan, intent.report, forms), with_links(tell)
    if channels and not intent.tells:
        plan = telling(plan, tell, channels, "" if changes else _mailed(plan["answer"]["text"]))
    return Match(
        intent=intent.name,
        slots=slots,
        plan=Plan.model_validate(plan | {"goal": text}),
        wants_file=intent.wants_file,
    )


def _of_now(plan: dict[str, Any], recalls: str) -> dict[str, Any]:
    """The plan with the step that may recall what there was told to look."""
    steps = [
        step | {"arguments": step["arguments"] | {NOW: True}} if step["id"] == recalls else step
        for step in plan["steps"]
    ]
    return plan | {"steps": steps}


def telling(plan: dict[str, Any], text: str, channels: Sequence[str], mailed: str = "") -> dict[str, Any]:
    """The plan, and at its end each channel is told; by mail another text may be sent."""
    ids = ["tell", *(f"tell{number}" for number in range(2, len(channels) + 1))]
    steps = [
        {
            "id": id,
            "tool": "notify",
            "arguments": {"channel": channel, "text": {"$text": mailed if mailed and is_mail(channel) else text}},
        }
        for id, channel in zip(ids, channels, strict=True)
    ]
    said = "\n".join(f"And {{{id}.summary}}." for id in ids)
    answer = f"{plan['answer']['text'].rstrip()}\n\n{said}\n"
    return plan | {"steps": [*plan["steps"], *steps], "answer": {"text": answer}}


def _mailed(answer: str) -> str:
    """With where something could not be read, and not AWS's words for why: these would want an approval."""
    return answer.replace("unreachable[].summary}", "unreachable[].account}")


def is_mail(channel: str) -> bool:
    return way_of(channel) == "mail"


def only_foreseen(match: Match, text: str) -> Match:
    """The same, of which it is only asked what it would do."""
    plan = match.plan and match.plan.model_copy(update={"goal": text})
    return match.model_copy(update={"foreseen": True, "intent": f"{WOULD}{match.intent}", "plan": plan})
