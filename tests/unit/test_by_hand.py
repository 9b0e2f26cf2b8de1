"""The commands that show by hand what a tool found are ones that the AWS CLI takes, whatever the names in them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import jmespath
import pytest
from aws_cli import example_of, read
from fakes_platform import database, group, instance
from hostile_ports import with_texts, without_order
from steering_world import ANA, AWAKE, NOON, World
from test_marks_contract import GIVEN, _calls, world
from test_tools_deployment_failure import failed

from cli.parser import parser
from copilot.answering.evidence import NOT_SHOWN, commands_in
from copilot.domain import Activity, Limits, Plan, RawMetric, ResourceRef
from copilot.errors import CopilotError, PlanError
from copilot.plans.check import check_plan
from copilot.tools.by_hand import NEEDED, ByHand, Place, aws, own
from copilot.tools.observing.looked_through import LogGroup, LookedThrough, logs_by_hand
from copilot.tools.registry import BUILT_IN, Registry
from copilot.tools.tool import AnyTool, ReadTool

READS = [tool for tool in map(Registry().find, sorted(BUILT_IN)) if issubclass(tool, ReadTool)]
WITH_COMMANDS = [tool for tool in READS if tool.shown_by]
KINDS = {
    "ecs-service": "ecs:{region}:{account}:service/{cluster}/{name}",
    "ec2-instance": "ec2:{region}:{account}:instance/{name}",
    "auto-scaling-group": "autoscaling:{region}:{account}:autoScalingGroup:0-1:autoScalingGroupName/{name}",
    "rds-instance": "rds:{region}:{account}:db:{name}",
    "rds-cluster": "rds:{region}:{account}:cluster:{name}",
}
HOSTILE = [
    "a b ",
    'it\'s "so" ',
    "$(reboot)",
    "`reboot`",
    "a\nb",
    "-x",
    "--cluster=",
    "Name=a,Value=",
    "[1]",
    '{"a": 1}',
    "; reboot #",
    "\u00e9\u202e",
]


@cache
def there() -> World:
    """Something of everything, called as AWS calls it."""
    made = world()
    platform = made.platform
    platform.resources += [instance(AWAKE, "i-1"), group(AWAKE, "fleet", 1, Limits(minimum=1, maximum=2))]
    platform.resources.append(database(AWAKE, "orders"))
    platform.resources[:] = [
        one.model_copy(update={"ref": ResourceRef(type=one.ref.type, id=_arn(one))}) for one in platform.resources
    ]
    balancer = platform.fixed[0].model_copy(
        update={
            "ref": ResourceRef(
                type="load-balancer", id="arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/front/1"
            )
        }
    )
    platform.fixed.append(balancer)
    at: dict[str, Any] = {"account": "111111111111", "region": "eu-west-1", "service": "api"}
    made.deployments.record(failed("p1", 49, environment=AWAKE, source="codepipeline", **at))
    made.deployments.record(failed("web:5", 48, source="codebuild", stage="build", **at | {"service": "web"}))
    made.deployments.record(
        failed("ecs-svc/1", 47, environment="shop-live-cluster", source="ecs", **at | {"service": "front"})
    )
    of = RawMetric(namespace="AWS/ECS", name="CPUUtilization", dimensions={"ServiceName": "web", "ClusterName": "c"})
    seen = Activity(metric=of.name, unit="Percent", maximum=1, since=NOON, of=of)
    platform.figures |= {one.name: seen for one in platform.resources}
    return made


def _arn(one: Any) -> str:
    account = one.account.partition("(")[2].rstrip(")")
    parts = {"region": one.region, "account": account, "cluster": one.cluster, "name": one.name}
    return f"arn:aws:{KINDS[one.ref.type].format(**parts)}"


@cache
def examples(tool: AnyTool) -> list[tuple[Any, Any]]:
    """Calls of a tool with what they gave, of those that gave anything."""
    clients = there().clients(SimpleNamespace(trigger=SimpleNamespace(person=ANA)), "r1/s/0")  # type: ignore[arg-type]
    more = [{"environment_id": AWAKE}] if tool.name == "environment_resources" else []
    found = []
    for given in [*_calls(tool), *more, *MORE.get(tool.name, [])]:
        taken = tool.Input.model_validate(without_order(given))
        try:
            found.append((taken, tool(clients).run(taken)))  # type: ignore[call-arg]
        except CopilotError:
            continue
    return found


MORE: dict[str, list[dict[str, Any]]] = {
    "search_logs": [
        {"environment_id": AWAKE, "words": ["refused"]},
        {"environment_id": AWAKE, "words": ["time out", "x"]},
        {"environment_id": AWAKE, "words": ["a*b"]},
    ],
    "metric_values": [
        {"environment_id": AWAKE, "metric": "latency"},
        {"environment_id": AWAKE, "raw": {"namespace": "A/B", "name": "C", "dimensions": {"D": "e f"}}},
    ],
    "costs": [{"by": "day"}],
    "deployment_failure": [{"deployment": "p1"}, {"deployment": "f1"}],
}


def by_hand(tool: AnyTool) -> Iterator[ByHand]:
    assert issubclass(tool, ReadTool)
    for taken, gave in examples(tool):
        yield from tool.by_hand(taken, gave)


def of_aws(found: Any) -> list[tuple[str, ...]]:
    return [one.argv for one in found if one.argv[0] == "aws"]


@pytest.mark.parametrize("tool", WITH_COMMANDS, ids=lambda tool: tool.name)
def test_each_command_is_one_that_the_aws_cli_takes(tool: AnyTool) -> None:
    for argv in of_aws(by_hand(tool)):
        typed = read(argv)
        assert typed.beside["region"]


@pytest.mark.parametrize("tool", READS, ids=lambda tool: tool.name)
def test_a_tool_says_which_commands_show_what_it_found(tool: type[ReadTool[Any, Any]]) -> None:
    assert {" ".join(one.argv[:3]) for one in by_hand(tool)} == {*tool.shown_by}


@pytest.mark.parametrize("tool", WITH_COMMANDS, ids=lambda tool: tool.name)
def test_what_is_called_by_the_copilots_name_is_a_command_of_it(tool: AnyTool) -> None:
    for one in by_hand(tool):
        if one.argv[0] != "aws":
            assert one.argv[0] == "devops-copilot" and not one.account
            parser().parse_args(one.argv[1:])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("tool", WITH_COMMANDS, ids=lambda tool: tool.name)
def test_no_name_is_read_as_anything_but_itself(tool: type[ReadTool[Any, Any]], text: str) -> None:
    hidden = 0
    for taken, gave in examples(tool):
        called = with_texts(gave, lambda name: f"{text}{name}" if name else name, {})
        usual = {leaf for argv in of_aws(tool.by_hand(taken, gave)) for leaf in leaves(read(argv))}
        for argv in of_aws(tool.by_hand(taken, called)):
            assert shlex.split(shlex.join(argv)) == [*argv]
            found = [*leaves(read(argv))]
            assert all(leaf in usual or leaf.startswith(text) for leaf in found)
            hidden += sum(leaf.startswith(text) for leaf in found)
        shown = commands_in(tool.by_hand(taken, called)) if called != gave else []
        for line in shown:
            if line.startswith("aws "):
                assert tuple(shlex.split(line)) in of_aws(tool.by_hand(taken, called))
            assert "\n" not in line and "\u202e" not in line
    assert hidden or not of_aws(by_hand(tool))


def leaves(typed: Any) -> Iterator[str]:
    """Every text that a command is given."""

    def within(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for inner in value.values():
                yield from within(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from within(inner)
        else:
            yield str(value)

    yield from within(dict(typed.given))
    yield typed.beside["region"]


NEVER = {"get-parameter", "get-parameters", "get-parameters-by-path", "get-secret-value", "get-function-configuration"}
"""What would show a value that is shown nowhere."""
IN_PART = {"describe-task-definition", "batch-get-builds", "list-action-executions"}
"""What has such values in it, beside what is wanted."""


@pytest.mark.parametrize("tool", WITH_COMMANDS, ids=lambda tool: tool.name)
def test_no_command_shows_what_is_withheld(tool: AnyTool) -> None:
    for argv in of_aws(by_hand(tool)):
        assert argv[2] not in NEVER
        typed = read(argv)
        query = typed.beside.get("query")
        assert query or argv[2] not in IN_PART, f"{argv[2]} shows values of variables"
        if query:
            whole = example_of(typed.operation.output_shape, "withheld")
            picked = jmespath.search(query, whole)
            assert picked and "withheld" not in json.dumps(picked), query
            assert "null" not in json.dumps(picked), f"{query}: not everything of that is there"


def test_times_are_in_the_unit_that_the_operation_takes() -> None:
    since = datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=UTC)
    group = LogGroup(account="main (1)", region="eu-west-1", group="/ecs/api", streams="web/api/")
    looked = LookedThrough(since=since, until=since + timedelta(hours=1), groups=(group,))
    ((argv, account),) = logs_by_hand(looked)
    given = read(argv).given
    assert (given["startTime"], given["endTime"]) == (1772452800500, 1772456400499)  # milliseconds, the last included
    assert given["logStreamNamePrefix"] == "web/api/" and account == "main (1)"


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        ((), None),
        (("Time-out 7",), r"%[tT][iI][mM][eE]-[oO][uU][tT]\s7%"),
        (("api.url",), r"%[aA][pP][iI]\.[uU][rR][lL]%"),
        (("a", "b"), "none"),
        (("a*b",), "none"),
        (("50%",), "none"),
        (("Stra\u00dfe",), "none"),
    ],
)
def test_a_word_is_looked_for_whatever_the_case_of_its_letters_or_no_command_is_given(
    words: tuple[str, ...], pattern: str | None
) -> None:
    group = LogGroup(account="main (1)", region="eu-west-1", group="g", streams="")
    found = logs_by_hand(LookedThrough(since=NOON, until=NOON + timedelta(hours=1), groups=(group,)), words)
    assert [read(one.argv).given.get("filterPattern") for one in found] == ([] if pattern == "none" else [pattern])


def test_what_begins_with_a_dash_is_no_option_and_what_shorthand_would_take_apart_is_json() -> None:
    place = Place(account="main (1)", region="-r")
    argv = aws(place, "ecs describe-services", cluster="--cluster=x", services=["-a", "b,c=d", "[e]"]).argv
    typed = read(argv)
    assert typed.given == {"cluster": "--cluster=x", "services": ["-a", "b,c=d", "[e]"]} and typed.beside == {
        "region": "-r"
    }


def test_a_file_is_never_named_where_the_cli_would_read_it() -> None:
    """It takes what an option says for a file's name where that begins so."""
    found = aws(Place(account="", region="r"), "logs filter-log-events", log_group_name="file:///etc/passwd")
    assert commands_in([found]) == [NOT_SHOWN]


