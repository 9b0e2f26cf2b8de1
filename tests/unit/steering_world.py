"""One installation over fakes, for attacks on it: everything a text from outside can come in by, and all that is done.

Imports nothing that says what is trusted: what the campaign measures must not lean on what it measures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from unittest.mock import patch

from fakes import FakeClock
from fakes_logs import FakeLogs
from fakes_metrics import FakeMetrics
from fakes_platform import FakeNotifier, FakePlatform, service
from fakes_releases import FakeReleases
from fakes_trail import FakeTrail
from memory_deployments import MemoryDeployments
from memory_schedules import MemoryScheduler, MemorySchedules
from some_clients import SomeClients

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.adapters.known_reactions import ConfiguredReactions
from copilot.adapters.memory_facts import MemoryFacts
from copilot.adapters.memory_reactions import MemoryReactions
from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.adapters.memory_watches import MemoryWatches
from copilot.bootstrap import UseCases
from copilot.bootstrap.defaults import default
from copilot.bootstrap.in_process import InProcess
from copilot.config.configuration import Configuration, KnownPerson
from copilot.config.reacting import Reaction
from copilot.domain import (
    AccountBill,
    Activity,
    AnsweredRun,
    AnswerTo,
    Attachment,
    Bill,
    Charge,
    Decision,
    Finding,
    Focus,
    Hourly,
    Known,
    Link,
    OutputClass,
    Permission,
    Person,
    Preview,
    Resource,
    Run,
    Schedule,
    Sealed,
    Setting,
    Settings,
    Size,
    Survey,
    Target,
    Trigger,
    Unreachable,
    Window,
    conversation_at,
)
from copilot.domain.deployments import DeploymentFact
from copilot.errors import CopilotError
from copilot.intents import Intents, Present
from copilot.intents.filling import Match
from copilot.language_model.retrieval import ToolIndex
from copilot.policy.decisions import Policy
from copilot.ports import AnsweredRuns, Clients
from copilot.runbooks.filling import window_runbooks
from copilot.running.freezing import frozen_by
from copilot.times.titles import title as title_for
from copilot.tools.registry import Registry
from copilot.tools.schedules.creating import CreateScheduleInput
from copilot.tools.tool import AnyTool

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
ANA = Person(id="ana", name="Ana", roles=("developer", "approver"))
BEN = Person(id="ben", name="Ben", roles=("developer", "approver"))
AWAKE, ASLEEP, LIVE = "shop-dev", "shop-old", "shop-live"
SCHEDULE = "s0123abcde"
"""A schedule of ana's that is there from the beginning."""
CHANNEL = "#ops"
PLACE = AnswerTo(platform="chat", place="ops")
"""Where both of them speak with the copilot."""
REGISTRY = Registry()
DOCKERFILE = "FROM python\nRUN pip install flask\nADD app.py /\nCMD python /app.py\n"
WINDOW = Window(stop="18:00", days=("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), time_zone="UTC")


@dataclass
class SteeringPlatform(FakePlatform):
    """`gone` is an environment that is seen with the others and not when it is looked for alone."""

    activity_fails: CopilotError | None = None
    gone: str | None = None

    def survey(self, environment: str | None = None) -> Survey:
        found = super().survey(environment)
        is_gone = environment is not None and environment == self.gone
        return Survey(resources=(), unreachable=found.unreachable) if is_gone else found

    def activity(self, resources: Sequence[Resource], since: datetime) -> Mapping[str, Activity]:
        if self.activity_fails is not None:
            raise self.activity_fails
        return super().activity(resources, since)

    def hourly(self, resources: Sequence[Resource], since: datetime, hours: int) -> Mapping[str, Hourly]:
        return {one.ref.id: Hourly(metric="CPU", unit="Percent", maxima=(1.0,) * hours) for one in resources}

    def sizes(self, resources: Sequence[Resource]) -> Mapping[str, Size]:
        return {one.ref.id: Size(product="ec2", name="x99.huge", region="eu-west-1") for one in resources}


@dataclass
class SteeringLinter:
    message: str = "pin the version"
    fails: CopilotError | None = None

    def lint(self, text: str) -> Sequence[Finding]:
        if self.fails is not None:
            raise self.fails
        return [Finding(code="DL3006", level="warning", line=1, message=self.message)] if "FROM" in text else []


class SteeringAnswers:
    def __init__(self) -> None:
        self.person = "ana"

    def answered(self, day: Any) -> AnsweredRuns:
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        return AnsweredRuns([AnsweredRun(at=at, person=self.person, outcome="succeeded")])


class SteeringBills:
    priced = 0.0

    def price(self, periods: int) -> float:
        return periods * self.priced

    def billed(self, since: Any, until: Any, *, daily: bool, environments: Sequence[str] | None, most: int) -> Bill:
        names = ("", AWAKE, "shop-gone")
        charges = [
            Charge(environment=one, service="Amazon RDS", day=since, amount=Decimal(9), currency="USD") for one in names
        ]
        return Bill(
            accounts=(
                AccountBill(account="main (111111111111)", id="111111111111", charges=tuple(charges)),
                AccountBill(account="other (2)", not_read="the pack cost is off"),
            ),
            tag="environment",
        )


class SteeringConfigured:
    """A parameter, a secret and two variables of everything."""

    def named(self, environment: str, resources: Sequence[Resource], *, values: bool = False) -> Settings:
        place: Any = {"account": "main (111111111111)", "region": "eu-west-1"}
        base = Setting("parameter", f"/app/{environment}/url", "url", "String", "3", NOON, **place)
        secret = Setting("secret", f"app/{environment}/db", "db", "secret", "v1", NOON, same_as="", **place)
        hidden = Unreachable(account="other (2)", region="eu-west-1", reason="AccessDenied", types=("secret",))
        return Settings((base._replace(value=Sealed(environment)), secret), (hidden,), ("so it is",))

    def variables(self, services: Sequence[Resource], *, values: bool = False) -> Settings:
        some = [
            Setting(
                "variable", "LEVEL", "LEVEL", "plain", "web:3", NOON, one.name, account=one.account, region=one.region
            )
            for one in services
        ]
        side = [one._replace(container="side", points_to="arn:any", type="from a secret") for one in some]
        return Settings((*some, *side), (), ())


class SteeringReports:
    def put(self, name: str, content: bytes, content_type: str, about: OutputClass) -> Link:
        return Link(url=f"https://reports.example/{name}", until=NOON + timedelta(days=1))


@cache
def schedule(id: str = SCHEDULE, title: str = "", environments: tuple[str, ...] = (AWAKE,)) -> Schedule:
    """Of ana's, as create_schedule makes it; with another title where one is given."""
    title = title or title_for(CreateScheduleInput(window=WINDOW, environments=environments), WINDOW.times)
    given = {"schedule_id": id, "title": title, "kinds": [], "environments": list(environments)}
    return Schedule(
        id=id,
        title=title,
        owner="ana",
        environments=environments,
        kind="development",
        times=WINDOW.times,
        runbooks=window_runbooks(given),  # type: ignore[arg-type]
        created_at=NOON - timedelta(days=9),
    )


class _Twice:
    """Every call made twice, as a machine that delivers at least once does."""

    def __init__(self, use: Any) -> None:
        self._use = use

    def __call__(self, *given: Any) -> Any:
        first, second = self._use(*given), self._use(*given)
        return second if isinstance(first, Run) else first


class Twofold(UseCases):
    @default
    def advance(self) -> Any:
        return _Twice(super().advance)

    @default
    def make_plan(self) -> Any:
        return _Twice(super().make_plan)


class _Remembering(Policy):
    """Decides the same question once: a decision depends on nothing else."""

    def __init__(self) -> None:
        super().__init__(REGISTRY, "main", read_only=False)
        self._decided: dict[str, Decision] = {}

    def decide(self, person: Person, tool: AnyTool, targets: Sequence[Target], **so: Any) -> Decision:
        question = repr((person, tool.name, list(targets), so))
        if question not in self._decided:
            self._decided[question] = super().decide(person, tool, targets, **so)
        return self._decided[question]

    def may_approve(self, approver: Person, targets: Sequence[Target], *, own: bool = False) -> Decision:
        question = repr((approver, [(target.ref.type, target.kind) for target in targets], own))
        if question not in self._decided:
            self._decided[question] = super().may_approve(approver, targets, own=own)
        return self._decided[question]


class _OneAfterTheOther:
    """A pool without threads."""

    def __init__(self, max_workers: int) -> None: ...

    def __enter__(self) -> _OneAfterTheOther:
        return self

    def __exit__(self, *_: object) -> None: ...

    def map(self, do: Callable[[Any], Any], given: Iterable[Any]) -> list[Any]:
        return [do(one) for one in given]


@contextmanager
def quickly() -> Iterator[None]:
    """Without what takes longer than all the rest and changes nothing here: tools put in words, and threads."""
    pools = (
        f"{module}.ThreadPoolExecutor"
        for module in ("copilot.bootstrap.in_process", "copilot.tools.environments.power")
    )
    with ExitStack() as patched:
        patched.enter_context(patch("copilot.planning.drafting.fitting_tools", lambda *_, **__: []))
        for pool in pools:
            patched.enter_context(patch(pool, _OneAfterTheOther))
        patched.enter_context(patch.object(Intents, "match", _heard_once(Intents.match)))
        yield


def _heard_once(match: Callable[..., Match | None]) -> Callable[..., Match | None]:
    """Hears the same once: what a request comes to depends on nothing else."""
    heard: dict[str, Match | None] = {}

    def once(intents: Intents, text: str, focus: Focus, present: Present, known: Known, *over: Any) -> Match | None:
        so = repr((id(intents), text, focus, present, known))
        if so not in heard:
            heard[so] = match(intents, text, focus, present, known, *over)
        return heard[so]

    return once


@cache
def policies(tenant: str, read_only: bool) -> Policy:
    return _Remembering()


@cache
def tool_index() -> ToolIndex:
    """The same for all, as it takes a while to make."""
    return ToolIndex(REGISTRY)


class World:
    """What is there, who is there, and what was done to it."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON)
        self.platform = SteeringPlatform(
            [
                service(AWAKE, "web", 2),
                service(ASLEEP, "jobs", 0, running=0, saved=2),
                service(LIVE, "api", 4),
            ],
            kinds={LIVE: "production"},
            owners={AWAKE: "marta"},
        )
        self.notifier = FakeNotifier()
        self.store = MemoryStore()
        self.schedules = MemorySchedules(self.store)
        self.schedules.put(schedule())
        self.scheduler = MemoryScheduler()
        self.runbooks, self.facts = MemoryRunbooks(), MemoryFacts()
        self.watches = MemoryWatches()
        self.reacted = MemoryReactions()
        given = {"name": "on-alarm", "event": "alarm", "request": "list schedules", "person": "ana", "tells": "#a"}
        config = Configuration(accounts=(), people=(), reactions=(Reaction.model_validate(given),))
        self.reactions = ConfiguredReactions(config, self.reacted)
        self.deployments = MemoryDeployments()
        self.releases = FakeReleases()
        self.trail = FakeTrail()
        self.linter = SteeringLinter()
        self.logs, self.metrics = FakeLogs(), FakeMetrics()
        self.answers = SteeringAnswers()
        self.reports = SteeringReports()
        self.bills = SteeringBills()
        self.configured = SteeringConfigured()
        self.attachments: tuple[Attachment, ...] = ()
        self.people = {"ana": ANA, "ben": BEN}
        self.conversation = conversation_at(PLACE)
        self.process = self._process()

    def _process(self) -> InProcess:
        people = tuple(KnownPerson(id=p.id, name=p.name, principals=(), roles=p.roles) for p in self.people.values())
        process = InProcess(
            self.clients,
            config=Configuration(accounts=(), people=people),
            registry=REGISTRY,
            store=self.store,
            runbooks=self.runbooks,
            facts=self.facts,
            clock=self.clock,
            sleep=self.clock.sleep,
            person=ANA,
            answer_to=PLACE,
            workers=1,
        )
        process.use_cases.policies = policies
        process.use_cases.tool_index = tool_index()
        return process

    def deliver_twice(self) -> None:
        """From here on every delivery to Advance and to Plan comes a second time."""
        self.process.use_cases = Twofold(**vars(self.process.use_cases))

    def clients(self, run: Run, call_id: str, permissions: Sequence[Permission] | None = None) -> Clients:
        world = self

        class Given(SomeClients):
            platform, notifier, clock = world.platform, world.notifier, world.clock
            schedules, scheduler, person = world.schedules, world.scheduler, run.trigger.person
            runbooks, facts = world.runbooks, world.facts
            watches, reactions = world.watches, world.reactions
            deployments, answers, reports = world.deployments, world.answers, world.reports
            releases, bills, configured = world.releases, world.bills, world.configured
            dockerfile_linter, effects, trail = world.linter, MemoryEffects(world.store), world.trail
            logs, metrics = world.logs, world.metrics

            def frozen(self, preview: Preview) -> str:
                return frozen_by(world.store.freezes("main"), self.person.id, preview)

            def would_decide(self, tool: str, targets: Sequence[Target], **so: Any) -> Decision:
                return policies("main", False).decide(self.person, REGISTRY.find(tool), targets, **so)

        given = Given()
        given.call_id = call_id
        return given

    # what is asked

    def ask(self, text: str, person: Person = ANA) -> dict[str, Any]:
        self.process.person = person
        return self.process.run(text, attachments=self.attachments)

    def said_by(self, person: Person, text: str) -> None:
        """A message of somebody else in the same conversation, which nothing was done about."""
        trigger = Trigger(
            kind="api",
            tenant="main",
            person=person,
            text=text,
            conversation=self.conversation,
            dedupe_key=text,
            received_at=self.clock.now(),
        )
        self.store.record_trigger(trigger)

    def run_of(self, view: Mapping[str, Any]) -> Run:
        return self.store.run("main", view["run_id"])

    # what was done

    def snapshot(self) -> _Done:
        return _Done(
            applied=len(self.platform.applied),
            sent=len(self.notifier.sent),
            schedules={one.id: one.paused for one in self.schedules.schedules()},
            keeps={one.environment: str(one.until) for one in self.schedules.keeps()},
        )

    def effects(self, since: _Done) -> list[tuple[str, str]]:
        """What was done since then, each as kind and what it was done to."""
        now = self.snapshot()
        found = []
        for direction, name, _ in self.platform.applied[since.applied :]:
            where = next((one.environment for one in self.platform.resources if one.name == name), name)
            found.append((direction, where))
        sent = list(self.notifier.sent.values())[since.sent :]
        found += [("message", f"{channel}: {text}") for channel, text in sent]
        found += [("schedule", id) for id in now.schedules.keys() - since.schedules.keys()]
        found += [("delete", id) for id in since.schedules.keys() - now.schedules.keys()]
        found += [("pause", id) for id, paused in since.schedules.items() if now.schedules.get(id, paused) != paused]
        found += [("keep", one) for one, until in now.keeps.items() if since.keeps.get(one) != until]
        return found


@dataclass
class _Done:
    applied: int
    sent: int
    schedules: dict[str, bool] = field(default_factory=dict)
    keeps: dict[str, str] = field(default_factory=dict)


def fact(**more: Any) -> DeploymentFact:
    about = {"service": "web", "deployment": "d1", "environment": AWAKE, "source": "ci", "status": "succeeded"}
    return DeploymentFact.model_validate(about | {"at": NOON - timedelta(hours=3)} | more)
