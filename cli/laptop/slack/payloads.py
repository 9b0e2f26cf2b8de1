"""What Slack tells an app: the payloads of events, interactions and commands, whole.

docs.slack.dev/apis/events-api, /reference/interaction-payloads, /interactivity/implementing-slash-commands
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from cli.laptop.slack.shapes import APP, message_shape, user_shape
from cli.laptop.slack.views import view_shape
from cli.laptop.slack.world import Channel, Json, Message, User, View, Workspace, World

VERIFICATION_TOKEN = "not-used-any-more"


def rich_text(text: str) -> Json:
    """What somebody wrote, as the block that Slack makes of it."""
    elements: list[Json] = []
    for part in re.split(r"(<[^<>]+>)", text):
        if not part:
            continue
        named = re.fullmatch(r"<(@|#)?([^|>]+)(?:\|([^>]*))?>", part)
        plain = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        if not named:
            elements.append({"type": "text", "text": plain})
        elif named[1] == "@":
            elements.append({"type": "user", "user_id": named[2]})
        elif named[1] == "#":
            elements.append({"type": "channel", "channel_id": named[2]})
        else:
            elements.append({"type": "link", "url": named[2], **({"text": named[3]} if named[3] else {})})
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": uuid.uuid4().hex[:5], "elements": [section]}


class Payloads:
    def __init__(self, world: World, base: str) -> None:
        self.world = world
        self.base = base

    def callback(self, home: Workspace, event: Json, channel: Channel | None = None, **outer: Any) -> Json:
        """An event as it is delivered to the app in a workspace."""
        place = f"-{channel.id}" if channel else ""
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": home.id,
            "context_team_id": home.id,
            "context_enterprise_id": home.enterprise,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": self.world.new_id("Ev"),
            "event_time": int(self.world.now()),
            "authorizations": [
                {
                    "enterprise_id": home.enterprise,
                    "team_id": None if home.org_wide else home.id,
                    "user_id": home.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": home.org_wide,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": f"4-{event['type']}-{home.id}-{APP}{place}",
            **outer,
        }

    def message(self, home: Workspace, channel: Channel, message: Message, mention: bool = False) -> Json:
        """Somebody wrote: as a message of where it was written, or as a mention of the app."""
        author = self.world.state.users[message.user]
        shape = message_shape(self.world, message, self.base)
        shape = {key: value for key, value in shape.items() if key not in {"reply_count", "latest_reply"}}
        if not message.thread_ts:
            shape.pop("thread_ts", None)
        event = shape | {"channel": channel.id, "event_ts": message.ts}
        if mention:
            event["type"] = "app_mention"
            event.pop("subtype", None)
        else:
            event["channel_type"] = channel.kind
        if message.files:
            event |= {"upload": False, "display_as_bot": False}
        if author.team != home.id:
            profile = user_shape(author, home, False)["profile"]
            event |= {"user_team": author.team, "source_team": author.team, "user_profile": profile}
        return self.callback(home, event, channel)

    def changed(self, home: Workspace, channel: Channel, new: Message, old: Json) -> Json:
        ts = self.world.new_ts()
        event = {
            "type": "message",
            "subtype": "message_changed",
            "message": message_shape(self.world, new, self.base),
            "previous_message": old,
            "channel": channel.id,
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            "channel_type": channel.kind,
        }
        return self.callback(home, event, channel)

    def deleted(self, home: Workspace, channel: Channel, old: Json) -> Json:
        ts = self.world.new_ts()
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": old,
            "channel": channel.id,
            "hidden": True,
            "deleted_ts": old["ts"],
            "ts": ts,
            "event_ts": ts,
            "channel_type": channel.kind,
        }
        return self.callback(home, event, channel)

    def home_opened(self, home: Workspace, channel: Channel, user: User, tab: str) -> Json:
        event: Json = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self.world.new_ts(),
        }
        if tab == "home" and (view := self.world.state.homes.get(user.id)):
            event["view"] = view_shape(view)
        return self.callback(home, event, channel)

    def user_changed(self, home: Workspace, user: User) -> Json:
        ts = self.world.new_ts()
        shape = user_shape(user, home, "users:read.email" in home.scopes)
        return self.callback(home, {"type": "user_change", "user": shape, "cache_ts": int(float(ts)), "event_ts": ts})

    def uninstalled(self, home: Workspace) -> list[Json]:
        """Slack says it twice, in no certain order."""
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [home.bot_user]}}
        events: list[Json] = [revoked, {"type": "app_uninstalled"}]
        return [self.callback(home, {**one, "event_ts": self.world.new_ts()}) for one in events]

    def actions(self, user: User, home: Workspace, actions: list[Json], trigger: str) -> Json:
        """What every interaction has. `team` is the app's; whose the person is stands with them."""
        team = {"id": home.id, "domain": home.domain}
        enterprise = {"id": home.enterprise, "name": home.name} if home.enterprise else None
        return {
            "type": "block_actions",
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
            "api_app_id": APP,
            "token": VERIFICATION_TOKEN,
            "trigger_id": trigger,
            "team": None if home.org_wide else team,
            "enterprise": enterprise,
            "is_enterprise_install": home.org_wide,
            "actions": actions,
        }

    def pressed(
        self, user: User, home: Workspace, message: Message, action: Json, state: Json, trigger: str, response: str
    ) -> Json:
        """An element of a message was used. Slack leaves the message out where only one person sees it."""
        channel = self.world.state.channels[message.channel]
        name = "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.only_for),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self.actions(user, home, [action], trigger) | {
            "container": container,
            "channel": {"id": channel.id, "name": name},
            "state": {"values": state},
            "response_url": f"{self.base}/hooks/actions/{response}",
        }
        if not message.only_for:
            payload["message"] = message_shape(self.world, message, self.base)
        return payload

    def pressed_in_view(self, user: User, home: Workspace, view: View, action: Json, state: Json, trigger: str) -> Json:
        shape = view_shape(view) | {"state": {"values": state}}
        return self.actions(user, home, [action], trigger) | {
            "container": {"type": "view", "view_id": view.id},
            "view": shape,
        }

    def submitted(self, user: User, home: Workspace, view: View, state: Json, trigger: str) -> Json:
        payload = self.actions(user, home, [], trigger)
        del payload["actions"]
        if not home.org_wide:  # here it is the person's own, and the app's stands in the view
            payload["team"] = {"id": user.team, "domain": self.world.state.workspaces[user.team].domain}
        shape = view_shape(view) | {"state": {"values": state}}
        return payload | {"type": "view_submission", "view": shape, "response_urls": []}

    def closed(self, user: User, home: Workspace, view: View, cleared: bool) -> Json:
        payload = self.actions(user, home, [], "")
        del payload["actions"], payload["trigger_id"]
        return payload | {"type": "view_closed", "view": view_shape(view), "is_cleared": cleared}

    def command(
        self, user: User, home: Workspace, channel: Channel, command: str, text: str, trigger: str, response: str
    ) -> dict[str, str]:
        """The fields of the form."""
        name = "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name
        fields = {
            "token": VERIFICATION_TOKEN,
            "team_id": user.team,
            "team_domain": self.world.state.workspaces[user.team].domain,
            "channel_id": channel.id,
            "channel_name": name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": str(home.org_wide).lower(),
            "response_url": f"{self.base}/hooks/commands/{response}",
            "trigger_id": trigger,
        }
        return fields | ({"enterprise_id": home.enterprise} if home.enterprise else {})
