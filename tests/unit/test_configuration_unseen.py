"""No value that anything is configured with is in an answer, a store, a prompt or a log."""

from __future__ import annotations

import json
import logging
from random import Random
from typing import Any

import pytest
from fake_model import FakeModel
from fakes import FakeClock
from some_clients import SomeClients
from test_tools_configuration import FakeConfigured, parameter, platform, variable

from copilot.bootstrap.in_process import InProcess
from copilot.edges.run_views import view_reasoning
from copilot.tools.registry import Registry

PLAN = {
    "steps": [
        {
            "id": "it",
            "tool": "compare_configuration",
            "arguments": {"environment_id": "shop", "other_environment_id": "live"},
        },
        {"id": "has", "tool": "configuration", "arguments": {"environment_id": "shop"}},
    ],
    "answer": {"compose": "Say what differs.", "using": ["it", "has"]},
}


@pytest.mark.parametrize("seed", range(5))
def test_a_model_that_composes_reads_names_and_no_value(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    random = Random(seed)
    values = [f"{random.getrandbits(64):016x}" for _ in range(12)]
    there = FakeConfigured(
        {
            "shop": [parameter(f"name{n}", value) for n, value in enumerate(values[:4])],
            "live": [parameter(f"name{n}", random.choice(values), at="live") for n in range(4)],
        },
        {("shop", "web"): [variable(f"NAME{n}", "web", value) for n, value in enumerate(values[4:])]},
    )

    class Given(SomeClients):
        clock = FakeClock()

        def __init__(self) -> None:
            self.platform, self.configured = platform(), there

    def given(run: Any, call_id: str, permissions: Any = None) -> Given:
        return Given()

    model, clock = FakeModel([PLAN, "They differ."]), FakeClock()
    caplog.set_level(logging.DEBUG)
    process = InProcess(
        given,
        model_for=lambda purpose: None if purpose == "route" else model,
        registry=Registry(),
        clock=clock,
        sleep=clock.sleep,
        workers=2,
    )
    view = process.run("what is it that sets our two systems apart, deep down, in how they are set up")
    assert view["outcome"] == "succeeded", view
    prompts = "\n".join(prompt.system + prompt.user for prompt in model.prompts)
    assert "name0" in prompts and "NAME0" in prompts
    stored = json.dumps([view, view_reasoning(process.store, "main", view["run_id"])], default=str) + repr(
        vars(process.store)
    )
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert not any(value in text for value in values for text in (prompts, stored, logged))
