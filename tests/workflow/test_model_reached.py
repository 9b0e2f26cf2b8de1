"""A model on this machine, asked from the emulator's functions with IAM enforced: the configuration alone says it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import clouds
import pytest
from conftest import ROOT, System
from scripted_model import ScriptedModel, document, when

from cli.model_key import key_arn, store_key
from copilot.config.configuration import ModelSettings

KEY = "sk-very-secret"
ASKS = """
from copilot.bootstrap import deployed
from copilot.domain import Prompt

def handler(event, context):
    schema = {"type": "object", "properties": {"say": {"type": "string"}}}
    prompt = Prompt(system="You plan.", user="hi", answer_schema=schema, max_tokens=100)
    model = deployed().model_for("plan")
    return model and model.complete(prompt).model_dump(mode="json")
"""


def asking(system: System, role: str, name: str) -> Any:
    """What a function with this role is answered by the configured model; a new process each time."""
    functions = system.client("lambda")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("asks.py", ASKS)
        info = zipfile.ZipInfo("bootstrap")
        info.external_attr = 0o755 << 16
        file.writestr(info, Path(ROOT / "cli/laptop/bootstrap").read_text())
    functions.create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler="asks.handler",
        Role=f"arn:aws:iam::{clouds.HOME}:role/devops-copilot-{role}",
        Code={"ZipFile": made.getvalue()},
        Timeout=60,
        Environment={"Variables": {"CONFIG_PARAMETER": system.laptop.outputs["ConfigurationParameter"]}},
    )
    try:
        return json.loads(functions.invoke(FunctionName=name, Payload=b"{}")["Payload"].read())
    finally:
        functions.delete_function(FunctionName=name)


def configure(system: System, model: ModelSettings | None) -> None:
    system.client("ssm").put_parameter(
        Name=system.laptop.outputs["ConfigurationParameter"],
        Value=clouds.configuration().model_copy(update={"model": model}).model_dump_json(),
        Type="String",
        Overwrite=True,
    )


@pytest.mark.parametrize("provider", ["anthropic", "openai_compatible"])
def test_a_base_url_is_all_it_takes(system: System, provider: str) -> None:
    store_key(system.client("ssm"), KEY)
    arn = key_arn(system.laptop.region, system.laptop.account)
    with ScriptedModel(when(otherwise=document({"say": "Hello."})), latency=None, key=KEY) as server:
        settings = {"provider": provider, "name": "local", "endpoint": server.url, "key": arn}
        configure(system, ModelSettings.model_validate(settings))
        answered = {role: asking(system, role, f"{provider}-{role}") for role in ("plan", "reply")}
        refused = asking(system, "advance", f"{provider}-advance")
    assert [json.loads(each["text"]) for each in answered.values()] == [{"say": "Hello."}] * 2
    assert [(asked.model, asked.key) for asked in server.asked] == [("local", KEY)] * 2
    assert refused["errorType"] == "PermissionDenied" and KEY not in json.dumps(refused)


def test_without_a_model_there_is_none(system: System) -> None:
    configure(system, None)
    assert asking(system, "plan", "no-model") is None
