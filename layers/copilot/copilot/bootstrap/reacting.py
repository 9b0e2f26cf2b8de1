"""The use cases of reactions: events that start runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from copilot.bootstrap.by_itself import ByItself
from copilot.bootstrap.defaults import default
from copilot.config.reacting import Reaction
from copilot.domain import Delivery
from copilot.ports import Reactions

if TYPE_CHECKING:
    from copilot.answering.telling_reactions import TellReaction
    from copilot.triggers.reacting import React


class Reacting(ByItself):
    @default
    def react(self) -> React:
        from copilot.triggers.reacting import React

        queue = self.installation.told.get("OWN_EVENTS", "")
        account, region = (queue.split(":") + [""] * 5)[4:2:-1]
        return React(
            self.reactions,
            self.ingest,
            lambda: self.runbooks,
            self.registry,
            lambda: self.history,
            lambda place: self.inventory.seen(place),
            self.tell_channel,
            self.configuration(),
            self.clock,
            (account, region),
            queue,
        )

    def would_react(self, event: dict[str, Any], *, own: bool) -> dict[str, JsonValue]:
        """What it would start, without starting it; see `foreseeing`."""
        from copilot.triggers.foreseeing import would_react

        return would_react(self.react, event, own=own)

    @default
    def tell_reaction(self) -> TellReaction:
        from copilot.answering.telling_reactions import TellReaction

        return TellReaction(self.reactions, self.tell_channel, self._may_tell, self.configuration(), self.clock)

    @default
    def reactions(self) -> Reactions:
        return self.installation.records(self.configuration().tenant).reactions

    def tell_channel(self, reaction: Reaction, text: str, key: str, cause: str) -> None:
        """Once under its key; in a chat, what is of one cause in one thread. Raises as a Notifier."""
        config = self.configuration()
        if config.chat is None:
            self.notifier.send(reaction.tells, text, key)
            return
        thread = f"{reaction.name}/{cause}" if cause else ""
        told = Delivery(kind="report", tenant=config.tenant, channel=reaction.tells, text=text, key=key, under=thread)
        self.delivery_queue.put([told])
