"""files.*: a place to put bytes, then sharing what was put there."""

from __future__ import annotations

import mimetypes

from cli.laptop.slack.calls import Call, Refusal, method
from cli.laptop.slack.messages import place_of, put, thread_of
from cli.laptop.slack.shapes import whole_file
from cli.laptop.slack.world import Channel, File, Json, Message, World

MOST_BYTES = 1_000_000_000


@method("files.getUploadURLExternal", "files:write")
def upload_url(call: Call) -> Json:
    name, length = call.needed("filename"), call.number("length", 0)
    if length <= 0 or length > MOST_BYTES:
        raise Refusal("invalid_arguments" if length <= 0 else "file_upload_size_restricted")
    file = new_file(call.world, call.home.id, call.home.bot_user, name)
    file.length = length
    return {"upload_url": f"{call.base}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
def complete(call: Call) -> Json:
    wanted = call.json("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
        raise Refusal("invalid_arguments")
    files = []
    for one in wanted:
        file = call.world.state.files.get(str(one.get("id")))
        if file is None or file.user != call.home.bot_user or not file.content or file.shared:
            raise Refusal("file_not_found")
        files.append(file)
    place: Channel | None = None
    if call.text("channel_id"):
        place = place_of(call, "channel_id")
    thread = thread_of(call, place) if place else None
    for one, file in zip(wanted, files, strict=True):
        file.title, file.shared = str(one.get("title") or file.name), True
    if place:
        message = Message(
            channel=place.id,
            ts=call.world.new_ts(),
            user=call.home.bot_user,
            bot_id=call.home.bot_id,
            text=call.text("initial_comment"),
            thread_ts=thread,
            files=[file.id for file in files],
        )
        for file in files:
            file.shares.append((place.id, message.ts))
        put(call, message)
    return {"files": [whole_file(file, call.base) for file in files]}


@method("files.info", "files:read")
def info(call: Call) -> Json:
    file = call.world.state.files.get(call.needed("file"))
    if file is None or not file.shared:
        raise Refusal("file_not_found")
    if not may_read(call, file):
        raise Refusal("file_not_found")
    return {"file": whole_file(file, call.base), "comments": [], "response_metadata": {"next_cursor": ""}}


def may_read(call: Call, file: File) -> bool:
    """What the app shared, and what was shared where it is."""
    places = [call.world.state.channels[channel] for channel, _ in file.shares]
    return file.user == call.home.bot_user or any(call.home.bot_user in place.members for place in places)


def new_file(world: World, team: str, user: str, name: str, content: bytes = b"") -> File:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    made = File(id=world.new_id("F"), team=team, user=user, name=name, title=name, mimetype=kind, content=content)
    made.created = int(world.now())
    world.state.files[made.id] = made
    return made
