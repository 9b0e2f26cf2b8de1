"""The Anthropic Messages API, as published: requests in, answers and their events out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripted_model.conversation import (
    Asked,
    BadRequest,
    Block,
    Message,
    Offered,
    Protocol,
    Tokens,
    ToolCall,
    ToolResult,
)

ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


def parse(body: dict[str, Any], protocol: Protocol, key: str) -> Asked:
    for required in ("model", "messages", "max_tokens"):
        if required not in body:
            raise BadRequest(f"{required}: Field required")
    tools = tuple(Offered(t["name"], t.get("description", ""), t["input_schema"]) for t in body.get("tools", []))
    choice = body.get("tool_choice") or {}
    forced = choice.get("name") if choice.get("type") == "tool" else None
    schema = next((tool.schema for tool in tools if tool.name == forced), None)
    if forced and schema is None:
        raise BadRequest(f"tool_choice.name: Tool '{forced}' not found in provided tools")
    wanted = (body.get("output_config") or {}).get("format") or {}
    messages = tuple(_message(message) for message in body["messages"])
    if not messages or messages[0].role != "user":
        raise BadRequest("messages: first message must use the user role")
    return Asked(
        protocol=protocol,
        model=body["model"],
        system="\n".join(block["text"] for block in _blocks(body.get("system") or "")),
        messages=messages,
        tools=tools,
        schema=schema if forced else wanted.get("schema"),
        forced=forced,
        max_tokens=body["max_tokens"],
        stream=bool(body.get("stream")),
        key=key,
        body=body,
    )


def blocks(body: dict[str, Any]) -> list[Block]:
    """The request in the order in which it is cached: tools, system, messages."""
    found = [Block(_tool_text(tool), "cache_control" in tool) for tool in body.get("tools", [])]
    found += [Block(_text(block), "cache_control" in block) for block in _blocks(body.get("system") or "")]
    for message in body["messages"]:
        found += [Block(_text(block), "cache_control" in block) for block in _blocks(message["content"])]
    if body.get("cache_control") and found:
        found[-1] = Block(found[-1].text, True)
    return found


def whole(asked: Asked, number: int, content: list[dict[str, Any]], stop: str, tokens: Tokens) -> dict[str, Any]:
    return {
        "id": f"msg_{number:06}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": _usage(tokens),
    }


def content(text: str, calls: tuple[ToolCall, ...], arguments: str | None) -> list[dict[str, Any]]:
    """The blocks of an answer. `arguments` is what there is of the last call's where it was cut off."""
    found: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    found += [{"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments} for call in calls]
    if arguments is not None:
        found[-1]["input"] = {}  # half a document is none
    return found


def events(
    asked: Asked, number: int, text: list[str], calls: list[tuple[ToolCall, list[str]]], stop: str, tokens: Tokens
) -> Iterator[tuple[str, str]]:
    """The events of a stream, each with the piece of the answer in it."""
    begun = whole(asked, number, [], "", Tokens(tokens.input, tokens.cached, tokens.cache_written, 1))
    yield _event("message_start", message={**begun, "stop_reason": None}), ""
    yield _event("ping"), ""
    index = 0
    if text:
        yield _event("content_block_start", index=index, content_block={"type": "text", "text": ""}), ""
        for piece in text:
            yield _event("content_block_delta", index=index, delta={"type": "text_delta", "text": piece}), piece
        yield _event("content_block_stop", index=index), ""
        index += 1
    for call, pieces in calls:
        started = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        yield _event("content_block_start", index=index, content_block=started), ""
        for piece in pieces:
            delta = {"type": "input_json_delta", "partial_json": piece}
            yield _event("content_block_delta", index=index, delta=delta), piece
        yield _event("content_block_stop", index=index), ""
        index += 1
    usage = {"output_tokens": tokens.output}
    yield _event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=usage), ""
    yield _event("message_stop"), ""


def error(code: int, message: str, number: int) -> dict[str, Any]:
    kind = ERRORS.get(code, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message or kind}, "request_id": f"req_{number:06}"}


def stop_reason(stop: str) -> str:
    return {"end": "end_turn", "length": "max_tokens", "calls": "tool_use", "refusal": "refusal"}[stop]


def _event(kind: str, **data: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"


def _usage(tokens: Tokens) -> dict[str, int]:
    return {
        "input_tokens": tokens.input,
        "cache_creation_input_tokens": tokens.cache_written,
        "cache_read_input_tokens": tokens.cached,
        "output_tokens": tokens.output,
    }


def _blocks(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _message(message: dict[str, Any]) -> Message:
    found = _blocks(message["content"])
    return Message(
        role=message["role"],
        text="\n".join(block["text"] for block in found if block["type"] == "text"),
        calls=tuple(ToolCall(b["name"], b["input"], b["id"]) for b in found if b["type"] == "tool_use"),
        results=tuple(ToolResult(b["tool_use_id"], _text(b)) for b in found if b["type"] == "tool_result"),
    )


def _text(block: dict[str, Any]) -> str:
    if block["type"] == "text":
        return str(block["text"])
    if block["type"] == "tool_result":
        return "\n".join(_text(inner) for inner in _blocks(block.get("content") or ""))
    if block["type"] == "tool_use":
        return f"{block['name']}{json.dumps(block['input'])}"
    raise BadRequest(f"messages: this server has no content of type {block['type']}")


def _tool_text(tool: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in tool.items() if name != "cache_control"})
