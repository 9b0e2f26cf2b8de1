"""For each tool that writes, a world in memory in which one call of it changes something: how it joins
test_writing_tools.py.

A tool that is registered and has no line in WORLDS fails there. A world is made of the fakes of our ports; who is given
these can do what was granted, and every effect is noted, before it is made and after it was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from threading import RLock
from typing import Any

from fakes import FakeClock
from fakes_platform import NOW, FakeNotifier, FakePlatform, database, instance, runs, service
from fakes_releases import FakeReleases, id_of
from memory_deployments import MemoryDeployments
from memory_schedules import MemoryScheduler, MemorySchedules
from one_write import ANN
from some_clients import SomeClients
from test_runbook_check import GOOD
from test_tools_listing_deployments import one

from copilot.adapters.in_memory import MemoryEffects, MemoryStore
from copilot.adapters.memory_facts import MemoryFacts
from copilot.adapters.memory_runbooks import MemoryRunbooks
from copilot.adapters.memory_watches import MemoryWatches
from copilot.bootstrap.in_process import ME
from copilot.domain import (
    Arguments,
    Fact,
    Keep,
    KeptFact,
    KnownEnvironment,
    Limits,
    Permission,
    Person,
    Plan,
    Recurrence,
    Resource,
    SavedRunbook,
    Schedule,
    ThenDone,
    Watch,
    Window,
    scope_of,
)
from copilot.domain.releases import ContainerDefinition, Definition
from copilot.errors import PermissionDenied
from copilot.runbooks.filling import window_runbooks
from copilot.runbooks.reading import read_runbook
from copilot.times.titles import title as title_for
from copilot.tools.schedules.creating import CreateScheduleInput
from copilot.tools.schedules.timers import timers_of

TASK = "arn:aws:iam::111111111111:role/task"
HISTORY = (
    *one("d1", 3000, "succeeded", version="1.1", revision="web:1", environment="shop"),
    *one("d2", 500, "succeeded", version="1.2", revision="web:2", environment="shop"),
    *one("d3", 60, "succeeded", version="1.3", revision="web:3", environment="shop"),
)

EFFECTS: Mapping[tuple[str, str], Callable[..., Sequence[Permission]]] = {
    ("platform", "apply"): lambda platform, change, resource: platform.permissions(change),
    ("releases", "bring"): lambda releases, service, definition: releases.permissions(service.ref, [TASK]),
    ("releases", "make"): lambda releases, service, base, images, effect: releases.permissions(
        service.ref, [TASK], base
    )[1:],
    ("facts", "put"): lambda facts, kept: facts.permissions(),
    ("runbooks", "put"): lambda runbooks, saved: runbooks.permissions(),
    ("runbooks", "set_withdrawn"): lambda runbooks, name, version, withdrawn: runbooks.permissions(),
    ("watches", "put"): lambda watches, watch: watches.permissions(),
    ("watches", "remove"): lambda watches, id: watches.permissions(),
    ("notifier", "send"): lambda notifier, channel, text, key: notifier.permissions(channel, key),
    ("schedules", "put"): lambda schedules, schedule: schedules.permissions(),
    ("schedules", "remove"): lambda schedules, id: schedules.permissions(),
    ("schedules", "put_keep"): lambda schedules, keep: schedules.permissions(),
    ("schedules", "remove_keep"): lambda schedules, environment: schedules.permissions(),
    ("scheduler", "put"): lambda scheduler, id, action, timer: scheduler.permissions(id, [action]),
    ("scheduler", "remove"): lambda scheduler, id, action: scheduler.permissions(id, [action]),
}
"""The methods of ports that change something, by the name that Clients have the port under, and what a call needs."""


class WritingWorld(ABC):
    """`arguments` are a call of the tool that changes something here. `made` counts the effects that did change
    something, `calls` all, `used` what was needed for them; `before` and `after` are called at each.
    """

    arguments: Arguments
    fixed = ""
    """Why nothing that the call depends on can change between its preview and its effect; "" where something can."""

    def __init__(self) -> None:
        self.clock, self.store = FakeClock(), MemoryStore()
        self.calls = self.made = 0
        self.used: set[Permission] = set()
        self.before: Callable[[], object] = lambda: None
        self.after: Callable[[], object] = lambda: None
        self.guard = RLock()

    @property
    @abstractmethod
    def ports(self) -> dict[str, Any]:
        """The fakes, by the names that Clients have them under."""

    @abstractmethod
    def state(self) -> Any:
        """All that the tool, and what takes it back, may change: without what is otherwise each time it is made."""

    def moves(self) -> None:
        """Somebody else changes what the call depends on."""
        raise AssertionError(f"{type(self).__name__}: how it moves, or why it is `fixed`")

    def clients(self, run: Any, call_id: str, permissions: Sequence[Permission] | None = None) -> SomeClients:
        given = SomeClients()
        given.call_id, given.clock, given.person = call_id, self.clock, ANN
        given.effects = MemoryEffects(self.store)
        granted = None if permissions is None else {*permissions}
        for name, port in self.ports.items():
            setattr(given, name, _Guarded(self, name, port, granted))
        return given


class _Guarded:
    """A port that makes the effects which were `granted`; None is for one that reads."""

    def __init__(self, world: WritingWorld, name: str, port: Any, granted: set[Permission] | None) -> None:
        self._world, self._name, self._port, self._granted = world, name, port, granted

    def __getattr__(self, attribute: str) -> Any:
        found, needed_by = getattr(self._port, attribute), EFFECTS.get((self._name, attribute))
        if needed_by is None:
            return found

        def effect(*given: Any) -> Any:
            world, needed = self._world, {*needed_by(self._port, *given)}
            if self._granted is None or needed - self._granted:
                raise PermissionDenied(f"{self._name}.{attribute}: not among what this call was granted", ours=True)
            world.calls += 1
            world.used |= needed
            world.before()
            with world.guard:
                was = world.state()
                done = found(*given)
                world.made += was != world.state()
            world.after()
            return done

        return effect


class OnPlatform(WritingWorld):
    """Of these resources of the environment shop, of which the first is another when it `moves`."""

    def __init__(self, *resources: Resource, moved: Mapping[str, Any], **arguments: Any) -> None:
        super().__init__()
        self.platform, self.moved = FakePlatform([*resources]), moved
        self.arguments = {"environment_id": "shop", **arguments}

    @property
    def ports(self) -> dict[str, Any]:
        return {"platform": self.platform}

    def state(self) -> Any:
        return [one.model_dump(mode="json") for one in self.platform.resources], dict(self.platform.restarts)

    def moves(self) -> None:
        self.platform.resources[0] = self.platform.resources[0].model_copy(update=dict(self.moved))


class OnService(OnPlatform):
    """Of a service that runs a release, which somebody else replaces when it `moves`."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(service("shop", "web", 2), moved={}, **arguments)
        self.platform.serving = {"web": runs("web:7")}

    def moves(self) -> None:
        self.platform.serving = {"web": runs("web:8", id="launch-8")}


