"""Every DynamoDB action that a function makes is granted to its role, on that partition, by template.yaml.

MiniStack does not emulate dynamodb:LeadingKeys, so the fences are tested here: each use case runs on a store of its own
whose calls are recorded, and each recorded action is looked up in the role of the function that would make it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
import yaml
from chat_people import FakeChatPeople
from chat_world import CHANNEL, HOME, FakeChat, user
from deployment_facts import deployment
from escalation_world import FakePagers
from fake_model import FakeModel
from fakes import TOOLS, FakeClock, World, clients_of, hearing
from fakes_platform import FakeNotifier, FakePlatform, FakeSweeps, service
from hook_events import hook, hosts
from moto import mock_aws
from tables import make_table

from copilot.adapters.aws.journal_archive import S3JournalArchive
from copilot.adapters.dynamodb.answers import DynamoAnswers
from copilot.adapters.dynamodb.chat_links import DynamoChatLinks
from copilot.adapters.dynamodb.deliveries import DynamoDeliveries
from copilot.adapters.dynamodb.deployments import DynamoDeployments
from copilot.adapters.dynamodb.effects import DynamoEffects
from copilot.adapters.dynamodb.facts import DynamoFacts
from copilot.adapters.dynamodb.inventory import DynamoInventory
from copilot.adapters.dynamodb.journal_rows import DynamoJournalRows
from copilot.adapters.dynamodb.kept import DynamoKeptOf
from copilot.adapters.dynamodb.learned import DynamoLearned
from copilot.adapters.dynamodb.reactions import DynamoReactions
from copilot.adapters.dynamodb.report_links import DynamoReportLinks
from copilot.adapters.dynamodb.runbooks import DynamoRunbooks
from copilot.adapters.dynamodb.schedules import DynamoSchedules
from copilot.adapters.dynamodb.spending import DynamoSpending
from copilot.adapters.dynamodb.store import DynamoStore
from copilot.adapters.dynamodb.watches import DynamoWatches
from copilot.adapters.memory_chat import MemoryQueue
from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.answering.chat.delivering import Deliver
from copilot.answering.chat.stops import ComingStops
from copilot.answering.composing import Compose
from copilot.answering.escalations.escalating import Escalate
from copilot.answering.grounding import unfounded_numbers
from copilot.answering.home import MakeHome, Rights
from copilot.answering.replying import Reply
from copilot.answering.telling_owners import TellOwner
from copilot.bootstrap.in_process import NobodyWaits
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Account, Configuration, KnownPerson, checked
from copilot.config.escalating import Level
from copilot.domain import (
    DAYS,
    NOTHING_KNOWN,
    About,
    Advanced,
    AnswerTo,
    Asked,
    ChatEvent,
    ChatPerson,
    ChatPlace,
    ChatUser,
    Commented,
    Delivery,
    Fact,
    Gone,
    ItemCall,
    ItemOutcome,
    JournalEntry,
    Keep,
    KeptFact,
    Known,
    KnownEnvironment,
    LearnedFrom,
    LearnedPlan,
    LearnedShape,
    LearnedSlot,
    LinkCode,
    Opened,
    Payer,
    Person,
    Place,
    Plan,
    Pressed,
    Purpose,
    ReportLink,
    ResourceRef,
    Retention,
    Revision,
    Run,
    Runbook,
    Said,
    SavedRunbook,
    Schedule,
    Standing,
    Trigger,
    Turn,
    Watch,
    Whose,
    Window,
    keep_key,
    occasion_of,
    scope_of,
)
from copilot.edges.approval_views import view_approvals
from copilot.edges.delivery_views import view_left
from copilot.edges.kept_views import view_kept_runs, view_own
from copilot.edges.run_views import view_all_runs, view_approval, view_reasoning, view_run, view_runs
from copilot.edges.schedule_views import view_schedule, view_schedules
from copilot.edges.spend_views import view_spent
from copilot.edges.withholding import Seer
from copilot.errors import FatalError, OtherRequest
from copilot.intents import load_intents
from copilot.language_model.consulting import Consult
from copilot.language_model.prices import dollars
from copilot.language_model.retrieval import ToolIndex
from copilot.planning.drafting import Draft
from copilot.planning.freezing_in_words import FreezeInWords
from copilot.planning.make_plan import MakePlan
from copilot.planning.undoing import Undo
from copilot.planning.waiting import Waiting
from copilot.plans.telling import only_status
from copilot.policy.decisions import Policy
from copilot.policy.showing import where_to
from copilot.running.advancing import Advance
from copilot.running.approving import Approve
from copilot.running.checking import Check
from copilot.running.excluding import exclusions_in
from copilot.running.executing import Execute
from copilot.spending.paying import Paying
from copilot.spending.sheets import Sheets
from copilot.tools.registry import Registry
from copilot.triggers.announcing import AnnounceStops
from copilot.triggers.archiving import ArchiveJournal, LookAtArchive
from copilot.triggers.at_once import AtOnce
from copilot.triggers.chatting import TakeChat
from copilot.triggers.deleting import DeleteKept, OfWhom
from copilot.triggers.firing import Fire
from copilot.triggers.foreseeing import would_react
from copilot.triggers.freezing import Freezing
from copilot.triggers.gone import LetGo
from copilot.triggers.ingesting import Ingest
from copilot.triggers.linking import Code, Link, Renewed
from copilot.triggers.looking_after import LookAfter
from copilot.triggers.reacting import OWN, React
from copilot.triggers.recalling import Recall
from copilot.triggers.standing import Grant
from copilot.triggers.sweeping import AskForSweeps, Publish, SweepAfter, SweepPlace
from copilot.triggers.taking_hooks import TakeHook

ROOT = Path(__file__).parents[2]
PLAN = Plan.model_validate(
    {
        "goal": "off",
        "steps": [
            {"id": "all", "tool": "list_lights"},
            {
                "id": "off",
                "tool": "switch_off",
                "for_each": {"$ref": "all.lights[].name"},
                "arguments": {"environment_id": {"$item": "@"}},
                "expect": "!on",
            },
        ],
        "answer": {"text": "Off: {off[].name}."},
    }
)
TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
ANN = Person(id="ann", name="Ann", roles=("operator", "approver"))
BEN = Person(id="ben", name="Ben", roles=("approver",))
OPS = Person(id="ops", name="Ops", roles=("operator", "approver"))
IAM_USER = "arn:aws:iam::222222222222:user/"


class System:
    """The use cases as the functions have them, each on its own recorded store; drives runs as the machine does."""

    def __init__(self) -> None:
        self.calls: set[tuple[str, str, str]] = set()
        self.clock = FakeClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        self.registry = Registry(TOOLS)
        self.world = World(lights={"a": True, "b": True}, kinds={"a": "production"})
        self.world.accounts = dict.fromkeys(("a", "b", "c", "d"), "222222222222")
        self.policy = Policy(self.registry, "main", False)
        people = [KnownPerson(id=one.id, name=one.name, principals=(), roles=one.roles) for one in (ANN, BEN)]
        self.config = Configuration(accounts=(), people=tuple(people))
        listed = {"id": "all", "tool": "list_lights"}
        switched = {"id": "off", "tool": "switch_off", "arguments": {"environment_id": "b"}}
        composed = {"steps": [listed | {"id": "more"}], "answer": {"compose": "what is on", "using": ["more"]}}
        assumed = listed | {"after": ["off"], "expect": "length(lights) > `9`"}
        each = {"id": "look", "tool": "look", "for_each": {"$ref": "memory.lights.lights[].name"}}
        again = {"steps": [each | {"arguments": {"environment_id": {"$item": "@"}}}]}
        again |= {"answer": {"text": "{memory.answer.text}: {look[].name}"}}  # type: ignore[dict-item]
        read = {"steps": [listed], "answer": {"text": "All is dark: {all.lights[].name}."}}
        first = {"steps": [switched, assumed], "answer": {"text": "x"}}
        self.model = FakeModel([first, composed, "All is dark {#more.lights}.", read, again])

    def consult(self, function: str) -> Consult:
        kept = (self.store(function), self.clock, self.config.budgets, self.model_for, dollars)
        return Consult(*kept, lambda run: self.purse(function, Payer.of_run(run)))

    def purse(self, function: str, payer: Payer) -> Paying:
        spending = DynamoSpending("copilot", self.database(function), "main", self.clock.now)
        return Paying(lambda: spending, self.config.caps, UTC, self.clock, payer)

    def model_for(self, purpose: Purpose) -> FakeModel | None:
        return None if purpose == "route" else self.model

    def make_plan(self, tenant: str, run_id: str) -> None:
        store, index = self.store("Plan"), ToolIndex(self.registry)
        draft = Draft(self.consult("Plan"), store, self.registry, index, self.clock, self.config, unfounded_numbers)
        MakePlan(store, self.registry, hearing(load_intents(), self.registry), draft)(tenant, run_id)

    def store(self, function: str) -> DynamoStore:
        return DynamoStore("copilot", "kept", self.database(function), boto3.client("s3"))

    def deployments(self, function: str) -> DynamoDeployments:
        return DynamoDeployments("copilot", self.database(function), "main")

    def schedules(self, function: str) -> DynamoSchedules:
        """What the function reads with its own role; what is changed, with the one that is assumed for it."""
        reads, changes = self.database(function), self.database("SchedulesRole")
        return DynamoSchedules("copilot", "arn", "main", reads, lambda: changes)

    def inventory(self, function: str) -> DynamoInventory:
        return DynamoInventory("copilot", "kept", self.database(function), boto3.client("s3"), "main")

    def runbooks(self, function: str) -> DynamoRunbooks:
        """The same for runbooks."""
        reads, changes = self.database(function), self.database("SchedulesRole")
        return DynamoRunbooks("copilot", "arn", "main", reads, lambda: changes)

    def facts(self, function: str) -> DynamoFacts:
        """The same for facts."""
        reads, changes = self.database(function), self.database("SchedulesRole")
        return DynamoFacts("copilot", "arn", "main", reads, lambda: changes)

    def learned(self, function: str) -> DynamoLearned:
        return DynamoLearned("copilot", self.database(function), "main")

    def watches(self, function: str) -> DynamoWatches:
        """The same for watches."""
        reads, changes = self.database(function), self.database("SchedulesRole")
        return DynamoWatches("copilot", "arn", "main", reads, lambda: changes)

    def database(self, function: str) -> Any:
        database = boto3.client("dynamodb")
        database.meta.events.register("provide-client-params.dynamodb.*", self._record(function))
        return database

    def _record(self, function: str) -> Any:
        def record(params: dict[str, Any], model: Any, **_: Any) -> None:
            for action, key in _accesses(model.name, params):
                self.calls.add((function, action, key))

        return record

    def ingest(self, function: str) -> Ingest:
        return Ingest(self.store(function), NobodyWaits(), self.clock)

    def send(self, text: str, key: str, by: Person = ANN) -> str:
        trigger = Trigger(
            kind="api",
            tenant="main",
            person=by,
            text=text,
            conversation=f"{by.id}/x",
            dedupe_key=key,
            received_at=self.clock.now(),
        )
        return self.ingest("IngestApi")(trigger)[0].run_id

    def drive(self, run_id: str, wave: int = 0) -> tuple[str, int]:
        functions = {"read": "ExecuteRead", "write": "ExecuteWrite", "render": "ExecuteRender", "send": "ExecuteSend"}
        functions |= {"check": "CheckStep"}
        store, consult = self.store("Advance"), self.consult("Reply")
        known = self.inventory("Advance").known
        excluded = exclusions_in(lambda: self.facts("Advance"), self.clock)
        parts = (self.registry, self.policy, self.clock, self.config, functions, True, known, excluded)
        advance = Advance(store, *parts)
        outcomes: list[ItemOutcome] = []
        while True:
            advanced = advance("main", run_id, wave, outcomes)
            wave, outcomes = advanced.wave, [self.item(call) for call in advanced.items]
            if advanced.next == "wait":
                self.clock.sleep(advanced.seconds or 0)
            elif advanced.next == "plan":
                self.make_plan("main", run_id)
            elif advanced.next == "approve":
                self.store("RequestApproval").keep_token("main", advanced.approval_id or "", "token")
                return advanced.approval_id or "", wave
            elif advanced.next == "reply":
                Reply(self.store("Reply"), self.registry, self.clock, Compose(consult))("main", run_id)
                return "", wave

    def item(self, call: ItemCall) -> ItemOutcome:
        clients = clients_of(self.world, self.clock)
        check = Check(self.store("CheckStep"), self.registry, self.clock, clients)
        if call.function == "CheckStep":
            return check(call)
        if call.phase != "check" and call.item == 0 and call.attempt == 1:
            check(call)  # as the machine does after a timeout
        excluded = exclusions_in(lambda: self.facts(call.function), self.clock)
        execute = Execute(
            self.store(call.function), self.registry, self.clock, clients, clients, exclusions_for=excluded
        )
        outcome = execute(call, "worker", self.clock.now() + timedelta(minutes=1))
        return outcome if outcome.verdict.settled else check(call)


def _accesses(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for entry in params["TransactItems"]:
            for kind, write in entry.items():
                yield TRANSACTED[kind], (write.get("Item") or write["Key"])["pk"]["S"]
    elif operation == "BatchGetItem":
        for request in params["RequestItems"].values():
            yield from ((operation, key["pk"]["S"]) for key in request["Keys"])
    elif operation == "Query":
        yield operation, params["ExpressionAttributeValues"][":pk"]["S"]
    else:
        yield operation, (params.get("Item") or params["Key"])["pk"]["S"]


@pytest.fixture(scope="module")
def calls() -> Iterator[set[tuple[str, str, str]]]:
    patch = pytest.MonkeyPatch()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        patch.setenv(name, value)
    patch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        make_table(boto3.client("dynamodb"))
        boto3.client("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield exercised(System())
    patch.undo()


def exercised(system: System) -> set[tuple[str, str, str]]:
    """What the functions do in a run with an approval, one that is cancelled, one that is lost, and all the views."""
    planned = system.send("unheard of", "k0")
    MakePlan(system.store("Plan"), system.registry, hearing(load_intents(), system.registry))("main", planned)
    system.drive(planned)
    drafted = system.send("also unheard of", "k00")
    system.make_plan("main", drafted)
    system.drive(drafted)
    reasoning: Any = view_reasoning(system.store("IngestApi"), "main", drafted)
    assert [call["purpose"] for call in reasoning["calls"]] == ["plan", "revise", "compose"]
    assert system.store("IngestApi").run("main", drafted).outcome == "succeeded"

    for key in ("k01", "k02"):
        by_memory = system.send(f"unheard of again {key}", key)
        system.make_plan("main", by_memory)
        system.drive(by_memory)
    answered = system.store("IngestApi").run("main", by_memory)
    assert answered.outcome == "succeeded" and "All is dark" in (answered.answer or ""), answered.answer

    system.world.lights["b"] = True
    run_id = system.send("lights off", "k1")
    store = system.store("Plan")
    store.save_revision(store.run("main", run_id), Revision(plan=PLAN))
    approval_id, wave = system.drive(run_id)
    system.ingest("IngestEvent").start_next("main", "ann/x")
    now = system.clock.now()
    seer = Seer(BEN, system.policy, system.registry)
    view_approval(system.store("IngestApi"), "main", approval_id, now, seer=seer)
    waiting: Any = view_approvals(system.store("IngestApi"), system.policy, "main", BEN, now)["approvals"]
    assert [one["id"] for one in waiting] == [approval_id]
    Approve(system.store("ResolveApproval"), system.policy, NobodyWaits(), system.clock)(
        "main", approval_id, BEN, "approve"
    )
    system.drive(run_id, wave)
    view_run(system.store("IngestApi"), "main", run_id, now)
    view_runs(system.store("IngestApi"), "main", "ann/x")
    assert len(view_all_runs(system.store("IngestApi"), "main")) == 5
    with pytest.raises(OtherRequest):
        system.send("lights on", "k1")
    assert sorted(system.world.switched) == ["a", "b", "b"]

    Waiting(system.store("Plan"), system.clock, lambda person: "UTC")(system.store("Plan").run("main", run_id).trigger)
    changes = DynamoEffects("copilot", system.database("Plan"), "main")
    taken_back = Undo(system.store("Plan"), system.registry, system.clock, changes)(
        system.store("Plan").run("main", run_id).trigger.model_copy(update={"text": f"undo run {run_id}"})
    )
    assert [step.tool for step in taken_back.plan.steps] == ["switch_on"]

    system.world.lights["a"] = True
    cancelled = system.send("lights off", "k2")
    store.save_revision(store.run("main", cancelled), Revision(plan=PLAN))
    system.drive(cancelled)
    system.ingest("IngestApi").cancel("main", cancelled, ANN)
    system.ingest("IngestApi").resume("main", cancelled)
    Reply(system.store("IngestEvent"), system.registry, system.clock)("main", cancelled, "it was aborted")

    system.world.lights = {"c": True, "d": True}
    system.world.kinds = dict.fromkeys(("c", "d"), "staging")
    limited = system.send("lights off", "k3")
    store.save_revision(store.run("main", limited), Revision(plan=PLAN))
    assert system.drive(limited)[0], "how many there are of a kind is read, for what would not be asked for else"

    freezing = Freezing(system.store("IngestApi"), system.policy, system.clock, system.config, lambda: NOTHING_KNOWN)
    freezing.freeze(OPS, "environment", "elsewhere", "x")
    freezing.thaw(OPS, "environment", "elsewhere")
    for text in ("freeze everything, payments are down", "how is it?", "thaw everything"):
        frozen_in_words(system, freezing, text)
    assert system.store("IngestApi").freezes("main") == system.store("ExecuteRead").freezes("main") == []
    system.store("IngestApi").standings("main")
    system.store("Advance").standings("main")

    system.deployments("IngestEvent").record(deployment("d1", now, {"build": 5.0}))
    found = system.deployments("ExecuteRead")
    assert found.services(now) and found.first() and found.between(now, now + timedelta(days=1)).deployments
    scheduled(system, approval_id)
    kept_runbooks(system)
    kept_facts(system)
    learned_plans(system)
    watched(system, run_id)
    paid(system)
    reacted(system)
    swept(system, run_id)
    linked(system)
    kept(system, run_id)
    counted = DynamoAnswers("copilot", system.database("ExecuteRead"), "main").answered(system.clock.now().date())
    assert len(counted.runs) == 6
    Chatted(system).all()
    hooked(system)
    return system.calls


def kept(system: System, run_id: str) -> None:
    """What there is of a Run's person is handed out, and deleted; not that of this one. The journal is archived."""
    s3, config = boto3.client("s3"), system.config
    whose = Whose(person="nobody")
    handed = DynamoKeptOf("copilot", "kept", system.database("IngestApi"), s3, "main")
    listed = handed.listed(Whose(person="ann"))
    assert any(run.run_id == run_id for run in listed)
    seer = Seer(ANN, system.policy, system.registry)
    deliveries = DynamoDeliveries("copilot", system.database("IngestApi"), "main", system.clock)
    store = system.store("IngestApi")
    view_kept_runs(listed, handed, store, deliveries, seer, "main", system.clock)
    links = DynamoChatLinks("copilot", system.database("IngestApi"), "main")
    learned = DynamoLearned("copilot", system.database("IngestApi"), "main")
    view_own(
        whose, system.facts("IngestApi"), learned, system.watches("IngestApi"), system.schedules("IngestApi"), links
    )
    spending = DynamoSpending("copilot", system.database("IngestApi"), "main", system.clock.now)
    view_spent(whose, spending, Retention(), system.clock.now())
    for function in ("IngestApi", "ExecuteRead"):
        spending = DynamoSpending("copilot", system.database(function), "main", system.clock.now)
        Sheets(spending, system.config.caps, ZoneInfo("UTC"), system.clock, ANN, lambda: True)(None, None, "person")
    OfWhom(handed, system.policy).note_export(ANN, whose, [], system.clock.now())

    theirs = system.send("lights off", "gone", by=Person(id="nobody", name="N", roles=("reader",)))
    aside = DynamoStore("copilot", "kept", boto3.client("dynamodb"), s3)
    ended = {"answer": "x", "outcome": "succeeded", "answered_at": system.clock.now()}
    turn = Turn(run_id=theirs, author="copilot", text="x", at=system.clock.now())
    aside.answer_run(aside.run("main", theirs).model_copy(update=ended), turn, [])
    own = DynamoKeptOf("copilot", "kept", system.database("DeleteKept"), s3, "main")
    links = DynamoChatLinks("copilot", system.database("DeleteKept"), "main")
    watches, schedules = system.watches("DeleteKept"), system.schedules("DeleteKept")
    of, store = OfWhom(own, system.policy), system.store("DeleteKept")
    delete = DeleteKept(of, store, watches, links, lambda: schedules, config, system.clock)
    assert delete(Person(id="nobody", name="N", roles=("reader",)), whose).is_nothing
    own.delete_remembered("nobody")

    rows = DynamoJournalRows("copilot", system.database("Archive"), "main")
    archive = S3JournalArchive("kept", s3, "main")
    tomorrow = FakeClock(system.clock.now() + timedelta(days=1))
    assert ArchiveJournal(rows, archive, Retention.model_construct(evidence=5), "main", tomorrow)()
    assert not LookAtArchive(rows, archive, Retention.model_construct(evidence=5), tomorrow)().faults


