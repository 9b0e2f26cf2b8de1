"""OpenAI's chat completions, as published and as vLLM, Ollama and llama.cpp speak them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripted_model.conversation import Asked, BadRequest, Block, Message, Offered, Tokens, ToolCall, ToolResult

ERRORS = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


def parse(body: dict[str, Any], key: str) -> Asked:
    for required in ("model", "messages"):
        if required not in body:
            raise BadRequest(f"you must provide {required}")
    functions = [tool["function"] for tool in body.get("tools") or []]
    tools = tuple(Offered(f["name"], f.get("description", ""), f.get("parameters", {})) for f in functions)
    choice = body.get("tool_choice")
    forced = choice["function"]["name"] if isinstance(choice, dict) else None
    if forced and forced not in {tool.name for tool in tools}:
        raise BadRequest(f"tool_choice: the function {forced} is not among the tools")
    schema = next((tool.schema for tool in tools if tool.name == forced), None)
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"]["schema"]
    system = [message for message in body["messages"] if message["role"] in {"system", "developer"}]
    return Asked(
        protocol="openai",
        model=body["model"],
        system="\n".join(_text(message) for message in system),
        messages=tuple(_message(message) for message in body["messages"] if message not in system),
        tools=tools,
        schema=schema,
        forced=forced,
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        stream=bool(body.get("stream")),
        key=key,
        body=body,
    )


def blocks(body: dict[str, Any]) -> list[Block]:
    """The request in the order in which it is cached. Servers cache beginnings by themselves: no breakpoint is set."""
    found = [Block(json.dumps(tool), True) for tool in body.get("tools") or []]
    for message in body["messages"]:
        made = "".join(json.dumps(call["function"]) for call in message.get("tool_calls") or [])
        found.append(Block(_text(message) + made, True))
    return found


def whole(
    asked: Asked, number: int, text: str, calls: list[tuple[ToolCall, str]], stop: str, tokens: Tokens
) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    if calls:
        message["tool_calls"] = [_call(call, arguments) for call, arguments in calls]
    return {
        "id": f"chatcmpl-{number:06}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": stop}],
        "usage": _usage(tokens),
    }


def events(
    asked: Asked, number: int, text: list[str], calls: list[tuple[ToolCall, list[str]]], stop: str, tokens: Tokens
) -> Iterator[tuple[str, str]]:
    """The events of a stream, each with the piece of the answer in it."""

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        made = {"id": f"chatcmpl-{number:06}", "object": "chat.completion.chunk", "created": 0, "model": asked.model}
        return _event({**made, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield chunk({"role": "assistant", "content": ""}), ""
    for piece in text:
        yield chunk({"content": piece}), piece
    for index, (call, pieces) in enumerate(calls):
        yield chunk({"tool_calls": [{"index": index, **_call(call, "")}]}), ""
        for piece in pieces:
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}), piece
    yield chunk({}, stop), ""
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        made = {"id": f"chatcmpl-{number:06}", "object": "chat.completion.chunk", "created": 0, "model": asked.model}
        yield _event({**made, "choices": [], "usage": _usage(tokens)}), ""
    yield "data: [DONE]\n\n", ""


def error(code: int, message: str) -> dict[str, Any]:
    kind = ERRORS.get(code, "server_error")
    return {"error": {"message": message or kind, "type": kind, "param": None, "code": None}}


def stop_reason(stop: str) -> str:
    return {"end": "stop", "length": "length", "calls": "tool_calls", "refusal": "content_filter"}[stop]


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"


def _call(call: ToolCall, arguments: str) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _usage(tokens: Tokens) -> dict[str, Any]:
    prompt = tokens.input + tokens.cached + tokens.cache_written
    return {
        "prompt_tokens": prompt,
        "completion_tokens": tokens.output,
        "total_tokens": prompt + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached},
    }


def _message(message: dict[str, Any]) -> Message:
    text = _text(message)
    if message["role"] == "tool":
        return Message("tool", results=(ToolResult(message["tool_call_id"], text),))
    made = [(call["function"], call["id"]) for call in message.get("tool_calls") or []]
    return Message(message["role"], text, tuple(ToolCall(f["name"], json.loads(f["arguments"]), i) for f, i in made))


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "\n".join(part["text"] for part in content)