class OnReleases(WritingWorld):
    """Of a service that runs the third of its releases, all of which were good; somebody else brings the second when
    it `moves`.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.clock.at = NOW
        self.platform = FakePlatform([service("shop", "web", 2), service("rehearsal", "web", 2)])
        revisions = {
            name: Definition(
                name=name,
                id=id_of(name),
                task_role=TASK,
                containers=(ContainerDefinition(name="web", image=f"registry/{name}"),),
            )
            for name in ("web:1", "web:2", "web:3")
        }
        digests = {f"{place}-cluster/web": {"web": f"sha256:{place}"} for place in ("shop", "rehearsal")}
        self.releases = FakeReleases(revisions=revisions, runs={"web": "web:3"}, digests_of=digests)
        self.deployments = MemoryDeployments(HISTORY)
        self.arguments = {"environment_id": "shop", "service": "web", **arguments}

    @property
    def ports(self) -> dict[str, Any]:
        return {"platform": self.platform, "releases": self.releases, "deployments": self.deployments}

    def state(self) -> Any:
        """What runs, and what there is that could."""
        return dict(self.releases.runs)

    def moves(self) -> None:
        self.releases.runs["web"] = "web:2"


class OnPreview(OnPlatform):
    """Of a preview that has been one, and down, for long enough; more of it is there when it `moves`."""

    def __init__(self) -> None:
        long_ago = NOW - timedelta(days=4)
        there = [
            service("shop", "web", 0, saved_at=long_ago),
            instance("shop", "node", "stopped", saved_at=long_ago),
            database("shop", "db", "stopped", saved_at=long_ago),
        ]
        super().__init__(*there, moved={})
        self.clock.at = NOW
        self.platform.kinds = {"shop": "preview"}

    def moves(self) -> None:
        self.platform.resources.append(instance("shop", "more", "stopped", saved_at=NOW - timedelta(days=4)))

    def clients(self, run: Any, call_id: str, permissions: Sequence[Permission] | None = None) -> SomeClients:
        given = super().clients(run, call_id, permissions)
        (where,) = {(one.account, one.region) for one in self.platform.resources} or {("", "")}
        known = KnownEnvironment(
            name="shop",
            kind="preview",
            seen_at=NOW,
            as_of=NOW,
            kind_since=NOW - timedelta(days=8),
            accounts=where[:1],
            regions=where[1:],
        )
        given.known = lambda environment: known  # type: ignore[method-assign]
        return given


class OnRunbooks(WritingWorld):
    """Of a runbook in two versions: when it `moves` somebody saves a third, or withdraws the one that is called for."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.runbooks = MemoryRunbooks()
        self.arguments = arguments
        for number in (1, 2):
            self._save(number)

    @property
    def ports(self) -> dict[str, Any]:
        return {"runbooks": self.runbooks}

    def state(self) -> Any:
        """What may be run: a version that is withdrawn stays, and is as good as gone."""
        return [one.model_dump(mode="json", include={"runbook"}) for one in self.runbooks.runbooks()]

    def moves(self) -> None:
        if "version" in self.arguments:
            self.runbooks.set_withdrawn("idle", 2, True)
        else:
            self._save(3)

    def _save(self, number: int) -> None:
        saved = read_runbook(GOOD.replace("{type: integer, default: 6}", f"{{type: integer, default: {number}}}"))
        runbook = saved.model_copy(update={"version": number})
        self.runbooks.put(SavedRunbook(runbook=runbook, by=ANN, at=self.clock.now()))