def frozen_in_words(system: System, freezing: Freezing, text: str) -> None:
    """What ingest_api does with what people ask, before it is planned."""
    ours = system.store("IngestApi")
    words = FreezeInWords(ours, freezing, system.config, lambda: NOTHING_KNOWN, system.clock)
    ingest = Ingest(ours, NobodyWaits(), system.clock, AtOnce(ours, lambda: words))
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=OPS,
        text=text,
        conversation="ops/x",
        dedupe_key=text,
        received_at=system.clock.now(),
    )
    run, _ = ingest(trigger)
    assert bool(system.store("Plan").load_run("main", run.run_id).revisions) is (text != "how is it?")


def scheduled(system: System, approval_id: str) -> None:
    """What the functions do with a schedule: the tools change and read it, it fires, it is shown."""
    now = system.clock.now()
    written = system.schedules("ExecuteWrite")
    window = Window(stop=f"{now:%H:%M}", days=DAYS, time_zone="UTC")
    schedule = Schedule(
        id="s000000001",
        title="off",
        owner="ann",
        kind="development",
        times=window.times,
        runbooks={"stop": PLAN},
        created_at=now,
    )
    written.put(schedule)
    written.put_keep(Keep(environment="a", until=now, by="ann", made_at=now))
    for function in ("ExecuteRead", "ExecuteWrite", "CheckStep"):
        read = system.schedules(function)
        assert read.schedules() and read.schedule(schedule.id) and read.keeps()
        read.firings(schedule.id)
    config = Configuration(
        accounts=(),
        people=(KnownPerson(id="ann", name="Ann", principals=(), roles=("developer",)),),
        reports_to="#platform",
    )
    for function in ("IngestEvent", "IngestApi"):
        fire = Fire(system.schedules(function), system.ingest(function), system.registry, config, system.clock)
        if function == "IngestEvent":
            assert fire(schedule.id, "stop", now.replace(second=0, microsecond=0))
            firing = fire(schedule.id, "stop", now.replace(second=0, microsecond=0))
            late = fire(schedule.id, "stop", now.replace(second=0, microsecond=0) - timedelta(days=1))
            assert firing and late and not late.run_id
            store, said = system.store(function), FakeNotifier()
            tell = TellOwner(system.schedules(function), store, said, config)
            tell.of_refusal(late)
            nobody = Configuration(accounts=(), people=(), reports_to="#platform")
            looks = LookAfter(system.schedules(function), store, config, system.clock)
            assert looks(schedule.id) is None, "its firings are looked at"
            deciding = Grant(
                system.store("ResolveApproval"),
                system.schedules("ResolveApproval"),
                system.policy,
                system.clock,
                config,
                MemoryRunbooks,
            )
            deciding.revoke(OPS, deciding(OPS, schedule.id, 1, 1, "").id)
            paused = LookAfter(system.schedules(function), store, nobody, system.clock)(schedule.id)
            assert paused is not None
            tell.of_pause(paused)
            written.put(schedule)
            parked = {"advanced": Advanced(next="approve", wave=1), "approval_id": approval_id}
            tell.of_run(store.run("main", str(firing.run_id)).model_copy(update=parked))
            assert len(said.sent) == 3
        else:
            fire.now(schedule.id, "stop", ANN, "k")
            view_schedules(system.schedules(function), system.store(function), "main", now)
            view_schedule(system.schedules(function), system.store(function), "main", schedule.id, now)
    system.schedules("ExecuteRead").effects("r")
    begun = now - timedelta(days=9), now + timedelta(days=1)
    for function in ("ExecuteRead", "ExecuteWrite"):
        effects = DynamoEffects("copilot", system.database(function), "main")
        assert [one.tool for one in effects.on(ResourceRef(type="environment", id="a"))] == ["switch_off@1"]
    made = DynamoEffects("copilot", system.database("ExecuteRead"), "main").made(*begun)
    assert {one.entry.tool for one in made} == {"switch_off@1"}
    link = ReportLink(key="reports/r/x", about="cost", until=now)
    DynamoReportLinks("copilot", system.database("ExecuteRender"), "main").keep("hash", link)
    assert DynamoReportLinks("copilot", system.database("OpenReport"), "main").find("hash") == link
    written.remove_keep("a")
    written.remove(schedule.id)


