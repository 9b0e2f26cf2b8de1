"""What people do in Slack, each told to the app as Slack tells it."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cli.laptop.slack.calls import Refusal
from cli.laptop.slack.elements import action_of, element_of, state_of
from cli.laptop.slack.files import new_file
from cli.laptop.slack.handed import Handed
from cli.laptop.slack.messages import judged
from cli.laptop.slack.payloads import Payloads, rich_text
from cli.laptop.slack.sending import Sender, Sent, as_json
from cli.laptop.slack.shapes import message_shape
from cli.laptop.slack.views import new_view, view_problems
from cli.laptop.slack.world import Channel, Json, Message, User, View, Workspace, World, marked_up

EVENTS = "app_home_opened app_mention app_uninstalled message.channels message.groups message.im user_change".split()
"""What the app has subscribed to."""


class NotThere(Exception):
    """Who wants to do this cannot, in Slack either: not a member, gone, no such message."""


@dataclass(frozen=True)
class Said:
    """What somebody did, and what the app was told of it."""

    message: Message
    sent: list[Sent]


@dataclass(frozen=True)
class Urls:
    events: str | None
    interactions: str | None
    commands: str | None


class Acting:
    """`later` runs what is sent elsewhere than here, so that a page need not wait for the app."""

    def __init__(
        self,
        world: World,
        sender: Sender,
        payloads: Payloads,
        handed: Handed,
        urls: Urls,
        events: Sequence[str] = EVENTS,
    ) -> None:
        self.world = world
        self.sender = sender
        self.payloads = payloads
        self.handed = handed
        self.urls = urls
        self.events = set(events)
        self.sent: list[Sent] = []
        self._chosen: dict[tuple[str, str, str], dict[str, Any]] = {}

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

    def choose(self, user: str, message: Message, element: str, chosen: Any, background: bool = False) -> Sent:
        """Somebody ticks, picks or types: `chosen` is all that is chosen now, as values, or the text."""
        person = self._person(user)
        block, found = element_of(message.blocks, element)
        mine = self._chosen.setdefault((person.id, message.channel, message.ts), {})
        mine[found["action_id"]] = chosen
        return self._pressed(person, message, action_of(block, found, self.world.new_ts(), chosen), mine, background)

    def press(
        self,
        user: str,
        message: Message,
        element: str,
        chosen: Mapping[str, Any] | None = None,
        background: bool = False,
    ) -> Sent:
        """Somebody presses a button: by its action id, its value or what stands on it.

        `chosen` is what is chosen elsewhere in the message, by action id; else what `choose` left. Raises NotThere.
        """
        person = self._person(user)
        block, found = element_of(message.blocks, element)
        mine = dict(chosen) if chosen is not None else self._chosen.get((person.id, message.channel, message.ts), {})
        return self._pressed(person, message, action_of(block, found, self.world.new_ts()), mine, background)

    def _pressed(
        self, person: User, message: Message, action: Json, chosen: Mapping[str, Any], background: bool
    ) -> Sent:
        with self.world.at_once():
            place = self.world.state.channels[message.channel]
            if person.id not in place.members or message.only_for not in (None, person.id):
                raise NotThere(f"{person.name} does not see this message")
            home = self._home_of(message)
            trigger = self.handed.trigger(person.id)
            response = self.handed.response(place.id, person.id, message.ts, message.thread_ts)
            state = state_of(message.blocks, chosen)
            payload = self.payloads.pressed(person, home, message, action, state, trigger, response)
        return self._interact("block_actions", payload, background=background)

    def press_in_view(self, view: View, element: str, chosen: Mapping[str, Any] | None = None) -> Sent:
        """Whose view it is uses something in it."""
        person, home = self.world.user(view.user), self.world.state.workspaces[view.team]
        blocks = view.view["blocks"]
        block, found = element_of(_with_ids(blocks), element)
        action = action_of(block, found, self.world.new_ts(), (chosen or {}).get(found["action_id"]))
        state = state_of(_with_ids(blocks), chosen or {})
        trigger = self.handed.trigger(person.id)
        return self._interact(
            "block_actions", self.payloads.pressed_in_view(person, home, view, action, state, trigger)
        )

    def submit(self, view: View, chosen: Mapping[str, Any] | None = None) -> tuple[Sent, dict[str, str]]:
        """Whose modal it is sends it. With what the app found wrong, by block id: the modal then stays."""
        person, home = self.world.user(view.user), self.world.state.workspaces[view.team]
        state = state_of(_with_ids(view.view["blocks"]), chosen or {})
        trigger = self.handed.trigger(person.id)
        sent = self._interact("view_submission", self.payloads.submitted(person, home, view, state, trigger))
        if not sent.taken:
            return sent, {"": "It was not taken. Try again."}
        said = _json(sent.answer)
        with self.world.at_once() as world:
            match said.get("response_action"):
                case "errors":
                    return sent, {str(key): str(value) for key, value in said.get("errors", {}).items()}
                case "update" | "push" as how if not view_problems(said.get("view")):
                    if how == "update":
                        view.view, view.hash = said["view"], f"{self.world.new_ts()}.laptop"
                    else:
                        world.modals.append(new_view(self.world, view.team, view.user, said["view"]))
                case "clear":
                    world.modals = [one for one in world.modals if one.user != view.user]
                case _:
                    world.modals = [one for one in world.modals if one.id != view.id]
            self.world.touch()
        return sent, {}

    def close_view(self, view: View) -> Sent | None:
        """Whose modal it is closes it."""
        with self.world.at_once() as state:
            state.modals = [one for one in state.modals if one.id != view.id]
            self.world.touch()
        if not view.view.get("notify_on_close"):
            return None
        person, home = self.world.user(view.user), self.world.state.workspaces[view.team]
        return self._interact("view_closed", self.payloads.closed(person, home, view, cleared=False))

    def command(self, user: str, channel: str, text: str, command: str = "/copilot", background: bool = False) -> Sent:
        """Somebody uses a slash command; what is answered at once is shown to them alone."""
        with self.world.at_once():
            person, place = self._person(user), self._channel(channel)
            if person.id not in place.members:
                raise NotThere(f"{person.name} is not in {channel}")
            home = self.world.installed_in(place) or self._home_of_team(person.team)
            response = self.handed.response(place.id, person.id, None, None)
            fields = self.payloads.command(person, home, place, command, text, self.handed.trigger(person.id), response)
        form = urlencode(fields).encode()
        sent = Sent("command", self.urls.commands, dict(fields), form, "application/x-www-form-urlencoded")

        def go() -> Sent:
            self._once(sent)
            if sent.taken and sent.answer.strip():
                said = _json(sent.answer) or {"text": sent.answer.decode(errors="replace")}
                self._answer(home, place.id, person.id, None, None, said)
            return sent

        return self._run(go, sent, background)

    def open_home(self, user: str, tab: str = "messages", background: bool = False) -> Sent:
        """Somebody opens the app: the place where they talk with it alone, or its Home tab."""
        with self.world.at_once():
            person = self._person(user)
            place = self.world.direct(person)
            self.world.touch()
            payload = self.payloads.home_opened(self.world.state.workspaces[place.team], place, person, tab)
        return self._send([as_json("app_home_opened", self.urls.events, payload)], background)[0]

    def change(self, user: str, **now: Any) -> list[Sent]:
        """Somebody's account changes: the fields of User. Each workspace of theirs that has the app is told."""
        with self.world.at_once() as state:
            person = self.world.user(user)
            for key, value in now.items():
                setattr(person, key, value)
            self.world.touch()
            homes = [one for one in state.workspaces.values() if one.token and self._knows(one, person)]
            told = [self.payloads.user_changed(home, person) for home in homes]
        return self._send([as_json("user_change", self.urls.events, one) for one in told])

    def deactivate(self, user: str) -> list[Sent]:
        """Somebody leaves."""
        return self.change(user, deleted=True)

    def uninstall(self, team: str) -> list[Sent]:
        """The app is taken out of a workspace: its token is good for nothing from then on."""
        with self.world.at_once() as state:
            home = state.workspaces[team]
            payload = self.payloads.uninstalled(home)
            home.token = None
            self.world.touch()
        return self._send([as_json("app_uninstalled", self.urls.events, payload)])

    def invite(self, channel: str) -> None:
        """The app becomes a member of a channel."""
        with self.world.at_once():
            place = self._channel(channel)
            home = next(one for team in (place.team, *place.teams) if (one := self.world.state.workspaces[team]).token)
            if home.bot_user not in place.members:
                place.members.append(home.bot_user)
            self.world.touch()

    def tell(self, event: Json, team: str | None = None, **outer: Any) -> Sent:
        """Any event at all, as it would be delivered; `outer` stands around it."""
        home = self.world.state.workspaces[team] if team else next(iter(self.world.state.workspaces.values()))
        payload = self.payloads.callback(home, event, None, **outer)
        return self._send([as_json(str(event.get("type")), self.urls.events, payload)])[0]

    def verify_urls(self) -> bool:
        """What Slack does when the address for events is entered: it wants its challenge back."""
        challenge = uuid.uuid4().hex
        payload = {"token": "", "challenge": challenge, "type": "url_verification"}
        sent = self._interact("url_verification", payload, form=False)
        body = sent.answer.decode(errors="replace").strip()
        return sent.taken and (body == challenge or _json(sent.answer).get("challenge") == challenge)

    def again(self, sent: Sent, reason: str = "http_timeout") -> Sent:
        """The same delivery once more, as Slack does where it heard nothing."""
        headers = {"X-Slack-Retry-Num": str(len(sent.attempts) or 1), "X-Slack-Retry-Reason": reason}
        if sent.url:
            sent.attempts.append(self.sender.once(sent, headers))
        return sent

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

    def _interact(self, what: str, payload: Json, form: bool = True, background: bool = False) -> Sent:
        sent = as_json(what, self.urls.events, payload)
        if form:
            body = urlencode({"payload": json.dumps(payload, separators=(",", ":"), ensure_ascii=False)}).encode()
            sent = Sent(what, self.urls.interactions, payload, body, "application/x-www-form-urlencoded")
        return self._run(lambda: self._once(sent), sent, background)

    def _once(self, sent: Sent) -> Sent:
        self._note(sent)
        if sent.url:
            self.sender.interaction(sent)
            self.world.touch()
        return sent

    def _send(self, told: list[Sent], background: bool = False) -> list[Sent]:
        def go(sent: Sent) -> Sent:
            self._note(sent)
            if sent.url:
                self.sender.event(sent)
                self.world.touch()
            return sent

        return [self._run(lambda sent=sent: go(sent), sent, background) for sent in told]  # type: ignore[misc]

    def _run(self, work: Callable[[], Sent], sent: Sent, background: bool) -> Sent:
        if not background:
            return work()
        threading.Thread(target=work, name=f"slack {sent.what}", daemon=True).start()
        return sent

    def _note(self, sent: Sent) -> None:
        self.sent.append(sent)

    def _person(self, user: str) -> User:
        try:
            person = self.world.user(user)
        except KeyError as error:
            raise NotThere(f"there is nobody called {user}") from error
        if person.deleted:
            raise NotThere(f"{person.name} is no longer here")
        return person

    def _channel(self, channel: str) -> Channel:
        try:
            return self.world.channel(channel)
        except KeyError as error:
            raise NotThere(f"there is no {channel}") from error

    def _home_of(self, message: Message) -> Workspace:
        homes = self.world.state.workspaces.values()
        return next(one for one in homes if one.bot_id and one.bot_id == message.bot_id)

    def _home_of_team(self, team: str) -> Workspace:
        homes = self.world.state.workspaces
        return homes[team] if homes[team].token else next(one for one in homes.values() if one.token)

    def _knows(self, home: Workspace, person: User) -> bool:
        return person.team == home.id or any(
            person.id in one.members and home.id in (one.team, *one.teams) for one in self.world.state.channels.values()
        )


def _with_ids(blocks: list[Json]) -> list[Json]:
    return [{**one, "block_id": one.get("block_id") or f"v{n}"} for n, one in enumerate(blocks)]


def _json(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
