"""Answers as servers really give them: what stands beside a plan, or is only counted, does not cost the plan; a plan
that came as the call of a tool is one; what is no answer in an answer is not taken for one.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from model_askers import PLAN as SAYS
from model_askers import PROMPT, Asker
from scripted_model import Reply, raw

from copilot.domain import Plan, Prompt, TokenUsage
from copilot.errors import PlanError
from copilot.language_model.reading import read_plan

PLAN = {
    "goal": "list",
    "steps": [{"id": "envs", "tool": "list_environments", "arguments": {}}],
    "answer": {"text": "ok"},
}
TEXT = json.dumps(PLAN)
TEXTED = {"type": "text", "text": TEXT}
DRAFT = {"steps": [{"id": "kill", "tool": "stop_environment", "arguments": {"environment_id": "basket-dev"}}]}


def body(value: Any, content_type: str = "application/json") -> Reply:
    return raw(value if isinstance(value, bytes) else json.dumps(value).encode(), content_type)


def said(**message: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}]}


def called(*arguments: Any, name: str | None = "answer", **message: Any) -> dict[str, Any]:
    calls = [{"id": "a", "type": "function", "function": {"name": name, "arguments": one}} for one in arguments]
    return {"choices": [{"message": {"content": None, "tool_calls": calls, **message}, "finish_reason": "tool_calls"}]}


def blocks(*content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "message", "content": list(content), "stop_reason": "end_turn", **more}


def used(given: Any, name: str = "answer") -> dict[str, Any]:
    return {"type": "tool_use", "id": "t", "name": name, "input": given}


COUNTED: list[Any] = [None, "many", [], 7, {"prompt_tokens": None}, {"completion_tokens": 2.25}, {"prompt_tokens": "9"}]
COMPLETIONS = {
    "a call without a name": said(
        content=TEXT, tool_calls=[{"id": "a", "function": {"name": None, "arguments": None}}]
    ),
    "tool_calls of another form": said(content=TEXT, tool_calls="none", function_call=None),
    "thoughts in a field": said(content=TEXT, reasoning_content=json.dumps(DRAFT), reasoning={"text": "x"}),
    "a refusal that is none": said(content=TEXT, refusal=""),
    "a refusal beside the plan": said(content=TEXT, refusal="I should not."),
    "content in parts": said(content=[{"type": "text", "text": TEXT[:9]}, {"type": "text", "text": TEXT[9:]}]),
    "thoughts as a part": said(content=[{"type": "thinking", "thinking": [{"text": "x"}]}, TEXTED]),
    "content an object": said(content=PLAN),
    "content a part": said(content=TEXTED),
    "text of a completion": {"choices": [{"text": TEXT, "finish_reason": "stop"}]},
    "choices an object": {"choices": said(content=TEXT)["choices"][0]},
    "null among the choices": {"choices": [None, *said(content=TEXT)["choices"]]},
    "reason of another form": {"choices": [{"message": {"content": TEXT}, "finish_reason": {"type": "stop"}}]},
    "no reason": {"choices": [{"message": {"content": TEXT}}]},
    "arguments an object": called(PLAN),
    "arguments a text": called(TEXT),
    "arguments with a comma too many": called(TEXT[:-1] + ",}"),
    "a tool of any name": called(TEXT, name="json_tool_call"),
    "called twice, first empty": called({}, TEXT),
    "called twice the same": called(TEXT, PLAN),
    "words beside the call": called(TEXT, content="I will list them."),
    "thoughts beside the call": called(TEXT, content=f"<think>{json.dumps(DRAFT)}</think>"),
    "one call, no list": {"choices": [{"message": {"tool_calls": {"function": {"name": "a", "arguments": TEXT}}}}]},
    "call without a function": {"choices": [{"message": {"tool_calls": [{"name": "a", "arguments": TEXT}]}}]},
    "function_call": said(content=None, function_call={"name": "answer", "arguments": TEXT}),
    "error null": said(content=TEXT) | {"error": None},
    "error empty": said(content=TEXT) | {"error": {}, "errors": [], "detail": None},
    "code and message of a success": said(content=TEXT) | {"code": 0, "message": "success", "success": True},
    "base_resp of a success": said(content=TEXT) | {"base_resp": {"status_code": 0, "status_msg": ""}},
    "an error beside a whole answer": said(content=TEXT) | {"error": {"message": "usage not counted", "code": 500}},
    "nothing filtered": said(content=TEXT) | {"prompt_filter_results": [{"content_filter_results": {"hate": {}}}]},
    "other fields": said(content=TEXT) | {"id": None, "created": "x", "object": 3, "model": None, "timings": {"a": 1}},
} | {f"usage {json.dumps(one)}": said(content=TEXT) | {"usage": one} for one in COUNTED}
MESSAGES = {
    "a text block with null": blocks({"type": "text", "text": None}, used(PLAN)),
    "content a text": {"content": TEXT, "stop_reason": "end_turn"},
    "null among the blocks": blocks(None, TEXTED),
    "a block without a type": blocks({"text": TEXT}),
    "blocks of other kinds": blocks({"type": "server_tool_use", "input": {}}, {"type": "x"}, TEXTED),
    "thoughts": blocks({"type": "thinking", "thinking": json.dumps(DRAFT)}, {"type": "redacted_thinking"}, used(PLAN)),
    "input a text": blocks(used(TEXT)),
    "a tool of another name": blocks(used(PLAN, "json_tool_call")),
    "called twice, first empty": blocks(used({}), used(PLAN)),
    "called twice, last null": blocks(used(PLAN), used(None)),
    "words beside the call": blocks({"type": "text", "text": "I will list them."}, used(PLAN)),
    "thoughts beside the call": blocks({"type": "text", "text": "<thinking>hm {</thinking>"}, used(PLAN)),
    "no stop reason": {"content": [TEXTED]},
    "error null": blocks(TEXTED, error=None),
    **{
        f"usage {json.dumps(one)}": blocks(TEXTED, usage=one)
        for one in [
            None,
            "x",
            list[int](),
            {"input_tokens": None},
            {"output_tokens": 1.5, "cache_read_input_tokens": "3"},
        ]
    },
}
ANSWERS = [("openai_compatible", name, value) for name, value in COMPLETIONS.items()]
ANSWERS += [("anthropic", name, value) for name, value in MESSAGES.items()]


@pytest.mark.parametrize(
    "provider, value", [(one[0], one[2]) for one in ANSWERS], ids=[f"{one[0]}-{one[1]}" for one in ANSWERS]
)
def test_a_plan_is_read_whatever_stands_beside_it(provider: str, value: dict[str, Any]) -> None:
    asker = Asker(provider)
    completion = asker.complete(body(value))
    assert (completion.stop, read_plan(completion.text)) == ("end", Plan.model_validate(PLAN))
    assert len(asker.asked) == 1


@pytest.mark.parametrize(
    "raw_body, content_type",
    [
        (json.dumps(said(content=TEXT)).encode(), "text/plain"),
        (json.dumps(said(content=TEXT)).encode(), "text/event-stream"),
        (json.dumps(said(content=TEXT)).encode() + b"\n\ndata: [DONE]\n\n", "text/event-stream"),
        (b"data: " + json.dumps(said(content=TEXT)).encode() + b"\n\ndata: [DONE]\n\n", "text/event-stream"),
        (b"\n \n\n" + json.dumps(said(content=TEXT)).encode(), "application/json"),
        (b"\xef\xbb\xbf" + json.dumps(said(content=TEXT)).encode(), "application/json"),
        (json.dumps([said(content=TEXT)]).encode(), "application/json"),
        (json.dumps(said(content=TEXT)).encode()[:-1] + b', "usage": {"prompt_tokens": NaN}}', "application/json"),
    ],
)
def test_an_answer_is_read_however_it_is_wrapped(raw_body: bytes, content_type: str) -> None:
    completion = Asker("openai_compatible").complete(body(raw_body, content_type))
    assert read_plan(completion.text) == Plan.model_validate(PLAN)


def test_what_was_counted_is_counted_as_far_as_it_can_be() -> None:
    counted: dict[str, Any] = {"prompt_tokens": "10", "completion_tokens": 2.25, "prompt_tokens_details": [4]}
    assert usage("openai_compatible", counted) == TokenUsage(input=10, output=3)
    counted = {"prompt_tokens": 10, "completion_tokens": 1e300, "prompt_tokens_details": {"cached_tokens": 12}}
    assert usage("openai_compatible", counted) == TokenUsage(input=0, cached=12, output=0)
    counted = {"input_tokens": None, "output_tokens": -3, "cache_read_input_tokens": 4.0}
    assert usage("anthropic", counted) == TokenUsage(cached=4)


def usage(provider: str, counted: dict[str, Any]) -> TokenUsage:
    value = said(content="{}") if provider == "openai_compatible" else blocks({"type": "text", "text": "{}"})
    return Asker(provider).complete(body(value | {"usage": counted})).usage


@pytest.mark.parametrize("provider", ["openai_compatible", "anthropic"])
def test_an_answer_may_speak_of_what_servers_say(provider: str) -> None:
    """Of billing, limits and filters: what is answered is no fault."""
    words = "429: rate limit, insufficient_quota, billing, content_filter, error, 502 Bad Gateway, loading model"
    text = json.dumps(SAYS | {"say": words})
    value = said(content=text) if provider == "openai_compatible" else blocks({"type": "text", "text": text})
    completion = Asker(provider).complete(body(value))
    assert (completion.stop, read_plan(completion.text).say) == ("end", words)


@pytest.mark.parametrize(
    "provider, value",
    [
        ("openai_compatible", called(json.dumps(DRAFT), TEXT)),
        ("openai_compatible", called(TEXT, content=json.dumps(DRAFT))),
        ("anthropic", blocks(used(DRAFT), used(PLAN))),
        ("anthropic", blocks({"type": "text", "text": json.dumps(DRAFT)}, used(PLAN))),
    ],
)
def test_two_calls_with_two_plans_are_none(provider: str, value: dict[str, Any]) -> None:
    """A server may have found one of them in what the model thought."""
    with pytest.raises(PlanError, match="two different plans"):
        read_plan(Asker(provider).complete(body(value)).text)


@pytest.mark.parametrize(
    "provider, value",
    [
        ("openai_compatible", called(TEXT, content="<think>or rather")),
        ("anthropic", blocks({"type": "text", "text": "<thinking>or rather"}, used(PLAN))),
    ],
)
def test_a_call_out_of_a_thought_that_has_no_end_is_none(provider: str, value: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="in the middle of a thought"):
        read_plan(Asker(provider).complete(body(value)).text)


@pytest.mark.parametrize(
    "provider, value",
    [
        ("openai_compatible", {"choices": [called(PLAN)["choices"][0] | {"finish_reason": "length"}]}),
        ("openai_compatible", {"choices": [called(TEXT[:40])["choices"][0] | {"finish_reason": "length"}]}),
        ("anthropic", blocks(used(PLAN), stop_reason="max_tokens")),
        ("anthropic", blocks(used({}), stop_reason="max_tokens")),
    ],
)
def test_a_call_that_was_cut_off_is_no_plan_though_its_server_closed_it(provider: str, value: dict[str, Any]) -> None:
    """Of half a document's steps, a server that puts right what it parses makes a document."""
    completion = Asker(provider).complete(body(value))
    assert completion.stop == "length"
    with pytest.raises(PlanError):
        read_plan(completion.text)


