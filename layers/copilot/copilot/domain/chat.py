"""Chat as the copilot knows it, whatever the platform: who writes, what came in, and which messages show what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from copilot.domain.conversations import AnswerTo, is_in_chat
from copilot.domain.frozen import Frozen, digest

PlatformName = Literal["slack", "teams", "discord"]
PLATFORMS: Mapping[PlatformName, str] = {"slack": "Slack", "teams": "Microsoft Teams", "discord": "Discord"}
"""What people call them."""
_GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CHAT_IDS: Mapping[PlatformName, str] = {"slack": "[A-Z0-9]{2,40}", "teams": _GUID, "discord": "[0-9]{15,20}"}
"""The form of the ids of workspaces and people: Slack's own, Entra's of tenants and users, Discord's snowflakes."""
CHAT_ID = "(?:" + "|".join(CHAT_IDS.values()) + ")"
ChatId = Annotated[str, StringConstraints(pattern=f"^{CHAT_ID}$")]
CHAT_ADDRESS = "(?:" + "|".join(f"{platform}:{id}/{id}" for platform, id in CHAT_IDS.items()) + ")"
ChatAddress = Annotated[str, StringConstraints(pattern=f"^{CHAT_ADDRESS}$")]
"""A user as configurations and links write them: slack:T024BE7LD/U2147483697."""
Action = Literal["approve", "deny", "show", "narrow", "undo", "retry", "freeze", "keep", "pause", "resume"]
"""What a button does. The buttons themselves hold this and an opaque id, nothing else."""


class ChatUser(Frozen):
    """Somebody on a platform: who they are to us is found out apart."""

    platform: PlatformName
    workspace: ChatId
    user: ChatId

    @model_validator(mode="after")
    def _has_ids_of_the_platform(self) -> ChatUser:
        if not re.fullmatch(CHAT_ADDRESS, self.address):
            raise ValueError(f"an id is not of {PLATFORMS[self.platform]}'s form")
        return self

    @property
    def address(self) -> str:
        return f"{self.platform}:{self.workspace}/{self.user}"

    @property
    def account(self) -> str:
        """The same in every server of Discord, whose ids are of accounts; elsewhere a user is of one workspace."""
        return f"{self.platform}:{self.user}" if self.platform == "discord" else self.address

    @classmethod
    def at(cls, address: str) -> ChatUser:
        """Of a ChatAddress."""
        platform, _, rest = address.partition(":")
        workspace, _, user = rest.partition("/")
        return cls.model_validate({"platform": platform, "workspace": workspace, "user": user})


Token = Annotated[str, Field(max_length=1000, repr=False)]
"""What a platform gives for an answer to what somebody did, as long as it is good: whoever has it may answer. "" where
there is none. A secret, and nowhere but in queues.
"""


