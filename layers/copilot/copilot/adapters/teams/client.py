"""Teams as the copilot reads it and posts to it, over the REST API of the Bot Connector.

learn.microsoft.com, microsoftteams/platform/bots/how-to: get-teams-context, conversations/send-proactive-messages,
update-and-delete-bot-messages; azure/bot-service/rest-api/bot-framework-rest-connector-api-reference.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from copilot.adapters.recent import Recent
from copilot.adapters.teams import cards
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.domain import AnswerTo, ChatFile, ChatPerson, ChatPlace, ChatUser, Shown, Words
from copilot.errors import FatalError, NotFound, PermissionDenied
from copilot.ports import Clock, Sent

if TYPE_CHECKING:
    from copilot.adapters.teams.calls import Calls

MEMBERS = 500
"""The most of one page. Of a channel with more of them it is taken that guests are among them."""
GENERAL = "General"
"""The channel that every team has: it comes without a name, and with the id of the team."""
LARGEST_PICTURE, WIDEST_PICTURE = 1_000_000, 1024
"""Bytes, and dots either way, of what a message may have in it: bots/how-to/conversations/conversation-messages."""
_ROLES = frozenset({"user", "owner"})
_PNG = b"\x89PNG\r\n\x1a\n"
TOO_LARGE = "{title} is too large to be shown here: the answer has the link to it."


class TeamsClient:
    """ports.ChatSender over the configured tenants; `secret` reads that of one.

    Whom a bot tells something in a channel, everybody there sees it: what is for one person goes to their personal
    chat. A place that is a person is that chat too.
    """

    def __init__(self, settings: ChatSettings, secret: Callable[[ChatWorkspace], str], clock: Clock) -> None:
        self._settings = settings
        self._secret = secret
        self._clock = clock
        self._calls: dict[str, Calls] = {}
        self._recent = Recent(clock)

    def place(self, where: AnswerTo) -> ChatPlace:
        if where.person:
            other = self.person(_user(where))
            return ChatPlace(name=other.name, direct=True, shared=other.external, guests=other.guest)
        if not _is_channel(where):
            alone = where.place.startswith("a:")
            return ChatPlace(name="", direct=alone, guests=not alone, aside=False)
        tenant = self._of(where)
        members = self._recent(("members", tenant, where.place), lambda: self._members(tenant, where.place))
        named = {id: name for name, id in self.channels(tenant).items()}
        return ChatPlace(
            name=f"#{named[where.place]}" if where.place in named else "a channel of Teams",
            shared=any(one.external and not one.guest for one in members or ()),
            guests=members is None or any(one.guest for one in members),
            uncounted=members is None,
            aside=False,
        )

    def person(self, user: ChatUser) -> ChatPerson:
        return self._recent(("user", user.workspace, user.user), lambda: self._person(user))

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        return self._at(self._of(where)).read("reading the file", file.url, most)

    def direct(self, user: ChatUser) -> AnswerTo:
        chat = self._recent(("chat", user.workspace, user.user), lambda: self._chat_with(user))
        return AnswerTo(platform="teams", workspace=user.workspace, place=chat)

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        id = self.channels(workspace).get(name.removeprefix("#"))
        return AnswerTo(platform="teams", workspace=workspace, place=id) if id else None

    def channels(self, workspace: str) -> Mapping[str, str]:
        """The ids of the channels of the configured team, by their names as others write them: in small letters, with -
        for spaces. A name that two have then names none of them.
        """
        return self._recent(("channels", workspace), lambda: self._channels(workspace))

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        return tuple(self.sending(where, shown, only_for))

    def sending(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> Iterator[Sent]:
        """In a channel what is long begins one reply chain, and goes on in it."""
        if only_for is not None and not self._is_with(where, only_for):
            where, shown = self.direct(only_for), _from_elsewhere(shown, self._name_of(where))
        for activity in cards.messages(shown):
            sent = self._send(where, activity)
            if _is_channel(where) and not where.thread:
                where = where.model_copy(update={"thread": sent.message})
            yield sent

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        """As any other: what Teams streams ends after two minutes, and is stopped by whoever reads it."""
        return self._send(where, cards.one_message(shown))

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        return self.update(where, message, shown)

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        from copilot.adapters.teams.calls import as_sent, at

        thread = where.thread or (message if _is_channel(where) else None)
        path = at("conversations", self._conversation(where, thread), "activities", message)
        body = cards.one_message(shown) | {"id": message}
        self._at(self._of(where)).send("changing a message", "PUT", path, body)
        return Sent(message, as_sent("PUT", path, body))

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        """A picture stands in the message itself; where it is too large for that, and of any other file, words do: what
        is attached is linked to as well, and to put a file into a chat takes the consent of whoever is there.
        """
        if not _is_shown(content):
            return self._send(where, cards.one_message(_words(TOO_LARGE.format(title=title or name))))
        address = f"data:image/png;base64,{base64.b64encode(content).decode()}"
        sent = self._send(where, cards.picture(address, title))
        return sent._replace(sent=sent.sent.replace(address, "data:image/png;…"))

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        raise NotFound("answering a command: Teams awaits none", ours=True)

    def _send(self, where: AnswerTo, activity: cards.Activity) -> Sent:
        from copilot.adapters.teams.calls import as_sent, at

        path, body = at("conversations"), dict(activity)
        if _is_channel(where) and not where.thread:
            body = {"isGroup": True, "channelData": {"channel": {"id": where.place}}, "activity": activity}
            id = "activityId"
        else:
            path = at("conversations", self._conversation(where, where.thread), "activities")
            id = "id"
        reply = self._at(self._of(where)).send("posting a message", "POST", path, body)
        return Sent(_id(reply, id), as_sent("POST", path, body))

    def _conversation(self, where: AnswerTo, thread: str | None) -> str:
        place = self.direct(_user(where)).place if where.person else where.place
        return f"{place};messageid={thread}" if thread and _is_channel(where) else place

    def _is_with(self, where: AnswerTo, user: ChatUser) -> bool:
        """Whether this is the personal chat of that user."""
        return (where.person and where.place == user.user) or where.place.startswith("a:")

    def _name_of(self, where: AnswerTo) -> str:
        try:
            return self.place(where).name or "a chat"
        except (NotFound, PermissionDenied):
            return "a channel"

    def _person(self, user: ChatUser) -> ChatPerson:
        """As the roster of their personal chat has them; else as that of the team has, for who has no such chat."""
        workspace = self._settings.workspace(user.workspace)
        try:
            return self._member(self.direct(user).place, user)
        except (NotFound, PermissionDenied):
            if workspace is None or workspace.team is None:
                raise
        return self._member(workspace.team, user)

    def _member(self, conversation: str, user: ChatUser) -> ChatPerson:
        from copilot.adapters.teams.calls import at

        path = at("conversations", conversation, "members", user.user)
        return _person_of(self._at(user.workspace).get("looking who it is", path), user.workspace)

    def _chat_with(self, user: ChatUser) -> str:
        from copilot.adapters.teams.calls import at

        workspace = self._settings.workspace(user.workspace)
        body = {
            "bot": {"id": f"28:{workspace.app if workspace else ''}"},
            "members": [{"id": user.user}],
            "channelData": {"tenant": {"id": user.workspace}},
            "tenantId": user.workspace,
            "isGroup": False,
        }
        return _id(self._at(user.workspace).send("opening a personal chat", "POST", at("conversations"), body), "id")

    def _members(self, tenant: str, channel: str) -> list[ChatPerson] | None:
        """None where they cannot be told."""
        from copilot.adapters.teams.calls import at

        path = at("conversations", channel, "pagedmembers")
        reply = self._at(tenant).get("looking who is in the channel", path, pageSize=MEMBERS)
        listed = reply.get("members")
        if not isinstance(listed, list) or not listed or reply.get("continuationToken"):
            return None
        return [_person_of(one, tenant) for one in listed if isinstance(one, dict)]

    def _channels(self, tenant: str) -> Mapping[str, str]:
        from copilot.adapters.teams.calls import at

        workspace, named = self._settings.workspace(tenant), dict[str, set[str]]()
        if workspace is None or workspace.team is None:
            return {}
        reply = self._at(tenant).get("looking which channels there are", at("teams", workspace.team, "conversations"))
        listed = reply.get("conversations")
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and one.get("id"):
                named.setdefault(_written(str(one.get("name") or GENERAL)), set()).add(str(one["id"]))
        return {name: ids.pop() for name, ids in named.items() if len(ids) == 1}

    def _of(self, where: AnswerTo) -> str:
        return where.workspace or self._settings.workspaces[0].id

    def _at(self, id: str) -> Calls:
        if id not in self._calls:
            from copilot.adapters.teams.calls import Calls  # 0.2 s of CPU

            workspace = self._settings.workspace(id)
            if workspace is None or workspace.app is None:
                raise FatalError("the copilot is not installed in that tenant; see `chat` in the configuration")
            self._calls[id] = Calls(id, workspace.app, lambda: self._secret(workspace), self._clock, workspace.endpoint)
        return self._calls[id]


def _is_channel(where: AnswerTo) -> bool:
    """By the form of its id: 19:...@thread.tacv2, or thread.skype of old teams; a group chat's ends in thread.v2."""
    return not where.person and where.place.startswith("19:") and not where.place.endswith("@thread.v2")


