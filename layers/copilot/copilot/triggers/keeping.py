"""What the button of a stop that comes says for who presses it: their own environments are kept, just this once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from copilot.domain import ComingStop, Plan
from copilot.text.listing import listed
from copilot.text.outside import inert
from copilot.times.windows import moment


class Keeping(NamedTuple):
    text: str
    plan: Plan


def keeping(stops: Sequence[ComingStop], zone: str) -> Keeping:
    """As the words "keep X until ..." would have it, with the environments as they were told."""
    until = groupby(sorted(stops, key=lambda one: (one.until, one.environment)), lambda one: one.until)
    kept = [(at, [one.environment for one in some]) for at, some in until]
    steps = [
        {
            "id": f"keep{number}",
            "tool": "keep_environment",
            "for_each": environments,
            "arguments": {"environment_id": {"$item": "@"}, "until": at.isoformat(), "time_zone": zone},
        }
        for number, (at, environments) in enumerate(kept)
    ]
    said = [
        f"{listed([inert(one) for one in some])} until {moment(at.astimezone(ZoneInfo(zone)))}" for at, some in kept
    ]
    answer = {"text": "\n".join(f"- {{{step['id']}[].summary}}" for step in steps)}
    plan = {"goal": "Keep what is about to be stopped", "steps": steps, "answer": answer}
    return Keeping(f"Keep {', and '.join(said)}", Plan.model_validate(plan))
