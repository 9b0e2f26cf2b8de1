"""What a plan is refused for before anything runs, in words that say how to put it right; and what is let through."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import TOOLS, focus_on
from fakes_typed import TYPED
from hypothesis import given
from hypothesis import strategies as st

from copilot.domain import Arguments, Plan
from copilot.errors import NoData, PlanError
from copilot.intents import load_intents
from copilot.plans.check import check_plan
from copilot.plans.references import evaluate
from copilot.runbooks.filling import window_runbooks
from copilot.tools.registry import Registry

REGISTRY = Registry([*TOOLS, *TYPED])
FIND = {"id": "find", "tool": "find_things"}


def step(tool: str = "work_on", id: str = "work", **more: Any) -> dict[str, Any]:
    arguments = {"id": "x"} | more.pop("arguments", {}) if tool == "work_on" else more.pop("arguments", {})
    return {"id": id, "tool": tool, "arguments": arguments} | more


def work(**arguments: Any) -> dict[str, Any]:
    return step(arguments=arguments)


def ref(expression: str) -> dict[str, str]:
    return {"$ref": expression}


def problems(*steps: dict[str, Any], answer: Any = "done") -> tuple[str, ...]:
    said = {"text": answer} if isinstance(answer, str) else answer
    try:
        check_plan(Plan.model_validate({"goal": "g", "steps": [FIND, *steps], "answer": said}), REGISTRY)
    except PlanError as error:
        return error.problems
    return ()


REFUSED = [
    # tools
    (step("wrok_on"), ["step work: no tool wrok_on", "nearest: work_on"]),
    (step("work_on@3"), ["step work: tool work_on has no version 3", "nearest: work_on@1"]),
    # arguments
    (work(hour=3), ["step work: work_on has no argument hour", "nearest: hours"]),
    ({"id": "work", "tool": "work_on"}, ["step work: work_on needs the argument id, which is text"]),
    # literals
    (work(hours="six"), ["step work, argument hours: found 'six', expected a whole number"]),
    (work(hours=2.5), ["argument hours: found a number, expected a whole number"]),
    (work(hours=True), ["argument hours: found a boolean, expected a whole number"]),
    (work(id=5), ["argument id: found a whole number, expected text"]),
    (work(id=None), ["argument id: found null, expected text"]),
    (work(labels="a"), ["argument labels: found 'a', expected a list (text)", "write it in [ ]"]),
    (work(labels=["a", 1]), ["argument labels: [1]: found a whole number, expected text"]),
    (work(sort="prodution"), ["argument sort: found 'prodution', expected one of", "nearest: 'production'"]),
    (work(window={"start": "a", "hours": 1, "hour": 1}), ["argument window: there is no field hour", "nearest: hours"]),
    (work(window={"start": "a"}), ["argument window: the field hours is missing"]),
    (work(free={"a": "b"}), ["argument free: a: found 'b', expected a whole number"]),
    (step("find_things", arguments={"least": 101}), ["argument least:", "less than or equal to 100", "got 101"]),
    # identifiers
    (work(id=ref("find.thinsg[0].id")), ["argument id", "there is no field thinsg", "nearest: things"]),
    (work(id=ref("find.things[0].idd")), ["there is no field idd", "nearest: id"]),
    (work(id=ref("find.things[?onn] | [0].id")), ["there is no field onn", "nearest: on"]),
    (work(id=ref("find.things.id")), ["a list has no field id", "write [].id"]),
    (work(id=ref("find.total.id")), ["a whole number has no field id"]),
    (work(id=ref('find.things[?sort == "production"] | [0].id')), ["argument id", "write 'production'"]),
    (work(text={"$text": "{find.sumary}"}), ["argument text", "there is no field sumary", "nearest: summary"]),
    # comparisons
    (work(id=ref("find.things[?count == '5'] | [0].id")), ["count == '5' compares", "never equal"]),
    (work(id=ref("find.things[?id > `5`] | [0].id")), ["id > `5` puts in order id (text) with `5` (a whole number)"]),
    (work(id=ref("find.things[?sort == 'prod'] | [0].id")), ["sort == 'prod'", "nearest: 'production'"]),
    (work(id=ref("find.things[?'devel' != sort] | [0].id")), ["'devel' != sort", "nearest: 'development'"]),
    (work(id=ref("find.things[?on == 'true'] | [0].id")), ["on == 'true' compares on (a boolean) with 'true'"]),
    (work(id=ref("find.things[?on < `true`] | [0].id")), ["expected two numbers, or two texts"]),
    (work(id=ref("find.things[?labels == 'a'] | [0].id")), ["labels == 'a' compares labels (a list (text))"]),
    (work(id=ref("find.things[?count] | [0].id")), ["count is a whole number, which is never false"]),
    (work(id=ref("find.things[?on && !count] | [0].id")), ["count is a whole number, which is never false"]),
    # what does not fit where it goes
    (
        work(id=ref("find.things[].id")),
        ["'find.things[].id': found a list (text), expected text", "join("],
    ),
    (work(id=ref("find.first")), ["found an object (id, sort", "expected text", "fields of it that fit: id"]),
    (work(id=ref("find.total")), ["found a whole number, expected text", '{"$text"']),
    (work(hours=ref("find.summary")), ["found text, expected a whole number"]),
    (work(hours=ref("find.first.cost")), ["found a number, expected a whole number"]),
    (work(labels=ref("find.first.aliases")), ["[]: found text or null, expected text"]),
    (work(labels=ref("find.summary")), ["found text, expected a list (text)"]),
    (work(labels=[ref("find.total")]), ["argument labels: [0]: 'find.total': found a whole number, expected text"]),
    (work(labels=ref("find.things[].count")), ["[]: found a whole number, expected text"]),
    (work(things=ref("find.things[].labels")), ["argument things", "found a list (text), expected an object"]),
    (work(window=ref("find.first")), ["argument window", "there is no field id"]),
    (work(window={"start": ref("find.total"), "hours": 1}), ["argument window: start: 'find.total': found a whole"]),
    (work(sort=ref("failures.find[0].status")), ["expected one of 'development'"]),
    (work(text={"$text": "all: {find.first}"}), ["argument text", "found an object", "name a field of it: id"]),
    (work(text={"$text": "- {find.things}"}), ["found a list (an object", "expected text"]),
    # functions
    (work(hours=ref("length(find.total)")), ["length takes a list, a text or an object, found a whole number"]),
    (work(hours=ref("sum(find.things[].id)")), ["sum takes a list of numbers, found a list (text)"]),
    (work(hours=ref("sum(find.total)")), ["sum takes a list of numbers, found a whole number"]),
    (work(text=ref("join(', ', find.things[].count)")), ["join takes a list of texts, found a list (a whole number)"]),
    (work(text=ref("join(find.things[].id, ', ')")), ["join takes a text to put between"]),
    (work(id=ref("sort_by(find.first, &id)[0].id")), ["sort_by takes a list, found an object"]),
    (work(id=ref("max_by(find.things, &on).id")), ["max_by by on takes numbers or texts, found a boolean"]),
    (work(id=ref("min_by(find.things, &cuont).id")), ["there is no field cuont", "nearest: count"]),
    (work(id=ref("min_by(find.things, id).id")), ["min_by takes as its second argument what to go by, such as &"]),
    (work(hours=ref("length(find.things, find.things)")), ["length takes 1 arguments, found 2"]),
    (work(hours=ref("lenght(find.things)")), ["no function lenght", "length"]),
    # projections and filters over what is no list
    (work(id=ref("find.first[].id")), ["[] needs a list, found an object"]),
    (work(id=ref("find.first[*].id")), ["[*] needs a list, found an object"]),
    (work(id=ref("find.first[?on].id")), ["a filter needs a list, found an object"]),
    (work(id=ref("find.summary[0]")), ["an index needs a list, found text"]),
    # order
    (work(id=ref("later.id")), ["step work, argument id", "refers to later, which does not come before it"]),
    (work(id=ref("fnid.summary")), ["refers to fnid, and no earlier step has that id", "nearest: find"]),
    (step(after=["fidn"]), ["step work, after: refers to fidn", "nearest: find"]),
    (step(after=["later"]), ["step work, after: refers to later, which does not come before it"]),
    (work(id=ref("memory.x")), ["refers to memory.x, and no result is kept by that name"]),
    # for_each
    (step(for_each=ref("find.summary")), ["step work, for_each: expected a list, found text"]),
    (step(for_each=5), ["for_each: expected a list, found a whole number"]),
    (step(for_each={"$item": "@"}), ["step work, for_each: $item '@' without for_each"]),
    (work(id={"$item": "@"}), ["step work, argument id: $item '@' without for_each"]),
    (work(id=ref("@")), ["@ has no meaning here; name the step"]),
    (
        step(for_each=ref("find.things"), arguments={"id": {"$item": "idd"}}),
        ["argument id: 'idd': there is no field idd", "nearest: id"],
    ),
    (
        step(for_each=ref("find.things"), arguments={"id": {"$item": "@"}}),
        ["argument id: '@': found an object", "fields of it that fit: id"],
    ),
    (step(for_each=ref("find.things[].id"), arguments={"id": {"$item": "id"}}), ["text has no field id"]),
    # masked
    (work(id=ref("find.first.token")), ["token is masked"]),
    (work(id=ref("find.first.sealed")), ["sealed is masked"]),
    (work(text={"$text": "{find.things[].token}"}), ["token is masked"]),
    # malformed
    (work(id={"$ref": "find.summary", "or": 1}), ["argument id: $ref stands alone in its object, found or beside it"]),
    (work(id={"$ref": 5}), ["argument id: $ref takes a text, found a whole number"]),
    (work(id={"$item": ["@"]}), ["argument id: $item takes a text, found a list"]),
    (work(text={"$text": None}), ["argument text: $text takes a text, found null"]),
    (work(labels=[{"$ref": "find.summary", "$text": "x"}]), ["argument labels: [0]: $ref stands alone", "$text"]),
    (work(text={"$text": "a {find.summary"}), ["argument text: a brace without its partner"]),
    (work(id=ref("failures")), ["name the step whose failures are meant"]),
    (work(id=ref("failures.find[0].raeson")), ["there is no field raeson", "nearest: reason"]),
    (work(id=ref("attachments[0].txt")), ["there is no field txt", "nearest: text"]),
    # expect
    (step(expect="stat == 'stopped'"), ["step work, expect", "there is no field stat", "nearest: state"]),
    (step(expect="state == 'stoped'"), ["step work, expect", "nearest: 'stopped'"]),
    (step(expect="state"), ["step work, expect: 'state': expected a comparison", "found one of 'running'"]),
    # ids
    (step(id="memory"), ["step memory: the name is reserved"]),
    (step(id="find"), ["step find: two steps have this id"]),
]


@pytest.mark.parametrize(("wrong", "said"), REFUSED, ids=[said[0][:60] for _, said in REFUSED])
def test_what_cannot_be_right_is_refused_saying_where_and_what_is_near(wrong: dict[str, Any], said: list[str]) -> None:
    found = problems(wrong, step(id="later"))
    assert len(found) == 1, found
    assert all(part in found[0] for part in said), found[0]
    assert "\n" not in found[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("{fnid.summary}", ["answer", "refers to fnid", "nearest: find"]),
        ("{find.sumary}", ["answer", "there is no field sumary", "nearest: summary"]),
        ("{find.summary", ["answer: a brace without its partner"]),
        ("{find}", ["answer", "expected text", "name a field"]),
        ({"compose": "c", "using": ["fidn"]}, ["answer: using: no step fidn", "nearest: find"]),
    ],
)
def test_an_answer_speaks_of_what_is_there(answer: Any, said: list[str]) -> None:
    (found,) = problems(answer=answer)
    assert all(part in found for part in said), found


def test_a_ring_of_steps_is_named_whole() -> None:
    ring = [step(id="a", after=["c"]), step(id="b", arguments={"text": ref("a.summary")}), step(id="c", after=["b"])]
    assert "step a: waits for c -> b -> a; expected steps of which none needs a later one" in problems(*ring)
    assert "step a: waits for itself; expected steps of which none needs a later one" in problems(
        step(id="a", arguments={"text": ref("a.summary")})
    )


def test_every_problem_is_told_at_once() -> None:
    found = problems(step("wrok_on"), step(id="other", arguments={"hours": "x", "sort": "y"}), answer="{gone.x}")
    assert [line.partition(":")[0] for line in found] == [
        "step work",
        "step other, argument hours",
        "step other, argument sort",
        "answer",
    ]


def test_a_step_that_is_wrong_itself_makes_no_noise_in_those_that_need_it() -> None:
    (found,) = problems(step("wrok_on"), step(id="then", arguments={"hours": ref("work.a[].b | [0]")}))
    assert "no tool wrok_on" in found


@pytest.mark.parametrize(
    "right",
    [
        work(id=ref("find.first.owner")),  # may be null: no_data at run time
        work(id=ref("find.things[?on && sort != 'production' && count > `3`] | [0].id")),
        work(id=ref("find.things[?!on || owner == `null`] | [-1].id")),
        work(id=ref("max_by(find.things, &cost).id"), hours=ref("sum(find.things[].count)")),
        work(id=ref("sort_by(find.things, &id)[0].labels[0]"), labels=ref("find.things[].labels[]")),
        work(text=ref("join(', ', find.things[?on].id)")),
        work(id=ref("find.first.tags.team")),  # free keys
        work(hours=ref("find.first.anything.deep[0]")),  # any value
        work(hours=ref("length(find.summary)"), share=ref("find.total")),
        work(id={"$text": "{find.total} of {find.things[].id}, {find.first.on}, {find.first.cost}"}),
        work(window={"start": ref("find.summary"), "hours": ref("find.total")}),
        work(free={"a": ref("find.total")}),
        work(labels=[ref("find.summary"), "b"], things=ref("find.things")),
        work(id=ref("failures.find[0].reason"), labels=ref("attachments[].name")),
        work(sort=ref("find.summary")),  # may be one of them
        work(sort=ref("find.first.sort")),
        work(labels=ref("find.first.aliases[]")),  # leaves nulls out
        work(id=ref("find.things[?sizes[0]].id | [0]")),  # there may be none, and then it is false
        step(for_each=["a", "b"], arguments={"id": {"$item": "@"}}),
        step(for_each=ref("find.things[?on]"), arguments={"id": {"$item": "id"}, "hours": {"$item": "count"}}),
        step(for_each=ref("find.first.anything"), arguments={"id": {"$item": "x.y"}}),
        step(expect="state == 'stopped' && done > `0`"),
        step(expect="!(state == 'running')"),
        step(after=["find"]),
    ],
)
def test_what_may_be_right_is_let_through(right: dict[str, Any]) -> None:
    assert problems(right) == ()


def test_outputs_of_a_for_each_step_are_a_list() -> None:
    each = step(for_each=["a"], arguments={"id": {"$item": "@"}})
    assert problems(each, answer="{length(work)}: {work[].summary} {work[?state == 'stopped'].id}") == ()
    assert "a list has no field summary" in problems(each, answer="{work.summary}")[0]


# --- what there is already -----------------------------------------------------------------------

SLOTS: dict[str, Any] = {
    "told": ["#platform"],
    "message": "checkout is back",
    "older_than_days": 14,
    "running_too": True,
    "environment": "blue",
    "kinds": ["development"],
    "names": ["blue"],
    "but": ["red"],
    "state": "running",
    "types": ["service", "database"],
    "in_state": "running",
    "since": "2025-12-01T10:00:00+00:00",
    "schedule": "s0123abcde",
    "schedules": ["s0123abcde", "s9876fedcb"],
    "service": "shop",
    "weeks": 5,
    "days": 30,
    "end": "2026-01-01T00:00:00+00:00",
    "time_zone": "UTC",
    "until": "2026-01-02T10:00:00+00:00",
    "window": {"stop": "18:00", "days": ["MON"], "time_zone": "UTC"},
    "off": {"stop": "18:00", "start": "08:00", "days": ["MON"], "time_zone": "UTC"},
    "by": "aws_service",
    "person": "marta",
    "settings": ["variable"],
    "outcome": "failed",
    "most": 3,
    "first": "blue",
    "second": "red",
    "activity": True,
    "deployment": "d-1",
    "revision": "41",
    "other_revision": "42",
    "other_service": "blog",
    "environment_id": "blue",
    "words": ["timeout"],
    "levels": ["error"],
    "name": "orders-db",
    "metric": "latency",
    "statistic": "p95",
    "size": 4,
    "step": 2,
    "minimum": 1,
    "maximum": 9,
}


def filled(value: Any, given: bool) -> Any:
    if isinstance(value, dict):
        if "$slot" in value:
            return SLOTS[value["$slot"]] if given or "$default" not in value else value["$default"]
        return {key: filled(inner, given) for key, inner in value.items()}
    return [filled(inner, given) for inner in value] if isinstance(value, list) else value


INTENTS = load_intents().intents


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.name)
@pytest.mark.parametrize("given", [True, False], ids=["slots", "defaults"])
def test_the_plan_of_every_intent_may_run(intent: Any, given: bool) -> None:
    check_plan(Plan.model_validate(filled(intent.plan, given) | {"goal": intent.example}), Registry())


def test_every_example_is_planned_as_it_may_run() -> None:
    intents = load_intents()
    for intent in INTENTS:
        match = intents.match(intent.example, focus_on(environments=("blue",)))
        assert match is not None and match.plan is not None
        check_plan(match.plan, Registry())


def test_the_plans_of_a_schedule_may_run() -> None:
    given: Arguments = {"title": "t", "kinds": ["development"], "environments": ["blue"], "schedule_id": "s0123abcde"}
    plans = window_runbooks(given)
    assert set(plans) == {"stop", "again", "start"}
    for plan in plans.values():
        check_plan(plan, Registry())


# --- when it is looked at after all --------------------------------------------------------------


@given(st.integers() | st.text() | st.booleans() | st.none(), st.integers() | st.text() | st.booleans() | st.none())
def test_what_has_no_order_gives_nothing_and_no_crash(left: Any, right: Any) -> None:
    try:
        assert evaluate("a < b", {"a": left, "b": right}) in (True, False, None)
    except NoData as error:
        assert "no common order" in str(error)
