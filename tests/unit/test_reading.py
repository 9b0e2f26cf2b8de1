"""Reading what a model wrote, and merging a change into a plan."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import Answer, Plan, Question, Step
from copilot.errors import PlanError
from copilot.language_model.reading import is_one_document, merge, read_plan

texts = st.text(max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
steps = st.builds(
    Step,
    id=ids,
    tool=st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    arguments=st.dictionaries(texts, values, max_size=3),
    for_each=st.none() | st.fixed_dictionaries({"$ref": texts}),
    expect=st.none() | texts,
    after=st.lists(ids, max_size=2).map(tuple),
)
plans = st.builds(
    Plan,
    steps=st.lists(steps, max_size=5, unique_by=lambda step: step.id).map(tuple),
    answer=st.none() | st.builds(Answer, text=texts),
    say=st.none() | texts,
    ask=st.none() | st.builds(Question, question=texts, choices=st.lists(texts, max_size=3).map(tuple)),
).filter(lambda plan: plan != Plan())


def written(plan: Plan) -> str:
    return json.dumps(plan.model_dump(mode="json", exclude_defaults=True))


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PlanError) as raised:
        read_plan(text)
    return raised.value.problems


WRAPPINGS = ["PLAN", "Here it is: PLAN", "```json\nPLAN\n```\nDone.", "A {thing}:\n```\nPLAN\n```", '{"plan": PLAN}']


@settings(deadline=None, max_examples=60)
@given(plans, st.sampled_from(WRAPPINGS))
def test_a_plan_is_read_however_it_is_wrapped(plan: Plan, wrapping: str) -> None:
    assert read_plan(wrapping.replace("PLAN", written(plan))) == plan


@settings(deadline=None, max_examples=60)
@given(plans)
def test_nulls_indentation_and_commas_too_many_do_not_matter(plan: Plan) -> None:
    full = json.dumps(plan.model_dump(mode="json", exclude={"goal"}), indent=1)
    assert read_plan(full) == plan
    # A line break is only ever between two things: in texts it is escaped.
    assert read_plan(full.replace("\n}", ",\n}").replace("\n ]", ",\n ]")) == plan


@settings(deadline=None, max_examples=60)
@given(plans, st.data())
def test_a_plan_that_was_cut_off_is_never_taken_for_a_whole_one(plan: Plan, data: st.DataObject) -> None:
    text = written(plan)
    end = data.draw(st.integers(min_value=2, max_value=len(text) - 1))
    assert "cut off" in problems(text[:end])[0]


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_any_other_text_is_refused_in_words(text: str) -> None:
    try:
        read_plan(text)
    except PlanError as error:
        assert error.problems and all(0 < len(problem) < 400 for problem in error.problems)


def test_arguments_as_text_and_bare_answers_and_questions_are_understood() -> None:
    plan = read_plan('{"steps":[{"id":"a","tool":"t","arguments":"{\\"x\\": 1}"}],"answer":"{a.summary}","say":null}')
    assert plan.steps[0].arguments == {"x": 1}
    assert plan.answer == Answer(text="{a.summary}")
    assert read_plan('{"ask":"Which one?"}').ask == Question(question="Which one?")
    assert read_plan('{"response":"{\\"say\\":\\"hello\\"}"}').say == "hello"


SAYS = '{"goal": "g", "say": "hello"}'
OTHER = '{"say": "goodbye"}'


@pytest.mark.parametrize(
    "text",
    [
        f"{SAYS}\n{SAYS}",
        f'{SAYS} that is: {{ "say":"hello",\n"goal" : "g", }}',
        f'{SAYS} {{"goal": "g", "say": "hello", "steps": [], "answer": null}}',
        f"For example {{x}} or {{}} becomes {SAYS}",
        f'{SAYS}\nwhere {{"id": "a", "tool": "t", "arguments": {{"x": 1}}}} would be a step',
        f'{{"note": 1, "is": 2}} {SAYS}',
        f"[{SAYS}]",
    ],
)
def test_the_same_plan_twice_and_what_is_no_plan_beside_it_do_not_matter(text: str) -> None:
    assert read_plan(text) == Plan(goal="g", say="hello")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{SAYS} or {OTHER}", "two different plans"),
        (f"{OTHER} or {SAYS}", "two different plans"),
        (f"[{SAYS}, {OTHER}]", "two different plans"),
        (f'{{"plans": [{SAYS}, {OTHER}]}}', "two different plans"),
        (f'{SAYS} {{"plan": {OTHER}}}', "two different plans"),
        (f'{SAYS} {{"steps": []}}', "two different plans"),
        (f'{SAYS} {{"tool": "answer", "arguments": {OTHER}}}', "two different plans"),
        (f'{SAYS} {{"steps": [', "cut off"),
        (f'{SAYS} {{"say": "x" "ask": "y"}}', "no valid JSON"),
        (f'{{"say": "x" "ask": "y"}} {SAYS}', "no valid JSON"),
        (f"{SAYS}{'{}' * 60}{OTHER}", "too much stands beside the plan"),
        (f'{{"plan": true}} {SAYS}', "says that a plan is needed"),
        (f'{SAYS} {{"plan": true}}', "says that a plan is needed"),
        ('{"say": "a", "say": "b"}', "key 'say' twice"),
        ('{"steps": [{"id": "a", "tool": "t", "arguments": {"x": 1, "x": 2}}]}', "key 'x' twice"),
        ("{}", "no key of a plan"),
        ("{} {}", "no key of a plan"),
    ],
)
def test_where_it_cannot_be_told_which_plan_is_meant_it_is_asked_for_again(text: str, said: str) -> None:
    assert said in problems(text)[0]


def test_that_a_plan_is_needed_may_be_said_beside_the_plan() -> None:
    plan = '{"steps": [{"id": "a", "tool": "t"}]}'
    assert read_plan(f'{{"plan": true}}\n{plan}') == Plan.model_validate_json(plan)
    assert read_plan('{"say": "a", "say": "a"}').say == "a"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"tool": "answer", "arguments": {SAYS}}}',
        f'{{"name": "answer", "parameters": {SAYS}}}',
        f'{{"type": "tool_use", "id": "t", "name": "x", "input": {json.dumps(SAYS)}}}',
        f'{{"type": "function", "function": {{"name": "x", "arguments": {json.dumps(SAYS[:-1] + ",}")}}}}}',
        f'{{"tool_calls": [{{"id": "c", "function": {{"name": "x", "arguments": {SAYS}}}}}]}}',
        f'{{"arguments": {SAYS}}}',
        f'{{"name": "answer", "arguments": {SAYS}, "confidence": 0.9, "thought_signature": "x"}}',
        f'<tool_call>\n{{"name": "answer", "arguments": {SAYS}}}\n</tool_call>',
        f'{{"name": "look", "arguments": {{}}}}\n{{"name": "answer", "arguments": {SAYS}}}',
    ],
)
def test_a_plan_that_a_tool_was_called_with_is_a_plan(text: str) -> None:
    assert read_plan(text) == Plan(goal="g", say="hello")


def test_a_plan_that_a_tool_was_called_with_as_one_of_its_arguments_is_the_tools() -> None:
    for inner in (f'{{"plan": {SAYS}}}', f'{{"name": "x", "runbook": {SAYS}}}', f'{{"plan": {json.dumps(SAYS)}}}'):
        assert "unknown key 'tool'" in problems(f'{{"tool": "save_runbook", "arguments": {inner}}}')[0]


@pytest.mark.parametrize("key", ["thinking", "Thought", "reasoning", "analysis", "reasoning_content"])
def test_what_stands_under_the_key_of_a_thought_is_a_thought(key: str) -> None:
    for text in (
        f'{{"{key}": {OTHER}, "goal": "g", "say": "hello"}}',
        f'{{"{key}": "perhaps {{}}", "plan": {SAYS}}}',
        f'{{"plan": {{"{key}": "x", "goal": "g", "say": "hello"}}}}',
        f'{{"tool": "answer", "arguments": {{"{key}": [1], "goal": "g", "say": "hello"}}}}',
        f'{{"{key}": {OTHER}}}\n{SAYS}',
    ):
        assert read_plan(text) == Plan(goal="g", say="hello")
    assert "no key of a plan" in problems(f'{{"{key}": {OTHER}}}')[0]
    step = f'{{"steps": [{{"id": "a", "{key}": "why", "tool": "t", "arguments": {{"{key}": "kept"}}}}]}}'
    assert read_plan(step).steps[0].arguments == {key: "kept"}


def test_a_document_is_one_if_nothing_is_beside_it() -> None:
    for text in (SAYS, f"\n{SAYS}  \n\n", f"```json\n{SAYS}\n```", f"```\n{SAYS}\n"):
        assert is_one_document(text)
    for text in ("", "hello", f"Perhaps {SAYS}", f"{SAYS} or", f"{SAYS}{SAYS}", SAYS[:-1], f"[{SAYS}]"):
        assert not is_one_document(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello! How can I help?", "there is no JSON object in the answer"),
        ("", "there is no JSON object in the answer"),
        ("[1, 2]", "there is no JSON object in the answer"),
        ('{"steps":[{"id":"stop","tool":"t","foreach":1}]}', "step stop: unknown key 'foreach'; nearest: for_each"),
        ('{"steps":[{"id":"stop"}]}', "step stop: tool is missing"),
        ('{"steps":[{"tool":"x"}]}', "step number 1: id is missing"),
        ('{"steps":[7]}', "step number 1: "),
        ('{"steps":{"id":"stop"}}', "steps: Input should be a list"),
        ('{"anwser":{"text":"x"},"steps":[]}', "the plan: unknown key 'anwser'; nearest: answer"),
        ('{"answer":{"compose":"x","use":["a"]}}', "answer: unknown key 'use'; nearest: using"),
        ('{"answer":{"text":"x","compose":"y","using":["a"]}}', "answer: an answer has either text or compose"),
        ('{"ask":{"question":"q","choices":"yes"}}', "ask: choices: Input should be a list"),
        ('{"say": "x" "steps": []}', "the answer is no valid JSON"),
        ("{" * 100_000, "there is no JSON object"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "the answer is no valid JSON"),
    ],
    ids=lambda text: text[:40],
)
def test_each_problem_says_where_it_is(text: str, said: str) -> None:
    assert any(said in problem for problem in problems(text))


def step(id: str, tool: str = "t") -> Step:
    return Step(id=id, tool=tool)


PLAN = Plan(goal="g", steps=(step("a"), step("b"), step("c")), answer=Answer(text="old"))


def test_half_a_character_is_refused_for_it_could_not_be_kept() -> None:
    with pytest.raises(PlanError, match="half of a character"):
        read_plan('{"say": "hello \\ud83d"}')
    assert read_plan('{"say": "hello \\ud83d\\ude00"}').say == "hello \U0001f600"


def test_a_change_takes_the_place_of_what_has_its_id() -> None:
    merged = merge(PLAN, Plan(steps=(step("b", "better"),)))
    assert [(one.id, one.tool) for one in merged.steps] == [("a", "t"), ("b", "better"), ("c", "t")]
    assert merged.answer == PLAN.answer and merged.goal == "g"
    assert merge(PLAN, Plan(answer=Answer(text="new"))) == PLAN.model_copy(update={"answer": Answer(text="new")})


def test_a_new_step_comes_before_the_one_that_it_was_written_before() -> None:
    change = Plan(steps=(step("x"), step("b", "better"), step("y")))
    assert [one.id for one in merge(PLAN, change).steps] == ["a", "x", "b", "c", "y"]


def test_a_new_step_comes_before_the_first_that_refers_to_it() -> None:
    use = Step(id="use", tool="t", arguments={"id": {"$ref": "find.environment.id"}, "unreadable": {"$ref": "]"}})
    good = use.model_copy(update={"arguments": {"id": {"$ref": "find.environment.id"}}})
    plan = Plan(steps=(step("a"), good, step("c")))
    assert [one.id for one in merge(plan, Plan(steps=(step("find"),))).steps] == ["a", "find", "use", "c"]
    broken = Plan(steps=(step("a"), use))
    assert [one.id for one in merge(broken, Plan(steps=(step("find"),))).steps] == ["a", "use", "find"]


def test_a_change_that_asks_takes_the_place_of_the_plan_and_one_that_plans_that_of_a_question() -> None:
    question = Plan(ask=Question(question="which?"))
    assert merge(PLAN, question) == question.model_copy(update={"goal": "g"})
    assert merge(question, PLAN) == PLAN


def test_two_halves_too_long_together_are_refused() -> None:
    half = [Plan(steps=tuple(step(f"{name}{number}") for number in range(12))) for name in "ab"]
    with pytest.raises(PlanError, match="steps"):
        merge(*half)


@settings(deadline=None, max_examples=60)
@given(plans.filter(lambda plan: plan.say is None and plan.ask is None), plans)
def test_merging_loses_no_step_and_is_done_once(plan: Plan, change: Plan) -> None:
    merged = merge(plan, change)
    if change.steps:
        assert {one.id for one in merged.steps} == {one.id for one in (*plan.steps, *change.steps)}
        assert {one.id: one for one in merged.steps} == {one.id: one for one in (*plan.steps, *change.steps)}
        kept = [one.id for one in merged.steps if one.id in {old.id for old in plan.steps}]
        assert kept == [one.id for one in plan.steps]
    assert merge(merged, change) == merged
    assert merge(plan, plan) == plan
