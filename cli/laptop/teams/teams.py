"""Microsoft Teams, on this machine: a server that a bot takes for it, and the people who use it.

with Teams(messages_url="http://127.0.0.1:8080/v1/chat/teams/messages") as teams:
    said = teams.say("you", "#dev", "@copilot how is production?")
    card = teams.wait_for(lambda: teams.messages("#dev", said.message.thread)[1:])
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

from cli.laptop.teams.connector import Called, Connector, Mishap
from cli.laptop.teams.payloads import FILE, Payloads
from cli.laptop.teams.sample import APP, KEYS, read_sample
from cli.laptop.teams.signing import SigningKey
from cli.laptop.teams.web import Handler, Server
from cli.laptop.teams.world import Json, Message

SECRET = "secret-of-this-laptop"
PATIENCE = 15.0


@dataclass
class Sent:
    """What went to the bot, and what it answered; no status where it did not."""

    payload: Json
    status: int | None = None
    answer: Json = field(default_factory=dict)

    @property
    def taken(self) -> bool:
        return self.status == 200


@dataclass
class Said:
    message: Message
    sent: Sent


T = TypeVar("T")


class Teams:
    """It listens from the moment it is made, on a free port unless one is given; `close` ends it. Without a
    `messages_url` the bot is told nothing. `now` is Unix time.
    """

    def __init__(
        self,
        messages_url: str | None = None,
        *,
        app: str = APP,
        secret: str = SECRET,
        port: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.messages_url = messages_url
        self.world = read_sample(app, now)
        self.server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.endpoint, self.keys_url = f"{self.url}/teams", f"{self.url}{KEYS}"
        self.service_url = f"{self.endpoint}/"
        self.connector = Connector(self.world, secret)
        self.server.connector, self.server.signs = self.connector, lambda: [self.key]
        self._payloads = Payloads(self.world, self.service_url)
        self._thread = threading.Thread(target=self.server.serve_forever, name="teams", args=(0.01,), daemon=True)
        self._thread.start()

    @cached_property
    def key(self) -> SigningKey:
        """The one of the connector, made when it is wanted: that takes a while."""
        return SigningKey()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    # what people do

    def say(
        self, by: str, place: str, text: str, thread: str | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> Said:
        """Somebody writes in #a-channel, in a thread of it or beginning one, or in their own chat with the app."""
        person, conversation = self.world.person(by), self.world.conversation(place)
        id = self.world.new_id()
        chain = (thread or id) if conversation in self.world.channels else None
        message = self.world.said(id, conversation, chain, person.id, {"type": "message", "text": text})
        shared = [self._file(name, content) for name, content in files]
        return Said(message, self.send(self._payloads.message(person, message, shared)))

    def press(self, by: str, message: Message, verb: str, chosen: Sequence[str] = ()) -> Sent:
        """Somebody presses a button, with what they ticked by its title. Raises KeyError where there is no such."""
        inputs = {}
        for id, element in message.inputs().items():
            values = {one["title"]: one["value"] for one in element["choices"]}
            inputs[id] = ",".join(values[title] for title in chosen)
        given = inputs if any(inputs.values()) else {}
        action = message.actions()[verb]
        return self.send(self._payloads.pressed(self.world.person(by), message, action, given))

    def add(self, by: str) -> Sent:
        """Somebody adds the app for themselves."""
        self.world.person(by).added = True
        return self.send(self._payloads.added(self.world.person(by)))

    def again(self, sent: Sent) -> Sent:
        """The same once more, as where its answer was lost."""
        return self.send(sent.payload)

    def send(self, payload: Json, token: str | None = None) -> Sent:
        """An activity as it would be delivered, with a token of its own."""
        sent = Sent(payload)
        if self.messages_url is None:
            return sent
        now = self.world.now()
        token = token or self.key.token(self.world.app, self.service_url, now)
        address = urlsplit(self.messages_url)
        # Names under localhost are this machine (RFC 6761), whether or not its resolver knows.
        host = "127.0.0.1" if (address.hostname or "").endswith("localhost") else str(address.hostname)
        connection = http.client.HTTPConnection(host, address.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {token}"}
        try:
            body = json.dumps(payload, ensure_ascii=False).encode()
            connection.request("POST", address.path, body, {"Host": address.netloc, **headers})
            reply = connection.getresponse()
            sent.status, content = reply.status, reply.read()
            sent.answer = json.loads(content) if content.startswith(b"{") else {}
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        return sent

    # what is there

    def messages(self, place: str, thread: str | None = None) -> list[Message]:
        """What stands in #a-channel, or one thread of it, or in @somebody's chat with the app."""
        conversation = self.world.conversation(place)
        with self.world.at_once() as world:
            here = [one for one in world.messages if one.conversation == conversation]
            return [one for one in here if thread is None or one.thread == thread]

    def found(self, place: str, text: str, thread: str | None = None, seconds: float = 10) -> Message:
        """The message of the app with that in it, once it is there. Raises AssertionError."""

        def look() -> Message | None:
            there = self.messages(place, thread)
            return next((one for one in there if one.by is None and text in one.text), None)

        try:
            return self.wait_for(look, seconds)
        except TimeoutError:
            there = [one.text[-400:] for one in self.messages(place, thread)]
            raise AssertionError(f"nothing with {text!r} in {place}: {there}") from None

    def wait_for(self, found: Callable[[], T | None], seconds: float = 10) -> T:
        """What `found` returns once it is truthy, looked at after every change. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while True:
            since = self.world.changed
            if value := found():
                return value
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError("it did not come about")
            self.world.wait(since, left)

    @property
    def called(self) -> list[Called]:
        """Every request of the connector's so far."""
        return self.connector.called

    def fail(
        self,
        status: int = 502,
        code: str = "ServiceError",
        times: int = 1,
        retry_after: int | None = None,
        of: str = "",
    ) -> None:
        """The next requests are answered with an error and do nothing; `of` one method."""
        self.connector.mishaps.append(Mishap(status, code, times, retry_after, of))

    def _file(self, name: str, content: bytes) -> Json:
        """microsoftteams/platform/bots/how-to/bots-filesv4."""
        key = uuid.uuid4().hex
        self.world.files[key] = content
        told = {"downloadUrl": f"{self.url}/files/{key}", "uniqueId": key, "fileType": name.rpartition(".")[2]}
        return {"contentType": FILE, "contentUrl": f"{self.url}/shared/{key}", "name": name, "content": told}
