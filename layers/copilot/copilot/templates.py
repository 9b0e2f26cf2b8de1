"""Text templates: "{expression}" over the outputs of steps, rendered once.

A line "- {expression}" becomes one line for each element of a list, and a heading (a line that ends in a colon) goes
when every line under it, up to the next empty line, came out empty. In running text a list reads "a, b", an empty one
"none".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from copilot import references
from copilot.errors import NoData, PlanError

_PLACEHOLDER = re.compile(r"\{((?:[^{}'\"`]|'[^']*'|\"[^\"]*\"|`[^`]*`)+)\}")
_BULLET = re.compile(r"^(\s*- )" + _PLACEHOLDER.pattern + r"$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def placeholders(template: str) -> Iterator[str]:
    """The expressions of a template. Raises PlanError for a brace that belongs to none."""
    if re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        raise PlanError([f"a brace without its partner in {template!r}"])
    for match in _PLACEHOLDER.finditer(template):
        yield match.group(1)


def render_text(template: str, outputs: Mapping[str, JsonValue]) -> str:
    """The text, every placeholder required to give something. Raises NoData."""
    return _render(template, outputs, required=True)


def render_answer(template: str, outputs: Mapping[str, JsonValue]) -> str:
    """The text without the lines that speak of steps which have no output; Reply accounts for those."""
    return _render(template, outputs, required=False)


def plain(text: str) -> str:
    """Text without control characters and direction overrides, which could disguise what a person reads."""
    return _CONTROL.sub("", text)


def words(value: JsonValue) -> str:
    """A JSON value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(words(inner) for inner in value) if value else "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {words(inner)}" for key, inner in value.items())
    return plain(str(value))


def _render(template: str, outputs: Mapping[str, JsonValue], *, required: bool) -> str:
    lines: list[str] = []
    for block in template.strip().split("\n\n"):
        rendered = _render_block(block.split("\n"), outputs, required)
        if rendered:
            lines += [*rendered, ""]
    return "\n".join(lines).strip()


def _render_block(block: list[str], outputs: Mapping[str, JsonValue], required: bool) -> list[str]:
    rendered: list[str] = []
    heading: str | None = None
    for line in block:
        if not required and not _known(line, outputs):
            continue
        if line.endswith(":") and "{" not in line:
            heading = line
            continue
        found = _render_line(line, outputs, required)
        if found and heading is not None:
            rendered.append(heading)
            heading = None
        rendered += found
    return rendered


def _render_line(line: str, outputs: Mapping[str, JsonValue], required: bool) -> list[str]:
    if bullet := _BULLET.match(line):
        value = references.evaluate(bullet.group(2), dict(outputs))
        if value is None and required:
            raise NoData(f"{bullet.group(2)} gave nothing")
        elements = value if isinstance(value, list) else [] if value is None else [value]
        return [bullet.group(1) + words(element).replace("\n", " ") for element in elements]

    def fill(match: re.Match[str]) -> str:
        value = references.evaluate(match.group(1), dict(outputs))
        if value is None and required:
            raise NoData(f"{match.group(1)} gave nothing")
        return words(value)

    return [_PLACEHOLDER.sub(fill, line)]


def _known(line: str, outputs: Mapping[str, JsonValue]) -> bool:
    return all(path[0] in outputs for expression in placeholders(line) for path in references.roots(expression))
