"""The JSON schema of a Plan, made from its types: what a model must answer with, and what a runbook is."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from copilot.domain import Plan

_NOISE = frozenset({"title", "default", "$defs"})
_WORDS = frozenset({"description", "maxLength", "maxItems", "minItems"})


def plan_schema(described: bool = True) -> dict[str, JsonValue]:
    """One object without references to elsewhere in it: the input schema of a tool (Anthropic) or a response's
    json_schema (OpenAI). What may be null in our types may be left out here instead.

    Not `described`, it is the same without words, limits of length and the goal: for a model, whom the prompt tells the
    words, and whose goal is the request.
    """
    schema = Plan.model_json_schema()
    if not described:
        del schema["properties"]["goal"]
    return _trimmed(schema, schema.get("$defs", {}), _NOISE if described else _NOISE | _WORDS)


def _trimmed(schema: dict[str, Any], types: dict[str, Any], noise: frozenset[str]) -> dict[str, Any]:
    """The schema with what it refers to written out, without noise and nulls."""
    if reference := schema.get("$ref"):
        schema = types[reference.rpartition("/")[2]] | {key: schema[key] for key in schema if key != "$ref"}
    if alternatives := [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]:
        own = {key: value for key, value in schema.items() if key != "anyOf"}
        schema = alternatives[0] | own if len(alternatives) == 1 else own | {"anyOf": alternatives}
        return _trimmed(schema, types, noise)
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            found[key] = {name: _trimmed(field, types, noise) for name, field in value.items()}
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            found[key] = _trimmed(value, types, noise)
        elif key not in noise:
            found[key] = " ".join(value.split()) if key == "description" else value
    return found