REAL_CALLS: list[dict[str, Any]] = [
    {"environment_id": "basket-dev"},
    {},
    {"plan": PLAN, "name": "nightly"},
    {"runbook": PLAN},
]


@pytest.mark.parametrize("given", REAL_CALLS)
def test_the_call_of_a_real_tool_is_no_plan(given: dict[str, Any]) -> None:
    """To keep a plan is not to carry it out."""
    for provider, value in (
        ("openai_compatible", called(given, name="save_runbook")),
        ("anthropic", blocks(used(given, "save_runbook"))),
    ):
        with pytest.raises(PlanError):
            read_plan(Asker(provider).complete(body(value)).text)


def test_text_that_was_asked_for_is_no_call() -> None:
    asked = Prompt(system="s", user="u", max_tokens=9)
    for provider, value in (
        ("openai_compatible", called(TEXT, content="Two.")),
        ("anthropic", blocks({"type": "text", "text": "Two."}, used(PLAN))),
    ):
        assert Asker(provider).complete(body(value), prompt=asked).text == "Two."
    assert Asker("openai_compatible").complete(body(called(TEXT)), prompt=asked).text == ""


def test_thoughts_in_a_field_are_never_the_answer() -> None:
    for message in ({"reasoning_content": TEXT}, {"reasoning": TEXT}, {"thinking": TEXT}):
        assert Asker("openai_compatible").complete(body(said(content=None, **message))).text == ""
    assert Asker("anthropic").complete(body(blocks({"type": "thinking", "thinking": TEXT}))).text == ""


def test_why_a_model_declined_is_what_it_said() -> None:
    completion = Asker("openai_compatible").complete(body(said(content=None, refusal="I should not.")))
    assert (completion.stop, completion.text) == ("refusal", "I should not.")


@pytest.mark.parametrize("reason", ["length", "MAX_TOKENS", "max_tokens", "model_length"])
def test_an_answer_that_was_cut_off_says_so_whatever_the_server_calls_it(reason: str) -> None:
    value = {"choices": [{"message": {"content": TEXT[:30]}, "finish_reason": reason}]}
    assert Asker("openai_compatible").complete(body(value)).stop == "length"


def test_a_call_with_nothing_beside_one_with_the_answer_is_not_given() -> None:
    for provider, value in (
        ("openai_compatible", called({}, PLAN, None)),
        ("anthropic", blocks(used({}), used(PLAN), used(None))),
    ):
        given = json.loads(Asker(provider).complete(body(value)).text)
        assert PLAN in (given, given.get("arguments"))


def test_no_stream_is_asked_for() -> None:
    asker = Asker("openai_compatible")
    asker.complete(body(said(content=TEXT)), prompt=PROMPT)
    assert asker.asked[0].body["stream"] is False
