"""Messages that tools send, posted in the home workspace or to one person directly."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot.adapters.recipients import check_channel, check_person
from copilot.adapters.slack.blocks import messages
from copilot.adapters.slack.client import SlackClient
from copilot.config.configuration import Configuration
from copilot.domain import TO_PERSON, AnswerTo, ChatPlace, ChatUser, Permission, Shown, Words, is_told
from copilot.errors import CopilotError, HalfDone, NotFound, NotReady, PermissionDenied, RetryableError, ToolInputError

LONGEST_BRIEF = 150


class SlackNotifier:
    """ports.Notifier. Slack takes no key under which a message would be posted once: that is the ledger's to see to.

    `linked` gives the users whom a person has said to be. Without `sends` nothing leaves.
    """

    def __init__(
        self,
        client: SlackClient,
        config: Configuration,
        linked: Callable[[str], Sequence[ChatUser]] = lambda person: (),
        *,
        sends: bool,
    ) -> None:
        self._client = client
        self._config = config
        self._linked = linked
        self._sends = sends

    def check(self, channel: str) -> None:
        self._found(channel)

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return ()

    def send(self, channel: str, text: str, key: str) -> str:
        """Raises NotReady where Slack took nothing yet, RetryableError where it may have, HalfDone where it took a part
        of what is long.
        """
        if not self._sends:
            raise PermissionDenied("no message was sent: this part of the copilot can only read", ours=True)
        where = self._where(channel)
        parts = messages(Shown(brief=text[:LONGEST_BRIEF], parts=(Words(text=text),)))
        for posted, part in enumerate(parts):
            try:
                self._client.send(where, part)
            except CopilotError as error:
                if posted:
                    of_all = f"{posted} of the {len(parts)} parts of the message were sent, and then: {error}"
                    raise HalfDone(of_all, ours=error.ours) from error
                if isinstance(error, RetryableError) and error.seconds is not None:
                    raise _not_yet(error) from error
                raise
        return f"Slack, {channel}"

    def _where(self, channel: str) -> AnswerTo:
        try:
            found = self._found(channel)
            return self._client.direct(found) if isinstance(found, ChatUser) else found
        except RetryableError as error:
            raise _not_yet(error) from error

    def _found(self, channel: str) -> AnswerTo | ChatUser:
        """Raises ToolInputError, with the nearest there are."""
        return self._user(channel) if channel.startswith(TO_PERSON) else self._channel(channel)

    def _channel(self, channel: str) -> AnswerTo:
        told = self._config.may_be_told
        joined = {f"#{name}" for name in self._client.channels(self._client.home)}
        if told and channel in told and channel not in joined:
            raise ToolInputError(
                f"the copilot is not in {channel}, or Slack has no such channel; invite it there", ours=True
            )
        check_channel(channel, [name for name in joined if is_told(name, told)])
        where = self._client.channel(self._client.home, channel)
        assert where is not None
        place = self._client.place(where)
        if place.is_read_by_others(named=channel in told):
            raise ToolInputError(f"{channel} {_why(place)}; name another channel", ours=True)
        return where

    def _user(self, channel: str) -> ChatUser:
        known = self._config.known(check_person(channel, (one.id for one in self._config.people)))
        assert known is not None
        users = [*map(ChatUser.at, known.chat), *self._linked(known.id)]
        installed = [user for user in users if self._config.chat and self._config.chat.workspace(user.workspace)]
        for user in sorted(installed, key=lambda one: one.workspace != self._client.home):
            try:
                if not self._client.person(user).gone:
                    return user
            except NotFound:
                continue
        raise ToolInputError(
            f"{channel} is not known in Slack: their `chat` in the configuration says who they are there, or they say "
            "it themselves with `devops-copilot link slack`",
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