class OnFacts(WritingWorld):
    """Of a word that means something to each of them, and another that does not yet; it `moves` when what the call is
    about changes. Nobody changes what is another's.
    """

    people = (ANN, ME, Person(id="olga", name="Olga", roles=("operator",)))

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.facts, self.arguments = MemoryFacts(), arguments
        self._put("checkout", "shop")

    @property
    def ports(self) -> dict[str, Any]:
        return {"facts": self.facts}

    def clients(self, run: Any, call_id: str, permissions: Sequence[Permission] | None = None) -> SomeClients:
        given = super().clients(run, call_id, permissions)
        given.person = run.trigger.person if run else ANN
        return given

    def state(self) -> Any:
        """What is so: that it was otherwise in between stays."""
        kept = [one.now for person in self.people for one in self.facts.facts(scope_of(person.id))]
        return [(now.kind, now.subject, now.value) for now in kept if now]

    def moves(self) -> None:
        self._put(str(self.arguments["subject"]), "books")

    def _put(self, word: str, value: str) -> None:
        of = {"kind": "alias", "subject": word, "attribute": "means", "value": value, "run": "r0", "author": ANN}
        fact = Fact.model_validate({**of, "at": self.clock.now()})
        for scope in [scope_of(person.id) for person in self.people]:
            there = self.facts.fact(scope, fact.name)
            self.facts.put(there.superseded(fact, fact.at) if there else KeptFact.first(scope, fact))


