"""How reports of deployments, and what reactions answer to, get from managed accounts to the copilot's bus.

The emulator hands no event over to another account's bus, knows no AWS::Events::EventBusPolicy and evaluates no Sub in
a condition: so what the templates say is tested here as text. What the rules match there is in test_deployments.py.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cloudformation import read_template, referred

Template = dict[str, Any]
RULES = ("DeploymentsOfAws", "DeploymentsReported", "ReactionsToAws", "ReactionsToTasks", "ReactionsReported")
OWN_ACCOUNT = [{"Ref": "AWS::AccountId"}]
CONFIGURED = {
    "Split": [
        ",",
        {"If": ["OthersReport", {"Sub": "${AWS::AccountId},${ManagedAccounts}"}, {"Ref": "AWS::AccountId"}]},
    ]
}
ELSEWHERE = {
    "Elsewhere": {
        "Not": [
            {
                "Equals": [
                    {"Ref": "CopilotBus"},
                    {"Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"},
                ]
            }
        ]
    }
}


def templates() -> dict[str, Template]:
    return {
        "home": read_template("template.yaml"),
        "account": read_template("samplefiles/managed-account.yaml"),
        "region": read_template("samplefiles/managed-region.yaml"),
    }


def properties(template: Template, name: str) -> dict[str, Any]:
    return dict(template["Resources"][name]["Properties"])


def faults(home: Template, account: Template, region: Template) -> Iterator[str]:
    yield from arriving(home)
    yield from leaving(account, region)
    for rule in RULES:
        here, there = (properties(template, rule)["EventPattern"] for template in (home, region))
        if {**here, "account": None} != {**there, "account": None}:
            yield f"{rule}: what is sent is not what is taken"


def arriving(home: Template) -> Iterator[str]:
    admitted = home["Resources"]["ManagedAccountsReport"]
    statement = admitted["Properties"]["Statement"]
    taken = {kind for rule in RULES for kind in properties(home, rule)["EventPattern"]["detail-type"]}
    if admitted.get("Condition") != "OthersReport":
        yield "the bus is opened for nobody in particular"
    if statement["Principal"] != {"AWS": {"Split": [",", {"Ref": "ManagedAccounts"}]}}:
        yield "the bus is open to others than the managed accounts"
    if statement["Action"] != "events:PutEvents" or "${AWS::AccountId}:event-bus/default" not in str(statement):
        yield "the bus admits more than events"
    if set(statement["Condition"]["StringEquals"]["events:detail-type"]) != taken:
        yield "the bus admits other events than those that are taken"
    for name, each in home["Resources"].items():
        if each["Type"] == "AWS::Events::Rule" and "ScheduleExpression" not in each["Properties"]:
            expected = CONFIGURED if name in RULES else OWN_ACCOUNT
            if each["Properties"]["EventPattern"].get("account") != expected:
                yield f"{name}: takes events of any account that the bus admits"


def leaving(account: Template, region: Template) -> Iterator[str]:
    yield from passing(account)
    for name, each in region["Resources"].items():
        if each.get("Condition") != "Elsewhere" or region["Conditions"] != ELSEWHERE:
            yield f"{name}: the copilot's own bus would send to itself"
    for rule in RULES:
        yield from sending(region, rule)


def passing(account: Template) -> Iterator[str]:
    role = account["Resources"]["EventsRole"]
    (policy,) = role["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    if role.get("Condition") != "EventsForwarded":
        yield "EventsRole: is there though nothing is to leave the account"
    if (statement["Action"], statement["Resource"]) != ("events:PutEvents", {"Ref": "CopilotBus"}):
        yield "EventsRole: may do more than put events on that bus"
    if trust["Principal"] != {"Service": "events.amazonaws.com"} or trust["Condition"]["StringEquals"] != {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"}
    }:
        yield "EventsRole: is trusted to others than this account's rules"


def sending(region: Template, rule: str) -> Iterator[str]:
    sent = properties(region, rule)
    (target,) = sent["Targets"]
    if sent["EventPattern"].get("account") != OWN_ACCOUNT:
        yield f"{rule}: passes on what other accounts put on the bus"
    if target["Arn"] != {"Ref": "CopilotBus"} or "role/${EventsRoleName}" not in target["RoleArn"]["Sub"]:
        yield f"{rule}: goes elsewhere, or with another role"
    if target.get("DeadLetterConfig") != {"Arn": {"GetAtt": "DeadLetters.Arn"}}:
        yield f"{rule}: what cannot be delivered is lost"
    if rule not in referred(region["Resources"]["DeadLettersPolicy"]):
        yield f"{rule}: the dead letters do not take its events"


def test_both_ends_fit_and_admit_no_more_than_deployments_and_what_reactions_answer_to() -> None:
    assert list(faults(**templates())) == []


def any_account(all: dict[str, Template]) -> None:
    properties(all["home"], "ManagedAccountsReport")["Statement"]["Principal"] = "*"


def any_event(all: dict[str, Template]) -> None:
    condition = properties(all["home"], "ManagedAccountsReport")["Statement"]["Condition"]["StringEquals"]
    condition["events:detail-type"].append("Run parked")


def a_run_parked_elsewhere(all: dict[str, Template]) -> None:
    del properties(all["home"], "OurEvents")["EventPattern"]["account"]


def any_account_s_report(all: dict[str, Template]) -> None:
    del properties(all["home"], "DeploymentsReported")["EventPattern"]["account"]


def less_is_sent(all: dict[str, Template]) -> None:
    properties(all["region"], "DeploymentsOfAws")["EventPattern"]["detail-type"].pop()


def passed_on(all: dict[str, Template]) -> None:
    del properties(all["region"], "DeploymentsReported")["EventPattern"]["account"]


def to_itself(all: dict[str, Template]) -> None:
    del all["region"]["Resources"]["DeploymentsOfAws"]["Condition"]


def lost(all: dict[str, Template]) -> None:
    del properties(all["region"], "DeploymentsOfAws")["Targets"][0]["DeadLetterConfig"]


def every_bus(all: dict[str, Template]) -> None:
    (policy,) = properties(all["account"], "EventsRole")["Policies"]
    policy["PolicyDocument"]["Statement"][0]["Resource"] = "*"


def any_account_s_rules(all: dict[str, Template]) -> None:
    (trust,) = properties(all["account"], "EventsRole")["AssumeRolePolicyDocument"]["Statement"]
    trust["Condition"]["StringEquals"] = {}


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (any_account, "the bus is open to others than the managed accounts"),
        (any_event, "the bus admits other events than those that are taken"),
        (a_run_parked_elsewhere, "OurEvents: takes events of any account that the bus admits"),
        (any_account_s_report, "DeploymentsReported: takes events of any account that the bus admits"),
        (less_is_sent, "DeploymentsOfAws: what is sent is not what is taken"),
        (passed_on, "DeploymentsReported: passes on what other accounts put on the bus"),
        (to_itself, "DeploymentsOfAws: the copilot's own bus would send to itself"),
        (lost, "DeploymentsOfAws: what cannot be delivered is lost"),
        (every_bus, "EventsRole: may do more than put events on that bus"),
        (any_account_s_rules, "EventsRole: is trusted to others than this account's rules"),
    ],
)
def test_a_broken_copy_is_seen(broken: Callable[[dict[str, Template]], None], expected: str) -> None:
    all = copy.deepcopy(templates())
    broken(all)
    assert expected in list(faults(**all))


@pytest.mark.parametrize(
    ("template", "parameter", "good", "bad"),
    [
        ("home", "ManagedAccounts", ["", "111122223333", "111122223333,444455556666"], ["*", "1111", "111122223333,"]),
        ("account", "CopilotBus", ["", "arn:aws:events:eu-west-1:111122223333:event-bus/default"], ["*", "default"]),
        ("region", "CopilotBus", ["arn:aws:events:eu-west-1:111122223333:event-bus/default"], ["", "*"]),
    ],
)
def test_parameters_take_what_they_name_and_no_wildcard(
    template: str, parameter: str, good: list[str], bad: list[str]
) -> None:
    pattern = templates()[template]["Parameters"][parameter]["AllowedPattern"]
    assert all(re.fullmatch(pattern, value) for value in good)
    assert not any(re.fullmatch(pattern, value) for value in bad)


def test_unless_they_are_asked_for_nothing_leaves_and_nothing_comes_in() -> None:
    all = templates()
    assert all["home"]["Parameters"]["ManagedAccounts"]["Default"] == ""
    assert all["account"]["Parameters"]["CopilotBus"]["Default"] == ""
