"""Plausible tools of other domains, as many as wanted and always the same, to find ours among."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, create_model

from copilot.domain import Frozen
from copilot.tools.tool import AnyTool, ReadTool, WriteTool

NOUNS = (
    "secret certificate dns_record bucket queue topic function image node pod namespace volume snapshot backup user "
    "role policy incident alert_rule dashboard budget ticket pull_request branch pipeline_run feature_flag "
    "load_balancer firewall_rule domain api_key cache log_group metric trace cost_anomaly reservation quota webhook "
    "repository release_note worker migration table index subscription endpoint gateway mesh_route replica shard"
).split()
READS = {
    "list": "List the {noun}s there are, with state and owner.",
    "get": "Read one {noun} with all of its settings.",
    "audit": "Find {noun}s that break a rule, with the reason.",
    "compare": "Compare two {noun}s and say what differs.",
}
WRITES = {
    "create": "Create a {noun}.",
    "delete": "Delete a {noun}, which cannot be undone.",
    "update": "Change the settings of a {noun}.",
    "restart": "Restart a {noun} and wait until it runs.",
    "scale": "Change how many of a {noun} there are.",
    "tag": "Put tags on a {noun}.",
    "rotate": "Replace a {noun} with a new one of the same kind.",
    "archive": "Archive a {noun} that is no longer used.",
}
NEAR = {
    "list_environment_variables": "List the variables of an environment.",
    "list_services": "List the services of an environment, with versions.",
    "stop_pipeline": "Stop a pipeline that runs.",
    "start_profiling": "Start profiling a service for some minutes.",
    "service_latency": "Say how slow a service answers: p50, p95 and p99 of its requests.",
    "deployment_rollback": "Roll a service back to the deployment before.",
    "deployment_diff": "Show what changed between two deployments of a service.",
    "environment_cost_forecast": "Forecast what an environment will cost this month.",
    "send_email": "Send an email to a person.",
    "create_report_template": "Make a template for reports.",
}
"""Tools that share words with ours."""


def distractors(count: int) -> list[AnyTool]:
    return [tool for tool, _ in zip(_all(), range(count), strict=False)]


def _all() -> Iterator[AnyTool]:
    for name, summary in NEAR.items():
        yield _tool(name, summary, "environment" if "environment" in name else "service", False)
    for verb in [*READS, *WRITES]:
        for noun in NOUNS:
            summary = (READS | WRITES)[verb].format(noun=noun.replace("_", " "))
            yield _tool(f"{verb}_{noun}{'s' if verb in ('list', 'audit') else ''}", summary, noun, verb in WRITES)


def _tool(name: str, summary: str, noun: str, writes: bool) -> AnyTool:
    title = "".join(part.title() for part in name.split("_"))
    element = create_model(
        f"{noun.title().replace('_', '')}Summary",
        __base__=Frozen,
        id=(str, Field(description="its id")),
        state=(str, Field(description="how it is")),
        owner=(str, Field(description="whose it is")),
    )
    wanted = {} if name.startswith("list_") else {f"{noun}_id": (str, Field(description=f"the id of the {noun}"))}
    given = create_model(f"{title}Input", __base__=Frozen, **wanted)  # type: ignore[call-overload]
    found = (tuple[element, ...], Field(description="what was found"))  # type: ignore[valid-type]
    gives = create_model(f"{title}Output", __base__=Frozen, **{f"{noun}s": found})  # type: ignore[call-overload]
    known = {"name": name, "summary": summary, "Input": given, "Output": gives}
    if writes:
        return type(title, (WriteTool,), known | {"resource": "Environment", "idempotent": True})
    return type(title, (ReadTool,), known)