class OnWatches(WritingWorld):
    """Of watches: when it `moves`, what is to be started is there already, or what is there goes on longer."""

    def __init__(self, *, there: bool, **arguments: Any) -> None:
        super().__init__()
        self.watches = MemoryWatches()
        self.arguments = arguments
        if there:
            self._put()

    @property
    def ports(self) -> dict[str, Any]:
        return {"watches": self.watches}

    def state(self) -> Any:
        """Started anew it has an id of its own."""
        return [one.model_dump(mode="json", exclude={"id", "made_at", "until"}) for one in self.watches.watches()]

    def moves(self) -> None:
        self._put(hours=6)

    def _put(self, hours: int = 5) -> None:
        more: dict[str, Any] = {"id": "w0123abcde", "owner": ANN.id, "made_at": self.clock.now()}
        more["until"] = self.clock.now() + timedelta(hours=hours)
        self.watches.put(Watch.model_validate(WATCHED | more))


WATCHED: dict[str, Any] = {
    "tool": "cluster_health@1",
    "arguments": {"environment_id": "shop"},
    "condition": "!healthy",
    "what": "shop is not healthy",
}


class OnWatchesThatAct(OnWatches):
    """Of one that has something done: it moves when another that does the same is started meanwhile."""

    def __init__(self) -> None:
        more = {"tool": "cluster_health", "request": "start the shop", "plan": KEPT}
        super().__init__(there=False, **WATCHED | more)

    def _put(self, hours: int = 5) -> None:
        super()._put(hours)
        there = self.watches.watches()[0]
        then = ThenDone(request="start the shop", plan=Plan.model_validate_json(KEPT))
        self.watches.put(there.model_copy(update={"once": True, "then": then}))


class OnChannel(WritingWorld):
    arguments = {"channel": "#ops", "text": "it is done"}
    fixed = "a message is what it was asked to be"

    def __init__(self) -> None:
        super().__init__()
        self.notifier = FakeNotifier()

    @property
    def ports(self) -> dict[str, Any]:
        return {"notifier": self.notifier}

    def state(self) -> Any:
        return dict(self.notifier.sent)


WINDOW = Window(stop="18:00", start="08:00", days=("MON",), start_days=("TUE",), time_zone="UTC")
THERE = "s0123abcde"


class OnSchedules(WritingWorld):
    """Of schedules: one that is there, if any is, is another when it `moves`; where none is, one is made."""

    def __init__(self, *, there: bool = True, paused: bool = False, **arguments: Any) -> None:
        super().__init__()
        self.platform = FakePlatform([service("shop", "web", 2)])
        self.schedules, self.scheduler = MemorySchedules(self.store), MemoryScheduler()
        self.arguments = arguments or {"schedule_id": THERE}
        if there:
            self._put(("shop",), paused)

    @property
    def ports(self) -> dict[str, Any]:
        return {"platform": self.platform, "schedules": self.schedules, "scheduler": self.scheduler}

    def state(self) -> Any:
        """One that is made again is another one, with an id of its own."""
        ours = {"id", "created_at", "runbooks", "paused_at", "resumed_at"}
        schedules = [
            (one.model_dump(mode="json", exclude=ours), self.scheduler.timers(one.id))
            for one in self.schedules.schedules()
        ]
        left = {id for id, _ in self.scheduler.held} - {one.id for one in self.schedules.schedules()}
        keeps = [one.model_dump(mode="json", exclude={"made_at"}) for one in self.schedules.keeps()]
        return schedules, len(left), keeps

    def moves(self) -> None:
        there = self.schedules.schedules()
        self._put(("shop", "other") if there else ("shop",), bool(there and there[0].paused))

    def _put(self, environments: tuple[str, ...], paused: bool) -> None:
        title = title_for(CreateScheduleInput(window=WINDOW, environments=environments), WINDOW.times)
        given: Any = {
            "schedule_id": THERE,
            "title": title,
            "kinds": [],
            "environments": list(environments),
            "but": [],
        }
        schedule = Schedule(
            id=THERE,
            title=title,
            owner=ANN.id,
            environments=environments,
            kind="development",
            times=WINDOW.times,
            runbooks=window_runbooks(given),
            created_at=self.clock.now() - timedelta(days=9),
            paused=paused,
        )
        self.schedules.put(schedule)
        for action, timer in timers_of(schedule, self.clock.now()).items():
            self.scheduler.put(THERE, action, timer)


