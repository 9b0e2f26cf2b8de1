"""Requests about what is looked at and never stopped, and about when things were last used: as people say them."""

from __future__ import annotations

from typing import Any

import pytest
from test_heard import INTENTS, KNOWN, PRESENT, REGISTRY
from test_intents_logs import OF_UAT

from copilot.domain import Focus
from copilot.intents.referring import Unclear

NOTHING = Focus()
LAMBDA, TABLE, CACHE, EKS, NODES, BALANCER = (
    "Lambda function",
    "DynamoDB table",
    "cache",
    "EKS cluster",
    "node group",
    "load balancer",
)
DEV, STAGING, PROD = "development", "staging", "production"


def heard(text: str) -> tuple[str, list[Any], list[str], dict[str, Any]] | None:
    """The action, where (a name or kinds), of which types, and what else environment_resources is asked."""
    match = INTENTS.match(text, NOTHING, PRESENT, KNOWN)
    if match is None or match.plan is None:
        return None
    asked = [step.arguments for step in match.plan.steps if step.tool == "environment_resources"]
    if not asked:
        return None
    slots: Any = match.slots
    where = [slots["environment"]] if slots.get("environment") else [*slots.get("kinds", []), *slots.get("names", [])]
    types: Any = asked[0].get("types", [])
    rest = {key: value for key, value in asked[0].items() if key in {"state", "activity"} and value}
    action = next(one.action for one in INTENTS.actions if match.intent in {plan.name for plan in one.plans})
    return action, where, list(types), rest


def listed(where: str | None, *types: str, **more: Any) -> Any:
    return [where] if where else [], list(types), more


LISTED = [
    ("what queues exist?", listed(None, "queue")),
    ("which load balancers exist here", listed(None, BALANCER)),
    ("what lambdas are in staging?", listed(STAGING, LAMBDA)),
    ("list dynamodb tables of prod", listed(PROD, TABLE)),
    ("show me the lambda functions in uat", listed("uat", LAMBDA)),
    ("which lambdas does orders-dev have", listed("orders-dev", LAMBDA)),
    ("which tables are in uat?", listed("uat", TABLE)),
    ("how many dynamo tables does uat have?", listed("uat", TABLE)),
    ("what caches do we have in production", listed(PROD, CACHE)),
    ("list the redis caches of uat", listed("uat", CACHE)),
    ("does uat have a cache?", listed("uat", CACHE)),
    ("is there an elasticache cluster in orders-dev", listed("orders-dev", CACHE)),
    ("which load balancers are in prod?", listed(PROD, BALANCER)),
    ("show the albs of prod-eu", listed("prod-eu", BALANCER)),
    ("list the nlbs in uat", listed("uat", BALANCER)),
    ("which eks clusters do we have?", listed(None, EKS)),
    ("what lambdas do we have", listed(None, LAMBDA)),
    ("list all dynamodb tables", listed(None, TABLE)),
    ("show me all load balancers", listed(None, BALANCER)),
    ("which node groups does prod-eu have", listed("prod-eu", NODES)),
    ("what eks clusters are there in staging", listed(STAGING, EKS)),
    ("list the kubernetes clusters of prod", listed(PROD, EKS)),
    ("show the functions and tables of uat", listed("uat", LAMBDA, TABLE)),
    ("uat's lambdas", listed("uat", LAMBDA)),
    ("lambdas in uat", listed("uat", LAMBDA)),
    ("any lambda functions in blue-42?", listed("blue-42", LAMBDA)),
    ("give me the caches and queues of orders-dev", listed("orders-dev", CACHE, "queue")),
    ("how many lambdas are there in uat", listed("uat", LAMBDA)),
    ("are there any eks clusters in dev?", listed(DEV, EKS)),
    ("what serverless functions run in uat", listed("uat", LAMBDA)),
    ("which memcached caches do we have in uat", listed("uat", CACHE)),
    ("do we have any dynamodb tables in uat?", listed("uat", TABLE)),
]