class ChatFile(Frozen):
    """A file that was sent along, not read yet. `type` is the platform's word for what it is, `size` in bytes."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    name: Annotated[str, Field(max_length=255)]
    size: Annotated[int, Field(ge=0)]
    type: Annotated[str, Field(max_length=100)] = ""
    url: Annotated[str, Field(max_length=4000)]


class Said(Frozen):
    """Somebody wrote. `key` is the same for every delivery of it, `message` the platform's id of it.

    `external` where they are not of the workspace the copilot is installed in: Slack Connect, or not known. `addressed`
    where it is meant for the copilot by its form: a direct message, a mention, a command. Text in which the copilot is
    mentioned comes without that mention.

    `perhaps` are whom else the user may be: of a direct message Discord does not say of which server its author is.
    `quoted` where all that is in it was written by somebody else. `token` where a platform shows that it is answered.
    """

    kind: Literal["said"] = "said"
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    user: ChatUser
    perhaps: tuple[ChatUser, ...] = ()
    external: bool = False
    where: AnswerTo
    message: Annotated[str, StringConstraints(max_length=100)] = ""
    direct: bool = False
    addressed: bool
    quoted: bool = False
    text: str
    files: Annotated[tuple[ChatFile, ...], Field(max_length=50)] = ()
    token: Token = ""


class Pressed(Frozen):
    """Somebody pressed a button of `message`, or of their `home`, which is none; about the run, approval, occasion or
    schedule whose id it holds. `chosen` is what they left out, where they could choose; `perhaps` and `token` are as of
    what is Said.
    """

    kind: Literal["pressed"] = "pressed"
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    user: ChatUser
    perhaps: tuple[ChatUser, ...] = ()
    external: bool = False
    where: AnswerTo
    message: Annotated[str, StringConstraints(max_length=100)]
    action: Action
    about: Annotated[str, StringConstraints(pattern=r"^[\w./:-]{1,200}$")]
    chosen: Annotated[tuple[Annotated[str, Field(max_length=256)], ...], Field(max_length=100)] = ()
    token: Token = ""
    home: bool = False


class Opened(Frozen):
    """Somebody opened the place where they talk with the copilot alone; or their `home` there."""

    kind: Literal["opened"] = "opened"
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    user: ChatUser
    external: bool = False
    where: AnswerTo
    home: bool = False


class Gone(Frozen):
    """Somebody is no longer of the workspace; everybody in it, where `user` is None."""

    kind: Literal["gone"] = "gone"
    platform: PlatformName
    workspace: ChatId
    user: ChatId | None = None


ChatEvent = Annotated[Said | Pressed | Opened | Gone, Field(discriminator="kind")]
"""What a verified payload says, where it says something to us."""


class ChatPlace(Frozen):
    """A channel as it is now. `shared` with another organisation, `guests` where some of its members are not ours;
    `uncounted` where these are taken to be there since it has too many members to look at each, or hides them. `aside`
    where one of those there can be told something that the others do not see.
    """

    name: str
    direct: bool = False
    shared: bool = False
    guests: bool = False
    uncounted: bool = False
    archived: bool = False
    joined: bool = True
    aside: bool = True

    def is_read_by_others(self, *, named: bool) -> bool:
        """Whether others than this organisation may read what is sent there unasked. Who names a channel in the
        configuration has seen who is in it, as far as that cannot be told.
        """
        return self.shared or (self.guests and not (self.uncounted and named))


class ChatPerson(Frozen):
    """A user as the platform knows them now. `mail` only where it is confirmed."""

    name: str
    mail: str | None = None
    bot: bool = False
    guest: bool = False
    gone: bool = False
    external: bool = False
    time_zone: str | None = None


class Delivery(Frozen):
    """What is to be shown, as it stands on the queue: ids, and of a notice a few words of our own.

    progress, answer: of a run, in the place that its answer goes to. approval: one that waits, to those who may decide
    it (`stage` 1: those on duty, 2: the others too, 3: again, before it expires). decided: every copy of one, as it was
    decided. show: all of an approval, to one person. notice: words to one person alone, in the place where they are or,
    without one, directly; as an answer under a `token`, where there is one. receipt: words in answer to a command, for
    all who are there, or for one who is there alone (`to`), under its `token`. report: words of our own, once under
    their `key`: in a channel by name, in a place, or to one person directly. remark: words of our own that tell of
    nothing, once under their `key`, where somebody commented. owners: what a run changed, to each who owns any of it,
    directly. stops: what schedules are about to stop, to each who owns any of it, directly; `run_id` is the occasion. A
    report `under` something stands in the thread of the first one under that, for a day. escalation: an approval that
    nobody answered, to the destinations of that `level`; of level 0, that its levels begin. resolution: what became of
    it, to all of them. home: the page of `person` as who they are `to` the chat; of somebody who is nobody it has
    `text` alone. `opened` where that is all that happened.
    """

    kind: Literal[
        "progress",
        "answer",
        "approval",
        "decided",
        "show",
        "notice",
        "receipt",
        "report",
        "remark",
        "owners",
        "stops",
        "escalation",
        "resolution",
        "home",
    ]
    tenant: str
    conversation: str = ""
    run_id: str = ""
    wave: int = 0
    approval_id: str = ""
    stage: Literal[1, 2, 3] = 1
    level: Annotated[int, Field(ge=0, le=9)] = 0
    where: AnswerTo | None = None
    to: ChatUser | None = None
    channel: str = ""
    text: Annotated[str, Field(max_length=5000)] = ""
    key: Annotated[str, Field(max_length=200)] = ""
    under: Annotated[str, Field(max_length=200)] = ""
    person: str = ""
    opened: bool = False
    token: Token = ""

    @property
    def once(self) -> str:
        """The same for what is to be shown once, 64 hex digits."""
        place = [self.wave, self.approval_id, self.stage, self.level, self.key]
        return digest([self.kind, self.tenant, self.run_id, *place])

    @property
    def group(self) -> str:
        """What is shown in one channel is shown in order, and what is of one approval: 64 hex digits for each. A chat
        that does not answer keeps no approval from being told elsewhere.
        """
        if self.kind in {"escalation", "resolution"}:
            return digest(["elsewhere", self.approval_id])
        if self.approval_id:  # its copies are in many places, and each shows what became of it after it was posted
            return digest(self.approval_id)
        channel = "/".join(self.conversation.split("/")[:2]) if is_in_chat(self.conversation) else ""
        if self.where is not None:
            channel = f"{self.where.platform}:{self.where.workspace}/{self.where.place}"
        return digest(channel or self.channel or (self.to.address if self.to else self.run_id))


class Growing(Frozen):
    """Of a message to which more may come: until when, and the ids of the steps it has, of which none goes away."""

    until: datetime
    steps: tuple[str, ...] = ()


class ComingStop(Frozen):
    """That schedules stop an Environment `at` that time. `until` is how long it has to be kept to be spared that."""

    environment: str
    at: datetime
    until: datetime


class Delivered(Frozen):
    """What shows something of a run, an occasion or a report, under a `key` that says what: "progress", "answer",
    "approval/ID/ADDRESS", "owner/PERSON", "notice/KEY", "report", "escalation/ID/LEVEL/DESTINATION".

    `message` is the platform's id of the last message of it, `earlier` are those before it, `shows` a digest of what it
    shows now, `sent` what was sent for it, as it was sent. `grows` as long as more may come to it, `stops` are those it
    tells of and can have spared.

    Failed where it could not be, with why in `reason`; unknown where it may have been, or is being sent.
    """

    run_id: str
    key: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    state: Literal["sent", "failed", "unknown"] = "sent"
    where: AnswerTo | None = None
    message: str = ""
    earlier: tuple[str, ...] = ()
    shows: str = ""
    sent: tuple[str, ...] = ()
    grows: Growing | None = None
    reason: str = ""
    stops: tuple[ComingStop, ...] = ()
    at: datetime


def notice_key(key: str) -> str:
    """Under which it is kept that somebody was told something alone; `key` of a Delivery begins with the id of an
    Approval and a / where it is about one.
    """
    return f"notice/{key}"


def report_of(key: str) -> str:
    """The id of what was reported under a Notifier's key, as that of a run."""
    return f"report-{digest(key)[:24]}"