def kept_runbooks(system: System) -> None:
    """What the functions do with a runbook: a tool keeps it, others look for it, it is shown, heard and run."""
    written = system.runbooks("ExecuteWrite")
    given = {"name": "off", "steps": [step.model_dump() for step in PLAN.steps], "answer": {"text": "Off."}}
    saved = SavedRunbook(runbook=Runbook.model_validate(given), by=ANN, at=system.clock.now())
    written.put(saved)
    written.set_withdrawn("off", 1, False)
    for function in ("ExecuteRead", "ExecuteWrite", "CheckStep", "IngestApi", "Plan"):
        read = system.runbooks(function)
        assert read.runbooks() == read.versions("off") == [saved]


def learned_plans(system: System) -> None:
    """Put and dropped by who answers, read by who plans, dropped where a run ended that nobody could end."""
    slot = LearnedSlot(of="environment", value="a", ways=("a",), lifted=True)
    of = LearnedFrom(shape="s", words="w", slots=(slot,), under="u", run="r", at=system.clock.now())
    one = LearnedPlan(of=of, plan=PLAN)
    kept = LearnedShape(person=ANN.id, shape="s", plans=(one,), used_at=system.clock.now())
    system.learned("Reply").put(kept)
    assert system.learned("Plan").of_shape(ANN.id, "s") == kept and system.learned("Plan").all(ANN.id) == [kept]
    system.learned("Reply").put(kept.used(system.clock.now()))
    for function in ("Reply", "IngestEvent"):
        there = system.learned(function).of_shape(ANN.id, "s")
        assert system.learned(function).all(ANN.id) == [there]
        assert there is not None
        system.learned(function).put(there.without("r"))
        system.learned(function).put(kept)
        system.learned(function).drop(ANN.id, "s")
        system.learned(function).put(kept)


