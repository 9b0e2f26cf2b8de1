"""What is frozen begins no effect, whoever asks and however far its run is; and who may freeze and thaw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fakes import FakeClock, SwitchOff, World
from one_write import OneWrite, Press
from test_advancing import LIVE, advanced, approve, the_run
from test_runs import OFF_ALL, one, runner

from copilot.adapters.in_memory import MemoryStore
from copilot.config.configuration import Account, Configuration, KnownPerson
from copilot.domain import (
    NOTHING_KNOWN,
    Change,
    Freeze,
    FrozenScope,
    JournalEntry,
    Known,
    KnownEnvironment,
    Person,
    Plan,
    Preview,
    ResourceRef,
    Scope,
    Target,
)
from copilot.errors import Conflict, NotAllowed, NotFound, Unfinished
from copilot.policy.decisions import Policy
from copilot.ports import Freezes
from copilot.tools.registry import Registry
from copilot.triggers.freezing import Freezing

CLOCK = FakeClock()
OLGA = Person(id="olga", name="Olga", roles=("operator",))
ALL = Scope(of="all")


def entry(id: str = "j1") -> JournalEntry:
    return JournalEntry(at=CLOCK.now(), id=id, kind="freeze", run_id="", person="olga", data={})


def freeze(store: Freezes, scope: Scope = ALL, reason: str = "payments are down") -> None:
    store.freeze("main", Freeze(scope=scope, reason=reason, by=OLGA, at=CLOCK.now()), entry(f"j{scope.name}"))


def thaw(store: Freezes, scope: Scope = ALL) -> None:
    store.thaw("main", scope, entry("thawed"))


TOLD = "everything is frozen by Olga since 02 Mar 09:00 UTC: "


# --- one write ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope", [ALL, Scope(of="environment", name="a"), Scope(of="environment", name="A"), Scope(of="person", name="ann")]
)
def test_no_effect_begins_in_what_is_frozen(scope: Scope) -> None:
    write = OneWrite()
    freeze(write.store, scope)
    verdict = write.execute()
    assert (verdict.kind, write.world.switched, write.store.effects("main", write.run_id)) == ("abort", [], [])
    assert verdict.reason.startswith(f"{scope.in_words} is frozen by Olga since 02 Mar 09:00 UTC: ")
    assert "payments are down" in verdict.reason


@pytest.mark.parametrize(
    "scope",
    [
        Scope(of="environment", name="b"),
        Scope(of="person", name="bob"),
        Scope(of="account", name="111122223333"),
        Scope(of="environment", name=""),
    ],
)
def test_what_is_frozen_elsewhere_keeps_nothing_back(scope: Scope) -> None:
    write = OneWrite()
    freeze(write.store, scope)
    write.execute()
    assert write.world.switched == ["a"]


def test_an_account_is_frozen_for_what_would_change_in_it() -> None:
    here, there = (f"arn:aws:ecs:eu-west-1:{id}:service/c/web" for id in ("1" * 12, "2" * 12))

    def change(arn: str, action: str) -> Change:
        ref = ResourceRef(type="ecs-service", id=arn)
        return Change.model_validate({"ref": ref, "name": "web", "action": action, "before": "1", "after": "0"})

    target = Target(ref=ResourceRef(type="environment", id="shop"), name="shop", kind="development")
    preview = Preview(targets=(target,), changes=(change(here, "scale"), change(there, "skip")), state=None)
    covered = [Scope(of="account", name=id).covers("ann", preview) for id in ("1" * 12, "2" * 12)]
    assert covered == [True, False]


def test_what_has_nothing_to_change_is_no_effect() -> None:
    write = OneWrite(world=World(lights={"a": False}))
    freeze(write.store)
    assert write.execute().kind == "pass"


class Slow(MemoryStore):
    """One whose record of a beginning takes so many seconds, in which something may happen."""

    def __init__(self, clock: FakeClock, seconds: float, meanwhile: Callable[[Slow], None]) -> None:
        super().__init__()
        self.clock, self.seconds, self.meanwhile = clock, seconds, meanwhile

    def start_effect(self, *given: object) -> None:
        super().start_effect(*given)  # type: ignore[arg-type]
        self.clock.sleep(self.seconds)
        self.meanwhile(self)


@pytest.mark.parametrize(("seconds", "switched"), [(4.9, ["a"]), (5.1, [])])
def test_an_effect_that_took_long_to_begin_looks_again(seconds: float, switched: list[str]) -> None:
    clock = FakeClock()
    write = OneWrite(clock=clock, store=Slow(clock, seconds, freeze))
    verdict = write.execute()
    assert write.world.switched == switched
    if not switched:
        assert (verdict.kind, write.entry.state) == ("abort", "failed_clean")
        assert TOLD in write.entry.reason


def test_what_is_half_done_waits_until_it_is_thawed() -> None:
    write = OneWrite()

    def hold(name: str) -> None:
        raise Unfinished("its database cannot be stopped yet", ours=True)

    write.world.before_switch = hold
    assert write.execute().kind == "wait"
    write.world.before_switch = lambda name: None
    freeze(write.store)
    verdict = write.execute()
    assert (verdict.kind, verdict.patient, write.world.switched) == ("retry", True, [])
    assert verdict.reason.startswith(f"it was begun, and {TOLD}")
    thaw(write.store)
    write.execute()
    assert write.world.switched == ["a"]


def test_what_a_dead_worker_began_is_not_begun_again_while_it_is_frozen() -> None:
    write = OneWrite(Press)
    write.world.before_switch = lambda name: (_ for _ in ()).throw(SystemExit)
    with pytest.raises(SystemExit):
        write.execute()
    write.world.before_switch = lambda name: None
    write.clock.sleep(timedelta(minutes=20).total_seconds())
    freeze(write.store)
    verdict = write.execute()
    assert (verdict.kind, verdict.patient, write.world.switched) == ("retry", True, [])


def test_what_is_frozen_while_it_is_read_back_is_not_begun_again() -> None:
    write = OneWrite(Press)
    write.world.before_switch = lambda name: (_ for _ in ()).throw(SystemExit)
    with pytest.raises(SystemExit):
        write.execute()
    write.world.before_switch = lambda name: None
    write.clock.sleep(timedelta(minutes=20).total_seconds())
    write.world.on_look = lambda name: freeze(write.store)
    verdict = write.execute("w2")
    assert (verdict.kind, verdict.patient, write.world.switched) == ("retry", True, [])
    assert verdict.reason.startswith(f"it was begun, and {TOLD}")
    write.world.on_look = lambda name: None
    thaw(write.store)
    write.execute("w3")
    assert write.world.switched == ["a"]


# --- a run ----------------------------------------------------------------------------------------


def test_a_frozen_change_is_denied_before_anybody_is_asked() -> None:
    world = World(lights={"a": True}, kinds=LIVE)
    process = runner(world)
    freeze(process.store)
    view = process.run(Plan.model_validate(OFF_ALL))
    assert (view["status"], view["approval"], world.switched) == ("answered", None, [])
    assert f"switch off a: {TOLD}«payments are down». Nothing was changed" in view["answer"]


def test_reads_go_on() -> None:
    process = runner(World(lights={"a": True}))
    freeze(process.store)
    assert process.run(Plan.model_validate(one("look", "a")))["outcome"] == "succeeded"


def test_what_was_approved_before_the_freeze_does_not_begin_after_it() -> None:
    world = World(lights={"a": True}, kinds=LIVE)
    process = runner(world)
    process.run(Plan.model_validate(OFF_ALL))
    approve(process)
    freeze(process.store)
    assert advanced(process).next == "reply"
    steps = process.store.load_run("main", the_run(process).run_id).steps
    (item,) = steps["off"].items
    assert (item.status, item.decision and item.decision.policies, world.switched) == ("denied", ("freeze",), [])


def test_the_rest_of_a_for_each_does_not_begin_once_it_is_frozen() -> None:
    world = World(lights={"a": True, "b": True, "c": True})
    process = runner(world)
    world.after_switch = lambda name: freeze(process.store) if not process.store.freezes("main") else None
    process.run(Plan.model_validate(OFF_ALL))
    assert len(world.switched) == 1


class Patient(SwitchOff):
    timeout = 900


def test_what_is_half_done_goes_on_whenever_it_is_thawed_while_its_tool_has_time() -> None:
    """However often it was looked by then: more often than a call is tried that fails."""
    world, clock = World(lights={"a": True}), FakeClock()
    begun: list[str] = []

    def hold(name: str) -> None:
        begun.append(name)
        freeze(process.store)
        raise Unfinished("its database cannot be stopped yet", ours=True)

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now() > CLOCK.now() + timedelta(minutes=12) and process.store.freezes("main"):
            world.before_switch = lambda name: None
            thaw(process.store)

    process = runner(world, registry=Registry([Patient]), clock=clock, sleep=sleep)
    world.before_switch = hold
    view = process.run(Plan.model_validate(one("switch_off", "a")))
    assert (view["outcome"], world.switched, begun) == ("succeeded", ["a"], ["a"])


# --- who may --------------------------------------------------------------------------------------

PEOPLE = (
    KnownPerson(id="olga", name="Olga", principals=("arn:aws:iam::1:user/olga",), roles=("operator",)),
    KnownPerson(id="dana", name="Dana", principals=("arn:aws:iam::1:user/dana",), roles=("developer",)),
    KnownPerson(id="pat", name="Pat", principals=("arn:aws:iam::1:user/pat",), roles=("approver",)),
)
PROD = Account(
    id="111122223333",
    name="prod",
    regions=("eu-west-1",),
    read_role="arn:aws:iam::111122223333:role/devops-copilot-read",
)
SHOP = KnownEnvironment(name="shop-dev", kind="development", seen_at=CLOCK.now())


def freezing(known: Known = NOTHING_KNOWN) -> Freezing:
    registry = Registry([SwitchOff], {})
    config = Configuration(accounts=(PROD,), people=PEOPLE)
    return Freezing(MemoryStore(), Policy(registry, "main", read_only=False), CLOCK, config, lambda: known)


def person(id: str) -> Person:
    return next(one.person for one in PEOPLE if one.id == id)


def test_operators_freeze_and_approvers_thaw() -> None:
    use = freezing()
    for who in ("dana", "pat"):
        with pytest.raises(NotAllowed, match=r"may not freeze.*nothing was changed"):
            use.freeze(person(who), "all", "", "x")
    frozen = use.freeze(person("olga"), "all", "", "x")
    assert use.store.freezes("main") == [frozen]
    for who in ("dana", "olga"):
        with pytest.raises(NotAllowed, match="may not thaw"):
            use.thaw(person(who), "all", "")
    assert use.thaw(person("pat"), "all", "") == frozen
    assert use.store.freezes("main") == []


@pytest.mark.parametrize(
    ("of", "said", "name"),
    [
        ("account", "PROD", PROD.id),
        ("account", PROD.id, PROD.id),
        ("person", "dana", "dana"),
        ("person", "Dana", "dana"),
    ],
)
def test_a_scope_is_named_as_people_call_it(of: str, said: str, name: str) -> None:
    frozen = freezing().freeze(person("olga"), of, said, "x")  # type: ignore[arg-type]
    assert frozen.scope == Scope.model_validate({"of": of, "name": name})


def test_a_name_that_nothing_has_freezes_nothing_and_says_what_is_near() -> None:
    use = freezing(Known(environments=(SHOP,)))
    with pytest.raises(NotFound, match="there is no environment 'shop-dv'; nearest: shop-dev; nothing was changed"):
        use.freeze(person("olga"), "environment", "shop-dv", "x")
    with pytest.raises(NotFound, match="there is no account 'dev'"):
        use.freeze(person("olga"), "account", "dev", "x")
    assert use.freeze(person("olga"), "environment", "Shop-Dev", "x").scope.name == "shop-dev"


def test_before_anything_was_swept_an_environment_is_frozen_as_it_is_written() -> None:
    assert freezing().freeze(person("olga"), "environment", " shop-dv ", "x").scope.name == "shop-dv"


@pytest.mark.parametrize("of", ["account", "environment", "person"])
def test_a_scope_without_a_name_is_none(of: FrozenScope) -> None:
    for known in (NOTHING_KNOWN, Known(environments=(SHOP,))):
        with pytest.raises(NotFound, match=f"which {of}. Name it; nothing was changed"):
            freezing(known).freeze(person("olga"), of, " ", "x")


def test_what_is_gone_can_be_thawed_by_the_name_it_was_frozen_by() -> None:
    use = freezing()
    use.freeze(person("olga"), "environment", "old-dev", "x")
    later = Freezing(use.store, use.policy, CLOCK, use.config, lambda: Known(environments=(SHOP,)))
    assert later.thaw(person("pat"), "environment", "old-dev").scope.name == "old-dev"


def test_what_has_the_name_of_another_that_is_frozen_is_thawed_by_it_all_the_same() -> None:
    use = freezing()
    use.freeze(person("olga"), "environment", "prod", "x")
    frozen = use.freeze(person("olga"), "account", "prod", "x")
    assert use.thaw(person("pat"), "account", "prod") == frozen


def test_what_is_so_already_is_a_conflict_that_says_how_it_is() -> None:
    use = freezing()
    with pytest.raises(Conflict, match="everything is not frozen; what is: nothing"):
        use.thaw(person("pat"), "all", "")
    use.freeze(person("olga"), "person", "dana", "x")
    with pytest.raises(Conflict, match="person dana is frozen already, by Olga since 09:00 UTC"):
        use.freeze(person("olga"), "person", "Dana", "y")
    with pytest.raises(Conflict, match="everything is not frozen; what is: person dana"):
        use.thaw(person("pat"), "all", "")


def test_a_freeze_is_evidence_and_keeps_no_secret() -> None:
    use = freezing()
    frozen = use.freeze(person("olga"), "all", "", "leaked password=hunter22")
    assert "hunter22" not in frozen.reason
    use.thaw(person("pat"), "all", "")
    kept = [(one.person, one.data) for one in use.store.journal("main", f"{CLOCK.now():%Y-%m-%d}")]  # type: ignore[attr-defined]
    assert [(who, data["state"]) for who, data in kept] == [("olga", "frozen"), ("pat", "thawed")]