def test_commands_stand_under_their_account_and_are_counted_where_there_are_many() -> None:
    places = [Place(account=account, region="r") for account in ("main (1)", "other (2)")]
    found = [aws(places[number % 2], "eks describe-cluster", name=f"c{number}") for number in range(8)]
    assert commands_in([*found[:2], own("schedules"), found[0]])[0] == "devops-copilot schedules"
    assert commands_in([*found, found[0]]) == [
        "with credentials of main (1):",
        *(f"aws eks describe-cluster --region=r --name=c{number}" for number in (0, 2, 4)),
        "with credentials of other (2):",
        *(f"aws eks describe-cluster --region=r --name=c{number}" for number in (1, 3, 5)),
        "and 2 more commands like these",
    ]


def test_what_only_commands_need_is_described_as_that() -> None:
    for tool in READS:
        if NEEDED in tool.Output.model_fields:
            field = tool.Output.model_fields[NEEDED]
            assert tool.shown_by and not field.is_required(), "results of before have none of it"


def test_every_read_is_called_here_as_it_is_where_its_texts_are_held_to_be_marked() -> None:
    assert MORE.keys() <= GIVEN.keys()


def test_no_plan_refers_to_what_commands_need() -> None:
    step = {"id": "one", "tool": "cluster_health", "arguments": {"environment_id": "shop"}}
    plan = {"goal": "g", "steps": [step], "answer": {"text": "{one.by_hand}"}}
    with pytest.raises(PlanError, match="by_hand"):
        check_plan(Plan.model_validate(plan), Registry())
