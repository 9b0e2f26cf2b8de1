"""Models behind OpenAI's chat completions, over httpx: vLLM, Ollama, llama.cpp, OpenAI and what else speaks it.

Not streamed, for the reasons in anthropic_messages.py. Some servers send white space while they work, which the clock
does not forgive either.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx

from copilot.adapters.language_models.answers import (
    Spoken,
    ToolCall,
    count,
    mapping,
    objects,
    spoken,
    stop_of,
    text_of,
    was_broken_off,
)
from copilot.adapters.language_models.faults import Fault
from copilot.adapters.language_models.requests import CONNECT_SECONDS, Again, Deadline, ModelServer, Reply
from copilot.adapters.quiet import keep_quiet
from copilot.config.configuration import ModelSettings
from copilot.domain import Completion, Prompt, TokenUsage
from copilot.ports import Clock

OPENAI = "https://api.openai.com/v1"
FORMATS = ("json_schema", "json_object", "")
"""How a document is asked for, the best first. Not every server has every one; the last is not to ask for it."""


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
        found, seconds = self._server.ask(lambda deadline: self._attempt(prompt, deadline, self._format))
        return Completion(text=found.text, stop=found.stop, usage=found.usage, model=self.name, seconds=seconds)

    def _attempt(self, prompt: Prompt, deadline: Deadline, format: int) -> Spoken:
        asked = self._asked(prompt, FORMATS[format])
        document = prompt.answer_schema is not None
        found = self._server.read(self._sent(asked, deadline), "choices", lambda value: _spoken(value, document))
        if isinstance(found, Spoken):
            self._format = format if document else self._format
            return found
        if found.may_be_the_form:
            if self._simpler(asked, found):
                return self._attempt(prompt, deadline, format)
            if "response_format" in asked and format + 1 < len(FORMATS):
                return self._attempt(prompt, deadline, format + 1)
        return self._server.instead(found)

    def _sent(self, asked: dict[str, Any], deadline: Deadline) -> Reply:
        timeout = httpx.Timeout(deadline.left, connect=min(CONNECT_SECONDS, deadline.left))
        try:
            with self._client.stream("POST", "chat/completions", json=asked, timeout=timeout) as response:
                return Reply(response.status_code, response.headers, deadline.whole(response.iter_bytes()))
        except httpx.TimeoutException:
            raise Again("did not answer in time") from None
        except httpx.HTTPError:
            raise Again("could not be reached, or broke the connection off") from None

    def _asked(self, prompt: Prompt, format: str) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            self._limit: self._most or prompt.max_tokens,
            "stream": False,  # some servers stream where nothing is said
        }
        if self._effort:
            asked["reasoning_effort"] = self._effort
        if prompt.answer_schema is not None and format:
            schema = {"name": "answer", "schema": prompt.answer_schema, "strict": False}
            asked["response_format"] = {"type": format} | ({"json_schema": schema} if format == "json_schema" else {})
        return asked

    def _simpler(self, asked: dict[str, Any], fault: Fault) -> bool:
        """Whether the server names a field that it can be asked without. From then on it is."""
        if "max_tokens" in asked and "max_completion_tokens" in fault.said:
            self._limit = "max_completion_tokens"  # OpenAI's models that reason take no other
            return True
        if "reasoning_effort" in asked and "effort" in fault.said:
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


def _spoken(value: dict[str, Any], document: bool) -> Spoken | None:
    """What a completion says; None where it has no choice, or was broken off. Calls of tools that nobody offered are
    said where a document was asked for; why the model declined is, where there is nothing else.
    """
    choices = objects(value.get("choices"))
    if not choices or was_broken_off(choices[0].get("finish_reason")):
        return None
    choice = choices[0]
    message = mapping(choice.get("message"))
    functions = [mapping(call.get("function")) or call for call in objects(message.get("tool_calls"))]
    functions += objects(message.get("function_call"))
    calls = [ToolCall(text_of(one.get("name")), one.get("arguments")) for one in functions] if document else []
    stop = stop_of(choice.get("finish_reason"))
    text = spoken(text_of(message.get("content")) or text_of(choice.get("text")), calls, stop)
    if not text.strip() and (declined := text_of(message.get("refusal"))):
        text, stop = declined, "refusal"
    counted = mapping(value.get("usage"))
    cached = count(mapping(counted.get("prompt_tokens_details")).get("cached_tokens"))
    read, written = count(counted.get("prompt_tokens")), count(counted.get("completion_tokens"))
    return Spoken(text, stop, TokenUsage(input=max(read - cached, 0), cached=cached, output=written))
