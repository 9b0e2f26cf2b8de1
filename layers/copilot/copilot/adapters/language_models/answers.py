"""What both model adapters read of an answer. What is only beside it, or only counted, may be of any form: it must not
cost the answer.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from copilot.domain import TokenUsage

Stop = Literal["end", "length", "refusal"]

_MOST_TOKENS = 1_000_000_000
"""No answer has as many, whatever a server counts."""
# Why an answer ended, as the servers of OpenAI, Anthropic, Bedrock, Mistral, Gemini, Cohere, Zhipu and DeepSeek,
# OpenRouter and SGLang call it.
_CUT_OFF = frozenset(
    "length max_tokens max_output_tokens model_length token_limit model_context_window_exceeded".split()
)
_REFUSED = frozenset(
    "content_filter content_filtered refusal safety image_safety prohibited_content blocklist recitation spii "
    "sensitive guardrail_intervened guardrail model_armor error_toxic".split()
)
_BROKEN_OFF = frozenset(
    "error abort aborted cancelled failed timeout network_error insufficient_system_resource".split()
)
_TEXTS = frozenset({"text", "output_text"})


@dataclass(frozen=True)
class Spoken:
    """An answer: see Completion."""

    text: str
    stop: Stop = "end"
    usage: TokenUsage = TokenUsage()


class ToolCall(NamedTuple):
    """A tool the model called, and with what: an object, or JSON as text."""

    name: str
    given: Any

    @property
    def as_object(self) -> dict[str, Any]:
        return {"tool": self.name, "arguments": self.given}


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; one where a list of one is meant."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def count(value: Any) -> int:
    """A number of tokens; 0 where that is not known. Those that are no whole number are rounded up."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return math.ceil(number) if 0 < number < _MOST_TOKENS else 0


def stop_of(reason: Any) -> Stop:
    """By the reason as a server writes it: length, MAX_TOKENS, content_filter: RECITATION."""
    names = _names(reason)
    return "length" if names & _CUT_OFF else "refusal" if names & _REFUSED else "end"


def was_broken_off(reason: Any) -> bool:
    """Whether an answer ended for a fault of the server's."""
    return bool(_names(reason) & _BROKEN_OFF)


def _names(reason: Any) -> set[str]:
    return set(re.findall(r"[a-z_]+", reason.lower())) if isinstance(reason, str) else set()


def text_of(content: Any) -> str:
    """The text of a message's content: it may come in parts, and a document as the object that it is. Parts of other
    kinds, thoughts among them, are no text.
    """
    if isinstance(content, list):
        return "".join(map(text_of, content))
    if isinstance(content, dict):
        if not content.keys() & {"type", "text"}:
            return as_json(content) if content else ""
        content = content.get("text") if content.get("type", "text") in _TEXTS else ""
    return content if isinstance(content, str) else ""


def spoken(text: str, calls: Sequence[ToolCall], stop: Stop, offered: str = "") -> str:
    """The text and, each on a line of its own, the calls: of the tool that was `offered` its input, which is the
    answer, of others an object with `tool` and `arguments`. A call with nothing is none where there is another.

    Where the answer was cut off, so was its last call: as an object it comes without its end, for nobody can tell.
    """
    made = [call for call in calls if call.given] or calls
    lines = [as_json(call.given if call.name == offered else call.as_object) for call in made]
    if lines and stop == "length" and not isinstance(made[-1].given, str):
        lines[-1] = lines[-1][:-1]
    return "\n".join([text, *lines] if text.strip() else lines)


def as_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