def _user(where: AnswerTo) -> ChatUser:
    return ChatUser.model_validate({"platform": "teams", "workspace": where.workspace, "user": where.place})


def _from_elsewhere(shown: Shown, name: str) -> Shown:
    said = Words(text=f"About what you said or pressed in {name}:", small=True)
    return shown.model_copy(update={"parts": (said, *(shown.parts or (Words(text=shown.brief),)))})


def _person_of(member: Mapping[str, Any], tenant: str) -> ChatPerson:
    """The mail is the user principal name: that is of a domain which the tenant has proved to be its own, and the mail
    attribute whatever an administrator wrote there. Who has any other role is a guest.
    """
    principal = str(member.get("userPrincipalName") or "").lower()
    names = (member.get("name"), " ".join(str(member.get(one) or "") for one in ("givenName", "surname")).strip())
    guest = str(member.get("userRole") or "").lower() not in _ROLES or "#ext#" in principal
    external = str(member.get("tenantId") or "").lower() != tenant
    return ChatPerson(
        name=next((str(name) for name in names if name), "somebody"),
        mail=principal if "@" in principal and not (guest or external) else None,
        guest=guest,
        external=external,
    )


def _words(text: str) -> Shown:
    return Shown(brief=text, parts=(Words(text=text),))


def _is_shown(picture: bytes) -> bool:
    """By what a PNG begins with: its width and its height stand at 16 and 20."""
    if not picture.startswith(_PNG) or len(picture) > LARGEST_PICTURE:
        return False
    return max(int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) <= WIDEST_PICTURE


def _written(name: str) -> str:
    return "-".join(name.lower().split())


def _id(reply: Mapping[str, Any], name: str) -> str:
    id = reply.get(name)
    if not isinstance(id, str) or not id:
        raise FatalError("Teams answered without the id of what was asked for", ours=True)
    return id
