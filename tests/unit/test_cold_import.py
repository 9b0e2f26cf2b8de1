"""What a function imports before it is asked anything, and what asking for a model adds. In processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODELS = {"anthropic", "httpx", "httpx2"}
DRAWING = {"matplotlib", "numpy", "PIL", "reportlab"}
"""What the layer of the render function has: in the others there is none of it."""

HANDLERS = """
    import importlib.util, json, pathlib, sys
    for path in sorted(pathlib.Path("functions").glob("*/app.py")):
        spec = importlib.util.spec_from_file_location(path.parent.name, path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
ASKED = """
    import json, sys
    from copilot.bootstrap import UseCases
    from copilot.config.configuration import Configuration
    configured = Configuration(accounts=(), people=(), model=json.loads(sys.argv[1]))
    use_cases = UseCases(configuration=lambda: configured)
    use_cases.model_for("plan")
    use_cases.model_for("route")
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
ALL_TOOLS = """
    import json, sys
    from copilot.tools.registry import Registry
    for version in Registry().versions():
        Registry().find(version)
    print(json.dumps(sorted(sys.modules)))
"""
DOOR = """
    import contextlib, json, os, sys
    os.environ.update(CHAT_IN="http://127.0.0.1:1/q", SLACK_SIGNING_SECRET="arn:aws:ssm:x", AWS_REGION="eu-west-1")
    sys.path.insert(0, "functions/ingest_chat")
    import app
    with contextlib.redirect_stdout(None):
        assert app.handler({"routeKey": "POST /v1/chat/slack/events", "body": "{}"}, None)["statusCode"] == 415
    print(json.dumps(sorted(sys.modules)))
"""
DISCORD_DOOR = """
    import contextlib, json, os, sys
    os.environ.update(CHAT_IN="http://127.0.0.1:1/q", DISCORD_PUBLIC_KEY="00" * 32, AWS_REGION="eu-west-1")
    sys.path.insert(0, "functions/ingest_chat")
    import app
    with contextlib.redirect_stdout(None):
        assert app.handler({"routeKey": "POST /v1/chat/discord/interactions", "body": "{}"}, None)["statusCode"] == 401
    print(json.dumps(sorted(sys.modules)))
"""
TEAMS_DOOR = """
    import contextlib, json, os, sys
    os.environ.update(CHAT_IN="http://127.0.0.1:1/q", TEAMS_APP_ID="a", TEAMS_KEYS="http://127.0.0.1:1/k")
    os.environ.update(AWS_REGION="eu-west-1")
    sys.path.insert(0, "functions/ingest_chat")
    import app
    sent = {"routeKey": "POST /v1/chat/teams/messages", "headers": {"content-type": "application/json"}, "body": "{}"}
    with contextlib.redirect_stdout(None):
        assert app.handler(sent, None)["statusCode"] == 401
    print(json.dumps(sorted(sys.modules)))
"""
HOOK_DOOR = """
    import contextlib, json, os, sys
    os.environ.update(HOOKS_IN="http://127.0.0.1:1/q", GITHUB_HOOK_SECRET="arn:aws:ssm:x", AWS_REGION="eu-west-1")
    sys.path.insert(0, "functions/ingest_hook")
    import app
    with contextlib.redirect_stdout(None):
        assert app.handler({"routeKey": "POST /v1/hooks/gitlab", "body": "{}"}, None)["statusCode"] == 404
    print(json.dumps(sorted(sys.modules)))
"""
DECIDED = """
    import json, sys
    from copilot.domain import Person
    from copilot.policy.decisions import Policy
    from copilot.tools.registry import Registry
    Policy(Registry(), "main", read_only=False).may(Person(id="a", name="a"), "cancel")
    print(json.dumps(sorted(name for name in sys.modules if name.startswith("copilot.tools."))))
"""


def imported(program: str, *arguments: str) -> set[str]:
    """What it says was imported when it has run."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "layers/copilot"),
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "test",
    }
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


def test_no_handler_imports_what_speaks_to_a_model() -> None:
    found = imported(HANDLERS)
    assert "copilot" in found and not found & MODELS


def test_no_handler_imports_what_draws_before_something_is_drawn() -> None:
    assert not imported(HANDLERS) & DRAWING
    assert not {name for name in imported(ALL_TOOLS) if name.partition(".")[0] in DRAWING}


