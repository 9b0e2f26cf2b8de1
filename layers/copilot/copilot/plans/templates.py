"""Text templates: "{expression}" over the outputs of steps, rendered once.

What is inserted can do nothing where it is shown (see outside.inert), neither by itself nor with what stands beside
it. The texts that a caller spares, links that the copilot made and lines of files, are shown as it says. A line "-
{expression}" becomes one line for each element of a list and of the lists in it, and a heading (a line that ends in a
colon) goes when every line under it, up to the next empty line, came out empty. A line of placeholders alone goes where
they gave nothing, and one of nothing ("Environments (0).", "0 of 0 ...") where the text says anything else. In running
text a list reads "a, b", an empty one "none".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from copilot.errors import NoData, PlanError
from copilot.plans import references
from copilot.text.outside import formatted_parts, inert, spoken_parts
from copilot.text.spoken import time_spoken

_PLACEHOLDER = re.compile(r"\{((?:[^{}'\"`]|'[^']*'|\"[^\"]*\"|`[^`]*`)+)\}")
_HELD = "\ue000"
"""Stands for a placeholder while the words around it are changed: a sign of nobody's (Unicode, private use)."""
NONE_SPARED: Mapping[str, str] = MappingProxyType({})
_OF_NOTHING = re.compile(r"0 of (?:the )?0 .*\.|\w+ \(0\)\.")
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


def with_expressions(template: str, said: Callable[[str], str]) -> str:
    """The template with its expressions said otherwise."""
    return _PLACEHOLDER.sub(lambda found: f"{{{said(found[1])}}}", template)


def with_words(template: str, worded: Callable[[str], str]) -> str:
    """The template in other words; its placeholders stay."""
    template = template.replace(_HELD, "")
    found = _PLACEHOLDER.finditer(template)
    return re.sub(_HELD, lambda _: next(found)[0], worded(_PLACEHOLDER.sub(_HELD, template)))


def render_text(
    template: str,
    outputs: Mapping[str, JsonValue],
    spared: Mapping[str, str] = NONE_SPARED,
    element: JsonValue = None,
) -> str:
    """The text, every placeholder required to give something; {@.name} is of the element. Raises NoData."""
    return _render(template, _Given(outputs, spared, element), required=True)


def render_answer(template: str, outputs: Mapping[str, JsonValue], spared: Mapping[str, str] = NONE_SPARED) -> str:
    """The text without the lines that speak of steps which have no output; Reply accounts for those."""
    return _render(template, _Given(outputs, spared), required=False)


def words(value: JsonValue, spared: Mapping[str, str] = NONE_SPARED) -> str:
    """A JSON value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        joined = ", ".join(words(inner, spared) for inner in value) if value else "none"
        kept = any(inner in spared for inner in value if isinstance(inner, str))
        together = not kept and any(formatted_parts(joined))
        return inert(joined) if together else joined
    if isinstance(value, dict):
        return ", ".join(f"{inert(key)}: {words(inner, spared)}" for key, inner in value.items())
    text = time_spoken(str(value))
    return spared[text] if text in spared else inert(text)


class _Given(NamedTuple):
    """What placeholders speak of, and how the texts among it are shown that are shown otherwise than others."""

    outputs: Mapping[str, JsonValue]
    spared: Mapping[str, str] = NONE_SPARED
    element: JsonValue = None

    def value(self, expression: str, required: bool) -> JsonValue:
        """Raises NoData."""
        data = self.element if references.is_of_element(expression) else dict(self.outputs)
        value = references.evaluate(expression, data)
        if value is None and required:
            raise NoData(f"{expression} gave nothing")
        return value

    def lines(self, expression: str, required: bool) -> list[str]:
        """A line for each element of a list, and of lists in it."""
        return [_on_one_line(element, self.spared) for element in _elements(self.value(expression, required))]

    def knows(self, line: str) -> bool:
        return all(path[0] in self.outputs for each in placeholders(line) for path in references.roots(each))


def _render(template: str, given: _Given, *, required: bool) -> str:
    lines: list[str] = []
    for block in template.strip().split("\n\n"):
        rendered = _render_block(block.split("\n"), given, required)
        if rendered:
            lines += [*rendered, ""]
    told = [line for line in lines if not _OF_NOTHING.fullmatch(line)]
    return "\n".join(told if any(told) else lines).strip()


def _render_block(block: list[str], given: _Given, required: bool) -> list[str]:
    rendered: list[str] = []
    heading: str | None = None
    for number, line in enumerate(block, start=1):
        if not required and not given.knows(line):
            continue
        if line.endswith(":") and "{" not in line:
            heading = line
            continue
        found = _render_line(line, given, required)
        if found and heading is not None:
            rendered.append(heading)
            heading = None
        if line.endswith(":") and (bullets := list(takewhile(_BULLET.match, block[number:]))):
            said = (_render_line(one, given, required) for one in bullets if given.knows(one))
            found = found if any(said) else [one.removesuffix(":") + "." for one in found]
        rendered += found
    return rendered


def _render_line(line: str, given: _Given, required: bool) -> list[str]:
    if bullet := _BULLET.match(line):
        return [bullet.group(1) + each for each in given.lines(bullet.group(2), required)]

    def fill(match: re.Match[str]) -> str:
        shown = words(given.value(match.group(1), required), given.spared)
        if re.match(r"\.(?!\S)", line[match.end() :]):
            shown = shown.removesuffix(".")  # a sentence that ends in what is one itself
        return f"\n{shown}\n" if "\n" in shown and line.strip() != match[0] else shown

    if not without_placeholders(line).strip() and not _PLACEHOLDER.sub(fill, line).strip():
        return []
    return [_as_inert_as_its_parts(line, _PLACEHOLDER.sub(fill, line), given.spared)]


def _elements(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, list):
        for inner in value:
            yield from _elements(inner) if isinstance(inner, list) else [inner]
    elif value is not None:
        yield value


def _on_one_line(value: JsonValue, spared: Mapping[str, str]) -> str:
    shown = words(value, spared)
    return words(value) if "\n" in shown else shown


def _as_inert_as_its_parts(template: str, line: str, spared: Mapping[str, str]) -> str:
    """The line; made inert where what was inserted does something together with what stands beside it. What the
    template does around a placeholder by itself, it does.
    """
    if "\n" in line:
        return line
    held = [value for value in spared.values() if value and value in line]
    without, own = line, _PLACEHOLDER.sub("x", template)
    for value in held:
        without = without.replace(value, "x")
    if all(len(list(parts(without))) <= len(list(parts(own))) for parts in (spoken_parts, formatted_parts)):
        return line
    sign = line[: len(line) - len(line.lstrip(" -"))]
    pieces = re.split("|".join(map(re.escape, held)), line[len(sign) :]) if held else [line[len(sign) :]]
    kept = re.findall("|".join(map(re.escape, held)), line[len(sign) :]) if held else []
    calm = [_calm_within(piece) for piece in pieces]
    return sign + "".join(part for pair in zip(calm, [*kept, ""], strict=True) for part in pair)


def _calm_within(piece: str) -> str:
    """The same, with the blanks at its ends."""
    before, after = len(piece) - len(piece.lstrip()), len(piece.rstrip())
    return piece[:before] + inert(piece) + piece[after:] if piece.strip() else piece
