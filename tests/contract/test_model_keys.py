"""Where a model's key is read from, and which model is asked for what."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from scripted_model import ScriptedModel, text, when

from copilot.adapters.aws.keys import read_key
from copilot.bootstrap import UseCases
from copilot.bootstrap.installation import KEY_SECONDS, Installation
from copilot.config.configuration import Configuration, ModelSettings
from copilot.domain import Prompt
from copilot.errors import CopilotError, FatalError

REGION, ACCOUNT = "eu-west-1", "123456789012"
KEY = "sk-very-secret"
NAME = "the model's key"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def client(service: str, region: str) -> Any:
    new_client: Callable[..., Any] = boto3.client
    return new_client(service, region)


def secret(value: str) -> str:
    return str(client("secretsmanager", REGION).create_secret(Name="copilot/model", SecretString=value)["ARN"])


def parameter(value: str, name: str = "/devops-copilot/model-key") -> str:
    client("ssm", REGION).put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/')}"


@pytest.mark.parametrize("kept", [KEY, f"{KEY}\n", f'{{"ANTHROPIC_API_KEY": "{KEY}"}}'])
def test_a_key_is_read_from_a_secret(kept: str) -> None:
    assert read_key(secret(kept), NAME, client) == KEY


@pytest.mark.parametrize("name", ["/devops-copilot/model-key", "key"])
def test_a_key_is_read_from_an_encrypted_parameter(name: str) -> None:
    assert read_key(parameter(KEY, name), NAME, client) == KEY


@pytest.mark.parametrize("kept", ['{"user": "u", "key": "sk-very-secret"}', " ", '{"key": 5}'])
def test_a_secret_that_holds_no_one_key_is_refused_without_showing_it(kept: str) -> None:
    with pytest.raises(FatalError, match="holds no key as text") as caught:
        read_key(secret(kept), NAME, client)
    assert KEY not in str(caught.value)


def test_a_key_that_is_not_there_is_said_with_where() -> None:
    with pytest.raises(CopilotError, match=r"reading the model's key from arn:aws:ssm:.*nowhere/at-all"):
        read_key(f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/nowhere/at-all", NAME, client)


# --- which model -----------------------------------------------------------------------------------


def configured(seconds: Callable[[], float] = time.monotonic, **settings: Any) -> UseCases:
    model = ModelSettings.model_validate(settings) if settings else None
    config = Configuration(accounts=(), people=(), model=model)
    return UseCases(installation=Installation(seconds=seconds), configuration=lambda: config)


def names(use_cases: UseCases) -> dict[str, str | None]:
    purposes: tuple[Any, ...] = ("plan", "route", "repair", "revise", "compose")
    found = {purpose: use_cases.model_for(purpose) for purpose in purposes}
    return {purpose: model.name if model else None for purpose, model in found.items()}


def test_without_a_model_there_is_none() -> None:
    assert set(names(configured()).values()) == {None}


@pytest.mark.parametrize("provider", ["anthropic", "bedrock", "openai_compatible"])
def test_one_model_serves_all_but_routing(provider: str) -> None:
    use_cases = configured(provider=provider, name="big", endpoint="http://127.0.0.1:1")
    assert names(use_cases) == {"plan": "big", "route": None, "repair": "big", "revise": "big", "compose": "big"}


def test_routing_and_repair_may_have_cheaper_ones() -> None:
    use_cases = configured(
        provider="anthropic", name="big", routing="tiny", repair="small", endpoint="http://127.0.0.1:1"
    )
    assert names(use_cases) == {"plan": "big", "route": "tiny", "repair": "small", "revise": "big", "compose": "big"}


@pytest.mark.parametrize("provider", ["anthropic", "openai_compatible"])
def test_the_key_that_is_configured_is_the_one_sent(provider: str) -> None:
    with ScriptedModel(when(otherwise=text("Yes.")), latency=None, key=KEY) as server:
        use_cases = configured(provider=provider, name="m", endpoint=server.url, key=parameter(KEY))
        model = use_cases.model_for("plan")
        assert model
        assert model.complete(Prompt(system="s", user="u", max_tokens=10)).text == "Yes."
        assert use_cases.model_for("revise") is model


def test_a_key_is_read_once_until_its_time_is_up() -> None:
    """Whoever replaces a key waits minutes for it to count, not for the process to end."""
    now = [1000.0]
    with ScriptedModel(when(otherwise=text("Yes.")), latency=None) as server:
        settings = {"provider": "anthropic", "name": "m", "endpoint": server.url, "key": parameter("old")}
        use_cases = configured(lambda: now[0], **settings)
        sent = []
        for seconds, kept in ((0, "old"), (1, "new"), (KEY_SECONDS, "new")):
            parameter(kept)
            now[0] = 1200.0 + seconds
            model = use_cases.model_for("plan")
            assert model
            model.complete(Prompt(system="s", user="u", max_tokens=10))
            sent.append(server.asked[-1].key)
    assert sent == ["old", "old", "new"]


# --- what a configuration may say ------------------------------------------------------------------


@pytest.mark.parametrize(
    "endpoint",
    ["https://models.example.com/v1", "http://127.0.0.1:8080/v1", "http://localhost:11434", "http://[::1]:80", None],
)
def test_an_endpoint_is_encrypted_or_on_this_machine(endpoint: str | None) -> None:
    settings = ModelSettings(provider="bedrock", name="m", endpoint=endpoint)
    assert settings.is_local is bool(endpoint and endpoint.startswith("http://"))


@pytest.mark.parametrize(
    "endpoint", ["http://models.example.com", "http://10.0.0.5:8000/v1", "http://127.0.0.1.example.com/"]
)
def test_a_key_in_clear_over_the_network_is_refused_with_the_reason(endpoint: str) -> None:
    with pytest.raises(ValueError, match="in clear over the network; use https"):
        ModelSettings(provider="anthropic", name="m", endpoint=endpoint)


@pytest.mark.parametrize("endpoint", ["https://user:password@example.com", "http://me@127.0.0.1/"])
def test_an_endpoint_holds_no_password(endpoint: str) -> None:
    with pytest.raises(ValueError, match="holds no user and no password"):
        ModelSettings(provider="anthropic", name="m", endpoint=endpoint)


@pytest.mark.parametrize("provider", ["anthropic", "openai_compatible"])
def test_a_providers_own_server_wants_a_key(provider: str) -> None:
    with pytest.raises(ValueError, match="wants a key"):
        ModelSettings.model_validate({"provider": provider, "name": "m"})


@pytest.mark.parametrize("key", [KEY, "arn:aws:s3:::bucket/key", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/"])
def test_a_key_is_named_never_written(key: str) -> None:
    with pytest.raises(ValueError, match="this says where the key is kept"):
        ModelSettings(provider="anthropic", name="m", key=key)