def kept_facts(system: System) -> None:
    """What the functions do with a fact: a tool keeps it, others look, requests are read by it, it is shown."""
    written, now = system.facts("ExecuteWrite"), system.clock.now()
    fact = Fact(kind="note", subject="n", attribute="says", value="x", run="r1", author=ANN, at=now)
    first = KeptFact.first(scope_of(ANN.id), fact)
    written.put(first)
    kept = first.superseded(None, now)
    written.put(kept)
    for function in ("ExecuteRead", "ExecuteWrite", "CheckStep"):
        assert system.facts(function).fact(kept.scope, kept.name) == kept
    for function in ("ExecuteRead", "ExecuteWrite", "CheckStep", "IngestApi", "Plan"):
        assert system.facts(function).facts(kept.scope) == [kept]


def reacted(system: System) -> None:
    """An event starts a runbook; that it ended is told, a list shows it, and it is granted a standing approval."""
    person = {"id": "bot", "name": "Bot", "roles": ["reader"], "service": True}
    reaction = {"name": "on-fail", "event": "failed_deployment", "runbook": "lights", "person": "bot", "tells": "#a"}
    config = checked({"accounts": [], "people": [person], "reactions": [reaction]})
    steps = [{"id": "found", "tool": "look", "arguments": {"environment_id": "a"}}]
    runbook = Runbook.model_validate({"name": "lights", "steps": steps, "answer": {"text": "{found.name}"}})
    system.runbooks("ExecuteWrite").put(SavedRunbook(runbook=runbook, by=ANN, at=system.clock.now()))
    kept = {
        function: DynamoReactions("copilot", system.database(function), "main", system.clock)
        for function in ("React", "IngestEvent", "ExecuteRead")
    }
    told: list[str] = []
    tell = lambda reaction, text, key, cause: told.append(text)  # noqa: E731
    history = DynamoEffects("copilot", system.database("React"), "main")
    of = (lambda: system.runbooks("React"), system.registry, lambda: history)
    inventory = system.inventory("React")
    parts = (kept["React"], system.ingest("React"), *of, inventory.seen, tell, config, system.clock)
    event = json.loads((ROOT / "events/reactions/failed_deployment.json").read_text())
    react, now = React(*parts, (event["account"], event["region"])), system.clock.now()
    assert [*history.made(now - OWN, now, ResourceRef(type="environment", id="x"))] == []
    assert react([{"messageId": "m", "body": json.dumps(event)}]).runs == 1, told
    run_id = kept["IngestEvent"].reacted("on-fail").open[0].run_id
    assert system.store("IngestEvent").run("main", run_id).trigger.reaction == "on-fail"
    assert kept["ExecuteRead"].reacted("on-fail").events == 1
    tried = replace(react, runbooks=lambda: system.runbooks("IngestApi"), seen_in=system.inventory("IngestApi").seen)
    assert would_react(tried, event, own=False)["kind"] == "failed_deployment"
    assert system.inventory("IngestApi").seen(Place(account="1", region="r")) == []
    kept_there = system.store("ResolveApproval"), system.schedules("ResolveApproval")
    grant = Grant(*kept_there, system.policy, system.clock, config, lambda: system.runbooks("ResolveApproval"))
    granted = grant.to_reaction(OPS, "on-fail", 1, 1, "")
    assert grant.revoke(OPS, granted.id).reaction == "on-fail"


