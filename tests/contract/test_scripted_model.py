"""The scripted model server speaks both protocols as the real clients of them understand them."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx
import pytest
from anthropic.types import Message, MessageParam, TextBlock, TextBlockParam, ToolParam, ToolUseBlock
from scripted_model import (
    Latency,
    ScriptedModel,
    ToolCall,
    asks_for,
    calls,
    count_tokens,
    cut,
    document,
    fenced,
    in_order,
    raw,
    refusal,
    status,
    text,
    when,
)

PLAN = {"say": "There are three environments, and none of them is idle."}
PLANNER: ToolParam = {
    "name": "plan",
    "description": "the plan",
    "input_schema": {"type": "object", "properties": {"say": {}}},
}
USER: list[MessageParam] = [{"role": "user", "content": "hi"}]


def sdk(server: ScriptedModel) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="k", base_url=server.url, max_retries=0, timeout=10)


def chat(server: ScriptedModel, **asked: Any) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/chat/completions", json={"model": "m", "messages": USER, **asked})


def said(answer: Message, block: int = 0) -> str:
    found = answer.content[block]
    assert isinstance(found, TextBlock)
    return found.text


def called(answer: Message, block: int = 0) -> ToolUseBlock:
    found = answer.content[block]
    assert isinstance(found, ToolUseBlock)
    return found


def sse(response: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_messages_give_text_documents_and_calls() -> None:
    made = ToolCall("stop", {"id": 1})
    with ScriptedModel(in_order(text("Hello."), document(PLAN), calls(made, made, text="So:")), latency=None) as server:
        client = sdk(server)
        hello = client.messages.create(model="m", max_tokens=100, messages=USER)
        plan = client.messages.create(
            model="m",
            max_tokens=100,
            system="rules",
            messages=USER,
            tools=[PLANNER],
            tool_choice={"type": "tool", "name": "plan"},
        )
        both = client.messages.create(model="m", max_tokens=100, messages=USER)
    assert [hello.stop_reason, plan.stop_reason, both.stop_reason] == ["end_turn", "tool_use", "tool_use"]
    assert said(hello) == "Hello." and called(plan).input == PLAN
    assert [block.type for block in both.content] == ["text", "tool_use", "tool_use"]
    assert called(both, 1).id != called(both, 2).id
    asked = server.asked[1]
    assert (asked.system, asked.last, asked.forced, asked.key) == ("rules", "hi", "plan", "k")
    assert asked.schema == PLANNER["input_schema"]


def test_streams_of_messages_come_to_the_same_as_whole_answers() -> None:
    script = when((asks_for("hi"), calls(ToolCall("stop", {"names": ["a", "b"]}), text="Some words before it.")))
    with ScriptedModel(script, latency=None) as server:
        whole = sdk(server).messages.create(model="m", max_tokens=100, messages=USER)
        with sdk(server).messages.stream(model="m", max_tokens=100, messages=USER) as stream:
            streamed = stream.get_final_message()
    assert [b.type for b in streamed.content] == [b.type for b in whole.content]
    assert said(streamed) == said(whole) and called(streamed, 1).input == called(whole, 1).input
    assert streamed.stop_reason == whole.stop_reason and streamed.usage == whole.usage


def test_completions_give_text_documents_and_calls_whole_and_streamed() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "plan", "schema": PLANNER["input_schema"]}}
    script = when(
        (lambda asked: asked.schema is not None, document(PLAN)),
        otherwise=calls(ToolCall("stop", {"id": 1})),
    )
    with ScriptedModel(script, latency=None) as server:
        plan = chat(server, response_format=wanted).json()
        made = chat(server).json()
        events = sse(chat(server, response_format=wanted, stream=True, stream_options={"include_usage": True}))
        steps = sse(chat(server, stream=True))
    assert json.loads(plan["choices"][0]["message"]["content"]) == PLAN
    assert "".join(e["choices"][0]["delta"].get("content", "") for e in events[:-1]) == json.dumps(PLAN)
    assert events[-1]["usage"] == plan["usage"] and events[-2]["choices"][0]["finish_reason"] == "stop"
    (call,) = made["choices"][0]["message"]["tool_calls"]
    assert call["function"] == {"name": "stop", "arguments": '{"id": 1}'}
    pieces = [c for e in steps for c in e["choices"][0]["delta"].get("tool_calls", [])]
    assert "".join(piece["function"]["arguments"] for piece in pieces) == '{"id": 1}'
    assert made["choices"][0]["finish_reason"] == steps[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_beginning_up_to_a_breakpoint_is_cached_once_it_was_seen() -> None:
    rules = "Plan with care. " * 100
    system: list[TextBlockParam] = [{"type": "text", "text": rules, "cache_control": {"type": "ephemeral"}}]
    with ScriptedModel(when(otherwise=text("ok")), latency=None, cache_from=200) as server:
        for asked in ("one", "two words"):
            usage = (
                sdk(server)
                .messages.create(
                    model="m",
                    max_tokens=9,
                    system=system,
                    messages=[{"role": "user", "content": asked}],
                )
                .usage
            )
        small: list[TextBlockParam] = [{**system[0], "text": "Too short to keep."}]
        for _ in range(2):
            short = sdk(server).messages.create(model="m", max_tokens=9, system=small, messages=USER)
        first = server.calls[0].tokens
    size = count_tokens(rules)
    assert (first.input, first.cached, first.cache_written) == (1, 0, size)
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (2, size, 0)
    assert short.usage.cache_read_input_tokens == 0


def test_a_conversation_that_grows_reads_what_was_sent_before_from_the_cache() -> None:
    with ScriptedModel(when(otherwise=text("ok")), latency=None, cache_from=10) as server:
        talk = [{"role": "system", "content": "Plan with care. " * 10}, {"role": "user", "content": "one"}]
        chat(server, messages=talk)
        talk += [{"role": "assistant", "content": "ok"}, {"role": "user", "content": "two"}]
        usage = chat(server, messages=talk).json()["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] == count_tokens("Plan with care. " * 10) + 1
    assert usage["prompt_tokens"] == usage["prompt_tokens_details"]["cached_tokens"] + 2


def test_an_answer_ends_at_max_tokens() -> None:
    with ScriptedModel(in_order(text("a b c d e"), document(PLAN), document(PLAN)), latency=None) as server:
        short = sdk(server).messages.create(model="m", max_tokens=3, messages=USER)
        half = sdk(server).messages.create(
            model="m",
            max_tokens=5,
            messages=USER,
            tools=[PLANNER],
            tool_choice={"type": "tool", "name": "plan"},
        )
        cut_off = chat(server, max_completion_tokens=5).json()["choices"][0]
    assert (said(short).split(), short.stop_reason, short.usage.output_tokens) == (
        ["a", "b", "c"],
        "max_tokens",
        3,
    )
    assert (half.stop_reason, called(half).input) == ("max_tokens", {})
    assert cut_off["finish_reason"] == "length" and json.dumps(PLAN).startswith(cut_off["message"]["content"])


def test_faults_look_as_the_real_ones_do() -> None:
    script = in_order(status(429, retry_after=7), status(529), refusal("No."), raw(b"<html>"), cut(text("a " * 99), 9))
    with ScriptedModel(script, latency=None, key="right") as server:
        with pytest.raises(anthropic.AuthenticationError):
            sdk(server).messages.create(model="m", max_tokens=9, messages=USER)
        client = sdk(server).with_options(api_key="right")
        with pytest.raises(anthropic.RateLimitError) as limited:
            client.messages.create(model="m", max_tokens=9, messages=USER)
        assert limited.value.response.headers["retry-after"] == "7"
        with pytest.raises(anthropic.APIStatusError) as busy:
            client.messages.create(model="m", max_tokens=9, messages=USER)
        assert busy.value.status_code == 529 and busy.value.type == "overloaded_error"
        assert client.messages.create(model="m", max_tokens=9, messages=USER).stop_reason == "refusal"
        response = httpx.post(
            f"{server.url}/v1/chat/completions",
            json={"model": "m", "messages": USER},
            headers={"authorization": "Bearer right"},
        )
        assert response.text == "<html>"
        with pytest.raises(httpx.HTTPError):
            httpx.post(
                f"{server.url}/v1/chat/completions",
                json={"model": "m", "messages": USER, "stream": True},
                headers={"authorization": "Bearer right"},
            )
    assert [call.tokens.output for call in server.calls[:2]] == [0, 0]


def test_wrong_requests_are_refused_as_the_real_api_does() -> None:
    with ScriptedModel(in_order(), latency=None) as server:
        with pytest.raises(anthropic.BadRequestError, match="not found in provided tools"):
            sdk(server).messages.create(
                model="m",
                max_tokens=9,
                messages=USER,
                tool_choice={"type": "tool", "name": "plan"},
            )
        assert httpx.post(f"{server.url}/v1/messages", json={"model": "m"}).status_code == 400
        assert httpx.post(f"{server.url}/v1/chat/completions", content=b"{").status_code == 400
        assert httpx.post(f"{server.url}/v2/messages", json={}).status_code == 404
    assert not server.calls


def test_a_request_the_script_has_no_reply_to_fails_the_test() -> None:
    with (
        pytest.raises(AssertionError, match="asked once more: hi"),
        ScriptedModel(in_order(fenced(PLAN)), latency=None) as server,
    ):
        assert chat(server).status_code == 200 and chat(server).status_code == 500


def test_a_cached_token_takes_no_time() -> None:
    latency = Latency(first=100, per_output_token=10, per_input_token=1)
    with ScriptedModel(when(otherwise=text("ok")), latency=None, cache_from=10) as server:
        for _ in range(2):
            chat(server, messages=[{"role": "user", "content": "word " * 50}])
    assert [latency.before(call.tokens) for call in server.calls] == [0.15, 0.1]
