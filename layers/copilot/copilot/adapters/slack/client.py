"""Slack as the copilot reads it and posts to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from copilot.adapters.recent import Recent
from copilot.adapters.slack import blocks, streams
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.domain import AnswerTo, ChatFile, ChatPerson, ChatPlace, ChatUser, Shown
from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied, RetryableError, ToolInputError
from copilot.ports import Clock, Sent

if TYPE_CHECKING:
    from copilot.adapters.slack.calls import Calls

MOST_MEMBERS = 100
"""Whose members are looked at one by one: Slack answers about 100 such questions a minute. Of larger channels it is
taken that guests are in them.
"""
PAGE, MOST_PAGES = 200, 50
_POSTED = {"mrkdwn": False, "parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


class SlackClient:
    """ports.ChatSender over the configured workspaces; `token` reads that of one."""

    def __init__(self, settings: ChatSettings, token: Callable[[ChatWorkspace], str], clock: Clock) -> None:
        self._settings = settings
        self._token = token
        self._clock = clock
        self._calls: dict[str, Calls] = {}
        self._recent = Recent(clock)
        self._posts_until: dict[tuple[str, str], datetime] = {}

    def place(self, where: AnswerTo) -> ChatPlace:
        workspace = self._of(where)
        found = self._info(where)
        if found.get("is_im"):
            other = self._person(workspace, str(found.get("user")))
            return ChatPlace(
                name=other.name,
                direct=True,
                shared=_is_shared(found, workspace) or other.external,
                guests=other.guest,
                archived=bool(found.get("is_archived") or found.get("is_user_deleted")),
            )
        guests = self._recent(("guests", workspace, where.place), lambda: self._has_guests(workspace, where.place))
        return ChatPlace(
            name=f"#{found.get('name') or where.place}",
            shared=_is_shared(found, workspace),
            guests=guests is not False,
            uncounted=guests is None,
            archived=bool(found.get("is_archived")),
            joined=bool(found.get("is_member") or found.get("is_mpim")),
        )

    def person(self, user: ChatUser) -> ChatPerson:
        return self._person(user.workspace, user.user)

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        what = "reading the file"
        if file.size > most:
            raise ToolInputError(f"{what}: it has {file.size:,} bytes, and at most {most:,} are read", ours=True)
        page = "html" in file.type or file.name.lower().endswith((".html", ".htm"))
        return self._at(self._of(where)).read(what, file.url, most, page)

    def direct(self, user: ChatUser) -> AnswerTo:
        opened = self._ask(user.workspace, "opening a direct message", "conversations.open", {"users": user.user})
        return AnswerTo(platform="slack", workspace=user.workspace, place=_id(opened.get("channel")))

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        id = self.channels(workspace).get(name.removeprefix("#"))
        return AnswerTo(platform="slack", workspace=workspace, place=id) if id else None

    def channels(self, workspace: str) -> Mapping[str, str]:
        """The ids of the channels that the copilot is in, by their names without the #. A name that several workspaces
        of an organisation have names none of them: it may be told to the wrong one.
        """
        return self._recent(("channels", workspace), lambda: self._channels(workspace))

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        return tuple(self.sending(where, shown, only_for))

    def sending(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> Iterator[Sent]:
        return (self._send(where, message, only_for) for message in blocks.messages(shown))

    def _send(self, where: AnswerTo, message: blocks.Message, only_for: ChatUser | None = None) -> Sent:
        """One message of those that blocks.py makes."""
        asked = {"channel": where.place, **message, **_POSTED}
        if where.thread:
            asked["thread_ts"] = where.thread
        method, stamp = "chat.postMessage", "ts"
        if only_for:
            method, stamp = "chat.postEphemeral", "message_ts"
            asked = {name: value for name, value in asked.items() if name not in {"mrkdwn", *_UNFURLED}}
            asked["user"] = only_for.user
        reply = self._ask(self._of(where), "posting a message", method, asked)
        return Sent(str(reply.get(stamp) or ""), _as_sent(method, asked))

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        """Streamed in a direct message: in a channel the others would see none of it until it is over. Where Slack
        refuses that, the message is posted; where it may have begun one all the same, that comes again, and is posted.
        """
        if streams.is_plan(shown) and self._takes_streams(where):
            try:
                return self._stream(where, shown)
            except RetryableError as error:
                if error.seconds is None:
                    self._not_streamed(where, streams.POSTED_FOR)
                raise
            except CopilotError:
                self._not_streamed(where, streams.REFUSED_FOR)
        return self._send(where, blocks.one_message(shown))

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        if streams.is_plan(shown):
            asked = {"channel": where.place, "ts": message, "chunks": streams.chunks(shown)}
            try:
                self._ask(self._of(where), "adding to a message", "chat.appendStream", asked)
                return Sent(message, _as_sent("chat.appendStream", asked), streams.grows_until(message))
            except RetryableError:
                raise
            except CopilotError:  # it is over, or never was: what it is to show is not lost
                pass
        return self.update(where, message, shown, grows=True)

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        """What is streamed is stopped first, since Slack changes no message that is. With all of its steps over that is
        all there is to it, and the plan stays.
        """
        stopped = self._stopped(where, message, shown) if grows else ""
        if stopped and streams.is_over(shown):
            return Sent(message, stopped)
        asked = {"channel": where.place, "ts": message, **blocks.one_message(shown)}
        asked |= {"parse": "none", "link_names": False}
        reply = self._ask(self._of(where), "changing a message", "chat.update", asked)
        return Sent(str(reply.get("ts") or message), "\n".join(filter(None, (stopped, _as_sent("chat.update", asked)))))

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        """The message is the file's id: that of the message in which it stands comes later, and to nobody who asks."""
        what, workspace = "attaching a file", self._of(where)
        given = {"filename": name, "length": len(content)}
        address = self._at(workspace).call(what, "files.getUploadURLExternal", given, form=True)
        file = str(address.get("file_id") or "")
        self._at(workspace).put(what, str(address.get("upload_url") or ""), content)
        asked: dict[str, Any] = {"files": [{"id": file, "title": title}], "channel_id": where.place}
        if where.thread:
            asked["thread_ts"] = where.thread
        self._ask(workspace, what, "files.completeUploadExternal", asked)
        return Sent(file, _as_sent("files.completeUploadExternal", asked))

    def show_home(self, user: ChatUser, shown: Shown, before: str = "") -> Sent:
        """The message is the hash of the view, by which Slack knows whether it was changed since."""
        asked: dict[str, Any] = {"user_id": user.user, "view": blocks.view(shown)}
        if before:
            asked["hash"] = before
        reply = self._ask(user.workspace, "showing a home", "views.publish", asked)
        return Sent(str(_mapping(reply.get("view")).get("hash") or ""), _as_sent("views.publish", asked))

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        raise NotFound("answering a command: Slack awaits none", ours=True)

    def _takes_streams(self, where: AnswerTo) -> bool:
        """What is streamed answers somebody, in a thread."""
        until = self._posts_until.get((self._of(where), where.place))
        posts = until is not None and self._clock.now() < until
        return bool(where.thread) and where.place.startswith("D") and not posts

    def _not_streamed(self, where: AnswerTo, time: timedelta) -> None:
        self._posts_until[self._of(where), where.place] = self._clock.now() + time

    def _stream(self, where: AnswerTo, shown: Shown) -> Sent:
        workspace = self._of(where)
        user = str(self._info(where).get("user") or "")
        asked = {
            "channel": where.place,
            "thread_ts": where.thread,
            "recipient_user_id": user,
            "recipient_team_id": self._team(workspace, user),
            "task_display_mode": "plan",
            "chunks": streams.chunks(shown),
        }
        ts = str(self._ask(workspace, "beginning a message", "chat.startStream", asked).get("ts") or "")
        return Sent(ts, _as_sent("chat.startStream", asked), streams.grows_until(ts))

    def _team(self, workspace: str, user: str) -> str:
        """Where the app is installed in all of an organisation, that of the person."""
        if not workspace.startswith("E"):
            return workspace
        found = self._get(workspace, "looking who it is", "users.info", {"user": user})
        return str(_mapping(found.get("user")).get("team_id") or "")

    def _stopped(self, where: AnswerTo, message: str, shown: Shown) -> str:
        """What was sent to stop it; nothing where Slack says that there is nothing to stop."""
        asked: dict[str, Any] = {"channel": where.place, "ts": message}
        if streams.is_over(shown):
            asked["chunks"] = streams.chunks(shown)
        try:
            self._ask(self._of(where), "ending a message", "chat.stopStream", asked)
        except RetryableError:
            raise
        except CopilotError:
            return ""
        return _as_sent("chat.stopStream", asked)

    def _info(self, where: AnswerTo) -> Mapping[str, Any]:
        found = self._get(self._of(where), "looking at the channel", "conversations.info", {"channel": where.place})
        return _mapping(found.get("channel"))

    def _has_guests(self, workspace: str, channel: str) -> bool | None:
        """None where it cannot be told."""
        asked = {"channel": channel, "limit": MOST_MEMBERS + 1}
        try:
            reply = self._get(workspace, "looking who is in the channel", "conversations.members", asked)
            members = [str(one) for one in reply.get("members") or ()]
            if not members or len(members) > MOST_MEMBERS or _next(reply):
                return None
            return any(_is_of_others(self._person(workspace, member)) for member in members)
        except (NotFound, PermissionDenied):
            return None

    def _person(self, workspace: str, user: str) -> ChatPerson:
        def look() -> ChatPerson:
            found = self._get(workspace, "looking who it is", "users.info", {"user": user})
            return _person_of(_mapping(found.get("user")), workspace)

        return self._recent(("user", workspace, user), look)

    def _channels(self, workspace: str) -> Mapping[str, str]:
        asked = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": PAGE}
        what, named = "looking which channels there are", dict[str, set[str]]()
        for team in self._teams(workspace):
            for page in self._pages(workspace, what, "users.conversations", asked | team):
                for one in map(_mapping, page.get("channels") or ()):
                    if one.get("name"):
                        named.setdefault(str(one["name"]), set()).add(_id(one))
        return {name: ids.pop() for name, ids in named.items() if len(ids) == 1}

    def _teams(self, workspace: str) -> list[dict[str, str]]:
        """What a list is asked for besides: with the token of an organisation's installation, of each of its workspaces
        by itself (docs.slack.dev, reference/methods/users.conversations, `team_id`).
        """
        if not workspace.startswith("E"):
            return [{}]
        pages = self._pages(workspace, "looking which workspaces there are", "auth.teams.list", {"limit": PAGE})
        return [{"team_id": _id(team)} for page in pages for team in page.get("teams") or ()]

    def _pages(self, workspace: str, what: str, method: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for _ in range(MOST_PAGES):
            reply = self._get(workspace, what, method, asked)
            yield reply
            cursor = _next(reply)
            if not cursor:
                return
            asked = {**asked, "cursor": cursor}
        raise FatalError(f"{what}: there are more than {MOST_PAGES * PAGE:,}", ours=True)

    def _get(self, workspace: str, what: str, method: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._at(workspace).call(what, method, asked, form=True)

    def _ask(self, workspace: str, what: str, method: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._at(workspace).call(what, method, asked)

    def _of(self, where: AnswerTo) -> str:
        return where.workspace or self._settings.workspaces[0].id

    def _at(self, id: str) -> Calls:
        if id not in self._calls:
            from copilot.adapters.slack.calls import Calls  # 0.2 s of CPU

            workspace = self._settings.workspace(id)
            if workspace is None:
                raise FatalError("the copilot is not installed in that workspace; see `chat` in the configuration")
            self._calls[id] = Calls(self._token(workspace), workspace.endpoint)
        return self._calls[id]


_UNFURLED = frozenset({"unfurl_links", "unfurl_media"})


def _is_shared(channel: Mapping[str, Any], workspace: str) -> bool:
    """With another organisation, or about to be; with other workspaces of one's own, unless it is installed in all."""
    outside = ("is_ext_shared", "is_pending_ext_shared", "pending_shared", "pending_connected_team_ids")
    within = bool(channel.get("is_org_shared")) and not workspace.startswith("E")
    return within or any(bool(channel.get(name)) for name in outside)


def _person_of(user: Mapping[str, Any], workspace: str) -> ChatPerson:
    profile = _mapping(user.get("profile"))
    enterprise = _mapping(user.get("enterprise_user"))
    theirs = {user.get("team_id"), enterprise.get("enterprise_id"), *(enterprise.get("teams") or ())}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    mail = str(profile.get("email") or "").lower()
    return ChatPerson(
        name=next((str(name) for name in names if name), "somebody"),
        mail=mail if mail and user.get("is_email_confirmed") else None,
        bot=bool(user.get("is_bot")) or user.get("id") == "USLACKBOT",
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        gone=bool(user.get("deleted")),
        external=bool(user.get("is_stranger")) or workspace not in theirs,
        time_zone=str(user["tz"]) if user.get("tz") else None,
    )


def _is_of_others(person: ChatPerson) -> bool:
    return (person.guest or person.external) and not person.bot


def _next(reply: Mapping[str, Any]) -> str:
    return str(_mapping(reply.get("response_metadata")).get("next_cursor") or "")


def _id(found: object) -> str:
    id = _mapping(found).get("id")
    if not isinstance(id, str) or not id:
        raise FatalError("Slack answered without the id of what was asked for", ours=True)
    return id


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_sent(method: str, asked: Mapping[str, Any]) -> str:
    from copilot.adapters.slack.calls import as_sent

    return as_sent(method, asked)
