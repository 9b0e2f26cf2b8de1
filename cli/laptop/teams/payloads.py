"""What Teams tells a bot, in its own form: microsoftteams/platform/bots/how-to/conversations."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from cli.laptop.teams.world import Json, Message, Person, World

FILE = "application/vnd.microsoft.teams.file.download.info"
BOT = "copilot"


class Payloads:
    """`url` is the service URL."""

    def __init__(self, world: World, url: str) -> None:
        self._world, self._url = world, url

    def message(self, by: Person, said: Message, files: list[Json]) -> Json:
        """Mentions of the app stand in its text as references, and there is a copy of it as HTML."""
        text = str(said.activity["text"])
        marked = re.sub(rf"@{BOT}\b", f"<at>{BOT}</at>", text)
        mention = {"type": "mention", "text": f"<at>{BOT}</at>", "mentioned": {"id": self._bot["id"], "name": BOT}}
        copy = {"contentType": "text/html", "content": f"<div><div>{marked}</div></div>"}
        client = {"type": "clientInfo", "locale": "en-US", "platform": "Web", "timezone": "Europe/Paris"}
        return self._activity("message", said.id, by, said.conversation, said.thread) | {
            "text": marked,
            "textFormat": "plain",
            "attachments": [copy, *files],
            "entities": [mention] * marked.count(f"<at>{BOT}</at>") + [client],
        }

    def pressed(self, by: Person, message: Message, action: Json, inputs: dict[str, str]) -> Json:
        """adaptive-cards/authoring-cards/universal-action-model, "Request format"."""
        id = f"f:{self._world.new_id()}"
        whole = self._activity("invoke", id, by, message.conversation, message.thread)
        told = {"type": "Action.Execute", "verb": action["verb"], "data": {**action.get("data", {}), **inputs}}
        return whole | {
            "name": "adaptiveCard/action",
            "value": {"action": told, "trigger": "manual"},
            "replyToId": message.id,
        }

    def added(self, by: Person) -> Json:
        """subscribe-to-conversation-events, "Installation update event"."""
        id = f"f:{self._world.new_id()}"
        whole = self._activity("installationUpdate", id, by, self._world.personal(by), None)
        return whole | {"action": "add"}

    @property
    def _bot(self) -> Json:
        return {"id": f"28:{self._world.app}", "name": BOT}

    def _activity(self, type: str, id: str, by: Person, conversation: str, thread: str | None) -> Json:
        tenant = {"tenant": {"id": self._world.tenant}}
        whole: dict[str, Any] = {
            "type": type,
            "id": id,
            "timestamp": datetime.fromtimestamp(self._world.now(), UTC).isoformat(timespec="milliseconds"),
            "serviceUrl": self._url,
            "channelId": "msteams",
            "from": {"id": by.mri, "name": by.name, "aadObjectId": by.id},
            "recipient": self._bot,
            "channelData": tenant,
            "locale": "en-US",
        }
        there: Json = {"conversationType": "personal", "tenantId": self._world.tenant, "id": conversation}
        if conversation in self._world.channels:
            there |= {"conversationType": "channel", "isGroup": True, "id": f"{conversation};messageid={thread}"}
            whole["channelData"] = tenant | {"channel": {"id": conversation}, "team": {"id": self._world.team}}
            whole["from"] |= {} if by.tenant == self._world.tenant else {"tenantId": by.tenant}
        return whole | {"conversation": there}
