"""Restarting, rebooting and scaling are heard as people ask for them, and nothing else is heard as that."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_heard import REGISTRY
from test_heard_would import planned

from copilot.domain import Revision
from copilot.intents.actions import read_yaml
from copilot.plans.check import check_plan

FOUND = read_yaml(Path(__file__).with_name("heard_sizes.yaml"))
CHANGES = {"restart_service", "reboot_resource", "scale_resource"}


def told(revision: Revision | None) -> tuple[str, dict[str, object]]:
    """The change of a plan, and what it is called with besides the environment."""
    steps = [one for one in revision.plan.steps if one.tool in CHANGES] if revision else []
    if not revision or not steps:
        return "", {}
    check_plan(revision.plan, REGISTRY)
    (step,) = steps
    given: dict[str, object] = {
        name: value for name, value in step.arguments.items() if name != "environment_id" and value is not None
    }
    return ("each " if step.for_each else "") + step.tool, given


@pytest.mark.parametrize("text", FOUND["restart_service"])
def test_a_service_is_restarted_where_it_is_said_to_be(text: str) -> None:
    tool, given = told(planned(text))
    assert tool == "restart_service" and given["service"] in {"checkout", "web-front", "payments"}


@pytest.mark.parametrize("text", FOUND["restart_service_anywhere"])
def test_a_service_is_restarted_where_it_is(text: str) -> None:
    assert told(planned(text)) == ("restart_service", {"service": {"$ref": "it.service"}})


@pytest.mark.parametrize("text", FOUND["restart_services"])
def test_all_services_of_an_environment_are_restarted(text: str) -> None:
    assert told(planned(text))[0] == "each restart_service"


@pytest.mark.parametrize("text", FOUND["reboot"])
def test_an_instance_or_a_database_is_rebooted(text: str) -> None:
    tool, given = told(planned(text))
    assert tool == "reboot_resource" and given["resource"] in {"batch-1", "orders-db"}


@pytest.mark.parametrize("text", FOUND["scale"])
def test_a_size_is_heard(text: str) -> None:
    tool, given = told(planned(text))
    assert tool == "scale_resource" and given["resource"] in {"checkout", "payments", "web-front", "pool"}
    number = next(word for word in ("4", "2", "6", "5", "12", "3", "four") if word in text.split())
    assert given["size"] == (4 if number == "four" else int(number))


@pytest.mark.parametrize("text", FOUND["scale_by"])
def test_a_step_is_heard(text: str) -> None:
    tool, given = told(planned(text))
    assert tool == "scale_resource"
    fewer = any(word in text.split() for word in ("remove", "down", "away", "reduce"))
    number = next(size for word, size in (("2", 2), ("two", 2), ("1", 1), ("one", 1)) if word in text.split())
    assert given["by"] == (-number if fewer else number)


@pytest.mark.parametrize("text", FOUND["scale_as"])
def test_the_size_of_another_environment_is_heard(text: str) -> None:
    assert told(planned(text)) == (
        "scale_resource",
        {"resource": "checkout", "as_in": {"$ref": "like.environment.id"}},
    )


@pytest.mark.parametrize("text", FOUND["scale_limits"])
def test_limits_are_heard(text: str) -> None:
    tool, given = told(planned(text))
    assert tool == "scale_resource"
    bound = "minimum" if "minimum" in text else "maximum"
    assert given[bound] == int(text.split()[-1])


@pytest.mark.parametrize("text", FOUND["not_heard"])
def test_what_is_no_such_request_changes_nothing(text: str) -> None:
    revision = planned(text)
    assert told(revision)[0] == ""
    assert revision is None or all(REGISTRY.find(one.tool).effect == "read" for one in revision.plan.steps)
