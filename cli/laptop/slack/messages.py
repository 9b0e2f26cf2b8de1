"""chat.*: what is posted, changed and taken away."""

from __future__ import annotations

from typing import Any

from cli.laptop.slack.blocks import problems, too_long
from cli.laptop.slack.calls import Call, Refusal, method
from cli.laptop.slack.shapes import message_shape
from cli.laptop.slack.world import Channel, Json, Message

LONGEST = 40_000
"""Slack cuts a posted text there; here it is refused, so that nothing is lost unseen."""
LONGEST_OF_AN_UPDATE = 4_000
LONGEST_MARKDOWN = 12_000


def judged(blocks: Any) -> list[Json]:
    """Blocks that Slack would take, each with an id. Raises Refusal."""
    if blocks is None:
        return []
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    found = problems(blocks)
    if found:
        said = [f"{what} [json-pointer:{at}]" for at, what in found]
        raise Refusal("invalid_blocks", errors=said, response_metadata={"messages": [f"[ERROR] {one}" for one in said]})
    if too_long(blocks):
        raise Refusal("msg_blocks_too_long")
    used = {block.get("block_id") for block in blocks}
    free = (name for number in range(1000) if (name := f"b{number}") not in used)
    return [block if block.get("block_id") else {**block, "block_id": next(free)} for block in blocks]


def content_of(call: Call, longest: int) -> tuple[str, list[Json]]:
    """The text and blocks that are given. Raises Refusal."""
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks = judged(call.json("blocks", "invalid_blocks_format"))
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if len(markdown) > LONGEST_MARKDOWN or len(text) > longest:
        raise Refusal("msg_too_long")
    if not (text.strip() or blocks or markdown):
        raise Refusal("no_text")
    return (text, blocks) if not markdown else (markdown, [{"type": "markdown", "text": markdown, "block_id": "b0"}])


def metadata_of(call: Call) -> Json | None:
    metadata = call.json("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= metadata.keys():
        raise Refusal("invalid_metadata_format")
    return metadata


def place_of(call: Call, key: str = "channel") -> Channel:
    """Where something is posted: by id, by #name, or by a user's id for their direct messages. Raises Refusal."""
    wanted = call.needed(key)
    state = call.world.state
    if wanted in state.users:
        person = state.users[wanted]
        if person.deleted or person.is_bot:
            raise Refusal("channel_not_found")
        return call.world.direct(person, call.home.id)
    named = next((one for one in state.channels.values() if one.name and f"#{one.name}" == wanted), None)
    channel = call.known(named) if named else call.channel(key)
    if call.home.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    if channel.is_archived:
        raise Refusal("is_archived")
    return channel


def thread_of(call: Call, channel: Channel) -> str | None:
    """The root that `thread_ts` means. Raises Refusal where there is none."""
    wanted = call.text("thread_ts")
    if not wanted:
        return None
    parent = call.world.message(channel.id, wanted)
    if parent is None or parent.only_for:
        raise Refusal("thread_not_found")
    if parent.subtype in {"channel_join", "channel_leave"}:
        raise Refusal("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


def put(call: Call, message: Message) -> Message:
    call.world.state.messages.append(message)
    call.world.touch()
    return message


@method("chat.postMessage", "chat:write")
def post_message(call: Call) -> Json:
    channel = place_of(call)
    text, blocks = content_of(call, LONGEST)
    made = put(
        call,
        Message(
            channel=channel.id,
            ts=call.world.new_ts(),
            user=call.home.bot_user,
            bot_id=call.home.bot_id,
            text=text,
            blocks=blocks,
            thread_ts=thread_of(call, channel),
            metadata=metadata_of(call),
        ),
    )
    said_to(call, channel, made.thread_ts)
    return {"channel": channel.id, "ts": made.ts, "message": message_shape(call.world, made, call.base)}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(call: Call) -> Json:
    channel = place_of(call)
    user = call.needed("user")
    text, blocks = content_of(call, LONGEST)
    if user not in channel.members:
        raise Refusal("user_not_in_channel")
    made = put(
        call,
        Message(
            channel=channel.id,
            ts=call.world.new_ts(),
            user=call.home.bot_user,
            bot_id=call.home.bot_id,
            text=text,
            blocks=blocks,
            thread_ts=thread_of(call, channel),
            only_for=user,
        ),
    )
    return {"message_ts": made.ts}


@method("chat.update", "chat:write")
def update(call: Call) -> Json:
    channel = call.channel()
    message = call.own(channel, "cant_update_message")
    if channel.is_archived:
        raise Refusal("is_archived")
    if message.stream and not message.stream.ended(call.world.now()):
        raise Refusal("streaming_state_conflict")
    text, blocks = content_of(call, LONGEST_OF_AN_UPDATE)
    message.text, message.blocks = text, blocks
    if not blocks:  # else Slack does not say that it was changed
        message.edited = call.world.new_ts()
    if (metadata := metadata_of(call)) is not None:
        message.metadata = metadata
    call.world.touch()
    shape = message_shape(call.world, message, call.base)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": shape}


@method("chat.delete", "chat:write")
def delete(call: Call) -> Json:
    channel = call.channel()
    message = call.own(channel, "cant_delete_message")
    call.world.state.messages.remove(message)
    call.world.touch()
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.world.message(channel.id, call.needed("message_ts"))
    if message is None or message.only_for:
        raise Refusal("message_not_found")
    return {"channel": channel.id, "permalink": f"{call.base}/#{channel.id}/{message.thread_ts or message.ts}"}


def said_to(call: Call, channel: Channel, thread: str | None) -> None:
    """What the app says ends what it was said to be doing there."""
    call.world.state.statuses.pop(f"{channel.id}/{thread}", None)
