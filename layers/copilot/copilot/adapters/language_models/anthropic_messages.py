"""Models of the Anthropic Messages API over its SDK: the Claude API, Amazon Bedrock, any server of that protocol.

Answers are not streamed. Nobody watches a plan come, and half of one is of no use; text, stop reason and usage come
together or not at all; Bedrock takes the same request; servers that stream tool calls wrongly do not matter. The body
is read piece by piece with an eye on the clock, so that one deadline holds for all attempts whatever a server sends.
What is given up: that a connection died without a word is only noticed at the deadline.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import anthropic
import httpx2

from copilot.adapters.language_models.answers import Spoken, ToolCall, count, mapping, objects, spoken, stop_of, text_of
from copilot.adapters.language_models.faults import Fault
from copilot.adapters.language_models.requests import CONNECT_SECONDS, Again, Deadline, ModelServer, Reply
from copilot.adapters.quiet import keep_quiet
from copilot.config.configuration import ModelSettings
from copilot.domain import Completion, Prompt, TokenUsage
from copilot.ports import Clock

CLAUDE = "https://api.anthropic.com"
TOOL = "answer"
_DESCRIPTION = "Gives the answer. Always answer by calling this, once, and with nothing beside it."
_REFUSABLE = {
    # Claude Opus 5.5, Sonnet 5.5 and Fable 5.1 think before they answer and refuse to have a tool forced on them.
    "force": re.compile(r"tool_choice|forc\w+ tool|tool use"),
    "effort": re.compile(r"effort|output_config"),
}
"""What is asked for though not every model takes it, and how a refusal of it reads."""


class AnthropicMessages:
    """ports.LanguageModel. A schema is asked for as the input of the one tool there is, which has to be called."""

    def __init__(
        self,
        client: anthropic.Anthropic | anthropic.AnthropicBedrock,
        settings: ModelSettings,
        name: str,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._client = client
        self._effort = settings.effort
        self._most = settings.max_output_tokens
        self._refused: set[str] = set()
        where = client.base_url.host + (f":{client.base_url.port}" if client.base_url.port else "")
        self._server = ModelServer(name, where, "the Messages API", settings.timeout_seconds, clock, sleep)

    def complete(self, prompt: Prompt) -> Completion:
        """As ports.LanguageModel says. A text where a document was asked for is given as it came."""
        found, seconds = self._server.ask(lambda deadline: self._attempt(prompt, deadline))
        return Completion(text=found.text, stop=found.stop, usage=found.usage, model=self.name, seconds=seconds)

    def _attempt(self, prompt: Prompt, deadline: Deadline) -> Spoken:
        asked = self._asked(prompt)
        document = prompt.answer_schema is not None
        found = self._server.read(self._sent(asked, deadline), "content", lambda value: _spoken(value, document))
        if isinstance(found, Spoken):
            return found
        if found.may_be_the_form and self._simpler(asked, found):
            return self._attempt(prompt, deadline)
        return self._server.instead(found)

    def _sent(self, asked: dict[str, Any], deadline: Deadline) -> Reply:
        timeout = httpx2.Timeout(deadline.left, connect=min(CONNECT_SECONDS, deadline.left))
        try:
            with self._client.messages.with_streaming_response.create(**asked, timeout=timeout) as response:
                return Reply(response.status_code, response.headers, deadline.whole(response.iter_bytes()))
        except anthropic.APIStatusError as error:
            return Reply(error.response.status_code, error.response.headers, error.response.content)
        except (anthropic.APITimeoutError, httpx2.TimeoutException):
            raise Again("did not answer in time") from None
        except (anthropic.APIConnectionError, httpx2.HTTPError):
            raise Again("could not be reached, or broke the connection off") from None
        except (anthropic.AnthropicError, RuntimeError) as error:
            # Before anything was sent: the SDK found no credentials, or none that fit.
            raise self._server.fatal(
                f"could not be asked ({type(error).__name__}): there are no credentials for it",
                "check model.key in the configuration, or on Bedrock the role of the functions",
            ) from None

    def _asked(self, prompt: Prompt) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": self.name,
            "max_tokens": self._most or prompt.max_tokens,
            # The breakpoint is behind the tool too, which is read before the system's text.
            "system": [{"type": "text", "text": prompt.system, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": prompt.user}],
        }
        if prompt.answer_schema is not None:
            asked["tools"] = [{"name": TOOL, "description": _DESCRIPTION, "input_schema": prompt.answer_schema}]
            if "force" not in self._refused:
                asked["tool_choice"] = {"type": "tool", "name": TOOL}
        if self._effort and "effort" not in self._refused:
            asked["output_config"] = {"effort": self._effort}
        return asked

    def _simpler(self, asked: dict[str, Any], fault: Fault) -> bool:
        """Whether the server refused something it can be asked without. From then on it is."""
        used = {"force": "tool_choice" in asked, "effort": "output_config" in asked}
        for name, reads in _REFUSABLE.items():
            if used[name] and reads.search(fault.said):
                self._refused.add(name)
                return True
        return False


def messages_client(settings: ModelSettings, key: str | None) -> anthropic.Anthropic | anthropic.AnthropicBedrock:
    """The SDK's client for the configured server. It does not try again itself, follow anywhere else, or trace.

    Bedrock without a key uses the AWS credentials at hand, and its region where none is configured.
    """
    keep_quiet("anthropic", "httpx2", "httpcore2", "botocore.auth")
    common: dict[str, Any] = {
        "max_retries": 0,
        "http_client": httpx2.Client(trust_env=False)
        if settings.is_local
        else anthropic.DefaultHttpxClient(follow_redirects=False),
        "open_telemetry": False,
    }
    if settings.provider == "bedrock":
        return anthropic.AnthropicBedrock(api_key=key, aws_region=settings.region, base_url=settings.endpoint, **common)
    if settings.endpoint is None:
        return anthropic.Anthropic(api_key=key, base_url=CLAUDE, **common)
    # Servers of others take the key as a bearer's; one without a key must still get some.
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    base = urlsplit(settings.endpoint).geturl().rstrip("/").removesuffix("/v1")
    return anthropic.Anthropic(api_key=key or "none", base_url=base, default_headers=headers, **common)


def _spoken(value: dict[str, Any], document: bool) -> Spoken | None:
    """What a message says; None where it has no content. Calls are said where a document was asked for."""
    content = value.get("content")
    if not isinstance(content, (str, list, dict)):
        return None
    blocks = [] if isinstance(content, str) else objects(content)
    calls = [ToolCall(text_of(one.get("name")), one.get("input")) for one in blocks if one.get("type") == "tool_use"]
    stop = (
        "refusal" if value.get("amazon-bedrock-guardrailAction") == "INTERVENED" else stop_of(value.get("stop_reason"))
    )
    counted = mapping(value.get("usage"))
    usage = TokenUsage(
        input=count(counted.get("input_tokens")),
        cached=count(counted.get("cache_read_input_tokens")),
        cache_written=count(counted.get("cache_creation_input_tokens")),
        output=count(counted.get("output_tokens")),
    )
    return Spoken(spoken(text_of(content), calls if document else [], stop, TOOL), stop, usage)
