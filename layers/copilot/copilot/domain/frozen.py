"""What every type of the model is: frozen, and strict about its fields; the digest of a value; the marks of text."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Made = Annotated[str, Field(json_schema_extra={"made": True})]
"""A sentence of our own code, in an Output; names from outside stand in it as outside.quoted gives them."""
People = Annotated[str, Field(json_schema_extra={"people": True})]
"""Who owns a thing, in an Output: names, mailboxes, with commas between."""
Monitor = Annotated[str, Field(json_schema_extra={"untrusted": True, "monitor": True})]
"""Untrusted, where it is not one of the reasons that a monitor makes by itself."""
Untrusted = Annotated[str, Field(json_schema_extra={"untrusted": True})]
"""Text, in an Output, that neither our code nor the asker wrote."""

TARGET: dict[str, JsonValue] = {"target": True}
"""In the schema of a parameter: it names what a call changes."""

OUR_OWN: dict[str, JsonValue] = {"our_own": True}
"""Of a field that code alone fills in: no model is told of it."""
SHAPE = "shape"
"""In the schema of a parameter: how people write its value, in place of all that it may have."""


def said(pattern: str) -> dict[str, JsonValue]:
    """Marks a parameter that is true only where whoever asks says so, in words that this pattern finds."""
    return {"said": pattern}


def digest(value: object) -> str:
    """A stable SHA-256 (64 hex digits) of a JSON value or of one of our types."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def place_in_time(at: datetime) -> str:
    """The moment as text of one length, to the millisecond in UTC: what is earlier sorts first."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation speaks of: Environment in tuple[Environment, ...] and Environment | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_in(part))), None)