def asked(**settings: object) -> set[str]:
    model = {"name": "m", "endpoint": "http://127.0.0.1:1", "region": "eu-west-1", **settings} if settings else None
    return imported(ASKED, json.dumps(model)) & MODELS


def test_asking_for_a_model_imports_what_speaks_to_it_and_no_other() -> None:
    assert asked() == set()
    assert asked(provider="openai_compatible") == {"httpx"}
    assert asked(provider="anthropic") == asked(provider="bedrock") == {"anthropic", "httpx2"}


def test_the_open_door_for_chats_imports_nothing_but_what_it_does() -> None:
    """What it costs cold is what Slack waits for: neither what a payload says nor any use case is read in front."""
    found = imported(DOOR)
    assert not {name.partition(".")[0] for name in found} & {*MODELS, *DRAWING, "slack_sdk", "pydantic", "cedarpy"}
    assert not {name.partition(".")[0] for name in found} & {"aws_lambda_powertools", "yaml", "requests"}
    ours = {name for name in found if name.partition(".")[0] == "copilot"}
    assert ours == {
        "copilot",
        "copilot.adapters",
        "copilot.adapters.aws",
        "copilot.adapters.aws.chat_queue",
        "copilot.adapters.aws.faults",
        "copilot.adapters.aws.keys",
        "copilot.bootstrap",
        "copilot.bootstrap.chat_door",
        "copilot.bootstrap.door",
        "copilot.edges",
        "copilot.edges.chat",
        "copilot.edges.chat.door",
        "copilot.edges.chat.freshness",
        "copilot.edges.chat.opening",
        "copilot.edges.signing_secret",
        "copilot.edges.chat.slack",
        "copilot.edges.chat.slack.door",
        "copilot.edges.chat.slack.opening",
        "copilot.edges.chat.slack.signature",
        "copilot.edges.doors",
        "copilot.errors",
        "copilot.text",
        "copilot.text.outside",
    }


def test_what_discord_sends_is_let_in_without_what_it_says_being_read() -> None:
    """It waits three seconds, and sends nothing again."""
    found = imported(DISCORD_DOOR)
    heavy = {
        *MODELS,
        *DRAWING,
        "slack_sdk",
        "httpx",
        "pydantic",
        "cedarpy",
        "aws_lambda_powertools",
        "yaml",
        "requests",
    }
    assert "cryptography" in found and not {name.partition(".")[0] for name in found} & heavy
    assert {name for name in found if name.startswith("copilot.edges.chat.")} == {
        *("copilot.edges.chat.door", "copilot.edges.chat.freshness", "copilot.edges.chat.opening"),
        "copilot.edges.chat.discord",
        *(f"copilot.edges.chat.discord.{name}" for name in ("custom_ids", "dialogs", "door", "kinds", "signature")),
    }


def test_what_teams_sends_is_let_in_without_what_it_says_being_read() -> None:
    """Whoever pressed a button waits for the answer."""
    found = imported(TEAMS_DOOR)
    heavy = {
        *MODELS,
        *DRAWING,
        "slack_sdk",
        "httpx",
        "pydantic",
        "cedarpy",
        "aws_lambda_powertools",
        "yaml",
        "requests",
    }
    roots = {name.partition(".")[0] for name in found}
    assert {"jwt", "cryptography"} <= roots and not roots & heavy
    assert {name for name in found if name.startswith("copilot.edges.chat")} == {
        *("copilot.edges.chat", "copilot.edges.chat.door", "copilot.edges.chat.opening", "copilot.edges.chat.teams"),
        *(f"copilot.edges.chat.teams.{name}" for name in ("door", "keys", "opening", "token")),
    }


def test_the_open_door_for_web_hooks_imports_nothing_but_what_it_does() -> None:
    found = imported(HOOK_DOOR)
    heavy = {*MODELS, *DRAWING, "httpx", "pydantic", "cedarpy", "aws_lambda_powertools", "yaml", "requests"}
    assert not {name.partition(".")[0] for name in found} & heavy
    assert {name for name in found if name.startswith("copilot.edges.")} == {
        *("copilot.edges.doors", "copilot.edges.signing_secret"),
        *("copilot.edges.hooks", "copilot.edges.hooks.door", "copilot.edges.hooks.signatures"),
    }


def test_policy_decides_without_importing_a_tool() -> None:
    assert imported(DECIDED) == {"copilot.tools.registry", "copilot.tools.tool"}
