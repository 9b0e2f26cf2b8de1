"""How a plan came to be, as `runs show` tells it: whole in what is new, and on a page that can be read."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import fake_copilot as fake

from cli.api.views import RunView, read
from cli.display.page import Page
from cli.display.run import show_run
from copilot.domain import Plan
from copilot.language_model.prompting import Context, SoFar, correction_prompt, plan_prompt, revise_prompt
from copilot.tools.registry import Registry

REQUEST = "are there too many dev environments?"
PLAN = Plan.model_validate({"steps": [{"id": "envs", "tool": "list_environments"}], "answer": {"text": "x"}})
TOOLS = [Registry().find(name) for name in ("list_environments", "stop_environment")]
SITUATION = (REQUEST, Context(now=datetime(2026, 3, 2, 9, tzinfo=UTC)), TOOLS)


def call(revision: int, number: int, purpose: str, asked: str, **more: Any) -> dict[str, Any]:
    given = {"revision": revision, "number": number, "purpose": purpose, "model": "m-1", "asked": asked}
    return given | {"answered": '{"steps": []}', "usage": {"input": 900, "output": 30}, "seconds": 1.0} | more


def shown() -> str:
    problem = "step envs: list_environments has no argument kind"
    so_far = [SoFar("envs", "failed", None, "6 environments (expected: length(environments) > `50`)")]
    calls = [
        call(1, 1, "plan", plan_prompt(*SITUATION).user, problems=(problem,)),
        call(1, 2, "plan", correction_prompt(*SITUATION, PLAN, [problem]).user),
        call(2, 1, "revise", revise_prompt(*SITUATION, PLAN, so_far, "only 6 environments").user),
        call(3, 1, "compose", "request, data: ...", answered="There are 6."),
    ]
    plan = PLAN.model_dump(mode="json", exclude_defaults=True)
    revisions = [
        {"number": 1, "kind": "first", "plan": plan, "model": "m-1"},
        {"number": 2, "kind": "revise", "plan": plan, "model": "m-1", "reason": "only 6 environments"},
    ]
    out = io.StringIO()
    show_run(Page(out), read(RunView, fake.run() | {"revisions": revisions, "calls": calls, "usage": {"calls": 4}}))
    return out.getvalue()


def test_every_revision_says_what_was_asked_what_came_back_what_was_wrong_and_why() -> None:
    text = " ".join(shown().split())
    for said in (
        f'# Request data: "{REQUEST}"',
        "checker step envs: list_environments has no argument kind",
        '# Problems data: "step envs: list_environments has no argument kind"',
        "Revision 2: the remaining steps changed, by m-1 because only 6 environments",
        'why it cannot go on as planned, data: "only 6 environments"',
        "answered There are 6.",
    ):
        assert said in text


def test_what_was_asked_before_too_is_only_named() -> None:
    text = shown()
    assert text.count(REQUEST) == 1 and text.count("# Tools: list_environments, stop_environment") == 1
    assert text.count("(Tools, Context, Request as before)") == 2
    assert "PowerOutput" not in text, "the tools' signatures fill pages; `--json` has them"
