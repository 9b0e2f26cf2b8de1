"""Writing: what people say, change and take away, and what the app answers to an interaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cli.laptop.slack.calls import Refusal
from cli.laptop.slack.files import new_file
from cli.laptop.slack.messages import judged
from cli.laptop.slack.payloads import rich_text
from cli.laptop.slack.sending import Sent, as_json
from cli.laptop.slack.shapes import message_shape
from cli.laptop.slack.telling import NotThere, Telling
from cli.laptop.slack.world import Channel, Json, Message, Workspace, marked_up


@dataclass(frozen=True)
class Said:
    """What somebody wrote, and what the app was told of it."""

    message: Message
    sent: list[Sent]


class Writing(Telling):
    def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        raw: bool = False,
        background: bool = False,
    ) -> Said:
        """Somebody writes. Names, channels and addresses in the text become references, unless it is `raw`.

        `channel` is an id, #name, or @handle for that person's direct messages with the app. Raises NotThere.
        """
        with self.world.at_once():
            person, place = self._person(user), self._channel(channel)
            if person.id not in place.members:
                raise NotThere(f"{person.name} is not in {channel}")
            if place.is_archived:
                raise NotThere(f"{channel} is archived")
            if thread_ts and not self.world.message(place.id, thread_ts):
                raise NotThere(f"there is no message {thread_ts} in {channel}")
            written = text if raw else marked_up(self.world, text, person.team)
            message = Message(
                channel=place.id,
                ts=self.world.new_ts(),
                user=person.id,
                text=written,
                blocks=[rich_text(written)] if written else [],
                thread_ts=thread_ts,
                subtype="file_share" if files else None,
                client_msg_id=str(uuid.uuid4()),
            )
            for name, content in files:
                file = new_file(self.world, person.team, person.id, name, content)
                file.shared, file.shares = True, [(place.id, message.ts)]
                file.external = place.is_ext_shared and person.team != place.team
                message.files.append(file.id)
            self.world.state.messages.append(message)
            self.world.touch()
            told = self._told_of(place, message)
        return Said(message, self._send(told, background))

    def _told_of(self, place: Channel, message: Message) -> list[Sent]:
        home = self.world.installed_in(place)
        if home is None:
            return []
        told: list[Sent] = []
        if f"message.{place.kind}{'' if place.is_im else 's'}" in self.events:
            payload = self.payloads.message(home, place, message)
            told.append(as_json(f"message.{place.kind}", self.urls.events, payload))
        mentioned = f"<@{home.bot_user}>" in message.text and not message.bot_id and not place.is_im
        if mentioned and "app_mention" in self.events:
            payload = self.payloads.message(home, place, message, mention=True)
            told.append(as_json("app_mention", self.urls.events, payload))
        return told

    def echo(self, message: Message) -> None:
        """Slack tells an app of its own messages too."""
        if not message.only_for:
            self._send(self._told_of(self.world.state.channels[message.channel], message), background=True)

    def edit(self, message: Message, text: str) -> list[Sent]:
        """Its writer changes it."""
        with self.world.at_once():
            place = self.world.state.channels[message.channel]
            old = message_shape(self.world, message, self.payloads.base)
            message.text = marked_up(self.world, text, place.team)
            message.blocks = [rich_text(message.text)]
            message.edited = self.world.new_ts()
            self.world.touch()
            home = self.world.installed_in(place)
            told = [self.payloads.changed(home, place, message, old)] if home else []
        return self._send([as_json("message_changed", self.urls.events, one) for one in told])

    def delete(self, message: Message) -> list[Sent]:
        """Its writer takes it away."""
        with self.world.at_once():
            place = self.world.state.channels[message.channel]
            old = message_shape(self.world, message, self.payloads.base)
            self.world.state.messages.remove(message)
            self.world.touch()
            home = self.world.installed_in(place)
            told = [self.payloads.deleted(home, place, old)] if home else []
        return self._send([as_json("message_deleted", self.urls.events, one) for one in told])

    def command(self, user: str, channel: str, text: str, command: str = "/copilot", background: bool = False) -> Sent:
        """Somebody uses a slash command; what is answered at once is shown to them alone."""
        with self.world.at_once():
            person, place = self._person(user), self._channel(channel)
            if person.id not in place.members:
                raise NotThere(f"{person.name} is not in {channel}")
            home = self.world.state.workspaces[person.team]
            if not home.token:
                raise NotThere(f"{home.name} does not have the app, and so not its commands")
            response = self.handed.response(place.id, person.id, None, None)
            fields = self.payloads.command(person, home, place, command, text, self.handed.trigger(person.id), response)
        form = urlencode(fields).encode()
        sent = Sent("command", self.urls.commands, dict(fields), form, "application/x-www-form-urlencoded")

        def go() -> Sent:
            self._once(sent)
            if sent.taken and sent.answer.strip():
                said = as_object(sent.answer) or {"text": sent.answer.decode(errors="replace")}
                self._answer(home, place.id, person.id, None, None, said)
            return sent

        return self._run(go, sent, background)

    def respond(self, key: str, said: Json) -> None:
        """What the app posts to a response URL. Raises Refusal."""
        with self.world.at_once():
            to = self.handed.use(key)
            place = self.world.state.channels[to.channel]
            home = self.world.installed_in(place) or self._home_of_team(place.team)
            self._answer(home, to.channel, to.user, to.ts, to.thread_ts, said)

    def _answer(
        self, home: Workspace, channel: str, user: str, ts: str | None, thread_ts: str | None, said: Json
    ) -> None:
        """What comes back for an interaction: instead of the message it was on, or to who acted."""
        on = self.world.message(channel, ts) if ts else None
        if said.get("delete_original"):
            if on:
                self.world.state.messages.remove(on)
            self.world.touch()
            return
        text, blocks = str(said.get("text") or ""), judged(said.get("blocks"))
        if not text and not blocks:
            raise Refusal("no_text")
        if on and said.get("replace_original"):
            on.text, on.blocks, on.edited = text, blocks, self.world.new_ts()
        else:
            alone = said.get("response_type", "ephemeral") == "ephemeral"
            self.world.state.messages.append(
                Message(
                    channel=channel,
                    ts=self.world.new_ts(),
                    user=home.bot_user,
                    bot_id=home.bot_id,
                    text=text,
                    blocks=blocks,
                    thread_ts=str(said["thread_ts"]) if said.get("thread_ts") else thread_ts,
                    only_for=user if alone else None,
                )
            )
        self.world.touch()


def as_object(body: bytes) -> Json:
    """What the app answered, where that is an object."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
