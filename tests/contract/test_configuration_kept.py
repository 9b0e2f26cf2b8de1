"""The configuration in an SSM parameter, as the functions read it: bootstrap and the handlers over moto."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from test_functions import ANN, Deployed

from copilot.adapters.aws.parameters import Parameter
from copilot.bootstrap.installation import CONFIGURATION_SECONDS, Installation
from copilot.edges import observing
from copilot.errors import CopilotError, ToolInputError

NAME = "/devops-copilot/config"
GOOD: dict[str, Any] = {"accounts": [], "people": [ANN.model_dump(mode="json")]}


def with_role(role: str) -> dict[str, Any]:
    return GOOD | {"people": [ANN.model_dump(mode="json") | {"roles": [role]}]}


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("CONFIG_PARAMETER", NAME)
    for name in ("SERVICE_NAME", "METRICS_NAMESPACE"):
        monkeypatch.setenv(f"POWERTOOLS_{name}", "kept")
    observing.logger.cache_clear()
    observing.metrics.cache_clear()
    with mock_aws():
        yield boto3.client("ssm", "eu-west-1")
    observing.logger.cache_clear()
    observing.metrics.cache_clear()


def reading(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """Functions that read the configuration themselves, all within its minute."""
    deployed, installation = Deployed(monkeypatch), Installation(seconds=lambda: 0.0)
    deployed.more = {"installation": installation, "configuration": installation.configuration}
    return deployed


def write(ssm: Any, value: object) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    ssm.put_parameter(Name=NAME, Value=text, Type="String", Overwrite=True)


def test_versions_of_a_parameter_are_read_by_number(ssm: Any) -> None:
    kept = Parameter(NAME, ssm)
    with pytest.raises(ToolInputError):
        kept.current()
    for value in ("a", "b"):
        write(ssm, value)
    found = kept.current()
    assert (found.version, found.text) == (2, "b")
    assert found.written_at.utcoffset() == timedelta(0)
    first = kept.version(1)
    assert first and (first.version, first.text) == (1, "a")
    assert kept.version(3) is None
    assert Parameter("/other", ssm).version(1) is None


@pytest.mark.parametrize("begun", [True, False])
def test_a_configuration_that_cannot_be_used_takes_no_function_down(ssm: Any, begun: bool) -> None:
    now = [0.0]
    here = Installation(seconds=lambda: now[0])
    write(ssm, GOOD)
    assert here.configuration().people == (ANN,)
    assert here.configuration_note(in_full=True) == ""
    write(ssm, with_role("operater"))
    assert here.configuration_note(in_full=True) == "", "read once a minute"
    if begun:
        here = Installation(seconds=lambda: now[0])
    now[0] += CONFIGURATION_SECONDS
    assert here.configuration().people == (ANN,)
    assert "'operater' is no role; nearest: operator" in here.configuration_note(in_full=True)
    assert "operater" not in here.configuration_note(in_full=False)
    write(ssm, with_role("reader"))
    now[0] += CONFIGURATION_SECONDS
    assert here.configuration().people[0].roles == ("reader",)
    assert here.configuration_note(in_full=True) == ""


def test_whoever_asks_is_told_and_log_and_metric_say_so(
    ssm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = reading(monkeypatch)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "noted")
    observing.logger.cache_clear()
    observing.metrics().clear_metrics()
    write(ssm, GOOD)
    write(ssm, with_role("operater"))
    status, body = deployed.call("ingest_api", "ingest_api_start")
    (note,) = body["notes"]
    assert status == 202
    assert note.startswith("Version 2 of the configuration, written ") and "'operater' is no role" in note
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["problem"] for one in logged if "problem" in one] == [note]
    assert [one["ConfigurationNotUsed"] for one in logged if "ConfigurationNotUsed" in one] == [[1.0]]
    assert deployed.call("ingest_api", "ingest_api_show")[1]["notes"] == [note], "a refusal has it too"
    assert deployed.call("resolve_approval", "resolve_approval")[1]["notes"] == [note]
    stranger = json.loads(json.dumps(deployed.event("ingest_api_list")).replace("user/ann", "user/eve"))
    status, body = deployed.call("ingest_api", stranger)
    assert status == 403 and "operater" not in json.dumps(body) and "Version 1" in body["notes"][0]


def test_without_any_that_can_be_used_what_is_wrong_is_said(ssm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = reading(monkeypatch)
    write(ssm, "tenant: main")
    status, body = deployed.call("ingest_api", "ingest_api_list")
    assert status == 500 and "it is no JSON" in body["error"]["message"]


def test_a_configuration_that_was_deleted_is_in_force_where_it_was_read(ssm: Any) -> None:
    now = [time.monotonic()]
    here = Installation(seconds=lambda: now[0])
    write(ssm, GOOD)
    here.configuration()
    ssm.delete_parameter(Name=NAME)
    now[0] += CONFIGURATION_SECONDS
    assert here.configuration().people == (ANN,)
    assert "cannot be read at the moment" in here.configuration_note(in_full=True)
    with pytest.raises(CopilotError):
        Installation().configuration()
