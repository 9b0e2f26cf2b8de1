"""The state machine as a graph: what no linter of the template sees, and a deployment reports late or never."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cloudformation import ROOT, read_template

Machine = dict[str, Any]

INFRASTRUCTURE = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "RetryableError",
]
"""All that a repeat may help with. A timeout is not among them: the work may have been done."""
TIMEOUTS = ["Sandbox.Timedout", "Lambda.ClientExecutionTimeoutException"]
IDEMPOTENT = {"Plan", "Advance", "Check", "CheckDistributed", "Reply"}
"""Tasks that return what they returned before, so that one which timed out may be asked again."""


def machine() -> Machine:
    return dict(json.loads((ROOT / "functions" / "run.asl.json").read_text()))


def substitutions() -> set[str]:
    return set(read_template("template.yaml")["Resources"]["Machine"]["Properties"]["DefinitionSubstitutions"])


# --- what is checked -------------------------------------------------------------------------------


def faults(machine: Machine, given: set[str]) -> list[str]:
    """What is wrong with a machine, a line each."""
    every = [(name, state) for _, states in scopes(machine) for name, state in states.items()]
    names = [name for name, _ in every]
    return [
        *(f"{name}: two states of this name" for name in sorted({name for name in names if names.count(name) > 1})),
        *(fault for scope, states in scopes(machine) for fault in graph_faults(scope, states)),
        *(fault for name, state in every for fault in state_faults(name, state)),
        *(f"{name}: not given by the template" for name in sorted(used(machine) - given)),
        *(f"{name}: given by the template, used nowhere" for name in sorted(given - used(machine))),
        *processor_faults(machine),
    ]


def scopes(scope: Machine) -> Iterator[tuple[Machine, dict[str, Machine]]]:
    """The machine and each Map's processor, with the states each holds."""
    yield scope, scope["States"]
    for state in scope["States"].values():
        if "ItemProcessor" in state:
            yield from scopes(state["ItemProcessor"])


def graph_faults(scope: Machine, states: dict[str, Machine]) -> Iterator[str]:
    """A target outside the scope is a target that does not exist: a Catch inside a Map cannot leave it."""
    reached, new = set[str](), {scope["StartAt"]}
    while new:
        reached |= new
        new = {target for name in new & set(states) for target in targets(states[name])} - reached
    yield from (f"{name}: no such state here" for name in sorted(reached - set(states)))
    yield from (f"{name}: cannot be reached" for name in sorted(set(states) - reached))


def targets(state: Machine) -> Iterator[str]:
    yield from (state[field] for field in ("Next", "Default") if field in state)
    for each in [*state.get("Choices", []), *state.get("Catch", [])]:
        yield each["Next"]


def state_faults(name: str, state: Machine) -> Iterator[str]:
    if state["Type"] in ("Task", "Map", "Pass", "Wait") and ("Next" in state) == (state.get("End") is True):
        yield f"{name}: neither goes on nor ends, or both"
    caught = [error for each in state.get("Catch", []) for error in each["ErrorEquals"]]
    if state["Type"] in ("Task", "Map") and "States.ALL" not in caught:
        yield f"{name}: what it does not catch by name ends the run"
    if state["Type"] == "Task":
        timeouts = TIMEOUTS if name in IDEMPOTENT else []
        repeated = [sorted(each["ErrorEquals"]) for each in state.get("Retry", [])]
        if repeated != [sorted([*INFRASTRUCTURE, *timeouts])]:
            yield f"{name}: retries something else than infrastructure"
        if any({"BackoffRate", "MaxDelaySeconds", "JitterStrategy"} - set(each) for each in state.get("Retry", [])):
            yield f"{name}: retries without backoff or jitter"


def used(machine: Machine) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", json.dumps(machine)))


def processor_faults(machine: Machine) -> Iterator[str]:
    inline, distributed = (dict(machine["States"][name]["ItemProcessor"]) for name in ("Items", "ItemsDistributed"))
    modes = inline.pop("ProcessorConfig")["Mode"], distributed.pop("ProcessorConfig")["Mode"]
    if modes != ("INLINE", "DISTRIBUTED"):
        yield f"Items, ItemsDistributed: their modes are {modes}"
    if inline != json.loads(json.dumps(distributed).replace('Distributed"', '"')):
        yield "Items, ItemsDistributed: they do different things with an item"


# --- the machine, and that each fault would be seen ---------------------------------------------------


