"""What a handler costs a cold worker: CPU of importing it with its AWS clients, beside what no handler of ours can do
without; and of all that it has to make before its first call.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.measuring import Broken, clean

ROOT = Path(__file__).parents[2]
TIMES = 5
"""How often each is tried, in turns; the fastest counts, being the least disturbed."""
HEAVY = ("anthropic", "httpx2", "httpx", "slack_sdk.web", "mcp")
"""What nothing may import that does not call it."""

BARE = """
import boto3, pydantic
from aws_lambda_powertools import Logger
class Model(pydantic.BaseModel):
    name: str
Logger()
clients = [boto3.client(name) for name in ("dynamodb", "s3", "ssm")]
imported = time.process_time()
"""
HANDLER = """
sys.path.insert(0, {folder!r})
import app
from copilot.bootstrap import UseCases
use_cases = UseCases(configuration=lambda: configured)
use_cases.installation.own_client("ssm")
use_cases.store
imported = time.process_time()
from copilot.config.configuration import Configuration
configured = Configuration.model_validate_json({configured!r})
use_cases.{needs}
"""
CHAT_DOOR = """
sys.path.insert(0, {folder!r})
import app
imported = time.process_time()
import contextlib
from bench.slack import Aws, mention
with Aws("secret"), contextlib.redirect_stdout(None):
    answer = app.handler(mention("secret"), None)
assert answer["statusCode"] == 200, answer
"""
HOOK_DOOR = """
sys.path.insert(0, {folder!r})
import app
imported = time.process_time()
import contextlib
from bench.slack import Aws, hook
with Aws("secret"), contextlib.redirect_stdout(None):
    answer = app.handler(hook("secret"), None)
assert answer["statusCode"] == 200, answer
"""
TIMED = """
import json, sys, time
begun = time.process_time()
{body}
print(json.dumps([imported - begun, time.process_time() - begun, [name for name in {heavy!r} if name in sys.modules]]))
"""
CONFIGURED = json.dumps(
    {
        "accounts": [],
        "people": [],
        "model": {"provider": "anthropic", "name": "claude-scripted", "endpoint": "http://127.0.0.1:9"},
    }
)
"""With a model, which no handler may import what speaks to before it asks it something."""

NEEDS = {
    "advance": "advance",
    "archive": "archive_journal",
    "check_step": "check",
    "delete_kept": "delete_kept",
    "deliver": "store",
    "execute_step": "execute",
    "ingest_api": "ingest",
    "ingest_event": "ingest",
    "open_report": "open_report",
    "plan": "make_plan",
    "react": "react",
    "reply": "reply_composed",
    "request_approval": "store",
    "resolve_approval": "approve",
    "sweep": "sweep_place",
    "take_chat": "ingest",
    "take_hook": "ingest",
}
"""What of the use cases each handler's first call uses, beside the configuration and the store."""
OWN = {"ingest_chat": CHAT_DOOR, "ingest_hook": HOOK_DOOR}
"""A handler with a composition of its own. Its first call is made as well, since Slack waits for that."""

VARIABLES = {
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "POWERTOOLS_METRICS_NAMESPACE": "bench",
    "TABLE": "t",
    "BUCKET": "b",
    "ARCHIVE": "a",
    "CHECK_STEP": "c",
    "EXECUTE_READ": "r",
    "EXECUTE_WRITE": "w",
    "EXECUTE_RENDER": "n",
    "EXECUTE_SEND": "s",
    "RUNTIME": "read",
    "SWEEPS": "s",
    "CHAT_IN": "c",
    "HOOKS_IN": "h",
    "GITHUB_HOOK_SECRET": "arn:aws:ssm:eu-west-1:123456789012:parameter/s",
    "SLACK_SIGNING_SECRET": "arn:aws:ssm:eu-west-1:123456789012:parameter/s",
}


@dataclass(frozen=True)
class Import:
    """`seconds` of CPU for the import, `ready` for all before the first call; `heavy` is what of HEAVY was imported."""

    seconds: float
    ready: float
    heavy: tuple[str, ...]


def cold_imports(python: str) -> Mapping[str, Import]:
    """By handler; that under "bare" is what they are compared with. Raises Broken."""
    folders = sorted(path.parent for path in (ROOT / "functions").glob("*/app.py"))
    if missing := [folder.name for folder in folders if folder.name not in {*NEEDS, *OWN}]:
        raise Broken(f"what {missing[0]} needs at its first call is not said in {Path(__file__).name}")
    bodies = {"bare": BARE} | {
        folder.name: OWN.get(folder.name, HANDLER).format(
            folder=str(folder), configured=CONFIGURED, needs=NEEDS.get(folder.name)
        )
        for folder in folders
    }
    found: dict[str, list[Import]] = {name: [] for name in bodies}
    for _ in range(TIMES):
        for name, body in bodies.items():
            found[name].append(_import(python, name, body))
    return {name: min(tries, key=lambda one: one.seconds) for name, tries in found.items()}


def _import(python: str, name: str, body: str) -> Import:
    command = [python, "-c", TIMED.format(body=body, heavy=HEAVY)]
    done = subprocess.run(command, env=clean() | VARIABLES, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{name}: {(done.stderr.strip().splitlines() or ['it ended without a word'])[-1]}")
    seconds, ready, heavy = json.loads(done.stdout.splitlines()[-1])
    return Import(seconds, ready, tuple(heavy))
