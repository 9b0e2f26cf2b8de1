"""A model server of our own for tests and measurements: real HTTP, both protocols, a script instead of a model.

with ScriptedModel(in_order(document({"say": "Hello."})), latency=None) as server:
    ...  # a client of https://api.anthropic.com or https://api.openai.com/v1, given server.url
    server.calls[0].asked.system, server.calls[0].tokens
"""

from scripted_model.conversation import Asked, Message, Offered, Tokens, ToolCall, ToolResult
from scripted_model.reply import (
    Reply,
    Script,
    asks_for,
    calls,
    cut,
    document,
    fenced,
    in_order,
    raw,
    refusal,
    silence,
    status,
    surrounded,
    text,
    trickle,
    when,
)
from scripted_model.server import Call, Latency, ScriptedModel
from scripted_model.tokens import count_tokens

__all__ = [
    "Asked",
    "Call",
    "Latency",
    "Message",
    "Offered",
    "Reply",
    "Script",
    "ScriptedModel",
    "Tokens",
    "ToolCall",
    "ToolResult",
    "asks_for",
    "calls",
    "count_tokens",
    "cut",
    "document",
    "fenced",
    "in_order",
    "raw",
    "refusal",
    "silence",
    "status",
    "surrounded",
    "text",
    "trickle",
    "when",
]
