"""Users, channels, messages and files as Slack's answers and events hold them."""

from __future__ import annotations

from cli.laptop.slack.world import Channel, File, Json, Message, User, Workspace, World

APP = "A0LAPTOP"
"""The app's id, the same in every workspace."""
PRETTY = {"md": "Markdown", "txt": "Plain Text", "json": "JSON", "png": "PNG", "csv": "CSV", "yaml": "YAML"}


def user_shape(user: User, home: Workspace, with_mail: bool) -> Json:
    """As users.info has it, for the app in a workspace."""
    profile: Json = {
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "team": user.team,
    }
    if with_mail and user.email and user.team == home.id:
        profile["email"] = user.email
    shape: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 1700000000,
    }
    if user.team != home.id:
        shape["is_stranger"] = True
    elif home.enterprise:
        shape["enterprise_user"] = {"id": user.id, "enterprise_id": home.enterprise, "teams": [home.id]}
    if not user.deleted:
        shape |= {
            "real_name": user.real_name,
            "tz": user.tz,
            "is_admin": False,
            "is_owner": False,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": user.is_ultra_restricted,
            "is_email_confirmed": user.email_confirmed,
        }
    return shape


def channel_shape(channel: Channel, home: Workspace, other: User | None = None) -> Json:
    """As conversations.info has it; `other` is who a direct message is with."""
    shape: Json = {
        "id": channel.id,
        "created": 1700000000,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": home.id,
        "is_ext_shared": channel.is_ext_shared,
    }
    if channel.is_im:
        return shape | {"user": channel.user, "is_user_deleted": bool(other and other.deleted)}
    return shape | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": False,
        "is_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False,
        "is_member": home.bot_user in channel.members,
        "shared_team_ids": channel.teams or [channel.team],
        "connected_team_ids": [one for one in channel.teams if one != channel.team],
        "internal_team_ids": [channel.team],
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def message_shape(world: World, message: Message, base: str, with_metadata: bool = False) -> Json:
    """As conversations.replies has it."""
    author = world.state.users.get(message.user)
    shape: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": author.team if author else "",
    }
    if message.client_msg_id:
        shape["client_msg_id"] = message.client_msg_id
    if message.bot_id:
        home = next(one for one in world.state.workspaces.values() if one.bot_id == message.bot_id)
        shape |= {"bot_id": message.bot_id, "app_id": APP}
        shape["bot_profile"] = {
            "id": message.bot_id,
            "app_id": APP,
            "name": world.state.users[home.bot_user].real_name,
            "team_id": home.id,
            "deleted": False,
        }
    if message.subtype:
        shape["subtype"] = message.subtype
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
    _thread_of(world, message, shape)
    if message.edited:
        shape["edited"] = {"user": message.user, "ts": message.edited}
    if message.files:
        shape["files"] = [file_shape(world.state.files[id], base) for id in message.files if id in world.state.files]
    if message.metadata and with_metadata:
        shape["metadata"] = message.metadata
    if message.stream:
        shape["streaming_state"] = "completed" if message.stream.ended(world.now()) else "in_progress"
    return shape


def _thread_of(world: World, message: Message, shape: Json) -> None:
    replies = replies_of(world, message)
    if replies:
        shape |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
    elif message.thread_ts and (parent := world.message(message.channel, message.thread_ts)):
        shape["parent_user_id"] = parent.user


def replies_of(world: World, message: Message) -> list[Message]:
    if message.thread_ts:
        return []
    return [
        one
        for one in world.state.messages
        if one.channel == message.channel and one.thread_ts == message.ts and not one.only_for
    ]


def file_shape(file: File, base: str) -> Json:
    """Of another organisation nothing but its id, until files.info is asked."""
    if file.external:
        return {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
    return whole_file(file, base)


def whole_file(file: File, base: str) -> Json:
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else "binary"
    shape: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": ending,
        "pretty_type": PRETTY.get(ending, ending.upper()),
        "user": file.user,
        "user_team": file.team,
        "editable": False,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": True,
        "file_access": "visible",
        "url_private": f"{base}/files-pri/{file.team}-{file.id}/{file.name}",
        "url_private_download": f"{base}/files-pri/{file.team}-{file.id}/download/{file.name}",
        "permalink": f"{base}/files/{file.user}/{file.id}/{file.name}",
        "channels": [channel for channel, _ in file.shares],
    }
    shares: Json = {}
    for channel, ts in file.shares:
        shares.setdefault("public", {}).setdefault(channel, []).append({"ts": ts})
    return shape | {"shares": shares} if shares else shape