def watched(system: System, run_id: str) -> None:
    """What the functions do with a watch: a tool keeps it, others look for it, and the sweep looks, as reads do."""
    written, now = system.watches("ExecuteWrite"), system.clock.now()
    given: Any = {"tool": "list_watches@1", "arguments": {}, "condition": "none == ''", "what": "x", "made_at": now}
    watch = Watch(id="w000000001", owner=ANN.id, until=now + timedelta(hours=1), **given)
    written.put(watch)
    for function in ("ExecuteRead", "ExecuteWrite", "CheckStep", "Sweep"):
        read = system.watches(function)
        assert read.watches() == [read.watch(watch.id)] == [watch]
    looks, about = system.watches("Sweep"), About(shows="status", kind=None)
    seen = watch.saw(True, "so", about, now)
    assert looks.change(watch, seen) and not looks.change(watch, seen)
    begins = system.watches("IngestEvent")
    assert begins.watch(watch.id) == seen and begins.change(seen, then := seen.was_begun())
    assert looks.change(then, None) and not looks.watches()
    written.put(watch)
    assert written.remove(watch)
    schedules = system.schedules("Sweep")
    schedules.schedule("s1"), schedules.firings("s1"), schedules.keeps(), schedules.effects(run_id)
    system.runbooks("Sweep").runbooks()
    system.deployments("Sweep").first()
    system.store("Sweep").freezes("main")
    effects = DynamoEffects("copilot", system.database("Sweep"), "main")
    effects.on(ResourceRef(type="environment", id="a"))
    effects.made(now - timedelta(days=9), now + timedelta(days=1))
    DynamoAnswers("copilot", system.database("Sweep"), "main").answered(now.date())


def paid(system: System) -> None:
    """What a query and a question cost, as reads and looks count it; near a cap, that is noted."""
    for function in ("ExecuteRead", "Sweep"):
        purse = system.purse(function, Payer(person=function.lower(), run="r1"))
        purse.settle(purse.begin("cost_explorer", 0.5), 0.45)
        assert purse.told()


def swept(system: System, run_id: str) -> None:
    """What the function that sweeps does, with more environments than one transaction takes; they go, and all of it."""
    place = Place(account="222222222222", region="eu-west-1")
    role = "arn:aws:iam::222222222222:role/read"
    account = Account(id=place.account, name="dev", regions=(place.region,), read_role=role)
    config, nowhere = Configuration(accounts=(account,), people=()), Configuration(accounts=(), people=())
    platform, asked = FakePlatform([service(f"e-{number}", "web", 1) for number in range(120)]), FakeSweeps()
    inventory = system.inventory("Sweep")
    publish = Publish(inventory, config, platform.types)
    purse = system.purse("Sweep", Payer(run="sweep"))
    sweep = SweepPlace(inventory, asked, lambda config: platform, publish, config, system.clock, purse)
    for _ in range(3):
        system.clock.sleep(1)
        assert sweep(place, system.clock.now())
        platform.resources = platform.resources[:60]
    assert len(inventory.known().environments) == 60
    key = "arn:aws:ssm:eu-west-1:222222222222:parameter/chat"
    chat = ChatSettings(workspaces=(ChatWorkspace(id=HOME, name="Home", token=key),))
    AnnounceStops(system.schedules("Sweep"), MemoryQueue(), config.model_copy(update={"chat": chat}), system.clock)()
    for of in (config, nowhere):
        AskForSweeps(inventory, asked, system.store("Sweep"), publish, of, system.clock)()
    assert inventory.seen() == [] == inventory.sweeps()
    SweepAfter(system.store("IngestEvent"), asked, config)(system.store("IngestEvent").run("main", run_id))
    assert system.inventory("Plan").known() == inventory.known()
    listing = system.inventory("ExecuteRead")
    Recall(listing, lambda: asked, system.store("ExecuteRead"), lambda: nowhere, system.clock)()


def linked(system: System) -> None:
    """What the functions do with who is who in chats: codes are made, links shown, renewed, removed and taken away."""
    principal = "arn:aws:iam::222222222222:user/ann"
    people = tuple(KnownPerson(id=id, name=id, principals=(principal,), roles=("reader",)) for id in ("ann", "ben"))
    key = "arn:aws:ssm:eu-west-1:222222222222:parameter/chat"
    chat = ChatSettings(workspaces=(ChatWorkspace(id="T1", name="Home", token=key),))
    config, nobody = Configuration(accounts=(), people=people, chat=chat), Configuration(accounts=(), people=())
    user = ChatUser(platform="slack", workspace="T1", user="U1")
    reader = FakeChatPeople({user: ChatPerson(name="x")})

    def link_by(database: Any) -> Link:
        links = DynamoChatLinks("copilot", database, "main")
        return Link(links, lambda: reader, config, system.clock, Random(1).randbytes)

    ours = link_by(system.database("IngestApi"))
    made = ours.make_code(ANN, principal, "slack")
    assert isinstance(made, Code)
    elsewhere = link_by(boto3.client("dynamodb"))
    linked = elsewhere.take(made.code, user, direct=True)
    assert isinstance(ours.make_code(ANN, principal, "slack"), Renewed)
    ours.unlink(ANN, user)
    elsewhere.links.put_code("another", LinkCode(person="ann", principal=principal, until=linked.until))
    evidence = JournalEntry(at=system.clock.now(), id="x", kind="standing", run_id="", person="ben", data={})
    elsewhere.links.take_code("another", linked, evidence)
    granted = Standing(
        id="g000000001",
        schedule="s000000001",
        title="x",
        owner="ann",
        shapes=(),
        most=1,
        by=BEN,
        at=system.clock.now(),
        expires_at=system.clock.now() + timedelta(days=1),
    )
    evidence = evidence.model_copy(update={"id": "y"})
    system.store("ResolveApproval").grant("main", granted, evidence)
    links = DynamoChatLinks("copilot", system.database("Sweep"), "main")
    removed = LetGo(links, system.store("Sweep"), lambda: reader, nobody, system.clock)()
    assert (len(removed.links), removed.standings) == (1, [granted])


