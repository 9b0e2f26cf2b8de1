"""Models behind OpenAI's chat completions, over httpx: vLLM, Ollama, llama.cpp, OpenAI and what else speaks it.

Not streamed, for the reasons in anthropic_messages.py. Some servers send white space while they work, which the clock
does not forgive either.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx

from copilot.adapters.model_requests import CONNECT_SECONDS, UNFIT, Again, Answered, Deadline, ModelServer, keep_quiet
from copilot.config import ModelSettings
from copilot.model import Completion, Prompt, TokenUsage
from copilot.ports import Clock

OPENAI = "https://api.openai.com/v1"
FORMATS = ("json_schema", "json_object", "")
"""How a document is asked for, the best first. Not every server has every one; the last is not to ask for it."""


class _Function(Answered):
    name: str = ""
    arguments: Any = ""


class _Call(Answered):
    function: _Function = _Function()


class _Answer(Answered):
    content: str | None = None
    refusal: str | None = None
    tool_calls: tuple[_Call, ...] | None = None


class _Choice(Answered):
    message: _Answer
    finish_reason: str | None = None


class _Cached(Answered):
    cached_tokens: int | None = None


class _Usage(Answered):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Cached | None = None


class _Completion(Answered):
    choices: tuple[_Choice, ...]
    usage: _Usage | None = None


class OpenAiCompatible:
    """ports.LanguageModel. A schema is asked for as the response's format, as strictly as the server can."""

    def __init__(
        self,
        client: httpx.Client,
        settings: ModelSettings,
        name: str,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._client = client
        self._effort = settings.effort
        self._most = settings.max_output_tokens
        self._limit = "max_tokens"
        self._format = 0
        self._server = ModelServer(
            name, urlsplit(str(client.base_url)).netloc, "chat completions", settings.timeout_seconds, clock, sleep
        )

    def complete(self, prompt: Prompt) -> Completion:
        """As ports.LanguageModel says. A text where a document was asked for is given as it came."""
        answer, seconds = self._server.ask(lambda deadline: self._attempt(prompt, deadline, self._format))
        choice, usage = answer.choices[0], answer.usage or _Usage()
        cached = (usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens) or 0
        refused = choice.finish_reason == "content_filter" or bool(choice.message.refusal)
        return Completion(
            text=_text(choice.message),
            stop="refusal" if refused else "length" if choice.finish_reason == "length" else "end",
            usage=TokenUsage(input=max(usage.prompt_tokens - cached, 0), cached=cached, output=usage.completion_tokens),
            model=self.name,
            seconds=seconds,
        )

    def _attempt(self, prompt: Prompt, deadline: Deadline, format: int) -> _Completion:
        asked = self._asked(prompt, FORMATS[format])
        timeout = httpx.Timeout(deadline.left, connect=min(CONNECT_SECONDS, deadline.left))
        try:
            with self._client.stream("POST", "chat/completions", json=asked, timeout=timeout) as response:
                body = deadline.whole(response.iter_bytes())
        except httpx.TimeoutException:
            raise Again("did not answer in time") from None
        except httpx.HTTPError:
            raise Again("could not be reached, or broke the connection off") from None
        if response.is_success:
            self._format = format if prompt.answer_schema is not None else self._format
            found = self._server.read(_Completion, body, response.headers.get("content-type", ""))
            if not found.choices:
                raise Again("gave an empty answer")
            return found
        said = body.decode(errors="replace")
        if response.status_code in UNFIT:
            if self._simpler(asked, said.lower()):
                return self._attempt(prompt, deadline, format)
            if "response_format" in asked and format + 1 < len(FORMATS):
                return self._attempt(prompt, deadline, format + 1)
        self._server.refused(response.status_code, response.headers.get("retry-after"), said)

    def _asked(self, prompt: Prompt, format: str) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            self._limit: self._most or prompt.max_tokens,
        }
        if self._effort:
            asked["reasoning_effort"] = self._effort
        if prompt.answer_schema is not None and format:
            schema = {"name": "answer", "schema": prompt.answer_schema, "strict": False}
            asked["response_format"] = {"type": format} | ({"json_schema": schema} if format == "json_schema" else {})
        return asked

    def _simpler(self, asked: dict[str, Any], said: str) -> bool:
        """Whether the server names a field that it can be asked without. From then on it is."""
        if "max_tokens" in asked and "max_completion_tokens" in said:
            self._limit = "max_completion_tokens"  # OpenAI's models that reason take no other
            return True
        if "reasoning_effort" in asked and re.search(r"reasoning_effort|effort", said):
            self._effort = None
            return True
        return False


def completions_client(settings: ModelSettings, key: str | None) -> httpx.Client:
    """A client of the configured server's versioned address. It follows nowhere else, where the key would go along."""
    keep_quiet("httpx", "httpcore")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    base = _base(settings.endpoint or OPENAI)
    return httpx.Client(base_url=base, headers=headers, follow_redirects=False, trust_env=not settings.is_local)


def _base(endpoint: str) -> str:
    """With or without /v1 at its end; a path with another version in it is left as it is."""
    endpoint = endpoint.rstrip("/").removesuffix("/chat/completions")
    return endpoint if re.search(r"/v\d", urlsplit(endpoint).path) else f"{endpoint}/v1"


def _text(message: _Answer) -> str:
    """The text; else the call of a tool that nobody offered, as JSON; else why it declined."""
    if message.content and message.content.strip():
        return message.content
    if message.tool_calls:
        call = message.tool_calls[0].function
        return json.dumps({"tool": call.name, "arguments": call.arguments}, ensure_ascii=False)
    return message.refusal or ""
