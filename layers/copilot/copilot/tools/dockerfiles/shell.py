"""The commands of a RUN line, where that line is plain enough to be sure of them: words joined by &&.

Anything a shell would do more with (variables in command position aside) makes the whole line None: substitutions,
subshells, groups, background jobs, ||, ;, comments, unbalanced quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from copilot.tools.dockerfiles.reading import Instruction

KEYWORDS = frozenset("if then else elif fi for while until do done case esac function select time { } ! [[".split())


@dataclass(frozen=True)
class Word:
    """`text` without its quotes; `start` and `end` are where it stands in the instruction's raw text.

    `literal` is False where the shell would still change it (a variable, a pattern, a tilde).
    """

    text: str
    start: int
    end: int
    literal: bool = True


@dataclass(frozen=True)
class Command:
    """One simple command. `plain` is False where it is piped or redirected."""

    words: tuple[Word, ...]
    plain: bool = True

    @property
    def argv(self) -> tuple[str, ...]:
        return tuple(word.text for word in self.words)

    @property
    def literal(self) -> bool:
        return self.plain and all(word.literal for word in self.words)

    @property
    def name(self) -> str:
        return self.words[0].text if self.words else ""


@lru_cache(maxsize=512)  # every rule asks for those of every RUN
def commands_of(instruction: Instruction) -> tuple[Command, ...] | None:
    """The commands of a shell-form instruction, in order; None where they are not plain enough."""
    if instruction.heredocs or instruction.value.startswith("["):
        return None
    return parse(instruction.text, instruction.at, instruction.value_start)


def parse(text: str, at: tuple[int, ...], begin: int = 0) -> tuple[Command, ...] | None:
    """`at` maps places in the text to places in the raw text."""
    commands: list[Command] = []
    words: list[Word] = []
    plain, place = True, begin
    while place < len(text):
        char = text[place]
        if char in " \t":
            place += 1
        elif text.startswith("&&", place):
            if not words:
                return None
            commands.append(Command(tuple(words), plain))
            words, plain, place = [], True, place + 2
        elif char in "|<>" and not text.startswith("||", place) and not text.startswith("<<", place):
            plain, place = False, place + 1
        elif char in "|&;()`#\r\n<":
            return None
        else:
            word, place = _word(text, at, place)
            if word is None or (not words and word.text in KEYWORDS):
                return None
            words.append(word)
    if not words:
        return None
    commands.append(Command(tuple(words), plain))
    return tuple(commands)


def _word(text: str, at: tuple[int, ...], begin: int) -> tuple[Word | None, int]:
    found, place, literal = "", begin, True
    while place < len(text) and text[place] not in " \t|&;()<>\r\n":
        char = text[place]
        if char in "`" or text.startswith("$(", place):
            return None, place
        if char == "\\":
            if place + 1 >= len(text):
                return None, place
            found, place = found + text[place + 1], place + 2
        elif char == "'":
            end = text.find("'", place + 1)
            if end < 0:
                return None, place
            found, place = found + text[place + 1 : end], end + 1
        elif char == '"':
            inner = re.compile(r'"((?:[^"\\`$]|\\.|\$(?!\())*)"').match(text, place)
            if inner is None:
                return None, place
            literal = literal and "$" not in inner.group(1)
            found, place = found + re.sub(r'\\(["\\$`])', r"\1", inner.group(1)), inner.end()
        else:
            literal = literal and char not in "$*?[]~{}!"
            found, place = found + char, place + 1
    return Word(found, at[begin], at[place - 1] + 1, literal), place
