"""Messages that tools send, posted in the home workspace or to one person directly."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot.adapters.recipients import check_channel, check_person
from copilot.config.configuration import Configuration
from copilot.domain import (
    PLATFORMS,
    TO_PERSON,
    AnswerTo,
    ChatPlace,
    ChatUser,
    Permission,
    PlatformName,
    Shown,
    Words,
    is_told,
)
from copilot.errors import CopilotError, HalfDone, NotFound, NotReady, PermissionDenied, RetryableError, ToolInputError
from copilot.ports import ChatSender

LONGEST_BRIEF = 150


class ChatNotifier:
    """ports.Notifier. No chat takes a key under which a message would be posted once: that is the ledger's to see to.

    `on` gives what posts on a platform of the `config`, which has a chat; `linked` the users whom a person has said to
    be. Without `sends` nothing leaves.
    """

    def __init__(
        self,
        on: Callable[[PlatformName], ChatSender],
        config: Configuration,
        linked: Callable[[str], Sequence[ChatUser]] = lambda person: (),
        *,
        sends: bool,
    ) -> None:
        assert config.chat is not None
        self._on, self._chat, self._home = on, config.chat, config.chat.workspaces[0]
        self._config = config
        self._linked = linked
        self._sends = sends

    def check(self, channel: str) -> None:
        self._found(channel)

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return ()

    def send(self, channel: str, text: str, key: str) -> str:
        """Raises NotReady where the platform took nothing yet, RetryableError where it may have, HalfDone where it took
        a part of what is long.
        """
        if not self._sends:
            raise PermissionDenied("no message was sent: this part of the copilot can only read", ours=True)
        sender, platform, where = self._where(channel)
        posted, shown = 0, Shown(brief=text[:LONGEST_BRIEF], parts=(Words(text=text),))
        try:
            for _ in sender.sending(where, shown):
                posted += 1
        except CopilotError as error:
            if posted:
                begun = f"the beginning of the message was sent ({posted} of its parts), and then: {error}"
                raise HalfDone(begun, ours=error.ours) from error
            if isinstance(error, RetryableError) and error.seconds is not None:
                raise _not_yet(error) from error
            raise
        return f"{PLATFORMS[platform]}, {channel}"

    def _where(self, channel: str) -> tuple[ChatSender, PlatformName, AnswerTo]:
        try:
            found = self._found(channel)
            if isinstance(found, ChatUser):
                sender = self._on(found.platform)
                return sender, found.platform, sender.direct(found)
            return self._on(self._home.platform), self._home.platform, found
        except RetryableError as error:
            raise _not_yet(error) from error

    def _found(self, channel: str) -> AnswerTo | ChatUser:
        """Raises ToolInputError, with the nearest there are."""
        return self._user(channel) if channel.startswith(TO_PERSON) else self._channel(channel)

    def _channel(self, channel: str) -> AnswerTo:
        told = self._config.may_be_told
        home, named = self._on(self._home.platform), PLATFORMS[self._home.platform]
        joined = {f"#{name}" for name in home.channels(self._home.id)}
        if told and channel in told and channel not in joined:
            raise ToolInputError(
                f"the copilot is not in {channel}, or {named} has no such channel; invite it there", ours=True
            )
        check_channel(channel, [name for name in joined if is_told(name, told)])
        where = home.channel(self._home.id, channel)
        assert where is not None
        place = home.place(where)
        if place.is_read_by_others(named=channel in told):
            raise ToolInputError(f"{channel} {_why(place)}; name another channel", ours=True)
        return where

    def _user(self, channel: str) -> ChatUser:
        known = self._config.known(check_person(channel, (one.id for one in self._config.people)))
        assert known is not None
        users = [*map(ChatUser.at, known.chat), *self._linked(known.id)]
        installed = [user for user in users if self._chat.workspace(user.workspace)]
        for user in sorted(installed, key=lambda one: one.workspace != self._home.id):
            try:
                if not self._on(user.platform).person(user).gone:
                    return user
            except NotFound:
                continue
        raise ToolInputError(
            f"{channel} is known in no chat: their `chat` in the configuration says who they are there, or they say it "
            f"themselves with `devops-copilot link {self._home.platform}`",
            ours=True,
        )


def _why(place: ChatPlace) -> str:
    if place.shared:
        return "is shared with another organisation, and nothing is sent there"
    if place.uncounted:
        return "has too many members to know whether guests are among them: it is told where `channels` names it"
    return "has guests in it, and nothing is sent there"


def _not_yet(error: RetryableError) -> NotReady:
    """Of what surely was not sent."""
    return NotReady(str(error), ours=error.ours)