def occasion_of(at: datetime) -> str:
    """The id of all that schedules stop at one time."""
    return f"{_STOPS}{int(at.timestamp())}"


def time_of(occasion: str) -> datetime:
    return datetime.fromtimestamp(int(occasion.removeprefix(_STOPS)), UTC)


def home_of(user: ChatUser) -> str:
    """The id of what a user's home shows, as that of a run."""
    return f"home-{digest(user.address)[:24]}"


def home_key(person: str) -> str:
    """Under which it is kept of an occasion what a person's page had spared."""
    return f"home/{person}"


def from_home(user: ChatUser, key: str) -> str:
    """The dedupe key of the Run of what was pressed there."""
    return f"{user.platform}:{_HOME}{key}"


def is_from_home(dedupe_key: str) -> bool:
    return dedupe_key.partition(":")[2].startswith(_HOME)


_STOPS, _KEEP, _HOME = "stops-", "keep/", "home/"


def keep_key(occasion: str) -> str:
    """The dedupe key of the Run that spares a person's environments what is stopped then."""
    return f"{_KEEP}{occasion}"


def spared_by(dedupe_key: str) -> str:
    """The occasion of which the Run with this key spares them; "" of any other."""
    return dedupe_key.removeprefix(_KEEP) if dedupe_key.startswith(f"{_KEEP}{_STOPS}") else ""


class ChatLink(Frozen):
    """That a user on a platform is this person, as an IAM identity of theirs said; good until it is said again."""

    user: ChatUser
    person: str
    principal: str
    made_at: datetime
    until: datetime


class LinkCode(Frozen):
    """What turns into a link when it is sent in a direct message: kept as a hash, good once and until then."""

    person: str
    principal: str
    until: datetime


class Unknown(Frozen):
    """Why a chat user is nobody to the copilot, and what they can do about it. Sentences, for them alone."""

    why: str
    what_to_do: str
