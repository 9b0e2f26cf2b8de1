"""Telling people something."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from copilot.domain import (
    NAMES,
    TARGET,
    Change,
    Channel,
    Frozen,
    Made,
    NothingToUndo,
    Permission,
    Preview,
    ResourceRef,
    Runtime,
    Target,
    Undo,
    Verification,
    digest,
    way_of,
)
from copilot.errors import FatalError
from copilot.tools.tool import WriteTool

LONGEST, LONGEST_MAIL = 4000, 20_000
CUT = "\n\u2026 and more: this message was cut"


class NotifyInput(Frozen):
    channel: Channel = Field(description="such as #platform, person:ID or mail:NAME", json_schema_extra=TARGET)
    text: str = Field(
        min_length=1,
        max_length=100_000,
        description="cut after 4,000",
        json_schema_extra={"shown": True},
    )


class NotifyOutput(Frozen):
    channel: Made = Field(description="the channel", json_schema_extra={NAMES: "channel"})
    where: Made = Field(description="where the message went")
    summary: Made = Field(description="one line about it")


def cut(text: str, channel: str) -> str:
    """The text as it is taken there (Slack's messages hold 4,000 characters), saying so where it is shortened."""
    most = LONGEST_MAIL if way_of(channel) == "mail" else LONGEST
    return text if len(text) <= most else text[: most - len(CUT)] + CUT


class Notify(WriteTool[NotifyInput, NotifyOutput]):
    name = "notify"
    summary = "Send a message to a channel, or to one person."
    Input = NotifyInput
    Output = NotifyOutput
    of_environments = False
    runtime: ClassVar[Runtime] = "send"
    resource = "Channel"
    idempotent = False
    unverifiable = True

    def preview(self, input: NotifyInput) -> Preview:
        """Raises ToolInputError, with the nearest there are, for whom cannot be told."""
        self.clients.notifier.check(input.channel)
        ref = ResourceRef(type="channel", id=input.channel)
        said = cut(input.text, input.channel)
        return Preview(
            targets=(Target(ref=ref, name=input.channel),),
            changes=(Change(ref=ref, name=input.channel, action="send", before="", after=said),),
            state={"channel": input.channel, "text": input.text},
        )

    def permissions(self, input: NotifyInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.notifier.permissions(input.channel, self._key(input)))

    def run(self, input: NotifyInput, preview: Preview) -> NotifyOutput:
        where = self.clients.notifier.send(input.channel, cut(input.text, input.channel), self._key(input))
        return NotifyOutput(channel=input.channel, where=where, summary=f"told {input.channel}")

    def verify(self, input: NotifyInput, prior: Preview) -> Verification:
        raise FatalError("whether a message was sent cannot be read back")

    @classmethod
    def undo(cls, input: NotifyInput, prior: Preview) -> Undo:
        """Nothing: what was sent stays sent."""
        return NothingToUndo(why="a message that was sent stays sent")

    def _key(self, input: NotifyInput) -> str:
        """The same for each attempt of this call, and no other's: the same text may well be sent twice on purpose."""
        return digest([self.clients.call_id, input.channel, input.text])
