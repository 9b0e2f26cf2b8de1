"""What is answered where a model is to word it: whether its numbers come from the results, and what to say if not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from copilot.answering.numbers import Known, figures
from copilot.plans.templates import words
from copilot.tools.by_hand import NEEDED

_MOST_LINES = 40
_LONGEST_LINE = 300


def unfounded_numbers(text: str, results: JsonValue, *said: str) -> list[str]:
    """The figures in a composed text, as it writes them, that are not to be found: neither in the results, nor as a
    count of what these list, nor in what was `said` (the request, the instruction).

    Rounded is found. Converted or worked out is not.
    """
    known = Known()
    for value in (results, *said):
        known.add(value)
    return list(dict.fromkeys(figure.shown for figure in figures(text) if not known.has(figure)))


def plain_results(results: Mapping[str, JsonValue]) -> str:
    """The results, by step, in their own words: the answer where none could be composed."""
    lines = [line[:_LONGEST_LINE] for output in results.values() for line in _lines(output)]
    more = [f"- \u2026 and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return "\n".join([*(f"- {line}" for line in lines[:_MOST_LINES]), *more])


def _lines(output: JsonValue) -> Iterator[str]:
    """The summary of an output; else the summaries of what it lists, under their names; else all of it."""
    if isinstance(output, list):
        for element in output:
            yield from _lines(element)
    elif not isinstance(output, dict):
        yield words(output).replace("\n", " ")
    elif isinstance(summary := output.get("summary"), str):
        yield words(summary).replace("\n", " ")
    else:
        output = {name: value for name, value in output.items() if name != NEEDED}
        inner = {name: value for name, value in output.items() if isinstance(value, list | dict) and value}
        for name, value in inner.items():
            label = name.replace("_", " ")
            yield from (f"{label}: {line}" for line in _lines(value))
        if not inner:
            yield words(output).replace("\n", " ")
