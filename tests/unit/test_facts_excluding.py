"""What people asked to be left alone: heard, held by code over what is really there, told with who said it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from facts_world import APP, DEV, NOVEMBER, OPA, FactsWorld
from fakes_platform import FakeClients
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.domain import (
    CHANGE_SORTS,
    EVERYBODY,
    EXCLUSION,
    Approval,
    AsSwept,
    Change,
    Decision,
    Exclusion,
    Fact,
    FactName,
    Kind,
    Known,
    Permission,
    Preview,
    ResourceRef,
    Run,
    Selector,
    Stretches,
    Target,
    scope_of,
    selected,
)
from copilot.running.excluding import Exclusions, KeptFrom, kept_from, narrowed

THURSDAY = NOVEMBER  # 12 Nov 2026, 09:00 UTC


class WithServices(FactsWorld):
    def known(self, kinds: dict[str, Kind]) -> Known:
        return super().known(kinds).model_copy(update={"services": ("storefront-api",)})


class Looking(FactsWorld):
    """Whose tools are told what was swept, and what keeps a change back."""

    def _clients(self, run: Run, call: str, permissions: Sequence[Permission] | None) -> FakeClients:
        clients, swept = super()._clients(run, call, permissions), AsSwept(self.inventory.known(), NOVEMBER)
        clients.recalling = lambda: swept
        clients.frozen = partial(self.process.use_cases._frozen, run)  # type: ignore[method-assign]
        return clients


def approves(approval: Approval) -> Any:
    return "approve"


def test_what_is_off_limits_is_not_changed_and_it_is_said_who_had_that() -> None:
    world = FactsWorld()
    answer = world.says("storefront is off limits")
    assert answer.startswith("remembered: changes of storefront are off limits. It holds for what you have done")
    view = world.ask("stop storefront", conversation="another")
    assert view["outcome"] == "denied" and world.states["storefront"] == "running"
    assert "changes of storefront are off limits, as Dev said on 12 Nov 2026" in view["answer"]
    (item,) = view["steps"][-1]["items"]
    assert item["decision"]["policies"] == [EXCLUSION]
    assert world.ask("stop basket")["outcome"] == "succeeded"
    assert world.ask("is storefront healthy?")["outcome"] == "succeeded", "reads are never affected"
    assert world.ask("stop storefront", OPA)["outcome"] == "succeeded", "another's is their own"


@pytest.mark.parametrize(
    ("said", "kept_back", "left"),
    [
        ("all development environments are off limits", ["storefront", "basket"], ["books"]),
        ("payments' environments are off limits", ["storefront", "basket"], ["books"]),
        ("everything is off limits", ["storefront", "books"], []),
        ("the service storefront-api is off limits", ["storefront"], ["basket"]),
        ("storefront and books are off limits", ["storefront", "books"], ["basket"]),
        ("storefront-api in development is off limits", ["storefront"], ["basket"]),
        ("never start storefront", [], ["storefront"]),
        ("storefront is off limits on Thursdays", ["storefront"], ["basket"]),
        ("storefront is off limits on Fridays", [], ["storefront"]),
        ("storefront is off limits between 9 and 12", ["storefront"], []),
        ("storefront is off limits between 10 and 12", [], ["storefront"]),
        ("storefront is off limits from 10 Nov 2026 to 20 Nov 2026", ["storefront"], ["basket"]),
        ("storefront is off limits from 13 Nov to 20 Nov", [], ["storefront"]),
        ("storefront is off limits in November", ["storefront"], []),
        ("storefront is off limits until Friday", ["storefront"], []),
    ],
)
def test_what_is_meant_is_what_is_there_and_when(said: str, kept_back: list[str], left: list[str]) -> None:
    world = WithServices()
    view = world.ask(said, OPA)
    assert view["outcome"] == "succeeded", view["answer"]
    for name in kept_back:
        assert world.ask(f"stop {name}", OPA)["outcome"] == "denied", name
    for name in left:
        assert world.ask(f"stop {name}", OPA)["outcome"] == "succeeded", name


def test_it_ends_when_it_was_said_to_end_and_what_has_ended_holds_nobody_back() -> None:
    world = FactsWorld()
    assert "until the end of 13 Nov 2026" in world.says("storefront is off limits until Friday")
    assert world.ask("stop storefront")["outcome"] == "denied"
    world.clock.sleep(2 * 24 * 3600)
    assert world.ask("stop storefront")["outcome"] == "succeeded"


def test_where_it_asks_an_approver_decides_and_it_is_on_the_card() -> None:
    seen: list[Approval] = []

    def decide(approval: Approval) -> Any:
        seen.append(approval)
        return "approve"

    world = FactsWorld(decide=decide)
    world.ask("don't ever touch storefront without asking me")
    assert world.ask("stop storefront")["outcome"] == "succeeded" and world.states["storefront"] == "stopped"
    (approval,) = seen
    assert "need an approval, as Dev said on 12 Nov 2026" in approval.model_dump_json()


def test_what_is_said_for_everybody_holds_for_all_and_takes_who_may_say_so() -> None:
    world = FactsWorld()
    assert world.ask("for everybody: storefront is off limits", DEV)["outcome"] == "denied"
    assert world.ask("stop storefront", OPA)["outcome"] == "succeeded"
    assert world.ask("for everybody: storefront is off limits", APP)["outcome"] == "succeeded"
    answer = world.says("start storefront", OPA)
    assert "off limits, as App said on 12 Nov 2026" in answer and world.states["storefront"] == "stopped"


MONDAYS, FRIDAYS, SUNDAYS, ALWAYS, ASKED = (
    f"changes of storefront {rest}"
    for rest in (
        "are off limits on Mondays (UTC)",
        "are off limits on Fridays (UTC)",
        "are off limits on Sundays (UTC)",
        "are off limits",
        "need an approval between 20:00 and 06:00 (UTC)",
    )
)


@pytest.mark.parametrize(
    ("first", "second", "stand"),
    [
        ("storefront is off limits", "always ask before you touch storefront at night", {ALWAYS, ASKED}),
        ("storefront is off limits on Fridays", "storefront is off limits on Mondays", {MONDAYS, FRIDAYS}),
        ("storefront is off limits", "storefront is off limits until Friday", {ALWAYS}),
    ],
)
def test_what_is_said_of_the_same_stands_beside_it_and_takes_nothing_back(
    first: str, second: str, stand: set[str]
) -> None:
    world = FactsWorld()
    world.ask(first)
    answer = world.says(second)
    assert answer.startswith("remembered: ") and "(beside it stands: changes of storefront are off limits" in answer
    assert world.rules() == stand
    assert world.says(second).startswith("remembered already: ") and world.rules() == stand
    if ALWAYS in stand:
        assert world.ask("stop storefront")["outcome"] == "denied", "by day, too"
    world.clock.sleep(3 * 24 * 3600)
    assert world.rules() == stand, "what stood before an end that was said stands after it"


@pytest.mark.parametrize(
    ("before", "said", "stand"),
    [
        (["on Fridays"], "storefront is off limits on Mondays, not Fridays", {MONDAYS}),
        (["on Fridays", "on Sundays"], "storefront is off limits on Mondays, not Fridays", {MONDAYS, SUNDAYS}),
        (["on Fridays"], "storefront is off limits on Mondays, not Sundays", {MONDAYS, FRIDAYS}),
        (["on Fridays"], "no, storefront is off limits on Mondays", {MONDAYS}),
        (["on Sundays", "on Fridays"], "actually storefront is off limits on Mondays", {MONDAYS, SUNDAYS}),
        (["on Sundays", "on Fridays", ""], "storefront is off limits only on Mondays", {MONDAYS}),
        (["on Mondays", "on Fridays"], "storefront is off limits only on Mondays", {MONDAYS}),
        ([""], "no, always ask before you touch storefront at night", {ASKED}),
        ([""], "always ask before you touch storefront only at night", {ASKED, ALWAYS}),
        (["on Fridays and Sundays"], "storefront is off limits on Mondays, not Fridays", None),
    ],
)
def test_a_correction_alone_takes_the_place_of_what_it_corrects(
    before: list[str], said: str, stand: set[str] | None
) -> None:
    world = FactsWorld()
    for when in before:
        world.ask(f"storefront is off limits {when}".strip())
    world.ask("basket is off limits on Fridays")
    kept = world.rules()
    answer = world.says(said)
    basket = "changes of basket are off limits on Fridays (UTC)"
    assert world.rules() == ((stand | {basket}) if stand else kept | {MONDAYS}), answer
    assert ("in the place of another:\n- forgotten: changes of storefront" in answer) == bool(kept - world.rules())


def test_a_correction_is_taken_back_whole() -> None:
    world = FactsWorld()
    world.ask("storefront is off limits on Fridays")
    answer = world.says("storefront is off limits on Mondays, not Fridays")
    assert answer.startswith(f"remembered: {MONDAYS}. ") and answer.endswith(f"\n- forgotten: {FRIDAYS}")
    assert world.rules() == {MONDAYS}
    assert world.ask("undo that")["outcome"] == "succeeded"
    assert world.rules() == {FRIDAYS}
    shown = world.says("what do you know about me?")
    assert "- changes of storefront are off limits on Fridays (UTC), as you said on 12 Nov" in shown
    assert world.says("storefront is no longer off limits").startswith("- forgotten: changes of storefront")
    assert world.rules() == set()


@pytest.mark.parametrize(
    ("text", "stand"),
    [
        ("forget that storefront is off limits on Fridays", {ALWAYS, MONDAYS, ASKED}),
        ("forget that storefront is off limits", {FRIDAYS, MONDAYS, ASKED}),
        ("forget that changes of storefront are off limits on Mondays (UTC)", {ALWAYS, FRIDAYS, ASKED}),
        ("forget that storefront is off limits on Sundays", {ALWAYS, FRIDAYS, MONDAYS, ASKED}),
        ("storefront is no longer off limits", {ASKED}),
        ("forget the exclusion of storefront", set()),
        ("forget that", {ALWAYS, FRIDAYS, MONDAYS}),
    ],
)
def test_of_those_that_stand_side_by_side_what_is_said_is_forgotten_and_no_other(text: str, stand: set[str]) -> None:
    world = FactsWorld()
    for said in ("is off limits", "is off limits on Fridays", "is off limits on Mondays"):
        world.ask(f"storefront {said}")
    world.ask("always ask before you touch storefront at night")
    world.ask(text)
    assert world.rules() == stand


@pytest.mark.parametrize(
    "text",
    [
        "forget that storefront is off limits on Fridays",
        "forget the exclusion of storefront",
        "storefront is not off limits any more",
        "forget that",
        "forget that changes of storefront are off limits on Fridays (UTC)",
        "forget me",
    ],
)
def test_it_is_forgotten(text: str) -> None:
    world = FactsWorld()
    world.ask("storefront is off limits on Fridays")
    world.ask(text)
    assert world.kept() == {}


def test_what_is_not_there_is_not_remembered_and_the_nearest_is_told() -> None:
    world = FactsWorld()
    answer = world.says("storefrnt is off limits")
    assert "nearest: storefront" in answer and "Nothing was remembered" in answer and world.kept() == {}


def test_an_approval_of_before_is_none_of_what_is_off_limits_since() -> None:
    """An approval given on Thursday does nothing on Friday."""

    def decide(approval: Approval) -> Any:
        world.clock.sleep(timedelta(minutes=20).total_seconds())
        return "approve"

    world = FactsWorld(decide=decide)
    world.ask("for everybody: live is off limits on Fridays", APP)
    world.clock.sleep(timedelta(hours=14, minutes=45).total_seconds())
    view = world.ask("stop live", OPA)
    assert view["outcome"] == "denied" and world.states["live"] == "running"
    assert "off limits on Fridays (UTC), as App said on 12 Nov 2026" in view["answer"]


def test_what_becomes_off_limits_between_the_decision_and_the_effect_does_not_begin() -> None:
    """At 09:59:59 it is decided, and at ten the effect would begin."""
    world = FactsWorld()
    world.ask("storefront is off limits from 10:00 to 12:00")
    for seconds in range(1, 12):
        there = FactsWorld()
        there.ask("storefront is off limits from 10:00 to 12:00")
        there.clock.sleep((datetime(2026, 11, 12, 10, tzinfo=UTC) - there.clock.now()).total_seconds() - seconds)
        view = there.ask("stop storefront")
        (effect,) = view["effects"] or [None]
        began = effect is not None and there.states["storefront"] == "stopped"
        assert began == (view["outcome"] == "succeeded"), (seconds, view["answer"])
        if not began:
            assert "off limits between 10:00 and 12:00" in view["answer"], (seconds, view["answer"])


def test_what_was_asked_for_is_asked_for_between_the_decision_and_the_effect() -> None:
    asked: list[Approval] = []

    def decide(approval: Approval) -> Any:
        asked.append(approval)
        return "approve"

    outcomes = set[tuple[str, int]]()
    for seconds in range(1, 12):
        asked.clear()
        world = FactsWorld(decide=decide)
        world.ask("don't touch storefront between 10:00 and 12:00 without asking me")
        world.clock.sleep((datetime(2026, 11, 12, 10, tzinfo=UTC) - world.clock.now()).total_seconds() - seconds)
        view = world.ask("stop storefront")
        begun = max((one["started_at"] for one in view["effects"]), default="")
        assert view["outcome"] == "succeeded" and (len(asked) == 1) == (begun >= "2026-11-12T10"), (seconds, begun)
        outcomes.add((view["outcome"], len(asked)))
    assert outcomes == {("succeeded", 0), ("succeeded", 1)}


def test_an_undo_that_was_granted_goes_through_everybodys_and_not_through_ones_own() -> None:
    """As through a freeze."""
    for whose, comes_through in (("for everybody: live is off limits", True), ("live is off limits", False)):
        world = FactsWorld(decide=approves)
        assert world.ask("stop live", OPA)["outcome"] == "succeeded"
        assert world.ask(whose, APP if comes_through else OPA)["outcome"] == "succeeded"
        world.ask("undo that", OPA)
        assert (world.states["live"] == "running") == comes_through, whose


def test_an_undo_that_nothing_granted_is_a_change_as_any() -> None:
    world = FactsWorld()
    world.ask("stop storefront")
    world.ask("storefront is off limits", conversation="another")
    view = world.ask("undo that")
    assert view["outcome"] == "denied" and world.states["storefront"] == "stopped"


# --- that it only narrows -------------------------------------------------------------------------

NAMES = ("storefront", "basket", "live", "x")
KINDS = ("development", "staging", "production")
selectors = st.builds(
    lambda parts, changes: Selector.model_validate(
        {**{k: v for k, v in parts.items() if v}, "everything": not any(parts.values()), "changes": changes}
    ),
    st.fixed_dictionaries(
        {
            "environments": st.lists(st.sampled_from(NAMES), max_size=2),
            "kinds": st.lists(st.sampled_from(KINDS), max_size=2),
            "services": st.lists(st.sampled_from(("api", "web")), max_size=1),
            "owners": st.lists(st.sampled_from(("core", "payments")), max_size=1),
            "accounts": st.lists(st.sampled_from(("111111111111", "222222222222")), max_size=1),
        }
    ),
    st.lists(st.sampled_from(CHANGE_SORTS), max_size=2),
)
whens = st.builds(
    lambda days, hours: Stretches(
        days=tuple(days), start=hours and hours[0], end=hours and hours[1], time_zone="Europe/Berlin"
    ),
    st.lists(st.sampled_from(("MON", "THU", "FRI")), max_size=2),
    st.one_of(st.none(), st.sampled_from((("09:00", "12:00"), ("22:00", "06:00")))),
)
exclusions = st.builds(Exclusion, of=selectors, when=whens, effect=st.sampled_from(("deny", "ask")))
previews = st.builds(
    lambda name, kind, owner, action, service, account: Preview(
        targets=(Target(ref=ResourceRef(type="environment", id=name), name=name, kind=kind, owner=owner),),
        changes=(
            Change(
                ref=ResourceRef(type="ecs-service", id=f"arn:aws:ecs:eu-west-1:{account}:service/{service}"),
                name=service,
                action=action,
                before="1",
                after="0",
            ),
        ),
        state={},
    ),
    st.sampled_from(NAMES),
    st.sampled_from(KINDS),
    st.sampled_from(("", "core", "payments")),
    st.sampled_from(("stop", "start", "restart", "resize", "deploy", "delete", "skip")),
    st.sampled_from(("api", "web")),
    st.sampled_from(("111111111111", "222222222222")),
)
decisions = st.builds(
    Decision,
    outcome=st.sampled_from(("allow", "ask", "deny")),
    policies=st.just(("some-policy",)),
    reason=st.sampled_from(("", "because")),
)
STRICTER = {"allow": 0, "ask": 1, "deny": 2}


def fact(exclusion: Exclusion) -> Fact:
    name = FactName.of("exclusion", exclusion.of.in_words, "")
    return Fact(
        kind="exclusion",
        **name.model_dump(),
        value=exclusion.in_words[:300],
        run="r1",
        author=DEV,
        at=NOVEMBER,
        exclusion=exclusion,
    )


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(exclusions, max_size=4),
    st.lists(exclusions, max_size=4),
    previews,
    decisions,
    st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.booleans(),
)
def test_whatever_is_excluded_no_decision_is_wider_for_it(
    own: list[Exclusion],
    shared: list[Exclusion],
    preview: Preview,
    decision: Decision,
    now: datetime,
    granted: bool,
) -> None:
    there = Exclusions([fact(one) for one in own], [fact(one) for one in shared])
    found = narrowed(decision, kept_from(there, preview, now, granted=granted))
    assert STRICTER[found.outcome] >= STRICTER[decision.outcome]
    counting = [one for one in (*own, *(() if granted else shared)) if one.when.covers(now)]
    effects = {one.effect for one in counting if any(selected(one.of, preview))}
    wanted = max((STRICTER[one] for one in effects), default=0)
    assert STRICTER[found.outcome] == max(wanted, STRICTER[decision.outcome])
    assert (EXCLUSION in found.policies) == bool(effects) or decision.outcome != "allow"


@pytest.mark.parametrize("before", ["allow", "ask", "deny"])
@pytest.mark.parametrize(("denies", "at_least"), [(False, "ask"), (True, "deny"), (None, "allow")])
def test_an_exclusion_makes_a_decision_no_wider(before: Any, denies: bool | None, at_least: str) -> None:
    by = None if denies is None else KeptFrom(denies, "it is off limits")
    found = narrowed(Decision(outcome=before, policies=("some-policy",)), by)
    assert found.outcome == max(before, at_least, key=lambda one: STRICTER[one])


@given(exclusions)
def test_what_is_kept_says_in_words_what_it_is_and_is_kept_under_one_name(exclusion: Exclusion) -> None:
    kept = fact(exclusion)
    assert kept.value.startswith(exclusion.of.in_words[:50]) and len(kept.subject) <= 60
    assert Exclusion.model_validate_json(exclusion.model_dump_json()) == exclusion


def test_a_scope_of_its_own_for_each() -> None:
    world = FactsWorld()
    world.ask("storefront is off limits on Fridays")
    assert world.rules(scope_of(DEV.id)) == {FRIDAYS} and world.rules(EVERYBODY) == set()


def planned(exclusion: dict[str, Any]) -> dict[str, Any]:
    arguments = {"kind": "exclusion", "exclusion": exclusion}
    return {"steps": [{"id": "r", "tool": "remember_fact", "arguments": arguments}], "answer": {"text": "{r.summary}"}}


WHEN = {"days": ["THU"], "time_zone": "UTC"}


def test_a_model_plans_one_in_types_and_code_says_it_in_words() -> None:
    world = FactsWorld(planned({"of": {"environments": ["storefront"]}, "when": WHEN, "effect": "deny"}))
    answer = world.says("the storefront wants its peace on thursdays, keep that in your memory")
    assert answer == "remembered: changes of storefront are off limits on Thursdays (UTC)"
    assert world.ask("stop storefront")["outcome"] == "denied"


def test_a_model_names_what_is_there() -> None:
    world = Looking(planned({"of": {"environments": ["storefrnt"]}, "when": WHEN, "effect": "deny"}))
    answer = world.says("the storefront wants its peace on thursdays, keep that in your memory")
    assert "no environment is called storefrnt; nearest: storefront" in answer and world.kept() == {}


@pytest.mark.parametrize(
    "of", [{}, {"everything": True, "kinds": ["staging"]}, {"environments": ["a#b"]}, {"kinds": ["x"]}]
)
def test_what_says_nothing_or_too_much_is_no_selector(of: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Selector.model_validate(of)


def test_what_would_happen_says_what_is_off_limits() -> None:
    world = Looking()
    world.ask("storefront is off limits")
    answer = world.says("what would happen if I stop storefront?")
    assert "At this moment it would not begin: changes of storefront are off limits, as Dev said" in answer