WELL = [
    ("is the cache of staging up?", listed(STAGING, CACHE)),
    ("how are the load balancers of prod doing?", listed(PROD, BALANCER)),
    ("how is the load balancer of uat?", listed("uat", BALANCER)),
    ("is the redis in uat ok?", listed("uat", CACHE)),
    ("are the caches in uat running", listed("uat", CACHE)),
    ("are the lambdas of orders-dev healthy?", listed("orders-dev", LAMBDA)),
    ("what is the state of the load balancers in uat", listed("uat", BALANCER)),
    ("status of the eks cluster in prod-eu", listed("prod-eu", EKS)),
    ("how are the dynamodb tables of uat", listed("uat", TABLE)),
    ("is uat's cache up", listed("uat", CACHE)),
    ("how's the eks cluster of prod-eu doing", listed("prod-eu", EKS)),
    ("are uat's load balancers ok?", listed("uat", BALANCER)),
    ("health of the load balancers in prod", listed(PROD, BALANCER)),
    ("is the node group of prod-eu healthy", listed("prod-eu", NODES)),
    ("check the load balancers of uat", listed("uat", BALANCER)),
    ("are the node groups in prod-eu fine?", listed("prod-eu", NODES)),
    ("is the alb of uat up?", listed("uat", BALANCER)),
    ("is the cache up in uat?", listed("uat", CACHE)),
    ("are the lambdas ok in orders-dev", listed("orders-dev", LAMBDA)),
    ("is redis up in uat?", listed("uat", CACHE)),
    ("show me the health of the load balancers of uat", listed("uat", BALANCER)),
    ("are the queues of uat ok", listed("uat", "queue")),
    ("how are uat's lambdas doing", listed("uat", LAMBDA)),
    ("is the kubernetes cluster of uat healthy?", listed("uat", EKS)),
    ("are the load balancers and caches of uat fine?", listed("uat", BALANCER, CACHE)),
    ("what's the status of the node groups in prod", listed(PROD, NODES)),
]

TROUBLE = [
    ("which targets are unhealthy in uat?", listed("uat", BALANCER)),
    ("which targets are unhealthy?", listed(None, BALANCER)),
    ("what targets are unhealthy in prod", listed(PROD, BALANCER)),
    ("show me the unhealthy targets of uat", listed("uat", BALANCER)),
    ("are there any unhealthy targets in uat?", listed("uat", BALANCER)),
    ("any unhealthy targets?", listed(None, BALANCER)),
    ("which load balancers have unhealthy targets", listed(None, BALANCER)),
    ("which load balancers in prod have unhealthy targets?", listed(PROD, BALANCER)),
    ("list unhealthy targets", listed(None, BALANCER)),
    ("how many targets are unhealthy in uat?", listed("uat", BALANCER)),
    ("does uat have unhealthy targets?", listed("uat", BALANCER)),
    ("which targets are failing in uat", listed("uat", BALANCER)),
    ("are all targets healthy in uat?", listed("uat", BALANCER)),
    ("which targets are not healthy in uat", listed("uat", BALANCER)),
    ("which load balancers are unhealthy in prod", listed(PROD, BALANCER)),
    ("which target groups have unhealthy targets in uat", listed("uat", BALANCER)),
    ("which lambdas are broken in uat", listed("uat", LAMBDA)),
    ("which caches are unhealthy?", listed(None, CACHE)),
    ("what is wrong with the load balancers of uat?", listed("uat", BALANCER)),
    ("are there failing lambdas in uat", listed("uat", LAMBDA)),
    ("which node groups are degraded in prod-eu", listed("prod-eu", NODES)),
    ("unhealthy targets in uat", listed("uat", BALANCER)),
    ("is any target unhealthy in uat?", listed("uat", BALANCER)),
    ("why are targets unhealthy in uat?", listed("uat", BALANCER)),
    ("who has unhealthy targets?", listed(None, BALANCER)),
]

