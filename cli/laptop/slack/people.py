"""auth.*, users.* and conversations.*: who and what there is."""

from __future__ import annotations

from cli.laptop.slack.calls import Call, Refusal, method, page_of
from cli.laptop.slack.shapes import APP, channel_shape, message_shape, user_shape
from cli.laptop.slack.world import Channel, Json, Message


@method("auth.test")
def auth_test(call: Call) -> Json:
    home = call.home
    return {
        "url": f"{call.base}/",
        "team": home.name,
        "user": call.world.state.users[home.bot_user].name,
        "team_id": home.id,
        "user_id": home.bot_user,
        "bot_id": home.bot_id,
        "app_id": APP,
        "enterprise_id": home.enterprise,
        "is_enterprise_install": home.org_wide,
    }


@method("auth.teams.list")
def auth_teams_list(call: Call) -> Json:
    shown, further = page_of(call, [{"id": call.home.id, "name": call.home.name}], 100)
    return {"teams": shown, "response_metadata": further}


@method("team.info")
def team_info(call: Call) -> Json:
    return {"team": {"id": call.home.id, "name": call.home.name, "domain": call.home.domain}}


@method("users.info", "users:read")
def users_info(call: Call) -> Json:
    return {"user": user_shape(call.user(), call.home, "users:read.email" in call.home.scopes)}


@method("users.list", "users:read")
def users_list(call: Call) -> Json:
    mails = "users:read.email" in call.home.scopes
    ours = [one for one in call.world.state.users.values() if one.team == call.home.id]
    shown, further = page_of(call, ours, 1000)
    return {"members": [user_shape(one, call.home, mails) for one in shown], "response_metadata": further}


@method("users.lookupByEmail", "users:read.email")
def users_lookup(call: Call) -> Json:
    mail = call.needed("email").lower()
    for one in call.world.state.users.values():
        if one.team == call.home.id and one.email.lower() == mail and not one.deleted:
            return {"user": user_shape(one, call.home, True)}
    raise Refusal("users_not_found")


@method("users.conversations", "channels:read")
def users_conversations(call: Call) -> Json:
    member = call.text("user") or call.home.bot_user
    return _listed(call, [one for one in _known(call) if member in one.members])


@method("conversations.list", "channels:read")
def conversations_list(call: Call) -> Json:
    return _listed(call, _known(call))


@method("conversations.info")
def conversations_info(call: Call) -> Json:
    channel = call.channel()
    call.wants(_scope("read", channel))
    shape = channel_shape(channel, call.home, call.world.state.users.get(channel.user or ""))
    if not call.flag("include_num_members"):
        shape.pop("num_members", None)
    return {"channel": shape}


@method("conversations.members")
def conversations_members(call: Call) -> Json:
    channel = call.channel()
    call.wants(_scope("read", channel))
    shown, further = page_of(call, channel.members, 100)
    return {"members": shown, "response_metadata": further}


@method("conversations.join", "channels:join")
def conversations_join(call: Call) -> Json:
    channel = call.channel()
    if channel.is_im or channel.is_private:
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
    warning = {"warning": "already_in_channel"} if call.home.bot_user in channel.members else {}
    if not warning:
        channel.members.append(call.home.bot_user)
        call.world.touch()
    return {"channel": channel_shape(channel, call.home), **warning}


@method("conversations.open", "im:write")
def conversations_open(call: Call) -> Json:
    wanted = call.text("users")
    if not wanted:
        return {"channel": channel_shape(call.channel(), call.home)}
    if "," in wanted:
        raise Refusal("method_not_supported_for_channel_type")
    user = call.user("users")
    if user.deleted:
        raise Refusal("user_disabled")
    if user.is_bot:
        raise Refusal("cannot_dm_bot")
    channel = call.world.direct(user, call.home.id)
    call.world.touch()
    return {"channel": channel_shape(channel, call.home) if call.flag("return_im") else {"id": channel.id}}


@method("conversations.replies")
def conversations_replies(call: Call) -> Json:
    channel = call.channel()
    call.wants(_scope("history", channel))
    if call.home.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    root = call.world.message(channel.id, call.needed("ts"))
    if root is None or root.only_for:
        raise Refusal("thread_not_found")
    start = root.thread_ts or root.ts
    thread = [
        one
        for one in call.world.state.messages
        if one.channel == channel.id and start in (one.ts, one.thread_ts) and not one.only_for
    ]
    oldest, latest = call.text("oldest"), call.text("latest")
    kept = [
        one for one in thread if (not oldest or one.ts > oldest or one.ts == start) and (not latest or one.ts < latest)
    ]
    return _told(call, kept)


@method("conversations.history")
def conversations_history(call: Call) -> Json:
    channel = call.channel()
    call.wants(_scope("history", channel))
    if call.home.bot_user not in channel.members:
        raise Refusal("not_in_channel")
    newest_first = [
        one
        for one in reversed(call.world.state.messages)
        if one.channel == channel.id and not one.only_for and not one.thread_ts
    ]
    return _told(call, newest_first)


def _told(call: Call, messages: list[Message]) -> Json:
    shown, further = page_of(call, messages, 1000)
    metadata = call.flag("include_all_metadata")
    return {
        "messages": [message_shape(call.world, one, call.base, metadata) for one in shown],
        "has_more": bool(further["next_cursor"]),
        "response_metadata": further,
    }


def _known(call: Call) -> list[Channel]:
    """What the app may know of, of the types that are asked for; of an organisation's one workspace at a time."""
    team = call.text("team_id")
    if call.home.org_wide and not team:
        raise Refusal("missing_argument")
    if team not in {"", call.home.id}:
        raise Refusal("team_not_found")
    types = set(call.text("types", "public_channel").replace(" ", "").split(","))
    home = call.home
    return [
        one
        for one in call.world.state.channels.values()
        if home.id in (one.team, *one.teams)
        and ("im" if one.is_im else "private_channel" if one.is_private else "public_channel") in types
        and (home.bot_user in one.members or not (one.is_im or one.is_private))
        and not (one.is_archived and call.flag("exclude_archived"))
    ]


def _listed(call: Call, channels: list[Channel]) -> Json:
    shown, further = page_of(call, channels, 100)
    return {"channels": [channel_shape(one, call.home) for one in shown], "response_metadata": further}


def _scope(what: str, channel: Channel) -> str:
    return f"{'im' if channel.is_im else 'groups' if channel.is_private else 'channels'}:{what}"
