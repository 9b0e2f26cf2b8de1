"""Whose in code what is changed is: said in every preview of it, before anybody decides, and in the answer."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from fakes import FakeClock
from fakes_platform import FakeClients, FakePlatform, database, group, runs, service
from fakes_trail import FakeTrail

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.answering.code_owned import owned_by_code
from copilot.bootstrap.in_process import InProcess
from copilot.domain import ApprovalCall, Change, Limits, Preview, Resource, ResourceRef, Run
from copilot.errors import FatalError, RetryableError
from copilot.policy.decisions import Policy
from copilot.tools.environments.restarting import RebootResource, RestartService
from copilot.tools.environments.scaling import ScaleResource
from copilot.tools.environments.stopping import StopEnvironment

STACK = {"aws:cloudformation:stack-name": "shop-web"}
TERRAFORM = {"managed-by": "terraform"}
PUT_BACK = "Terraform has put back web twice after the copilot changed that"


class World:
    """A copilot over resources with ARNs, and over what CloudTrail would say of them."""

    def __init__(self, *resources: Resource, **agents: str) -> None:
        self.platform = FakePlatform([*map(in_aws, resources)], kinds={"shop-live": "production"})
        self.clock, self.trail, self.store = FakeClock(), FakeTrail(agents=agents), MemoryStore()
        self.asked: list[ApprovalCall] = []
        self.process = InProcess(
            self._clients, store=self.store, clock=self.clock, sleep=self.clock.sleep, workers=1, decide=self._decide
        )

    def _clients(self, run: Run, call: str, permissions: object) -> FakeClients:
        self.clock.sleep(1)
        clients = FakeClients(self.platform, clock=self.clock)
        clients.trail, clients.effects = self.trail, MemoryEffects(self.store)
        return clients

    def _decide(self, approval: Any) -> Any:
        self.asked += approval.calls
        return "approve"

    def ask(self, text: str) -> dict[str, Any]:
        self.clock.sleep(1)
        return self.process.run(text)

    def put_back(self, name: str, size: int) -> None:
        """As code does when it is applied."""
        at = next(n for n, one in enumerate(self.platform.resources) if one.name == name)
        back = {"size": size, "running": size, "state": "running", "saved": None}
        self.platform.resources[at] = self.platform.resources[at].model_copy(update=back)


def in_aws(one: Resource) -> Resource:
    of = one.ref.type.partition("-")[0]
    arn = f"arn:aws:{of}:eu-west-1:111111111111:{one.ref.type}/{one.environment}/{one.name}"
    return one.model_copy(update={"ref": ResourceRef(type=one.ref.type, id=arn)})


def owners(call: ApprovalCall) -> dict[str, str]:
    return {change.name: change.owned_by for change in call.preview.wanted}


def test_tags_come_first_then_the_records_and_nothing_is_ever_nobodys() -> None:
    world = World(
        service("shop-live", "web", 2, tags=STACK),
        service("shop-live", "api", 2, tags=TERRAFORM),
        service("shop-live", "jobs", 2),
        service("shop-live", "mail", 2),
        database("shop-live", "db"),
        jobs="Terraform",
        mail="the console",
    )
    world.ask("stop shop-live")
    (call,) = world.asked
    assert owners(call) == {
        "web": "stack shop-web",
        "api": "Terraform",
        "jobs": "Terraform",
        "mail": "ownership unknown, last changed in the console",
        "db": "ownership unknown",
    }
    assert sorted(world.trail.asked) == ["db", "jobs", "mail"], "once, of what tags do not tell"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (ScaleResource, {"resource": "web", "size": 4}),
        (RebootResource, {"resource": "db"}),
        (RestartService, {"service": "web"}),
        (StopEnvironment, {}),
    ],
)
def test_every_tool_that_changes_resources_says_by_tags_whose_they_are(tool: Any, arguments: dict[str, Any]) -> None:
    there = [service("shop-dev", "web", 2, tags=STACK), database("shop-dev", "db", tags=STACK)]
    platform = FakePlatform(there, serving={"web": runs()})
    preview = tool(FakeClients(platform)).preview(tool.Input(environment_id="shop-dev", **arguments))
    assert {change.owned_by for change in preview.wanted} == {"stack shop-web"}


def test_the_records_are_asked_of_production_alone() -> None:
    world = World(service("shop-dev", "web", 2), web="Terraform")
    run = world.ask("stop shop-dev")
    assert (run["outcome"], world.trail.asked) == ("succeeded", [])
    assert "Owned by code" not in run["answer"]


@pytest.mark.parametrize("error", [RetryableError("throttled"), FatalError("no trail here")])
def test_records_that_cannot_be_read_leave_it_unknown(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(service("shop-live", "web", 2))

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(world.trail, "changed_with", fails)
    assert world.ask("stop shop-live")["outcome"] == "succeeded"
    assert owners(world.asked[0]) == {"web": "ownership unknown"}


def test_whose_it_is_is_no_part_of_what_an_approval_is_bound_to() -> None:
    hashes = set()
    for agents in ({}, {"web": "Terraform"}):
        world = World(service("shop-live", "web", 2), **agents)
        world.ask("stop shop-live")
        hashes.add(world.asked[0].hash)
    assert len(hashes) == 1


def test_the_answer_names_what_the_code_is_to_ignore() -> None:
    limits = Limits(minimum=1, maximum=4)
    world = World(
        service("shop-live", "web", 2, tags=TERRAFORM),
        service("shop-live", "api", 2, tags=TERRAFORM, limits=limits),
        group("shop-live", "workers", 2, limits, tags=STACK),
        database("shop-live", "db", tags=TERRAFORM),
    )
    answer = world.ask("stop shop-live")["answer"]
    assert "Owned by code, which may put it back:" in answer
    (terraform,) = [line for line in answer.splitlines() if line.startswith("- Terraform: ")]
    for part in (
        "`ignore_changes = [desired_count]` in its aws_ecs_service",
        "`ignore_changes = [min_capacity, max_capacity]` in its aws_appautoscaling_target",
        '`ignore_tags { key_prefixes = ["devops-copilot:"] }` in the AWS provider',
    ):
        assert terraform.count(part) == 1
    (stack,) = [line for line in answer.splitlines() if line.startswith("- stack shop-web: ")]
    assert "no DesiredCapacity in its AWS::AutoScaling::AutoScalingGroup" in stack and "ignore" not in stack


@pytest.mark.parametrize(
    ("owner", "says"),
    [
        ("Terraform", "`ignore_changes = [task_definition]` in its aws_ecs_service"),
        ("OpenTofu", "`ignore_changes = [task_definition]` in its aws_ecs_service"),
        ("stack web", "TaskDefinition of its AWS::ECS::Service as it is now"),
        ("Pulumi", ""),
    ],
)
def test_of_what_was_deployed_it_is_the_version(owner: str, says: str) -> None:
    ref = ResourceRef(type="ecs-service", id="arn:aws:ecs:eu-west-1:111111111111:service/c/web")
    given: Any = {"ref": ref, "name": "web", "before": "web:7", "after": "web:6", "owned_by": owner, "limits": None}
    change = Change.model_construct(**given, action="deploy", size=None)
    told = owned_by_code([Preview.model_construct(targets=(), changes=(change,), state=1, notes=())])
    assert told.endswith(f"- {owner}: web" + (f". To keep it: {says}" if says else ""))


def test_of_what_is_started_no_tag_stays_that_code_might_remove() -> None:
    world = World(service("shop-live", "web", 2, tags=TERRAFORM))
    world.ask("stop shop-live")
    answer = world.ask("start shop-live")["answer"]
    assert "desired_count" in answer and "ignore_tags" not in answer


def test_the_name_of_a_stack_does_nothing_where_it_is_shown() -> None:
    evil = {"aws:cloudformation:stack-name": "x https://evil.example @here"}
    world = World(service("shop-live", "web", 2, tags=evil))
    answer = world.ask("stop shop-live")["answer"]
    assert "- stack «x https[:]//evil[.]example (at)here»: web" in answer


# --- what decides ---------------------------------------------------------------------------------

ALLOWING = """
@id("operators-change-production")
permit (principal in Role::"operator", action in Action::"write", resource is Environment);
"""


@pytest.mark.parametrize(
    ("environment", "tags", "asks"),
    [("shop-live", TERRAFORM, True), ("shop-live", STACK, True), ("shop-live", {}, False), ("shop-dev", STACK, False)],
)
def test_owned_production_asks_also_where_policy_permits_the_rest(
    environment: str, tags: dict[str, str], asks: bool
) -> None:
    world = World(service(environment, "web", 2, tags=tags))
    text = files("copilot").joinpath("policy/default.cedar").read_text() + ALLOWING
    world.process.use_cases.policy = Policy(world.process.registry, "main", read_only=False, text=text)
    assert world.ask(f"stop {environment}")["outcome"] == "succeeded"
    assert bool(world.asked) == asks
    if asks:
        assert "owned-production-needs-approval" in str(world.store.journal("main", f"{world.clock.now():%Y-%m-%d}"))


# --- what code puts back --------------------------------------------------------------------------


def test_what_code_has_put_back_twice_is_told_once() -> None:
    world = World(service("shop-dev", "web", 2, tags=TERRAFORM))
    told = []
    for _ in range(5):
        told.append(PUT_BACK in world.ask("stop shop-dev")["answer"])
        world.put_back("web", 2)
    assert told == [False, False, True, False, False]


@pytest.mark.parametrize("others", [1, 4, 12])
def test_it_is_told_once_whatever_else_of_the_environment_is_changed_between(others: int) -> None:
    """What is looked back through is of the environment: web is one of many there."""
    world = World(service("shop-dev", "web", 3, tags=TERRAFORM), service("shop-dev", "api", 3))
    told = []
    for _ in range(5):
        told.append(PUT_BACK in world.ask("scale web in shop-dev to 1")["answer"])
        world.put_back("web", 3)
        for turn in range(others):
            assert world.ask(f"scale api in shop-dev to {1 + turn % 2}")["outcome"] == "succeeded"
    assert told == [False, False, True, False, False]


def test_once_something_else_came_between_it_may_be_told_again() -> None:
    world = World(service("shop-dev", "web", 3, tags=TERRAFORM))
    told = []
    for size in (3, 3, 3, 5, 3, 3, 3, 3):
        told.append(PUT_BACK in world.ask("scale web in shop-dev to 1")["answer"])
        world.put_back("web", size)
    assert told == [False, False, True, *[False] * 4, True]


def test_what_the_copilot_itself_brings_back_is_put_back_by_nobody() -> None:
    world = World(service("shop-dev", "web", 2, tags=TERRAFORM))
    for _ in range(4):
        assert PUT_BACK not in world.ask("stop shop-dev")["answer"]
        assert PUT_BACK not in world.ask("start shop-dev")["answer"]


def test_what_is_in_no_code_is_put_back_by_people() -> None:
    world = World(service("shop-dev", "web", 2))
    for _ in range(4):
        assert "put back" not in world.ask("stop shop-dev")["answer"]
        world.put_back("web", 2)


def test_another_size_than_there_was_is_not_put_back() -> None:
    world = World(service("shop-dev", "web", 2, tags=TERRAFORM))
    for size in (3, 4, 5, 6):
        assert PUT_BACK not in world.ask("stop shop-dev")["answer"]
        world.put_back("web", size)


def test_what_would_happen_says_whose_it_is() -> None:
    world = World(service("shop-live", "web", 2, tags=STACK), service("shop-live", "api", 2))
    answer = world.ask("what would happen if I stopped shop-live?")["answer"]
    assert "Whose it is in code: stack shop-web: web; not known: api." in answer
