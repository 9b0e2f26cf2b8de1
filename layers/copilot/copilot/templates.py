"""Text templates: "{expression}" over the outputs of steps, rendered once.

What is inserted can do nothing where it is shown (see outside.inert), but for the texts a caller spares: links that the
copilot made, lines of files. A line "- {expression}" becomes one line for each element of a list, and a heading (a line
that ends in a colon) goes when every line under it, up to the next empty line, came out empty. In running text a list
reads "a, b", an empty one "none".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile

from pydantic import JsonValue

from copilot import references
from copilot.errors import NoData, PlanError
from copilot.outside import inert, plain

_PLACEHOLDER = re.compile(r"\{((?:[^{}'\"`]|'[^']*'|\"[^\"]*\"|`[^`]*`)+)\}")
_BULLET = re.compile(r"^(\s*- )" + _PLACEHOLDER.pattern + r"$")


def placeholders(template: str) -> Iterator[str]:
    """The expressions of a template. Raises PlanError for a brace that belongs to none."""
    if re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        raise PlanError([f"a brace without its partner in {template!r}"])
    for match in _PLACEHOLDER.finditer(template):
        yield match.group(1)


def without_placeholders(template: str) -> str:
    """The words of the template's own."""
    return _PLACEHOLDER.sub(" ", template)


def render_text(template: str, outputs: Mapping[str, JsonValue], spared: Collection[str] = ()) -> str:
    """The text, every placeholder required to give something. Raises NoData."""
    return _render(template, outputs, spared, required=True)


def render_answer(template: str, outputs: Mapping[str, JsonValue], spared: Collection[str] = ()) -> str:
    """The text without the lines that speak of steps which have no output; Reply accounts for those."""
    return _render(template, outputs, spared, required=False)


def words(value: JsonValue, spared: Collection[str] = ()) -> str:
    """A JSON value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(words(inner, spared) for inner in value) if value else "none"
    if isinstance(value, dict):
        return ", ".join(f"{inert(key)}: {words(inner, spared)}" for key, inner in value.items())
    text = str(value)
    return plain(text) if text in spared else inert(text)


def _render(template: str, outputs: Mapping[str, JsonValue], spared: Collection[str], *, required: bool) -> str:
    lines: list[str] = []
    for block in template.strip().split("\n\n"):
        rendered = _render_block(block.split("\n"), outputs, spared, required)
        if rendered:
            lines += [*rendered, ""]
    return "\n".join(lines).strip()


def _render_block(
    block: list[str], outputs: Mapping[str, JsonValue], spared: Collection[str], required: bool
) -> list[str]:
    rendered: list[str] = []
    heading: str | None = None
    for number, line in enumerate(block, start=1):
        if not required and not _known(line, outputs):
            continue
        if line.endswith(":") and "{" not in line:
            heading = line
            continue
        found = _render_line(line, outputs, spared, required)
        if found and heading is not None:
            rendered.append(heading)
            heading = None
        if line.endswith(":") and (bullets := list(takewhile(_BULLET.match, block[number:]))):
            said = (_render_line(one, outputs, spared, required) for one in bullets if _known(one, outputs))
            found = found if any(said) else [one.removesuffix(":") + "." for one in found]
        rendered += found
    return rendered


def _render_line(
    line: str, outputs: Mapping[str, JsonValue], spared: Collection[str], required: bool
) -> list[str]:
    if bullet := _BULLET.match(line):
        value = references.evaluate(bullet.group(2), dict(outputs))
        if value is None and required:
            raise NoData(f"{bullet.group(2)} gave nothing")
        elements = value if isinstance(value, list) else [] if value is None else [value]
        return [bullet.group(1) + words(element, spared).replace("\n", " ") for element in elements]

    def fill(match: re.Match[str]) -> str:
        value = references.evaluate(match.group(1), dict(outputs))
        if value is None and required:
            raise NoData(f"{match.group(1)} gave nothing")
        return words(value, spared)

    return [_PLACEHOLDER.sub(fill, line)]


def _known(line: str, outputs: Mapping[str, JsonValue]) -> bool:
    return all(path[0] in outputs for expression in placeholders(line) for path in references.roots(expression))
