"""What an answer, an approval and the progress of a Run tell of: of which class, and of which kind of environment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from copilot.domain import (
    AUTHOR,
    NOT_KNOWN,
    PRIVATE,
    RETRY,
    STRICTER,
    UNDO,
    About,
    Approval,
    ApprovalCall,
    Item,
    Kind,
    OutputClass,
    Person,
    Plan,
    Preview,
    ResourceRef,
    Revision,
    StepState,
    Target,
    Turn,
)
from copilot.language_model.prompting import Context
from copilot.plans.about import about_answer, about_approval, about_progress, shown_steps
from copilot.tools.registry import Registry

REGISTRY = Registry()
FIND = {"id": "env", "tool": "find_environment", "arguments": {"name": "orders"}}


def found(kind: str) -> JsonValue:
    return {"environment": {"id": "e1", "name": "orders", "kind": kind}}


def of(step: str, name: str = "env.environment.id", **more: Any) -> dict[str, Any]:
    return {"id": "it", "tool": step, "arguments": {"environment_id": {"$ref": name}}} | more


def done(**more: Any) -> Item:
    return Item(index=0, arguments={}, status="done", **more)


def about(
    *steps: dict[str, Any],
    outputs: dict[str, JsonValue],
    items: dict[str, tuple[Item, ...]] | None = None,
    answer: str = "{it.summary}",
    kind: Any = "first",
) -> About:
    plan = Plan.model_validate({"steps": steps, "answer": {"text": answer}})
    begun = {
        step.id: StepState(
            step_id=step.id,
            tool=step.tool,
            for_each=step.for_each is not None,
            items=(items or {}).get(step.id, (done(),)),
        )
        for step in plan.steps
    }
    return about_answer([Revision(plan=plan, kind=kind)], begun, outputs.get, REGISTRY)


def tells(shows: OutputClass, kind: Kind | None) -> About:
    return About(shows=shows, kind=kind)


@pytest.mark.parametrize("kind", STRICTER)
def test_the_kind_is_that_of_what_the_tool_says_it_is_about(kind: Kind) -> None:
    gave: dict[str, JsonValue] = {"env": found("production"), "it": {"kind": kind, "summary": "well"}}
    assert about(FIND, of("cluster_health"), outputs=gave) == tells("status", kind)


@pytest.mark.parametrize("kind", STRICTER)
def test_a_tool_that_does_not_say_it_is_about_what_it_was_aimed_at(kind: Kind) -> None:
    gave: dict[str, JsonValue] = {"env": found(kind), "it": {"idle": True, "summary": "idle"}}
    assert about(FIND, of("environment_activity"), outputs=gave) == tells("status", kind)


def test_what_is_aimed_by_the_words_of_a_plan_or_at_nothing_may_be_production() -> None:
    literal = {"id": "it", "tool": "environment_activity", "arguments": {"environment_id": "e1"}}
    assert about(FIND, literal, outputs={"env": found("preview"), "it": {"idle": True}}).kind == "production"
    two = of("compare_configuration", arguments={"environment_id": {"$ref": "env.environment.id"}})
    two["arguments"]["other_environment_id"] = "e2"
    assert about(FIND, two, outputs={"env": found("preview"), "it": {}}).kind == "production"
    one_more = {"id": "it", "tool": "costs", "arguments": {"environments": [{"$ref": "env.environment.id"}, "e2"]}}
    assert about(FIND, one_more, outputs={"env": found("preview"), "it": {}}).kind == "production"
    everything = {"id": "it", "tool": "costs", "arguments": {}}
    assert about(everything, outputs={"it": {"total": 3}}) == tells("cost", "production")
    written = of("environment_activity", '`"prod-eu"`')
    assert about(FIND, written, outputs={"env": found("preview"), "it": {}}).kind == "production"


@pytest.mark.parametrize(("environment", "kind"), [({"$ref": "env.environment.id"}, "preview"), ("e1", "production")])
def test_what_would_happen_is_about_what_it_would_be_done_to(environment: JsonValue, kind: Kind) -> None:
    call: dict[str, JsonValue] = {"tool": "stop_environment", "arguments": {"environment_id": environment}}
    would = {"id": "it", "tool": "what_would_happen", "arguments": call}
    assert about(FIND, would, outputs={"env": found("preview"), "it": {"summary": "it would"}}) == tells("status", kind)


def test_of_a_list_the_strictest_counts_and_where_it_goes_on_what_is_not_known() -> None:
    usage = {"id": "it", "tool": "usage_statistics", "arguments": {}}
    each: list[JsonValue] = [{"name": "a", "kind": "preview"}, {"name": "b", "kind": "staging"}]
    assert about(usage, outputs={"it": {"environments": each}}) == tells("cost", "staging")
    assert about(usage, outputs={"it": {"environments": each, "more_environments": 2}}).kind == "production"


def test_a_list_of_nothing_is_about_the_kinds_that_it_was_asked_for() -> None:
    named = {"id": "it", "tool": "list_environments", "arguments": {"kinds": ["development", "preview"]}}
    assert about(named, outputs={"it": {"environments": []}}) == tells("status", "preview")
    partly = {"id": "it", "tool": "list_environments", "arguments": {"kinds": ["preview", {"$ref": "env.x"}]}}
    assert about(FIND, partly, outputs={"env": found("preview"), "it": {"environments": []}}).kind == "production"
    assert about(named | {"arguments": {}}, outputs={"it": {"environments": []}}).kind == "production"


def test_a_dockerfile_speaks_of_no_environment() -> None:
    improve = {"id": "it", "tool": "improve_dockerfile", "arguments": {"files": []}}
    assert about(improve, outputs={"it": {"summary": "fine"}}) == tells("configuration", None)


def test_a_report_is_as_private_as_what_it_is_made_of() -> None:
    report = {"id": "it", "tool": "render_report", "arguments": {"title": "T", "sections": [{"$ref": "env"}]}}
    assert about(FIND, report, outputs={"env": found("staging"), "it": {"summary": "a link"}}).kind == "staging"
    costs = {"id": "env", "tool": "costs", "arguments": {}}
    assert about(costs, report, outputs={"env": {}, "it": {}}) == tells("cost", "production")


def test_what_is_changed_has_the_kind_that_was_looked_at() -> None:
    stop = of("stop_environment", for_each={"$ref": "env.all[]"}, arguments={"environment_id": {"$item": "id"}})
    items = tuple(done(kind=kind).model_copy(update={"index": at}) for at, kind in enumerate(STRICTER[:3]))
    assert about(FIND, stop, outputs={"env": found("preview")}, items={"it": items}) == tells("status", "staging")
    none = about(FIND, stop, outputs={"env": found("preview"), "it": []}, items={"it": ()})
    assert none == tells("status", "preview")


def test_fields_with_lines_of_logs_make_it_logs_where_there_are_any() -> None:
    gave: dict[str, JsonValue] = {"kind": "staging", "last_lines": "", "summary": "it failed"}
    why = of("deployment_failure")
    assert about(FIND, why, outputs={"env": found("staging"), "it": gave}) == tells("status", "staging")
    gave["last_lines"] = "card refused"
    assert about(FIND, why, outputs={"env": found("staging"), "it": gave}) == tells("logs", "staging")
    assert about(FIND, why, outputs={"env": found("staging")}) == tells("logs", "staging")


def test_only_what_the_answer_shows_counts() -> None:
    logs = of("search_logs", id="logs")
    gave: dict[str, JsonValue] = {"env": found("preview"), "logs": {"kind": "production"}, "it": {"kind": "preview"}}
    told = about(FIND, logs, of("cluster_health"), outputs=gave)
    assert told == tells("status", "preview")


def test_what_failed_counts_since_errors_quote() -> None:
    logs = of("search_logs", id="logs")
    failed = Item(index=0, arguments={}, status="failed", reason="no group /prod/orders")
    gave: dict[str, JsonValue] = {"env": found("staging"), "it": {"kind": "preview"}}
    told = about(FIND, logs, of("cluster_health"), outputs=gave, items={"logs": (failed,)})
    assert told == tells("logs", "staging")


def test_why_a_step_was_not_run_says_something_of_what_it_depends_on_and_nothing_of_its_own() -> None:
    logs = of("search_logs", id="logs", when="env.environment.kind == 'staging'")
    plan = Plan.model_validate({"steps": [FIND, logs], "answer": {"text": "Done."}})
    steps = {
        "env": StepState(step_id="env", tool="find_environment", items=(done(),)),
        "logs": StepState(step_id="logs", tool="search_logs", skipped=True, reason="it was not so"),
    }
    assert shown_steps([Revision(plan=plan)], steps, REGISTRY) == {"logs"}
    gave = {"env": found("preview")}
    assert about_answer([Revision(plan=plan)], steps, gave.get, REGISTRY) == tells("status", "preview")


@pytest.mark.parametrize("kind", ["look", "revise", "repair"])
def test_what_a_model_had_seen_may_stand_in_whatever_it_writes_then(kind: str) -> None:
    gave: dict[str, JsonValue] = {"env": found("preview"), "it": {"kind": "staging"}}
    told = about(FIND, of("error_summary"), outputs=gave, answer="The database is full.", kind=kind)
    assert told == tells("logs", "staging")
    assert about(FIND, of("error_summary"), outputs=gave, answer="Done.") == tells("status", None)


def test_what_takes_its_words_from_another_step_is_as_private_as_that() -> None:
    tell = {"id": "it", "tool": "notify", "arguments": {"channel": "#ops", "text": {"$text": "{logs.summary}"}}}
    gave: dict[str, JsonValue] = {"env": found("staging"), "logs": {"kind": "staging"}, "it": {"channel": "#ops"}}
    assert about(FIND, of("search_logs", id="logs"), tell, outputs=gave) == tells("logs", "staging")
    own = {"id": "it", "tool": "notify", "arguments": {"channel": "#ops", "text": "Lunch."}}
    assert about(own, outputs={"it": {"channel": "#ops"}}) == tells("status", None)


def test_a_run_without_a_plan_says_nothing_of_anything() -> None:
    assert about_answer([], {}, lambda name: None, REGISTRY) == tells("status", None)


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def approval(*targets: Target, step: str = "it", tool: str = "stop_environment") -> Approval:
    call = ApprovalCall(
        step=step, item=0, tool=tool, arguments={}, preview=Preview(targets=targets, changes=(), state=None)
    )
    ann = Person(id="ann", name="Ann")
    return Approval(
        id="a1",
        tenant="main",
        run_id="r1",
        calls=(call,),
        requested_by=ann,
        request="x",
        created_at=NOW,
        expires_at=NOW,
    )


def target(kind: Kind | None, type: str = "environment") -> Target:
    return Target(ref=ResourceRef(type=type, id="t"), name="t", kind=kind)


def plan_of(*steps: dict[str, Any]) -> Plan:
    return Plan.model_validate({"steps": steps})


@pytest.mark.parametrize(
    ("targets", "kind"),
    [
        ((target("preview"), target("staging")), "staging"),
        ((target("preview"), target(None)), "production"),
        ((target("development", "schedule"),), "development"),
        ((target(None, "channel"),), "production"),
    ],
)
def test_an_approval_tells_the_status_of_its_targets(targets: tuple[Target, ...], kind: Kind) -> None:
    plan = plan_of(FIND, of("stop_environment"))
    assert about_approval(approval(*targets), plan, REGISTRY) == tells("status", kind)


def test_an_approval_shows_what_its_calls_are_given() -> None:
    tell = {"id": "it", "tool": "notify", "arguments": {"channel": "#ops", "text": {"$text": "{logs.summary}"}}}
    asked = approval(target(None, "channel"), tool="notify")
    assert about_approval(asked, plan_of(of("search_logs", id="logs"), tell), REGISTRY) == tells("logs", "production")
    own = plan_of({"id": "it", "tool": "notify", "arguments": {"channel": "#ops", "text": "Lunch."}})
    assert about_approval(asked, own, REGISTRY) == tells("status", None)
    assert about_approval(asked, None, REGISTRY) == NOT_KNOWN


def test_progress_is_the_status_of_what_is_changed_as_far_as_it_was_looked_at() -> None:
    steps = {"it": StepState(step_id="it", tool="stop_environment", items=(done(), done(kind="staging")))}
    assert about_progress(steps) == tells("status", "staging")
    assert about_progress({}) == tells("status", None)


ABOUTS = st.builds(About, shows=st.sampled_from(PRIVATE), kind=st.sampled_from([*STRICTER, None]))


@given(st.lists(ABOUTS))
def test_together_they_are_as_private_as_each(told: list[About]) -> None:
    together = About.all_of(told)
    kinds = [one.kind for one in told if one.kind]
    assert all(PRIVATE.index(one.shows) <= PRIVATE.index(together.shows) for one in told)
    assert all(together.kind and STRICTER.index(kind) <= STRICTER.index(together.kind) for kind in kinds)
    assert together.shows in {PRIVATE[0], *(one.shows for one in told)} and together.kind in {None, *kinds}


def test_a_question_with_names_to_choose_from_says_nothing_of_how_anything_is() -> None:
    asks = Item(index=0, arguments={}, status="failed", reason="which one?", choices=("orders-dev", "orders-prod"))
    assert about(FIND, outputs={}, items={"env": (asks,)}) == tells("status", None)
    logs = {"id": "it", "tool": "search_logs", "arguments": {"service": "api"}}
    assert about(logs, outputs={}, items={"it": (asks,)}) == tells("status", None)
    assert about(logs, outputs={}, items={"it": (asks, asks.model_copy(update={"choices": ()}))}).shows == "logs"


def test_what_was_changed_counts_whatever_the_answer_says() -> None:
    gave = {"env": found("preview")}
    told = about(FIND, of("stop_environment"), outputs=gave, items={"it": (done(kind="production"),)}, answer="Done.")
    assert told == tells("status", "production")


def test_what_a_model_had_read_in_earlier_turns_may_stand_in_what_it_writes() -> None:
    revision = Revision(plan=Plan(say="It was 40 USD."), read_about=tells("cost", "staging"))
    assert about_answer([revision], {}, lambda name: None, REGISTRY) == tells("cost", "staging")
    taken_back = Revision(plan=Plan(say="prod-eu runs again by now."), intent=UNDO)
    assert about_answer([taken_back], {}, lambda name: None, REGISTRY) == tells("status", "production")
    tried_again = Revision(plan=Plan(say="Nothing is left of a run of prod-eu: denied by olga."), intent=RETRY)
    assert about_answer([tried_again], {}, lambda name: None, REGISTRY) == tells("status", "production")


def test_only_what_a_model_could_read_of_earlier_turns_counts() -> None:
    def turn(author: str = AUTHOR, **more: Any) -> Turn:
        return Turn(run_id="r", author=author, text="t", at=NOW, **more)

    assert turn(about=tells("cost", None)).tells == tells("cost", None)
    assert turn().tells == NOT_KNOWN
    assert turn("ann").tells is turn(about=tells("logs", "production"), kept_back=True).tells is None
    read = Context(
        now=NOW, turns=(turn("ann"), turn(about=tells("cost", "preview")), turn(about=tells("status", None)))
    )
    assert read.about == tells("cost", "preview") and Context(now=NOW, turns=(turn("ann"),)).about is None