KUBERNETES = [
    ("which version of kubernetes does prod run?", listed(PROD, EKS, NODES)),
    ("what kubernetes version does prod-eu run", listed("prod-eu", EKS, NODES)),
    ("which k8s version is uat on?", listed("uat", EKS, NODES)),
    ("what version of eks do we run in staging?", listed(STAGING, EKS, NODES)),
    ("which kubernetes version is running in uat", listed("uat", EKS, NODES)),
    ("kubernetes version of uat", listed("uat", EKS, NODES)),
    ("what is the eks version of prod-eu?", listed("prod-eu", EKS, NODES)),
    ("what's the kubernetes version in prod", listed(PROD, EKS, NODES)),
    ("show me the kubernetes version of uat", listed("uat", EKS, NODES)),
    ("which version does the eks cluster of uat run?", listed("uat", EKS, NODES)),
    ("what version is the eks cluster in prod-eu on?", listed("prod-eu", EKS, NODES)),
    ("which kubernetes versions do we run?", listed(None, EKS, NODES)),
    ("which versions of kubernetes do we have", listed(None, EKS, NODES)),
    ("how many nodes does the node group have in uat?", listed("uat", NODES)),
    ("how many nodes does the node group of prod-eu have?", listed("prod-eu", NODES)),
    ("how many nodes does the eks cluster of uat have?", listed("uat", NODES)),
    ("how many nodes are in prod-eu", listed("prod-eu", NODES)),
    ("how many nodes do we have in prod?", listed(PROD, NODES)),
    ("how many kubernetes nodes does uat have", listed("uat", NODES)),
    ("how big is the node group of uat?", listed("uat", NODES)),
    ("how big are the node groups in prod", listed(PROD, NODES)),
    ("what size are the node groups of uat?", listed("uat", NODES)),
    ("how many nodes run in uat?", listed("uat", NODES)),
    ("number of nodes in uat", listed("uat", NODES)),
    ("how many nodes does the node group have?", listed(None, NODES)),
]

UNUSED = [
    ("which resources in staging are unused?", listed(STAGING, state="unused")),
    ("is anything unused in staging?", listed(STAGING, state="unused")),
    ("anything unused in uat?", listed("uat", state="unused")),
    ("is there anything in uat that nobody uses", listed("uat", state="unused")),
    ("is there anything we don't use in uat?", listed("uat", state="unused")),
    ("show me the unused stuff in uat", listed("uat", state="unused")),
    ("what's going to waste in uat", listed("uat", state="unused")),
    ("does uat have anything unused", listed("uat", state="unused")),
    ("which databases in dev are unused", listed(DEV, "database", state="unused")),
    ("what is unused in uat?", listed("uat", state="unused")),
    ("what databases nobody connects to", listed(None, "database", state="unused")),
    ("which databases does nobody connect to in dev?", listed(DEV, "database", state="unused")),
    ("which databases does nobody use?", listed(None, "database", state="unused")),
    ("list the unused databases of uat", listed("uat", "database", state="unused")),
    ("show me unused load balancers in prod", listed(PROD, BALANCER, state="unused")),
    ("which lambdas are not used in uat?", listed("uat", LAMBDA, state="unused")),
    ("which lambdas have not been invoked in uat", listed("uat", LAMBDA, state="unused")),
    ("which lambdas does nobody call?", listed(None, LAMBDA, state="unused")),
    ("are there unused tables in uat?", listed("uat", TABLE, state="unused")),
    ("any unused caches?", listed(None, CACHE, state="unused")),
    ("which load balancers get no traffic in uat", listed("uat", BALANCER, state="unused")),
    ("which load balancers have no requests?", listed(None, BALANCER, state="unused")),
    ("what does nobody use in uat?", listed("uat", state="unused")),
    ("which resources of uat are not used", listed("uat", state="unused")),
    ("what resources in uat are no longer used?", listed("uat", state="unused")),
    ("list everything that is unused in uat", listed("uat", state="unused")),
    ("which tables are never read or written in uat", listed("uat", TABLE, state="unused")),
    ("list the services of uat that nobody uses", listed("uat", "service", state="unused")),
    ("unused resources in uat", listed("uat", state="unused")),
    ("which queues in uat are unused?", listed("uat", "queue", state="unused")),
    ("find unused databases", listed(None, "database", state="unused")),
    ("which instances in dev have not been used lately", listed(DEV, "instance", state="unused")),
    ("which databases have no connections?", listed(None, "database", state="unconnected")),
    ("which databases have no connections in dev?", listed(DEV, "database", state="unconnected")),
    ("which dbs in uat have no connections right now", listed("uat", "database", state="unconnected")),
    ("databases without connections in uat", listed("uat", "database", state="unconnected")),
    ("show the databases of uat without connections", listed("uat", "database", state="unconnected")),
    ("to which databases is nobody connected?", listed(None, "database", state="unconnected")),
    ("which databases is nobody connected to in uat", listed("uat", "database", state="unconnected")),
]

