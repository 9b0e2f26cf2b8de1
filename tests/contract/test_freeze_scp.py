"""The service control policy that stops the copilot's changes without the copilot."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

SAMPLES = Path(__file__).parents[2] / "samplefiles"


def test_it_denies_the_roles_that_change_something_everything_and_nobody_else_anything() -> None:
    policy = json.loads((SAMPLES / "freeze-scp.json").read_text())
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Deny", "*", "*")
    ((operator, condition),) = statement["Condition"].items()
    assert (operator, list(condition)) == ("ArnLike", ["aws:PrincipalArn"])
    roles = [f"arn:aws:iam::*:role/{default(name)}" for name in ("WriteRoleName", "DestroyRoleName")]
    assert condition["aws:PrincipalArn"] == roles
    assert len((SAMPLES / "freeze-scp.json").read_text()) < 5120  # the most an SCP may have


def default(parameter: str) -> str:
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    template = yaml.load((SAMPLES / "managed-account.yaml").read_text(), Loader=Loader)
    return str(template["Parameters"][parameter]["Default"])