class NothingStarts(NobodyWaits):
    def start(self, run: Run, execution: int) -> None:
        raise FatalError("no such machine")


class AllMayWrite:
    """ports.CodeHosts of a private repository in which everybody may."""

    def place(self, where: AnswerTo) -> ChatPlace:
        return ChatPlace(name="octo-org/shop")

    def may_write(self, comment: Commented) -> bool:
        return True


def hooked(system: System) -> None:
    """What a code host tells of a pipeline, and two comments under one issue; one that cannot be started."""
    known = KnownPerson(id="ann", name="Ann", principals=(), roles=("reader",), code=("github:583231",))
    config = Configuration(accounts=(), people=(known,), code_hosts=hosts())
    clock, ours = FakeClock(datetime(2026, 11, 30, 15, 31, tzinfo=UTC)), system.store("TakeHook")
    ingest, facts = Ingest(ours, NobodyWaits(), clock), system.deployments("TakeHook")
    take = TakeHook(facts, ingest, MemoryQueue(), AllMayWrite, config, clock, lambda event: None)
    taken = [take(hook(name)) for name in ("github_workflow_run", "github_issue_comment", "github_issue_comment")]
    taken.append(take(hook("github_issue_comment", lambda payload: payload["comment"].update(id=2))))
    assert taken == ["facts", "comment", "comment", "comment"]

    def elsewhere(payload: dict[str, Any]) -> None:
        payload["comment"]["id"], payload["issue"]["number"] = 3, 42

    with pytest.raises(FatalError):
        replace(take, ingest=Ingest(ours, NothingStarts(), clock))(hook("github_issue_comment", elsewhere))