LAST = [
    ("when was the dev db last used?", listed(DEV, "database", activity=True)),
    ("when was the database of uat last used?", listed("uat", "database", activity=True)),
    ("when were the databases of uat last used", listed("uat", "database", activity=True)),
    ("when was uat's cache last used?", listed("uat", CACHE, activity=True)),
    ("when was the cache in uat used last", listed("uat", CACHE, activity=True)),
    ("when did somebody last use the database of uat?", listed("uat", "database", activity=True)),
    ("when did anyone last connect to the database of uat", listed("uat", "database", activity=True)),
    ("how many connections does the database of uat have?", listed("uat", "database", activity=True)),
    ("how many connections do the databases in uat have", listed("uat", "database", activity=True)),
    ("how many connections are there to the database of uat?", listed("uat", "database", activity=True)),
    ("how many invocations do the lambdas of uat have?", listed("uat", LAMBDA, activity=True)),
    ("how often are the lambdas of uat invoked", listed("uat", LAMBDA, activity=True)),
    ("how much are the tables of uat used?", listed("uat", TABLE, activity=True)),
    ("how busy are the databases of uat?", listed("uat", "database", activity=True)),
    ("how busy is the load balancer of uat", listed("uat", BALANCER, activity=True)),
    ("how many requests do the load balancers of uat get?", listed("uat", BALANCER, activity=True)),
    ("last activity of the databases in uat", listed("uat", "database", activity=True)),
    ("last use of the caches in uat", listed("uat", CACHE, activity=True)),
    ("show the last activity of the resources in uat", listed("uat", activity=True)),
    ("is the database of uat in use?", listed("uat", "database", activity=True)),
    ("is the database of uat used at all?", listed("uat", "database", activity=True)),
    ("are the lambdas of uat used?", listed("uat", LAMBDA, activity=True)),
    ("does anybody use the database of uat?", listed("uat", "database", activity=True)),
    ("is anyone connected to the database of uat?", listed("uat", "database", activity=True)),
    ("how many errors do the lambdas of uat have", listed("uat", LAMBDA, activity=True)),
    ("connections of the databases in uat", listed("uat", "database", activity=True)),
    ("when were the resources of uat last used?", listed("uat", activity=True)),
]


@pytest.mark.parametrize(("text", "expected"), [*LISTED, *WELL, *KUBERNETES, *UNUSED, *LAST])
def test_as_people_say_it(text: str, expected: Any) -> None:
    found = heard(text)
    assert found is not None and found[1:] == expected


@pytest.mark.parametrize(("text", "expected"), TROUBLE)
def test_what_is_not_well(text: str, expected: Any) -> None:
    found = heard(text)
    assert found is not None and found[1:] == (*expected[:2], {"state": "troubled"})


