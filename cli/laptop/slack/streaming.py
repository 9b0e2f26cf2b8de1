"""chat.startStream, appendStream and stopStream: one message that grows, as text and as tasks of a plan."""

from __future__ import annotations

from typing import Any

from cli.laptop.slack.calls import Call, Refusal, method
from cli.laptop.slack.messages import LONGEST_MARKDOWN, judged, metadata_of, place_of, put, said_to, thread_of
from cli.laptop.slack.shapes import message_shape
from cli.laptop.slack.world import Json, Message, Stream

LONGEST_TITLE = 256
TASKS = 50
TASK_KEYS = {"type", "id", "title", "status", "details", "output", "sources"}
STATES = {"pending", "in_progress", "complete", "error"}


@method("chat.startStream", "chat:write")
def start(call: Call) -> Json:
    channel = place_of(call)
    if not call.text("thread_ts"):
        raise Refusal("invalid_arguments")
    thread = thread_of(call, channel)
    # Its documentation wants these in channels; others were refused in direct messages without them too.
    for needed in ("recipient_team_id", "recipient_user_id"):
        if not call.text(needed):
            raise Refusal(f"missing_{needed}")
    if call.text("recipient_user_id") not in channel.members:
        raise Refusal("user_not_in_channel")
    mode = call.text("task_display_mode", "timeline")
    if mode not in {"timeline", "plan", "dense"}:
        raise Refusal("invalid_arguments")
    message = Message(
        channel=channel.id,
        ts=call.world.new_ts(),
        user=call.home.bot_user,
        bot_id=call.home.bot_id,
        thread_ts=thread,
        stream=Stream(mode=mode, began=call.world.now()),
    )
    _add(call, message)
    put(call, message)
    said_to(call, channel, thread)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.appendStream", "chat:write")
def append(call: Call) -> Json:
    message = _streamed(call)
    if not (call.text("markdown_text") or call.json("chunks", "invalid_chunks")):
        raise Refusal("no_text")
    _add(call, message)
    call.world.touch()
    return {"channel": message.channel, "ts": message.ts}


@method("chat.stopStream", "chat:write")
def stop(call: Call) -> Json:
    message = _streamed(call)
    if call.text("session_status", "active") not in {"active", "processing", "suspended", "closed"}:
        raise Refusal("invalid_arguments")
    last = judged(call.json("blocks", "invalid_blocks_format"))
    _add(call, message)
    assert message.stream
    message.stream.last, message.stream.over = last, True
    message.metadata = metadata_of(call)
    _show(message)
    call.world.touch()
    shape = message_shape(call.world, message, call.base)
    return {"channel": message.channel, "ts": message.ts, "message": shape}


def _streamed(call: Call) -> Message:
    message = call.own(call.channel(), "message_not_owned_by_app")
    stream = message.stream
    if stream is None or stream.ended(call.world.now()):
        raise Refusal("message_not_in_streaming_state")
    return message


def _add(call: Call, message: Message) -> None:
    """All of it or, where something is wrong, nothing."""
    assert message.stream
    text = call.text("markdown_text")
    chunks: Any = call.json("chunks", "invalid_chunks") or []
    if text and chunks:
        raise Refusal("invalid_arguments")
    if text:
        chunks = [{"type": "markdown_text", "text": text}]
    if not isinstance(chunks, list):
        raise Refusal("invalid_chunks")
    grown = message.stream.model_copy(deep=True)
    for chunk in chunks:
        _take(grown, chunk)
    message.stream = grown
    _show(message)


def _take(stream: Stream, chunk: Any) -> None:
    match chunk:
        case {"type": "markdown_text", "text": str(text)}:
            if len(text) > LONGEST_MARKDOWN:
                raise Refusal("msg_too_long")
            if stream.parts and stream.parts[-1]["type"] == "markdown":
                stream.parts[-1]["text"] += text
            else:
                stream.parts.append({"type": "markdown", "text": text})
        case {"type": "plan_update", "title": str(title)} if 0 < len(title) <= LONGEST_TITLE:
            stream.title = title
        case {"type": "task_update", "id": str(id), "title": str(title), "status": str(status)} if (
            id and 0 < len(title) <= LONGEST_TITLE and status in STATES and chunk.keys() <= TASK_KEYS
        ) and all(len(chunk.get(key) or "") <= LONGEST_TITLE for key in ("details", "output")):
            _task(stream, id, chunk)
        case {"type": "blocks", "blocks": blocks}:
            stream.parts += judged(blocks)
        case _:
            raise Refusal("invalid_chunks")


def _task(stream: Stream, id: str, chunk: Json) -> None:
    """Its title and state are replaced; details and output grow."""
    task = next((one for one in stream.parts if one.get("task_id") == id), None)
    if task is None:
        if sum(one["type"] == "task_card" for one in stream.parts) == TASKS:
            raise Refusal("invalid_chunks")
        task = {"type": "task_card", "task_id": id, "details": "", "output": "", "sources": []}
        stream.parts.append(task)
    task |= {"title": chunk["title"], "status": chunk["status"]}
    for key in ("details", "output"):
        task[key] += chunk.get(key) or ""
    task["sources"] += chunk.get("sources") or []


def _show(message: Message) -> None:
    stream = message.stream
    assert stream
    cards = [_card(one) for one in stream.parts if one["type"] == "task_card"]
    plan = [{"type": "plan", "title": stream.title or "Working on it", "tasks": cards}] if cards or stream.title else []
    shown: list[Json] = []
    for part in stream.parts:
        if part["type"] != "task_card":
            shown.append(part)
        elif stream.mode == "timeline":
            shown.append(_card(part))
    blocks = [*(plan if stream.mode != "timeline" else []), *shown, *stream.last]
    message.blocks = [{**block, "block_id": block.get("block_id") or f"s{n}"} for n, block in enumerate(blocks)]
    message.text = "".join(one["text"] for one in stream.parts if one["type"] == "markdown")


def _card(task: Json) -> Json:
    card = {key: task[key] for key in ("type", "task_id", "title", "status")}
    card |= {key: _rich(task[key]) for key in ("details", "output") if task[key]}
    return card | ({"sources": task["sources"]} if task["sources"] else {})


def _rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}
