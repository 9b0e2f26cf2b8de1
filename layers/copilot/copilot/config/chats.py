"""Where people reach the copilot in a chat, and whom it asks first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from copilot.config.places import Endpoint, KeyArn
from copilot.domain import CHAT_IDS, DAYS, PLATFORMS, ChatId, Day, Frozen, PlatformName, TimeOfDay

SUCH: Mapping[PlatformName, str] = {
    "slack": "T024BE7LD",
    "teams": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "discord": "197038439483310086",
}


class ChatWorkspace(Frozen):
    """A workspace of Slack, a tenant of Microsoft Teams or a server of Discord in which the copilot is installed."""

    platform: PlatformName = Field(default="slack", description="slack, teams or discord")
    id: ChatId = Field(
        description="its id there: a workspace's, such as T024BE7LD, or an organisation's E... one; "
        "a tenant's; a server's"
    )
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(description="what people call it")
    token: KeyArn = Field(
        description="where the copilot's token for it is kept, of Teams the bot's client secret: ARN of a secret or an "
        "SSM parameter"
    )
    app: ChatId | None = Field(default=None, description="the bot's app id in Teams, the application's id in Discord")
    team: Annotated[str, StringConstraints(pattern=r"^19:[\w.@-]{1,190}$")] | None = Field(
        default=None, description="of Teams: the id of the team whose channels may be told, such as 19:...@thread.tacv2"
    )
    endpoint: Endpoint | None = Field(default=None, description="base URL of the platform's API; else its own")

    @model_validator(mode="after")
    def _is_of_its_platform(self) -> ChatWorkspace:
        named = PLATFORMS[self.platform]
        if not re.fullmatch(CHAT_IDS[self.platform], self.id):
            raise ValueError(f"its `id` is not of the form that {named} has, such as {SUCH[self.platform]}")
        if (self.app is None) != (self.platform == "slack"):
            raise ValueError(
                f"{named} wants the `app` too" if self.app is None else "an `app` is of no workspace of Slack"
            )
        if self.app is not None and not re.fullmatch(CHAT_IDS[self.platform], self.app):
            raise ValueError(f"its `app` is not of the form that {named} has, such as {SUCH[self.platform]}")
        if self.team is not None and self.platform != "teams":
            raise ValueError("a `team` is of Teams alone")
        return self


class Duty(Frozen):
    """Who is asked first for an approval, and when that is."""

    people: Annotated[tuple[str, ...], Field(min_length=1)] = Field(description="ids of people")
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = Field(default=DAYS, description="MON to SUN")
    since: TimeOfDay = Field(default="00:00", description="from this time of their own day, such as 09:00")
    until: TimeOfDay = Field(default="00:00", description="until this one, or the next day's where it is not later")


class ChatSettings(Frozen):
    """Where people reach the copilot in a chat, and whom it asks first."""

    workspaces: Annotated[tuple[ChatWorkspace, ...], Field(min_length=1)] = Field(
        description="where it is installed; the first is the home, where channels are told"
    )
    on_duty: tuple[Duty, ...] = Field(
        default=(), description="who is told at once that an approval waits; others after ten minutes"
    )
    readers_by_mail: tuple[Annotated[str, StringConstraints(pattern=r"^@[a-z0-9.-]+\.[a-z]+$")], ...] = Field(
        default=(),
        description="such as @example.com: who has confirmed such a mail address in the home workspace may read",
    )

    @model_validator(mode="after")
    def _has_each_once(self) -> ChatSettings:
        ids = [one.id for one in self.workspaces]
        if twice := [id for id in dict.fromkeys(ids) if ids.count(id) > 1]:
            raise ValueError(f"a workspace is named twice: {twice[0]}")
        if len(self.on("teams")) > 1:
            raise ValueError("a bot of Teams is known in one tenant alone; name no second one")
        return self

    def workspace(self, id: str) -> ChatWorkspace | None:
        return next((one for one in self.workspaces if one.id == id), None)

    def on(self, platform: str) -> tuple[ChatWorkspace, ...]:
        """Those of a platform, the nearest to home first."""
        return tuple(one for one in self.workspaces if one.platform == platform)
