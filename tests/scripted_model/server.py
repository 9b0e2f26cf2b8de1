"""The server: a request in, the script asked, the answer out with a model's delays."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from scripted_model import anthropic_messages, chat_completions
from scripted_model.cache import PrefixCache
from scripted_model.conversation import Asked, BadRequest, Block, Tokens, ToolCall
from scripted_model.reply import Raw, Reply, Script, Silence, Status
from scripted_model.tokens import count_tokens, first_tokens

BEDROCK = re.compile(r"/model/([^/]+)/invoke")


@dataclass(frozen=True)
class Latency:
    """Milliseconds a model takes. Tokens read from the cache take none."""

    first: float = 300
    per_output_token: float = 15
    per_input_token: float = 0.1

    def before(self, tokens: Tokens) -> float:
        """Seconds before the first token."""
        return (self.first + self.per_input_token * (tokens.input + tokens.cache_written)) / 1000


@dataclass(frozen=True)
class Call:
    """A request, what the script said to it, and the tokens it came to. `tokens` of a fault has no output."""

    asked: Asked
    reply: Reply
    tokens: Tokens


class ScriptedModel:
    """Listens on 127.0.0.1, on a free port, while it is entered.

    `latency` None answers at once. `key`, where given, is the only one it takes. `cache_from` is the fewest tokens a
    cached beginning has. An error of the script's is answered with 500 and raised again when the server is left.
    Bedrock's InvokeModel is spoken too (not its streams, and no signature is checked). `busy` says of every request
    from when to when it was being answered, by time.monotonic().
    """

    def __init__(
        self,
        script: Script,
        latency: Latency | None = Latency(),
        *,
        key: str | None = None,
        cache_from: int = 1024,
        count: Callable[[str], int] = count_tokens,
    ) -> None:
        self._script = script
        self.latency = latency
        self.key = key
        self.count = count
        self.cache = PrefixCache(cache_from, count)
        self.closing = Event()
        self.busy: list[tuple[float, float]] = []
        self._calls: list[Call] = []
        self._errors: list[Exception] = []
        self._lock = Lock()
        self._number = 0

    def __enter__(self) -> ScriptedModel:
        self._server = _Server(("127.0.0.1", 0), type("_BoundHandler", (_Handler,), {"model": self}))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._errors and error is None:
            raise self._errors[0]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def calls(self) -> list[Call]:
        """Every request so far, in the order they came."""
        with self._lock:
            return list(self._calls)

    @property
    def asked(self) -> list[Asked]:
        return [call.asked for call in self.calls]

    @property
    def tokens(self) -> Tokens:
        """Of all calls together."""
        totals = [(c.tokens.input, c.tokens.cached, c.tokens.cache_written, c.tokens.output) for c in self.calls]
        return Tokens(*(sum(column) for column in zip(*totals, strict=True))) if totals else Tokens()

    def ask(self, asked: Asked) -> Reply:
        """The script's reply, with what it leaves open filled in: ids, and how a document is given."""
        try:
            reply = self._script(asked)
        except Exception as error:  # a fault of the test's, which must see it
            with self._lock:
                self._errors.append(error)
            return Reply(fault=Status(500, message=f"the script failed: {error}"))
        if reply.document is not None:
            if asked.forced:
                reply = replace(reply, document=None, calls=(ToolCall(asked.forced, reply.document),))
            else:
                reply = replace(reply, document=None, text=json.dumps(reply.document))
        return replace(reply, calls=tuple(self._named(call) for call in reply.calls))

    def record(self, asked: Asked, reply: Reply, tokens: Tokens) -> None:
        with self._lock:
            self._calls.append(Call(asked, reply, tokens))

    def next_number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def _named(self, call: ToolCall) -> ToolCall:
        return call if call.id else replace(call, id=f"toolu_{self.next_number():06}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


@dataclass(frozen=True)
class _Answer:
    """A reply as far as max_tokens lets it come: text, then calls with what there is of their arguments as JSON."""

    text: str
    calls: list[tuple[ToolCall, str]]
    stop: str
    output: int


class _Handler(BaseHTTPRequestHandler):
    model: ScriptedModel
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        begun = time.monotonic()
        try:
            self._answer()
        finally:
            self.model.busy.append((begun, time.monotonic()))

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length") or 0))
        number = self.model.next_number()
        path = self.path.partition("?")[0]
        self._openai = path.endswith("/chat/completions")
        try:
            body = json.loads(sent)
            asked, blocks = self._parse(path, body)
        except BadRequest as error:
            return self._refuse(Status(400, message=str(error)), number)
        except (ValueError, KeyError, TypeError) as error:
            return self._refuse(Status(400, message=f"the request cannot be read: {error!r}"), number)
        except _NoSuchPath:
            return self._refuse(Status(404, message=f"there is no {path}"), number)
        if self.model.key is not None and asked.key != self.model.key:
            return self._refuse(Status(401, message="invalid x-api-key"), number)
        tokens, new = self.model.cache.read(asked.model, blocks)
        reply = self.model.ask(asked)
        if reply.fault:
            self.model.record(asked, reply, tokens)
            return self._fault(reply.fault, number)
        answer = self._cut_to_length(asked, reply)
        tokens = replace(tokens, output=answer.output)
        self.model.record(asked, reply, tokens)
        self.model.cache.keep(new)
        self._give(asked, number, answer, tokens, reply.cut_after)

    def _parse(self, path: str, body: dict[str, Any]) -> tuple[Asked, list[Block]]:
        authorization = self.headers.get("authorization", "")
        key = self.headers.get("x-api-key") or authorization.removeprefix("Bearer ")
        bedrock = BEDROCK.fullmatch(path)
        if self._openai:
            return chat_completions.parse(body, key), chat_completions.blocks(body)
        if bedrock:
            body = {**body, "model": unquote(bedrock[1])}
            if "anthropic_version" not in body:
                raise BadRequest("anthropic_version: Field required")
            return anthropic_messages.parse(body, "bedrock", key), anthropic_messages.blocks(body)
        if not path.endswith("/v1/messages"):
            raise _NoSuchPath(path)
        if "anthropic-version" not in self.headers:
            raise BadRequest("anthropic-version: header is required")
        return anthropic_messages.parse(body, "anthropic", key), anthropic_messages.blocks(body)

    def _cut_to_length(self, asked: Asked, reply: Reply) -> _Answer:
        count, left = self.model.count, asked.max_tokens or 1_000_000
        text = first_tokens(reply.text, left, count)
        output, whole = count(text), text == reply.text
        calls: list[tuple[ToolCall, str]] = []
        for call in reply.calls if whole else ():
            arguments = json.dumps(call.arguments)
            cost = count(call.name)
            if output + cost >= left:
                whole = False
                break
            given = first_tokens(arguments, left - output - cost, count)
            calls.append((call, given))
            output += cost + count(given)
            if given != arguments:
                whole = False
                break
        stop = "refusal" if reply.refused else "length" if not whole else "calls" if reply.calls else "end"
        return _Answer(text, calls, stop, max(output, 1))

    def _give(self, asked: Asked, number: int, answer: _Answer, tokens: Tokens, cut_after: int | None) -> None:
        if asked.stream:
            return self._stream(asked, number, answer, tokens, cut_after)
        if self._openai:
            stop = chat_completions.stop_reason(answer.stop)
            whole = chat_completions.whole(asked, number, answer.text, answer.calls, stop, tokens)
        else:
            stop = anthropic_messages.stop_reason(answer.stop)
            made = [call for call, _ in answer.calls]
            cut = answer.calls[-1][1] if answer.stop == "length" and made else None
            whole = anthropic_messages.whole(
                asked, number, anthropic_messages.content(answer.text, tuple(made), cut), stop, tokens
            )
        latency = self.model.latency
        if latency:
            self._sleep(latency.before(tokens) + latency.per_output_token * tokens.output / 1000)
        body = json.dumps(whole).encode()
        self._begin(200, "application/json", len(body))
        if cut_after is not None:
            self.wfile.write(body[: min(len(body) - 1, len(body) * cut_after // max(tokens.output, 1))])
            return self._break()
        self.wfile.write(body)

    def _stream(self, asked: Asked, number: int, answer: _Answer, tokens: Tokens, cut_after: int | None) -> None:
        protocol = chat_completions if self._openai else anthropic_messages
        calls = [(call, _pieces(arguments)) for call, arguments in answer.calls]
        length = len(answer.text) + sum(len(arguments) for _, arguments in answer.calls)
        latency, given = self.model.latency, 0.0
        if latency:
            self._sleep(latency.before(tokens))
        self._begin(200, "text/event-stream", None)
        stop = protocol.stop_reason(answer.stop)
        for event, piece in protocol.events(asked, number, _pieces(answer.text), calls, stop, tokens):
            if piece:
                share = tokens.output * len(piece) / length  # of the tokens: a piece does not end where one does
                given += share
                if cut_after is not None and given > cut_after:
                    return self._break()
                if latency:
                    self._sleep(latency.per_output_token * share / 1000)
            self._chunk(event.encode())
        self._chunk(b"")

    def _fault(self, fault: Status | Raw | Silence, number: int) -> None:
        if isinstance(fault, Status):
            return self._refuse(fault, number)
        if isinstance(fault, Silence):
            self.model.closing.wait(600)
            return self._break()
        if fault.trickle:
            self._begin(fault.status, fault.content_type, None)
            with suppress(OSError):
                while not self.model.closing.wait(0.005):
                    self._chunk(fault.body)
            return self._break()
        self._begin(fault.status, fault.content_type, len(fault.body), dict(fault.headers))
        self.wfile.write(fault.body)

    def _refuse(self, fault: Status, number: int) -> None:
        told = (
            chat_completions.error(fault.status, fault.message)
            if self._openai
            else anthropic_messages.error(fault.status, fault.message, number)
        )
        body = json.dumps(told).encode()
        after = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
        self._begin(fault.status, "application/json", len(body), after)
        self.wfile.write(body)

    def _begin(self, status: int, content_type: str, length: int | None, more: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        if length is None:
            self.send_header("transfer-encoding", "chunked")
        else:
            self.send_header("content-length", str(length))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _break(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _sleep(self, seconds: float) -> None:
        """As long as a model would take; shorter only where the server is left meanwhile."""
        if not self.model.closing.is_set():
            time.sleep(seconds)


class _NoSuchPath(Exception):
    """404."""


def _pieces(text: str) -> list[str]:
    """A text as it is streamed."""
    return [text[start : start + 16] for start in range(0, len(text), 16)]
