"""ports.CodeHosts, and ports.ChatWriter as far as a comment is a message: it is posted once, and stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from copilot.adapters.code_hosts.hosts import Host
from copilot.adapters.code_hosts.markdown import commented
from copilot.config.configuration import CodeHost, Repository
from copilot.domain import AnswerTo, ChatFile, ChatPerson, ChatPlace, ChatUser, Commented, Shown
from copilot.errors import NotFound, PermissionDenied
from copilot.ports import Sent

NO_MESSAGES = "a code host has comments, and nothing that one person alone reads"


class CodeHostReader:
    """`host` gives one by its settings, with the token it is to use. What is not configured is not there."""

    def __init__(self, settings: tuple[CodeHost, ...], host: Callable[[CodeHost], Host | None]) -> None:
        self._settings = {one.platform: one for one in settings}
        self._host = host

    def place(self, where: AnswerTo) -> ChatPlace:
        host, repository = self.found(where)
        return ChatPlace(name=repository.name, shared=not host.is_private(repository), aside=False)

    def may_write(self, comment: Commented) -> bool:
        host, repository = self.found(comment.where)
        return host.may_write(repository, comment)

    def found(self, where: AnswerTo) -> tuple[Host, Repository]:
        """Raises NotFound, PermissionDenied."""
        settings = next((one for name, one in self._settings.items() if name == where.platform), None)
        repository = settings.repository(int(where.place)) if settings and where.place.isdecimal() else None
        if settings is None or repository is None:
            raise NotFound("no such repository is configured", ours=True)
        host = self._host(settings)
        if host is None:
            raise PermissionDenied("no token is configured for it", ours=True)
        return host, repository


class Comments:
    """ports.ChatWriter. `reader` has the token that comments."""

    def __init__(self, reader: CodeHostReader) -> None:
        self._reader = reader

    def place(self, where: AnswerTo) -> ChatPlace:
        return self._reader.place(where)

    def post(self, where: AnswerTo, shown: Shown, only_for: ChatUser | None = None) -> tuple[Sent, ...]:
        if only_for is not None:
            raise PermissionDenied(NO_MESSAGES, ours=True)
        host, repository = self._reader.found(where)
        text = commented(shown, host.web(repository))
        return (Sent(host.comment(repository, where, text), text),)

    def begin(self, where: AnswerTo, shown: Shown) -> Sent:
        raise PermissionDenied(NO_MESSAGES, ours=True)

    def grow(self, where: AnswerTo, message: str, shown: Shown) -> Sent:
        raise PermissionDenied(NO_MESSAGES, ours=True)

    def update(self, where: AnswerTo, message: str, shown: Shown, *, grows: bool = False) -> Sent:
        raise PermissionDenied(NO_MESSAGES, ours=True)

    def attach(self, where: AnswerTo, name: str, content: bytes, title: str) -> Sent:
        """Nothing: the link to it stands in the answer."""
        return Sent("", name)

    def answered(self, where: AnswerTo, token: str, shown: Shown, *, alone: bool) -> None:
        raise NotFound(NO_MESSAGES, ours=True)

    def person(self, user: ChatUser) -> ChatPerson:
        raise NotFound(NO_MESSAGES, ours=True)

    def file(self, where: AnswerTo, file: ChatFile, most: int) -> bytes:
        raise NotFound(NO_MESSAGES, ours=True)

    def direct(self, user: ChatUser) -> AnswerTo:
        raise NotFound(NO_MESSAGES, ours=True)

    def channel(self, workspace: str, name: str) -> AnswerTo | None:
        return None