class Chatted:
    """What the functions do where the copilot is reached in a chat: something is asked for, shown, approved, seen."""

    def __init__(self, system: System) -> None:
        self.system, self.queue = system, MemoryQueue()
        self.aside = DynamoStore("copilot", "kept", boto3.client("dynamodb"), boto3.client("s3"))
        known = ("dana", "UASKER", "operator"), ("olga", "UBOSS", "operator", "approver"), ("lena", "", "developer")
        people = tuple(
            KnownPerson(
                id=id,
                name=id,
                principals=(IAM_USER + id,),
                roles=tuple(roles),
                chat=(user(chat).address,) if chat else (),
            )
            for id, chat, *roles in known
        )
        key = "arn:aws:ssm:eu-west-1:222222222222:parameter/chat"
        chat = ChatSettings(workspaces=(ChatWorkspace(id=HOME, name="Home", token=key),))
        self.config = system.config = Configuration(accounts=(), people=people, chat=chat)
        self.chat = FakeChat(people={user(one): ChatPerson(name=one) for one in ("UASKER", "UBOSS", "ULENA")})
        links = self.links("TakeChat")
        self.link = Link(links, lambda: self.chat, self.config, system.clock, Random(1).randbytes)
        ours, nobody = system.store("TakeChat"), NobodyWaits()
        freezing = Freezing(ours, system.policy, system.clock, self.config, lambda: NOTHING_KNOWN)
        words = FreezeInWords(ours, freezing, self.config, lambda: NOTHING_KNOWN, system.clock)
        self.take = TakeChat(
            Ingest(ours, nobody, system.clock, AtOnce(ours, lambda: words)),
            Approve(ours, system.policy, nobody, system.clock),
            freezing.freeze,
            ours.approval,
            self.deliveries("TakeChat"),
            self.queue,
            self.chat,
            self.config,
            system.clock,
            self.link,
            LetGo(links, ours, lambda: self.chat, self.config, system.clock),
            lambda person, approval: True,
            ours,
            lambda question, trigger: True,
        )
        self.deliver = Deliver(
            system.store("Deliver"),
            self.deliveries("Deliver"),
            self.queue,
            self.chat,
            self.config,
            system.clock,
            lambda person, about, place: where_to(system.policy, self.config.current(person), about, place),
            self.users_of,
            registry=system.registry,
            coming=ComingStops(system.schedules("Deliver"), system.inventory("Deliver"), self.config),
            homes=lambda: self.chat,
            page=self.page("Deliver"),
        )

    def page(self, function: str) -> MakeHome:
        schedules, inventory = self.system.schedules(function), self.system.inventory(function)
        return MakeHome(
            self.system.store(function),
            schedules,
            inventory.known,
            ComingStops(schedules, inventory, self.config),
            lambda person: Rights(True, lambda one: True, lambda schedule: "allow", (), ()),
            self.config,
            self.system.clock,
        )

    def home(self) -> None:
        """Opened, and asked for elsewhere, with a question that is open."""
        olga, now = Person(id="olga", name="olga"), self.system.clock.now()
        asked = Trigger.asked(Asked(text="which?", dedupe_key="q1"), "main", olga, now)
        run, _ = self.aside.record_trigger(asked)
        answered = run.model_copy(update={"outcome": "asked", "answer": "?", "answered_at": now})
        turn = Turn(run_id=run.run_id, author="copilot", text="?", at=now)
        assert self.aside.answer_run(answered, turn, [])
        self.take(Opened(key="o1", user=user("UBOSS"), where=self.chat.direct(user("UBOSS")), home=True))
        self.deliver(self.queue.waiting[-1][0])
        assert [one.id for one in self.page("Plan")(olga).schedules]
        assert [one.id for one in self.page("IngestApi")(olga).schedules]

    def links(self, function: str) -> DynamoChatLinks:
        return DynamoChatLinks("copilot", self.system.database(function), "main")

    def deliveries(self, function: str) -> DynamoDeliveries:
        return DynamoDeliveries("copilot", self.system.database(function), "main", self.system.clock)

    def users_of(self, person: str) -> list[ChatUser]:
        known = self.config.known(person)
        linked = [link.user for link in self.links("Deliver").links_of(person)]
        return [*(ChatUser.at(address) for address in (known.chat if known else ())), *linked]

    def said(self, text: str, key: str, by: str = "UASKER", where: AnswerTo = CHANNEL, **more: Any) -> None:
        where = where if where.thread or where.place.startswith("D") else where.model_copy(update={"thread": key})
        given: dict[str, Any] = {"addressed": True, "direct": where.place.startswith("D")} | more
        self.take(Said(key=key, user=user(by), where=where, text=text, **given))

    def pressed(self, action: str, about: str, by: str = "UBOSS") -> None:
        given: dict[str, Any] = {"action": action, "about": about, "key": f"{action}-{about}"}
        event: ChatEvent = Pressed(user=user(by), where=self.chat.direct(user(by)), message="1.0", **given)
        self.take(event)

    def shown(self, kind: str, run_id: str, approval_id: str = "") -> None:
        given: dict[str, Any] = {"kind": kind, "run_id": run_id, "approval_id": approval_id}
        assert not self.deliver(Delivery(tenant="main", **given))

    def escalated(self, kind: str, run_id: str, approval_id: str, level: int = 0) -> FakePagers:
        system, pagers = self.system, FakePagers(self.system.clock)
        config = self.config.model_copy(update={"escalate_to": (Level(after=1, to=("sns:oncall",)),)})
        parts = (system.store("Deliver"), self.deliveries("Deliver"), self.queue, pagers, config, system.clock)
        given: dict[str, Any] = {"kind": kind, "run_id": run_id, "approval_id": approval_id, "level": level}
        assert not Escalate(*parts, only_status, system.registry)(Delivery(tenant="main", **given))
        return pagers

    def asked(self, key: str) -> tuple[str, str, int]:
        """A run that waits for an approval which is shown to who may give it."""
        system = self.system
        system.world.lights, system.world.kinds = {key: True}, {key: "production"}
        system.world.accounts = {key: "222222222222"}
        self.said("lights off", key)
        (run,) = (run for run in self.aside.recent_runs("main") if run.trigger.dedupe_key == f"slack:{key}")
        system.store("Plan").save_revision(run, Revision(plan=PLAN))
        approval_id, wave = system.drive(run.run_id)
        assert approval_id, self.aside.run("main", run.run_id).answer
        self.shown("progress", run.run_id)
        self.shown("approval", run.run_id, approval_id)
        return run.run_id, approval_id, wave

    def all(self) -> None:
        system = self.system
        run_id, approval_id, wave = self.asked("k5")
        in_thread: dict[str, Any] = {"where": CHANNEL.model_copy(update={"thread": "k5"}), "addressed": False}
        for key in ("k5a", "k5b", "k5b"):
            self.said("and?", key, **in_thread)  # one begins, another waits for its turn
        self.pressed("show", approval_id)
        self.pressed("approve", approval_id)
        self.pressed("approve", approval_id)
        assert self.aside.approval("main", approval_id).state == "approved"
        system.drive(run_id, wave)
        self.shown("decided", run_id, approval_id)
        self.shown("answer", run_id)
        assert DynamoReportLinks("copilot", system.database("Deliver"), "main").find("hash"), "as a picture is found"
        seer = Seer(OPS, system.policy, system.registry)
        seen: Any = view_left(self.deliveries("IngestApi"), system.store("IngestApi"), "main", run_id, seer)
        keys = {one["key"].removeprefix(f"approval/{approval_id}/") for one in seen if one["sent"]}
        assert keys == {"progress", "here", "slack:T0HOME/UBOSS", "answer", "answer/elsewhere"}
        unanswered, denied, _ = self.asked("k6")
        pagers = self.escalated("escalation", unanswered, denied, level=1)
        self.pressed("deny", denied)
        assert pagers.told() == self.escalated("resolution", unanswered, denied).told("resolve") == ["sns:oncall"]
        self.pressed("retry", run_id)
        self.pressed("freeze", run_id)
        self.said("thaw everything", "k7", by="UBOSS")
        assert self.aside.freezes("main") == []
        self.said(
            "yes", "k13", where=self.chat.direct(user("UASKER")).model_copy(update={"thread": "k13"}), message="k13"
        )
        self.stop_that_comes()
        self.by_link()
        self.not_started()

    def stop_that_comes(self) -> None:
        """Its owner is told, keeps it, and is told that it is kept."""
        system = self.system
        now = system.clock.now()
        at = (now + timedelta(minutes=10)).replace(second=0, microsecond=0)
        given: dict[str, Any] = {"id": "s000000002", "title": "off", "owner": "dana", "kind": "development"}
        given |= {"environments": ("a",), "runbooks": {"stop": PLAN}, "created_at": now}
        times = Window(stop=f"{at:%H:%M}", days=DAYS, time_zone="UTC").times
        system.schedules("ExecuteWrite").put(Schedule(times=times, **given))
        known = KnownEnvironment(name="a", kind="development", owner="olga", seen_at=now)
        system.inventory("Sweep").publish(lambda: Known(environments=(known,)))
        self.shown("stops", occasion_of(at))
        self.home()
        self.pressed("keep", occasion_of(at))
        (run,) = (run for run in self.aside.recent_runs("main") if run.trigger.dedupe_key == keep_key(occasion_of(at)))
        assert run.trigger.person.id == "olga"
        system.schedules("ExecuteWrite").remove("s000000002")

    def not_started(self) -> None:
        """Its Conversation is another's again."""
        ours = Ingest(self.system.store("TakeChat"), NothingStarts(), self.system.clock)
        self.take = replace(self.take, ingest=ours)
        with pytest.raises(FatalError):
            self.said("lights on", "k11")

    def by_link(self) -> None:
        """Somebody becomes who they are, is told that it lapses, and is gone."""
        system, direct = self.system, self.chat.direct(user("ULENA"))
        aside = DynamoChatLinks("copilot", boto3.client("dynamodb"), "main")
        made = Link(aside, lambda: self.chat, self.config, system.clock, Random(2).randbytes)
        code = made.make_code(Person(id="lena", name="lena", roles=("developer",)), f"{IAM_USER}lena", "slack")
        assert isinstance(code, Code)
        self.said("0A00-0000-0000", "k8", by="ULENA", where=direct)
        self.said(f"link {code.code}", "k9", by="ULENA", where=direct)
        (link,) = aside.links_of("lena")
        system.clock.at = link.until - timedelta(days=1)
        self.said("how is it?", "k10", by="ULENA", where=direct)
        assert "proved" in self.queue.waiting[-1][0].text
        self.take(Gone(platform="slack", workspace=HOME, user="ULENA"))
        assert not aside.links_of("lena")


def test_every_access_is_granted_by_its_functions_role(calls: set[tuple[str, str, str]]) -> None:
    resources = yaml.load((ROOT / "template.yaml").read_text(), Loader=_CloudFormation)["Resources"]
    assert len({function for function, _, _ in calls}) >= 9
    refused = [call for call in sorted(calls) if not _granted(resources, *call)]
    assert not refused, refused


def test_every_access_is_to_its_tenants_rows(calls: set[tuple[str, str, str]]) -> None:
    """The id of a tenant has no #, so that what begins with another's is not taken for its own."""
    assert {key.split("#")[1] for _, _, key in calls} == {"main"}


@pytest.mark.parametrize("function", ["TakeChat", "TakeHook", "Deliver"])
def test_what_is_granted_is_made_use_of(calls: set[tuple[str, str, str]], function: str) -> None:
    resources = yaml.load((ROOT / "template.yaml").read_text(), Loader=_CloudFormation)["Resources"]
    made = {(action, key) for by, action, key in calls if by == function}
    unused = {
        (granted, fence)
        for granted, fences in _grants(resources, function)
        for fence in fences
        if not any(action == granted and fnmatchcase(key, fence) for action, key in made)
    }
    assert not unused


