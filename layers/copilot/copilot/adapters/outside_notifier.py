"""Messages to destinations outside the chat, and whose way each message takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from copilot.domain import Letter, Permission, way_of
from copilot.errors import PermissionDenied
from copilot.ports import Destinations, Notifier


class OutsideNotifier:
    """ports.Notifier. `letter` makes of a text what is sent. Without `sends` nothing leaves."""

    def __init__(self, destinations: Destinations, letter: Callable[[str], Letter], *, sends: bool) -> None:
        self._destinations, self._letter, self._sends = destinations, letter, sends

    def check(self, channel: str) -> None:
        self._destinations.check(channel)

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return ()

    def send(self, channel: str, text: str, key: str) -> str:
        if not self._sends:
            raise PermissionDenied("no message was sent: this part of the copilot can only read", ours=True)
        return self._destinations.send(channel, self._letter(text), key)


class EachItsWay:
    """ports.Notifier over two: destinations outside the chat, and all else."""

    def __init__(self, inside: Callable[[], Notifier], outside: Callable[[], Notifier]) -> None:
        self._inside, self._outside = inside, outside

    def check(self, channel: str) -> None:
        self._of(channel).check(channel)

    def permissions(self, channel: str, key: str) -> Sequence[Permission]:
        return self._of(channel).permissions(channel, key)

    def send(self, channel: str, text: str, key: str) -> str:
        return self._of(channel).send(channel, text, key)

    def _of(self, channel: str) -> Notifier:
        return self._outside() if way_of(channel) else self._inside()