@pytest.mark.parametrize(
    "text",
    [
        "stop the lambda of uat",
        "stop the lambdas in uat",
        "delete the dynamodb tables of uat",
        "scale the node group of uat to 5",
        "restart the cache of uat",
        "flush the cache of uat",
        "which lambdas call the orders table in uat",
        "which lambdas failed last night in uat",
        "what is in the orders table of uat",
        "upgrade the eks cluster of uat",
        "which version of kubernetes is the newest",
        "which pods run in the eks cluster of uat",
        "which targets were unhealthy yesterday in uat",
        "register a target in uat",
        "which databases had connections last week in uat",
        "which resources in uat should I delete",
        "who connected to the database of uat",
        "which lambdas are slow in uat",
        "what do the lambdas of uat cost",
        "which resources in uat are unused and stop them",
        "how many nodes should the node group of uat have",
        "invoke the lambda of uat",
        "drain the nodes of uat",
        "which load balancers were made last week in uat",
        "why is the cache of uat slow",
    ],
)
def test_what_asks_for_more_is_no_such_request(text: str) -> None:
    assert heard(text) is None


def test_nothing_of_it_changes_anything() -> None:
    tools = {
        step["tool"]
        for action in INTENTS.actions
        if action.action.startswith("resources")
        for intent in action.plans
        for step in intent.plan["steps"]
    }
    assert {REGISTRY.find(tool).effect for tool in tools} == {"read"}


@pytest.mark.parametrize(
    "text",
    [
        "stop the lambda of uat",
        "stop the lambda",
        "stop the lambdas in uat",
        "please shut down the cache of uat",
        "start the caches of orders-dev again",
        "turn off the redis in uat",
        "turn the cache of uat off",
        "switch the load balancer off",
        "stop the eks cluster of prod-eu",
        "stop the node groups in prod-eu",
        "could you stop the queues of uat",
        "would you mind stopping the lambda of uat",
        "pause the lambda of uat",
    ],
)
def test_that_these_are_not_stopped_is_said(text: str) -> None:
    found = INTENTS.cannot_be_done(text, PRESENT, KNOWN)
    assert INTENTS.match(text, NOTHING, PRESENT, KNOWN) is None
    assert found is not None and "never stop or start them" in found.says


@pytest.mark.parametrize("text", ["stop uat", "stop the databases of uat", "start orders-dev", "stop the cluster uat"])
def test_nothing_else_is_taken_for_that(text: str) -> None:
    found = INTENTS.cannot_be_done(text, PRESENT, KNOWN)
    assert found is None or "never stop or start them" not in found.says


@pytest.mark.parametrize("text", ["is anything idle in uat", "is uat idle?", "what's idle in uat"])
def test_idle_is_of_the_last_hours_and_not_what_unused_is(text: str) -> None:
    match = INTENTS.match(text, Focus(), PRESENT, KNOWN)
    assert match is not None and match.intent == "idle_environment"


def test_when_the_database_was_last_used_is_asked_of_the_environment_that_was_spoken_of() -> None:
    for text in ("when did somebody last use the database", "when was its database last used?"):
        match = INTENTS.match(text, OF_UAT, PRESENT, KNOWN)
        assert match is not None and (match.slots["environment"], match.slots["activity"]) == ("uat", True)
        assert match.slots["types"] == ["database"]
        with pytest.raises(Unclear, match="Which environment is meant"):
            INTENTS.match(text, Focus(), PRESENT, KNOWN)


RINGING = [
    ("what alarms are ringing?", []),
    ("which alarms ring in prod-eu", ["prod-eu"]),
    ("are any alarms firing right now?", []),
    ("are any alerts going off in prod-eu", ["prod-eu"]),
    ("which alarms fired in uat", ["uat"]),
    ("is there an alarm going off", []),
]


@pytest.mark.parametrize(("text", "where"), RINGING)
def test_which_alarms_ring_is_told_with_how_it_is_there(text: str, where: list[str]) -> None:
    match = INTENTS.match(text, NOTHING, PRESENT, KNOWN)
    assert match is not None and match.plan is not None
    assert match.plan.steps[-1].tool == "cluster_health"
    assert ([match.slots["environment"]] if match.slots.get("environment") else []) == where