def test_an_access_outside_the_fence_is_seen() -> None:
    resources = yaml.load((ROOT / "template.yaml").read_text(), Loader=_CloudFormation)["Resources"]
    for function, action, key in [
        ("CheckStep", "PutItem", "RESULT#main#r"),
        ("ExecuteRead", "PutItem", "LEDGER#main#r"),
        ("ExecuteRead", "UpdateItem", "DEPLOYMENT#main#web"),
        ("IngestEvent", "Query", "DEPLOYMENT#main#web"),
        ("ExecuteWrite", "UpdateItem", "APPROVAL#main#a"),
        ("ExecuteSend", "UpdateItem", "APPROVAL#main#a"),
        ("ExecuteSend", "PutItem", "RUN#main#r"),
        ("ExecuteSend", "PutItem", "SCHEDULE#main"),
        ("ExecuteSend", "PutItem", "FREEZE#main"),
        ("ExecuteSend", "Query", "CHANGE#main#environment#a"),
        ("ExecuteSend", "GetItem", "MEMORY#main#c"),
        ("Plan", "PutItem", "APPROVAL#main#a"),
        ("Reply", "DeleteItem", "PENDING#main"),
        ("ResolveApproval", "PutItem", "PENDING#main"),
        ("Advance", "Query", "PENDING#main"),
        ("IngestEvent", "Query", "RUNS#main"),
        ("Plan", "PutItem", "RUNS#main"),
        ("IngestApi", "PutItem", "MODEL#main#r"),
        ("Advance", "Query", "MODEL#main#r"),
        ("Reply", "PutItem", "LEDGER#main#r"),
        ("Advance", "UpdateItem", "JOURNAL#main#d"),
        ("ExecuteWrite", "PutItem", "FREEZE#main"),
        ("ExecuteWrite", "DeleteItem", "FREEZE#main"),
        ("Advance", "DeleteItem", "FREEZE#main"),
        ("CheckStep", "PutItem", "LEASE#main#environment#a"),
        ("ExecuteRead", "PutItem", "LEASE#main#environment#a"),
        ("Advance", "DeleteItem", "LEASE#main#environment#a"),
        ("Advance", "DeleteItem", "LIMIT#main#222222222222"),
        ("Advance", "PutItem", "INVENTORY#main"),
        ("ExecuteWrite", "PutItem", "LIMIT#main#222222222222"),
        ("ExecuteWrite", "PutItem", "SCHEDULE#main"),
        ("IngestApi", "PutItem", "SCHEDULE#main"),
        ("ExecuteWrite", "PutItem", "RUNBOOK#main"),
        ("IngestApi", "PutItem", "RUNBOOK#main"),
        ("Plan", "PutItem", "RUNBOOK#main"),
        ("SchedulesRole", "DeleteItem", "RUNBOOK#main"),
        *((function, "PutItem", "FACT#main#tenant") for function in ("ExecuteWrite", "IngestApi", "Plan", "Advance")),
        ("Reply", "Query", "FACT#main#tenant"),
        ("SchedulesRole", "Query", "FACT#main#tenant"),
        ("SchedulesRole", "DeleteItem", "FACT#main#tenant"),
        ("IngestApi", "PutItem", "STANDING#main"),
        ("Advance", "PutItem", "STANDING#main"),
        ("ExecuteWrite", "PutItem", "STANDING#main"),
        ("ResolveApproval", "PutItem", "SCHEDULE#main"),
        ("SchedulesRole", "PutItem", "FIRING#main#s"),
        ("SchedulesRole", "PutItem", "LEDGER#main#r"),
        ("ExecuteRead", "PutItem", "CHANGE#main#environment#a"),
        ("ExecuteWrite", "Query", "JOURNAL#main#d"),
        ("CheckStep", "Query", "CHANGE#main#environment#a"),
        ("Advance", "Query", "CHANGE#main#environment#a"),
        ("OpenReport", "GetItem", "RUN#main#r"),
        ("Sweep", "GetItem", "RUN#main#r"),
        ("Sweep", "PutItem", "RUNS#main"),
        ("Sweep", "PutItem", "LEDGER#main#r"),
        ("Plan", "Query", "INVENTORY#main"),
        ("ExecuteRead", "Query", "INVENTORY#main"),
        ("ExecuteWrite", "PutItem", "INVENTORY#main"),
        ("OpenReport", "PutItem", "REPORTLINK#main"),
        ("IngestApi", "PutItem", "LINK#main#slack"),
        ("IngestApi", "GetItem", "LINKCODE#main"),
        ("IngestApi", "DeleteItem", "LINKCODE#main"),
        ("Sweep", "PutItem", "LINK#main#slack"),
        ("Sweep", "UpdateItem", "LINK#main#slack"),
        ("Sweep", "PutItem", "STANDING#main"),
        ("ResolveApproval", "PutItem", "LINK#main#slack"),
        ("Plan", "Query", "LINK#main#slack"),
        ("TakeChat", "UpdateItem", "TURN#main#c"),
        ("TakeChat", "PutItem", "DELIVERY#main#r"),
        ("TakeChat", "PutItem", "APPROVAL#main#a"),
        ("TakeChat", "PutItem", "STANDING#main"),
        ("TakeHook", "GetItem", "DEPLOYMENT#main#web"),
        ("TakeHook", "PutItem", "APPROVAL#main#a"),
        ("TakeHook", "PutItem", "FREEZE#main"),
        ("TakeHook", "PutItem", "DELIVERY#main#r"),
        ("TakeChat", "PutItem", "LEDGER#main#r"),
        ("TakeChat", "Query", "LINKCODE#main"),
        ("Deliver", "PutItem", "RUN#main#r"),
        ("Deliver", "UpdateItem", "APPROVAL#main#a"),
        ("Deliver", "PutItem", "LINK#main#slack"),
        ("Deliver", "PutItem", "THREAD#main"),
        ("Deliver", "PutItem", "KEEP#main"),
        ("Sweep", "PutItem", "SCHEDULE#main"),
        ("TakeChat", "PutItem", "KEEP#main"),
        ("IngestApi", "PutItem", "DELIVERY#main#r"),
        ("ExecuteRead", "Query", "DELIVERY#main#r"),
        ("ExecuteRender", "GetItem", "REPORTLINK#main"),
        *(
            ("DeleteKept", action, f"{kind}#main#x")
            for kind in ("LEDGER", "CHANGE", "APPROVAL", "JOURNAL", "STANDING", "RUNBOOK", "SCHEDULE")
            for action in ("DeleteItem", "UpdateItem")
        ),
        *(("Archive", action, "JOURNAL#main#d") for action in ("DeleteItem", "PutItem")),
        ("Archive", "Query", "RUN#main#r"),
        ("IngestApi", "DeleteItem", "RUN#main#r"),
        ("IngestApi", "PutItem", "WATCH#main"),
    ]:
        assert not _granted(resources, function, action, key)


def _granted(resources: dict[str, Any], function: str, action: str, key: str) -> bool:
    return any(
        granted == action and any(fnmatchcase(key, fence) for fence in fences)
        for granted, fences in _grants(resources, function)
    )


def _grants(resources: dict[str, Any], function: str) -> Iterator[tuple[str, list[str]]]:
    """Each action on the table, with the partitions that its role may do it on."""
    role = resources[function]["Properties"].get("Role", function)
    name = (role if isinstance(role, str) else role["GetAtt"]).removesuffix(".Arn")
    for policy in resources[name]["Properties"]["Policies"]:
        for given in policy["PolicyDocument"]["Statement"]:
            statement = given["If"][1] if "If" in given else given
            for action in statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]:
                if action.startswith("dynamodb:"):
                    fences = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
                    yield action.removeprefix("dynamodb:"), fences


class _CloudFormation(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node)}


_CloudFormation.add_multi_constructor("!", _tagged)