class OnKeeps(OnSchedules):
    """Of exceptions from schedules: somebody else has one until another time when it `moves`."""

    def __init__(self, *, kept: bool, **arguments: Any) -> None:
        super().__init__(there=False, environment_id="shop", **arguments)
        if kept:
            self._keep(hours=3)

    def moves(self) -> None:
        self._keep(hours=5)

    def _keep(self, hours: int) -> None:
        now = self.clock.now()
        until = now + timedelta(hours=hours)
        self.schedules.put_keep(Keep(environment="shop", until=until, time_zone="UTC", by=ANN.id, made_at=now))


RUNNING = (service("shop", "web", 2), instance("shop", "node"), database("shop", "db"))
STOPPED = (
    service("shop", "web", 0, saved=2),
    instance("shop", "node", "stopped", saved=1),
    database("shop", "db", "stopped", saved=1),
)
UNTIL = FakeClock().now() + timedelta(hours=4)

AT_NINE: Arguments = {"minutes": [0], "hours": [9], "days": ["MON"], "time_zone": "UTC"}
KEPT = (
    '{"steps": [{"id": "start", "tool": "start_environment@1", "arguments": {"environment_id": "shop"}}],'
    ' "answer": {"text": "-"}}'
)


class OnRequests(OnSchedules):
    """Of a request on a schedule, of which there is none: it moves when somebody else's does the same meanwhile."""

    def __init__(self) -> None:
        super().__init__(there=False, request="start the shop", plan=KEPT, when=AT_NINE)

    def moves(self) -> None:
        self.schedules.put(
            Schedule(
                id=THERE,
                title="the same",
                owner=ANN.id,
                kind="development",
                times={"run": Recurrence.model_validate(AT_NINE)},
                request="start the shop",
                runbooks={"run": Plan.model_validate_json(KEPT)},
                created_at=self.clock.now(),
            )
        )


WORLDS: Mapping[str, Callable[[], WritingWorld]] = {
    "stop_environment": lambda: OnPlatform(*RUNNING, moved={"size": 3, "running": 3}),
    "start_environment": lambda: OnPlatform(*STOPPED, moved={"saved": 3}),
    "restart_service": lambda: OnService(service="web"),
    "reboot_resource": lambda: OnPlatform(instance("shop", "batch"), moved={"state": "stopped"}, resource="batch"),
    "scale_resource": lambda: OnPlatform(
        service("shop", "web", 2, limits=Limits(minimum=1, maximum=4)),
        moved={"size": 3, "running": 3},
        **{"resource": "web", "size": 6, "maximum": 8},
    ),
    "roll_back_service": OnReleases,
    "promote_release": lambda: OnReleases(from_environment_id="rehearsal"),
    "delete_environment": OnPreview,
    "save_runbook": lambda: OnRunbooks(name="idle", document=GOOD),
    "withdraw_runbook": lambda: OnRunbooks(name="idle", version=2),
    "remember_fact": lambda: OnFacts(kind="alias", subject="till", value="other"),
    "forget_fact": lambda: OnFacts(subject="checkout", attribute="means"),
    "start_watch": lambda: OnWatches(there=False, **WATCHED | {"tool": "cluster_health"}),
    "watch_and_do": OnWatchesThatAct,
    "stop_watch": lambda: OnWatches(there=True, watch="w0123abcde"),
    "notify": OnChannel,
    "create_schedule": lambda: OnSchedules(there=False, window=WINDOW.model_dump(mode="json"), environments=["shop"]),
    "schedule_request": OnRequests,
    "delete_schedule": OnSchedules,
    "pause_schedule": OnSchedules,
    "resume_schedule": lambda: OnSchedules(paused=True),
    "keep_environment": lambda: OnKeeps(kept=False, until=UNTIL.isoformat(), time_zone="UTC"),
    "release_environment": lambda: OnKeeps(kept=True),
}
"""By the name of the tool."""