def test_the_machine_has_no_faults() -> None:
    assert faults(machine(), substitutions()) == []


def item(machine: Machine) -> Machine:
    return dict(machine["States"]["Items"]["ItemProcessor"]["States"]["Item"])


def test_an_item_that_timed_out_is_checked_and_never_repeated() -> None:
    first = item(machine())["Catch"][0]
    assert first["ErrorEquals"] == ["Sandbox.Timedout", "States.Timeout", "Lambda.ClientExecutionTimeoutException"]
    assert first["Next"] == "Check"


def test_a_write_that_broke_off_is_read_back_and_whatever_else_failed_has_an_unknown_outcome() -> None:
    states = machine()["States"]["Items"]["ItemProcessor"]["States"]
    assert states["Item"]["Catch"][1]["Next"] == "Crashed"
    (write,) = states["Crashed"]["Choices"]
    assert "phase = 'execute'" in write["Condition"]
    assert "['${ExecuteWrite}', '${ExecuteSend}']" in write["Condition"], "a message may have been sent as well"
    assert (write["Next"], states["Crashed"]["Default"]) == ("Check", "Unknown")
    assert states["Check"]["Catch"][0]["Next"] == "Unknown"
    verdict = states["Unknown"]["Output"]["verdict"]
    assert (verdict["kind"], verdict["settled"]) == ("unknown", True)


def break_target(machine: Machine) -> None:
    machine["States"]["Wait"]["Next"] = "Advanec"


def break_default(machine: Machine) -> None:
    machine["States"]["Decide"]["Default"] = "Replied"


def break_reach(machine: Machine) -> None:
    machine["States"]["Decide"]["Choices"].pop(3)
    machine["States"]["RequestApproval"]["Catch"].pop(1)


def break_out_of_the_map(machine: Machine) -> None:
    machine["States"]["Items"]["ItemProcessor"]["States"]["Check"]["Catch"][0]["Next"] = "Reply"


def break_catch(machine: Machine) -> None:
    del machine["States"]["Reply"]["Catch"]


def break_catch_all(machine: Machine) -> None:
    machine["States"]["RequestApproval"]["Catch"].pop(1)


def break_map_catch(machine: Machine) -> None:
    del machine["States"]["ItemsDistributed"]["Catch"]


def break_retry(machine: Machine) -> None:
    del machine["States"]["Plan"]["Retry"]


def break_retry_of_timeouts(machine: Machine) -> None:
    item(machine)["Retry"][0]["ErrorEquals"].append("Sandbox.Timedout")


def break_jitter(machine: Machine) -> None:
    del machine["States"]["Advance"]["Retry"][0]["JitterStrategy"]


def break_substitution(machine: Machine) -> None:
    machine["States"]["Reply"]["Arguments"]["FunctionName"] = "${Answer}"


def break_processor(machine: Machine) -> None:
    states = machine["States"]["ItemsDistributed"]["ItemProcessor"]["States"]
    states["SettledDistributed"]["Default"] = "OutcomeDistributed"


def break_names(machine: Machine) -> None:
    states = machine["States"]["ItemsDistributed"]["ItemProcessor"]["States"]
    states["Outcome"] = states.pop("OutcomeDistributed")


def break_end(machine: Machine) -> None:
    del machine["States"]["Reply"]["End"]


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (break_target, "Advanec: no such state here"),
        (break_default, "Replied: no such state here"),
        (break_reach, "Wait: cannot be reached"),
        (break_out_of_the_map, "Reply: no such state here"),
        (break_catch, "Reply: what it does not catch by name ends the run"),
        (break_catch_all, "RequestApproval: what it does not catch by name ends the run"),
        (break_map_catch, "ItemsDistributed: what it does not catch by name ends the run"),
        (break_retry, "Plan: retries something else than infrastructure"),
        (break_retry_of_timeouts, "Item: retries something else than infrastructure"),
        (break_jitter, "Advance: retries without backoff or jitter"),
        (break_substitution, "Answer: not given by the template"),
        (break_substitution, "Reply: given by the template, used nowhere"),
        (break_processor, "Items, ItemsDistributed: they do different things with an item"),
        (break_names, "Outcome: two states of this name"),
        (break_end, "Reply: neither goes on nor ends, or both"),
    ],
)
def test_a_broken_copy_is_seen(broken: Callable[[Machine], None], expected: str) -> None:
    copy = machine()
    broken(copy)
    assert expected in faults(copy, substitutions())
