"""Users, members, channels, servers and messages as Discord's answers and interactions hold them."""

from __future__ import annotations

import copy
from itertools import count

from cli.laptop.discord.world import APP, Channel, Guild, Json, Message, User, World


def user_shape(user: User) -> Json:
    return {
        "id": user.id,
        "username": user.name,
        "global_name": None if user.bot else user.name.capitalize(),
        "discriminator": "0",
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
    }


def member_shape(world: World, guild: Guild, user: User) -> Json:
    return {
        "user": user_shape(user),
        "nick": None,
        "roles": [],
        "joined_at": "2026-01-05T09:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": user.id in guild.pending,
        "permissions": str(guild.everybody),
    }


def guild_shape(guild: Guild) -> Json:
    everybody = {"id": guild.id, "name": "@everyone", "permissions": str(guild.everybody), "position": 0}
    return {
        "id": guild.id,
        "name": guild.name,
        "features": guild.features,
        "roles": [everybody],
        "vanity_url_code": None,
        "widget_enabled": False,
    }


def channel_shape(world: World, channel: Channel) -> Json:
    if channel.type == 1:
        return {"id": channel.id, "type": 1, "recipients": [user_shape(world.users[channel.user])], "flags": 0}
    hidden = {"id": channel.guild, "type": 0, "allow": "0", "deny": str(1 << 10)}
    let_in = {"id": APP, "type": 1, "allow": str(1 << 10), "deny": "0"}
    overwrites = [hidden] if channel.closed else [hidden, let_in] if channel.hidden else []
    shape: Json = {
        "id": channel.id,
        "type": channel.type,
        "name": channel.name,
        "guild_id": channel.guild,
        "parent_id": channel.parent or None,
        "permission_overwrites": overwrites,
    }
    if channel.type in {10, 11, 12}:
        shape["thread_metadata"] = {"archived": False, "locked": channel.locked, "auto_archive_duration": 1440}
    return shape


def message_shape(world: World, message: Message) -> Json:
    """Every component has a number of its own, as Discord gives it."""
    components, ids = copy.deepcopy(message.components), count(1)
    waiting = [*components]
    while waiting:
        one = waiting.pop(0)
        one.setdefault("id", next(ids))
        waiting = [*(one.get("components") or []), *([one["accessory"]] if "accessory" in one else []), *waiting]
    return {
        "id": message.id,
        "type": 0,
        "channel_id": message.channel,
        "author": user_shape(world.users[message.author]),
        "content": message.content,
        "flags": message.flags,
        "components": components,
        "attachments": [{"id": str(at), "filename": name} for at, (name, _) in enumerate(message.files)],
        "embeds": [],
        "mentions": [],
        "application_id": APP,
    }
