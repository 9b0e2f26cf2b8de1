"""What the page shows a person, and what they do there."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from cli.laptop.slack.acting import Acting
from cli.laptop.slack.shapes import file_shape, message_shape, replies_of, whole_file
from cli.laptop.slack.telling import NotThere
from cli.laptop.slack.views import view_shape
from cli.laptop.slack.world import Channel, File, Json, Message, User, View, World

MESSAGES_SHOWN = 200
DELIVERIES_SHOWN = 20
MOST_FILE_BYTES = 20_000_000


class Page:
    def __init__(self, world: World, acting: Acting, base: str) -> None:
        self.world = world
        self.acting = acting
        self.base = base
        self._does: dict[str, Callable[[User, Json], Json]] = {
            "say": self._say,
            "press": self._press,
            "choose": self._choose,
            "submit": self._submit,
            "close": self._close,
            "use": self._use,
            "command": self._command,
            "open": self._open,
            "invite": self._invite,
        }

    def state(self, who: str) -> Json:
        """All that this person sees. Raises NotThere."""
        with self.world.at_once() as state:
            me = self._who(who)
            direct = self.world.direct(me)
            home = state.workspaces[direct.team]
            places = [one for one in state.channels.values() if me.id in one.members]
            return {
                "version": self.world.changed,
                "me": me.id,
                "app": {"user": home.bot_user, "name": state.users[home.bot_user].real_name, "direct": direct.id},
                "workspaces": {one.id: one.name for one in state.workspaces.values()},
                "users": {one.id: self._user(one) for one in state.users.values()},
                "channels": [self._channel(one) for one in places],
                "messages": {one.id: self._messages(one, me) for one in places},
                "modals": [view_shape(one) for one in state.modals if one.user == me.id],
                "home": view_shape(state.homes[me.id]) if me.id in state.homes else None,
                "statuses": dict(state.statuses),
                "prompts": {one.id: state.prompts[one.id] for one in places if one.id in state.prompts},
                "deliveries": self._deliveries(),
            }

    def do(self, who: str, what: str, asked: Json) -> Json:
        """One thing that this person does. Raises NotThere."""
        if what not in self._does:
            raise NotThere(f"nobody can {what} here")
        with self.world.at_once():
            me = self._who(who)
        try:
            return self._does[what](me, asked)
        except (KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise NotThere(f"that is no longer there ({error})") from error

    def file(self, who: str, id: str) -> File:
        """One that this person sees. Raises NotThere."""
        with self.world.at_once() as state:
            me = self._who(who)
            found = state.files.get(id)
            places = [state.channels[channel] for channel, _ in found.shares] if found else []
            if found is None or not any(me.id in place.members for place in places):
                raise NotThere("there is no such file")
            return found

    def _who(self, who: str) -> User:
        try:
            found = self.world.user(who)
        except KeyError as error:
            raise NotThere(f"there is nobody called {who}") from error
        if found.is_bot or found.deleted:
            raise NotThere(f"nobody acts as {found.name} here")
        return found

    def _user(self, user: User) -> Json:
        kind = "app" if user.is_bot else "guest" if user.is_restricted or user.is_ultra_restricted else ""
        return {
            "id": user.id,
            "name": user.name,
            "real_name": user.real_name,
            "team": user.team,
            "kind": kind,
            "gone": user.deleted,
        }

    def _channel(self, channel: Channel) -> Json:
        users = self.world.state.users
        return {
            "id": channel.id,
            "name": channel.name,
            "topic": channel.topic,
            "kind": channel.kind,
            "archived": channel.is_archived,
            "shared": channel.is_ext_shared and not channel.is_im,
            "members": [one for one in channel.members if one in users],
            "heard": self.world.installed_in(channel) is not None,
        }

    def _messages(self, channel: Channel, me: User) -> list[Json]:
        seen = [one for one in self.world.state.messages if one.channel == channel.id and one.only_for in (None, me.id)]
        return [self._message(one) for one in seen[-MESSAGES_SHOWN:]]

    def _message(self, message: Message) -> Json:
        shape = message_shape(self.world, message, self.base)
        known = [self.world.state.files[id] for id in message.files]
        if known:
            shape["files"] = [whole_file(one, self.base) | file_shape(one, self.base) for one in known]
        alone = bool(message.only_for)
        return shape | {
            "only_for_you": alone,
            "replies": len(replies_of(self.world, message)),
            "channel": message.channel,
        }

    def _deliveries(self) -> list[Json]:
        return [
            {
                "what": one.what,
                "sent": one.url is not None,
                "taken": one.taken,
                "tries": len(one.attempts),
                "status": one.attempts[-1].status if one.attempts else None,
                "again": one.comes_again,
                "failure": one.attempts[-1].failure if one.attempts else "",
                "ms": round(one.attempts[-1].seconds * 1000) if one.attempts else None,
            }
            for one in self.acting.sent[-DELIVERIES_SHOWN:]
        ]

    def _say(self, me: User, asked: Json) -> Json:
        files = [(str(one["name"]), base64.b64decode(one["content"], validate=True)) for one in asked.get("files", [])]
        if sum(len(content) for _, content in files) > MOST_FILE_BYTES:
            raise NotThere("these files are too large for the page: 20 MB at most")
        text = str(asked.get("text", ""))
        if not text.strip() and not files:
            raise NotThere("there is nothing to send")
        said = self.acting.say(
            me.id, str(asked["channel"]), text, asked.get("thread_ts") or None, files, background=True
        )
        return {"ts": said.message.ts, "channel": said.message.channel}

    def _on(self, asked: Json) -> Message:
        found = self.world.message(str(asked["channel"]), str(asked["ts"]))
        if found is None:
            raise NotThere("this message is no longer there")
        return found

    def _press(self, me: User, asked: Json) -> Json:
        self.acting.press(me.id, self._on(asked), str(asked["element"]), background=True)
        return {}

    def _choose(self, me: User, asked: Json) -> Json:
        self.acting.choose(me.id, self._on(asked), str(asked["element"]), asked["chosen"], background=True)
        return {}

    def _view(self, me: User, asked: Json) -> View:
        state = self.world.state
        known = [*state.modals, *([state.homes[me.id]] if me.id in state.homes else [])]
        found = next((one for one in known if one.id == asked["view"] and one.user == me.id), None)
        if found is None:
            raise NotThere("this is no longer open")
        return found

    def _submit(self, me: User, asked: Json) -> Json:
        _, errors = self.acting.submit(self._view(me, asked), asked.get("chosen"))
        return {"errors": errors}

    def _close(self, me: User, asked: Json) -> Json:
        self.acting.close_view(self._view(me, asked))
        return {}

    def _use(self, me: User, asked: Json) -> Json:
        self.acting.press_in_view(self._view(me, asked), str(asked["element"]), asked.get("chosen"))
        return {}

    def _command(self, me: User, asked: Json) -> Json:
        self.acting.command(me.id, str(asked["channel"]), str(asked.get("text", "")), background=True)
        return {}

    def _open(self, me: User, asked: Json) -> Json:
        tab = "home" if asked.get("tab") == "home" else "messages"
        self.acting.open_home(me.id, tab, background=True)
        return {}

    def _invite(self, me: User, asked: Json) -> Json:
        channel = self.world.channel(str(asked["channel"]))
        if me.id not in channel.members:
            raise NotThere(f"{me.name} is not in #{channel.name}")
        self.acting.invite(channel.id)
        return {}
