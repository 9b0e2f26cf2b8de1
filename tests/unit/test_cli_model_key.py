"""`devops-copilot configure --model-key-env`: the key goes where the configuration says it is, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import fake_copilot as fake
import pytest
from moto import mock_aws

from cli.main import main
from copilot.config.configuration import Configuration

REGION, ACCOUNT = "eu-west-1", "111111111111"
KEY = "sk-very-secret"
ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/devops-copilot/model-key"
BARE = "accounts: []\npeople: []\n"
MODEL = "model: {provider: anthropic, name: claude-x}\n"


@pytest.fixture
def ssm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The parameters of a laptop's AWS, which is moto's; the key is in MODEL_KEY."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("MODEL_KEY", f"{KEY}\n")
    monkeypatch.chdir(tmp_path)
    fake.write_laptop_json(tmp_path, 1, {"ConfigurationParameter": "/laptop/config"})
    with mock_aws():
        client = boto3.client("ssm", REGION)
        monkeypatch.setattr(
            "cli.commands.configuring.Clients", lambda endpoint: lambda service, account, region: client
        )
        yield client


def configure(text: str, *more: str) -> int:
    Path("c.yaml").write_text(text)
    return main(["configure", "c.yaml", *more])


def kept(ssm: Any, name: str) -> dict[str, Any] | None:
    try:
        return dict(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"])
    except ssm.exceptions.ParameterNotFound:
        return None


@pytest.mark.parametrize("text", [MODEL, MODEL.replace("}", f", key: '{ARN}'}}")])
def test_the_key_is_kept_encrypted_and_never_shown(ssm: Any, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert configure(BARE + text, "--model-key-env", "MODEL_KEY") == 0
    parameter, configuration = kept(ssm, "/devops-copilot/model-key"), kept(ssm, "/laptop/config")
    assert parameter and (parameter["Type"], parameter["Value"]) == ("SecureString", KEY)
    assert configuration and KEY not in configuration["Value"]
    model = Configuration.model_validate_json(configuration["Value"]).model
    assert model and model.key == ARN
    told = "".join(capsys.readouterr())
    assert KEY not in told and ARN in told.replace("\n", "")


def refused(ssm: Any, capsys: pytest.CaptureFixture[str]) -> str:
    assert kept(ssm, "/devops-copilot/model-key") is None and kept(ssm, "/laptop/config") is None
    said = " ".join("".join(capsys.readouterr()).split())
    assert KEY not in said and "Nothing was written." in said
    return said


def test_only_checking_keeps_nothing(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert configure(BARE + MODEL, "--model-key-env", "MODEL_KEY", "--check") == 0
    refused(ssm, capsys)


def test_a_variable_without_a_key_is_refused(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert configure(BARE + MODEL, "--model-key-env", "NO_SUCH_KEY") == 2
    assert "The environment variable NO_SUCH_KEY holds no key." in refused(ssm, capsys)


def test_a_key_for_no_model_is_refused(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert configure(BARE, "--model-key-env", "MODEL_KEY") == 2
    assert "names no model" in refused(ssm, capsys)


def test_a_key_is_not_put_where_the_configuration_does_not_look(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for key in (f"{ARN}-of-another", KEY):
        elsewhere = MODEL.replace("}", f", key: '{key}'}}")
        assert configure(BARE + elsewhere, "--model-key-env", "MODEL_KEY") == 2
        assert "says under model that the key is kept elsewhere" in refused(ssm, capsys)


def test_a_key_written_into_the_file_is_refused_and_not_shown(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert configure(BARE + MODEL.replace("}", f", key: {KEY}}}")) == 2
    assert "belongs nowhere else" in refused(ssm, capsys)


def test_what_aws_says_of_a_key_it_refuses_is_not_repeated(
    ssm: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"Error": {"Code": "ValidationException", "Message": f"Value {KEY} failed"}}

    def refuse(**_: Any) -> None:
        raise ssm.exceptions.ClientError(answer, "PutParameter")

    monkeypatch.setattr(ssm, "put_parameter", refuse)
    assert configure(BARE + MODEL, "--model-key-env", "MODEL_KEY") == 2
    assert "ValidationException" in refused(ssm, capsys)


def test_a_deployed_copilot_needs_its_stack_told(
    ssm: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    monkeypatch.chdir(empty)
    monkeypatch.setattr("cli.commands.configuring.laptop_here", lambda: None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    assert configure(BARE + MODEL, "--model-key-env", "MODEL_KEY") == 0
    told = " ".join("".join(capsys.readouterr()).split())
    assert "Deploy the stack with ModelKeyArn=arn:aws:ssm:eu-west-1:123456789012:" in told.replace("= ", "=")
    assert kept(ssm, "/devops-copilot/config")
