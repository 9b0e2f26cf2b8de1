"""The model: a capable one, which knows what to do and says it in few words, whichever way it is asked.

Given tools it observes and acts: it lists, looks at all, stops all that are idle, looks at those again, tells, answers;
all calls that need not wait for one another are in one answer. Asked for a plan, it gives the plan.
"""

from __future__ import annotations

import json
from typing import Any

from scripted_model import Asked, Reply, ToolCall, calls, text

from bench.case import CHANNEL, COMPOSED, HOURS, TASK

PLAN = {
    "steps": [
        {"id": "envs", "tool": "list_environments", "arguments": {"kinds": ["development"]}},
        {
            "id": "act",
            "tool": "environment_activity",
            "for_each": {"$ref": "envs.environments[].id"},
            "arguments": {"environment_id": {"$item": "@"}},
        },
        {
            "id": "stop",
            "tool": "stop_environment",
            "for_each": {"$ref": "act[?idle].environment_id"},
            "arguments": {"environment_id": {"$item": "@"}},
        },
        {
            "id": "tell",
            "tool": "notify",
            "arguments": {"channel": CHANNEL, "text": {"$text": "Stopped {stop[].environment_id}."}},
        },
    ],
    "answer": {"text": "Stopped {length(stop)} idle environments: {stop[].environment_id}."},
}
"""Six hours are the tool's default, and that a stop is verified is in the rules it is given."""
COMPOSED_PLAN = PLAN | {"answer": {"compose": "Say which were stopped and why.", "using": ["act", "stop"]}}
SMALL_PLAN = {
    "steps": [{"id": "envs", "tool": "list_environments", "arguments": {"kinds": ["development"]}}],
    "answer": {"text": "There are {length(envs.environments)} of them."},
}


def answer(asked: Asked) -> Reply:
    """The script of the server."""
    return _agent(asked) if asked.tools and not asked.forced else _planner(asked)


def _planner(asked: Asked) -> Reply:
    if asked.schema is None:
        return text("Nobody used {act[?idle].environment_id}, so they were stopped {#stop[].summary}.")
    plan = COMPOSED_PLAN if COMPOSED in asked.last else PLAN if TASK in asked.last else SMALL_PLAN
    return Reply(document=plan) if asked.forced else text(json.dumps(plan, separators=(",", ":")))


def _agent(asked: Asked) -> Reply:
    """What is next after what has been done since the last request."""
    since = max(index for index, message in enumerate(asked.messages) if message.role == "user" and message.text)
    called = [call for message in asked.messages[since:] for call in message.calls]
    given = {result.call_id: result.text for message in asked.messages[since:] for result in message.results}
    found: dict[str, list[Any]] = {}
    for call in called:
        found.setdefault(call.name, []).append(json.loads(given[call.id]))
    if "list_environments" not in found:
        return calls(ToolCall("list_environments", {"kinds": ["development"]}))
    environments = found["list_environments"][0]
    if TASK not in asked.messages[since].text:
        return text(f"There are {len(environments)} of them.")
    if "environment_activity" not in found:
        return _for_each("environment_activity", [each["id"] for each in environments], hours=HOURS)
    idle = [each["environment_id"] for each in found["environment_activity"] if each["idle"]]
    for tool in ("stop_environment", "environment_state"):
        if tool not in found:
            return _for_each(tool, idle)
    stopped = [each["environment_id"] for each in found["environment_state"] if each["state"] == "stopped"]
    if "notify" not in found:
        return calls(ToolCall("notify", {"channel": CHANNEL, "text": f"Stopped {', '.join(stopped)}."}))
    return text(f"Stopped {len(stopped)} idle environments: {', '.join(stopped)}.")


def _for_each(tool: str, environments: list[str], **more: Any) -> Reply:
    return calls(*(ToolCall(tool, {"environment_id": environment, **more}) for environment in environments))
