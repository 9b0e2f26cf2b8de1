"""Functions of the laptop are ready before anybody waits for one."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from threading import Barrier, Lock
from typing import Any, cast

import pytest
from cloudformation import read_template

from cli.laptop import runtime, warming
from cli.laptop.clients import Clients
from cli.laptop.runtime import MADE, WARM, Context
from cli.laptop_file import LaptopFile
from copilot.bootstrap import UseCases, chat_door, hook_door

TEMPLATE = read_template("template.yaml")
OUTPUTS = {name: f"copilot-{name}" for name in TEMPLATE["Outputs"]}


class Lambda:
    """Counts what is called; a `broken` function fails to start. Calls after the first that are to be made `together`
    must be there at once."""

    def __init__(self, broken: str = "", together: dict[str, int] | None = None) -> None:
        self.called: list[str] = []
        self.broken, self.guard = broken, Lock()
        self.barriers = {name: Barrier(count) for name, count in (together or {}).items()}

    def __call__(self, service: str, account: str, region: str) -> Any:
        assert service == "lambda"
        return self

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:
        assert json.loads(Payload) == WARM
        name = FunctionName.removeprefix("copilot-").removesuffix("Function")
        with self.guard:
            self.called.append(name)
            again = self.called.count(name) > 1
        if again and name in self.barriers:
            self.barriers[name].wait(10)
        if name == self.broken:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "no module named boto4"}')}
        return {"Payload": io.BytesIO(b"null")}


def warmed(functions: Lambda, monkeypatch: pytest.MonkeyPatch, at_once: dict[str, int] | None = None) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(warming, "AT_ONCE", at_once or {})
    laptop = LaptopFile(port=1, region="eu-west-1", account="1" * 12, stack="s", outputs=OUTPUTS, users={})
    with warming.warming(cast(Clients, functions), laptop, said.append):
        pass
    return said


def test_every_function_of_the_stack_is_made_ready_those_first_that_a_request_comes_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    functions = Lambda()
    assert warmed(functions, monkeypatch) == []
    stack = [name for name, one in TEMPLATE["Resources"].items() if one["Type"] == "AWS::Serverless::Function"]
    assert sorted(functions.called) == sorted(stack)
    assert set(warming.FIRST) <= set(stack)
    in_order = warming.in_order({name: "" for name in OUTPUTS})
    assert tuple(in_order[: len(warming.FIRST)]) == warming.FIRST


def test_as_many_as_are_at_work_at_the_same_time_are_started_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = Lambda(together={"ExecuteRead": 3})
    assert warmed(functions, monkeypatch, {"ExecuteRead": 3}) == []
    assert functions.called.count("ExecuteRead") == 1 + 3


def test_one_that_does_not_start_is_told_with_its_reason_and_the_others_are_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    functions = Lambda(broken="Plan")
    assert warmed(functions, monkeypatch) == ["Plan does not start: no module named boto4"]
    assert "Reply" in functions.called


def test_what_goes_wrong_meanwhile_is_not_hidden_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = LaptopFile(port=1, region="eu-west-1", account="1" * 12, stack="s", outputs=OUTPUTS, users={})
    with (
        pytest.raises(ZeroDivisionError),
        warming.warming(cast(Clients, Lambda(broken="Plan")), laptop, lambda said: None),
    ):
        _ = 1 / 0


# --- in the process of a function ---------------------------------------------------------------


class Api:
    """The Lambda runtime API with one event to hand out."""

    def __init__(self, event: Any) -> None:
        self.event, self.posted = event, list[tuple[str, Any]]()

    def __call__(self, api: Any, method: str, path: str, body: str | None = None) -> tuple[Any, bytes]:
        if path != "/invocation/next":
            self.posted.append((path, json.loads(body or "")))
            return {}, b""
        headers = {
            "Lambda-Runtime-Aws-Request-Id": "r",
            "Lambda-Runtime-Deadline-Ms": "0",
            "Lambda-Runtime-Invoked-Function-Arn": "arn",
        }
        return headers, json.dumps(self.event).encode()


def served(event: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[str, Any]], list[Any]]:
    """What was answered, and what the handler was given."""
    api, handled = Api(event), list[Any]()
    monkeypatch.setattr(runtime, "_ask", api)

    def handler(event: Any, context: Context) -> str:
        handled.append(event)
        return "handled"

    with suppress(KeyError):
        runtime.serve(cast(Any, None), handler)
    return api.posted, handled


def test_a_call_that_only_wants_it_ready_never_reaches_the_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(runtime, "make_ready", made.append)
    answered, handled = served(WARM, monkeypatch)
    assert (answered, handled) == ([("/invocation/r/response", None)], [])
    assert len(made) == 1


@pytest.mark.parametrize("event", [{}, {"devops-copilot": "cold"}, {**WARM, "run_id": "r"}, [WARM]])
def test_every_other_call_does(event: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answered, handled = served(event, monkeypatch)
    assert (answered, handled) == ([("/invocation/r/response", "handled")], [event])


def test_what_is_made_ready_is_what_bootstrap_makes() -> None:
    asked: list[str] = []

    class Asked:
        def configuration(self) -> None:
            asked.append("configuration")

        def __getattr__(self, name: str) -> None:
            asked.append(name)

    for name in {made for several in MADE.values() for made in several} - {"one region", "every region", "drawing"}:
        assert hasattr(UseCases, name)
    for function in ("plan", "ingest-event", "of-another-kind"):
        runtime.make_ready(f"devops-copilot-{function}", cast(UseCases, Asked()))
    assert asked == ["configuration", "make_plan", "configuration", "ingest", "reply", "configuration"]


def test_of_the_open_door_nothing_is_made_that_it_has_no_right_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_IN", "http://127.0.0.1:1/q")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "arn:aws:ssm:x")
    chat_door.door_of.cache_clear()
    runtime.make_ready("devops-copilot-ingest-chat", cast(UseCases, None))
    assert chat_door.door_of("slack") is not None and chat_door.door_of("teams") is None
    chat_door.door_of.cache_clear()
    monkeypatch.setenv("HOOKS_IN", "http://127.0.0.1:1/q")
    hook_door.hook_door.cache_clear()
    runtime.make_ready("devops-copilot-ingest-hook", cast(UseCases, None))
    assert hook_door.hook_door.cache_info().currsize == 1
    hook_door.hook_door.cache_clear()


def test_no_function_of_the_stack_is_forgotten() -> None:
    names = [one["Properties"]["FunctionName"]["Sub"] for one in TEMPLATE["Resources"].values() if _is_function(one)]
    assert {name.removeprefix("${AWS::StackName}-") for name in names} == MADE.keys()


def _is_function(resource: dict[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Serverless::Function")
