"""A Dockerfile as the builder reads it, with every line kept as it was written.

Continuations, comments within them, parser directives, heredocs and builder flags follow BuildKit's parser; the facts
are from docs.docker.com/reference/dockerfile and moby/buildkit's frontend/dockerfile/parser. Unlike those it never
refuses: an instruction nobody knows is kept, and what cannot be read to its end is one `broken` file, left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

ESCAPE = "\\"
MOST_INSTRUCTIONS = 250
INSTRUCTIONS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME "
    "WORKDIR".split()
)
HEREDOC_KEYWORDS = frozenset({"RUN", "COPY", "ADD"})
_DIRECTIVE = re.compile(r"^#\s*(syntax|escape|check)\s*=\s*(\S.*?)\s*$", re.IGNORECASE)
_HEREDOC = re.compile(r"(?<![<\w])\d*<<(-?)\s*([\"']?)([A-Za-z_][\w.-]*)\2(?=[\s;|&>)]|$)")
_WORD = re.compile(r"\s*(\S+)")
_FLAG = re.compile(r"\s*(--[a-z][a-z-]*(?:=\S*)?)(?=\s|$)")


@dataclass(frozen=True)
class Instruction:
    """One instruction with its lines as written, its heredocs among them. `number` is its first line's, from 1.

    `text` is the logical line: continuations joined, comments gone, heredoc bodies not in it. `at` says for each of its
    characters where in `raw` it stands.
    """

    number: int
    raw: str
    text: str
    at: tuple[int, ...]
    heredocs: int = 0

    @cached_property
    def keyword(self) -> str:
        found = _WORD.match(self.text)
        return found.group(1).upper() if found else ""

    @cached_property
    def flags(self) -> tuple[str, ...]:
        return tuple(found.group(1) for found in self._flags())

    @cached_property
    def value_start(self) -> int:
        """Where in `text` what follows keyword and flags begins."""
        found = _WORD.match(self.text)
        end = max([found.end() if found else 0, *(flag.end() for flag in self._flags())])
        return end + len(self.text[end:]) - len(self.text[end:].lstrip())

    @property
    def value(self) -> str:
        return self.text[self.value_start :].strip()

    @cached_property
    def exec_form(self) -> tuple[str, ...] | None:
        """The words of a JSON array; None where the value is none."""
        if not self.value.startswith("["):
            return None
        try:
            words = json.loads(self.value)
        except (ValueError, RecursionError):
            return None
        return tuple(words) if isinstance(words, list) and all(isinstance(word, str) for word in words) else None

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.raw.split("\n"))

    def _flags(self) -> Iterator[re.Match[str]]:
        found = _WORD.match(self.text)
        end = found.end() if found else 0
        while flag := _FLAG.match(self.text, end):
            yield flag
            end = flag.end()


@dataclass(frozen=True)
class Gap:
    """Empty lines and comments between instructions."""

    raw: str


Part = Instruction | Gap


@dataclass(frozen=True)
class Dockerfile:
    """`parts` joined by line ends are the text. `plain` is False where the rules for ordinary files do not hold."""

    parts: tuple[Part, ...]
    escape: str = ESCAPE
    syntax: str = ""
    broken: str = ""
    ends: str = ""

    @property
    def text(self) -> str:
        return "\n".join(part.raw for part in self.parts) + self.ends

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        return tuple(part for part in self.parts if isinstance(part, Instruction))

    @property
    def reason_to_leave(self) -> str:
        """Why no rule may touch this file; "" where they may."""
        if self.broken:
            return self.broken
        if self.escape != ESCAPE:
            sign = "a backtick" if self.escape == "`" else self.escape
            return f"its escape character is {sign}, as in files for Windows, whose commands the rules do not know"
        if self.syntax and not re.match(r"docker(?:\.io/docker)?/dockerfile(?:-upstream)?(?:[:@]|$)", self.syntax):
            return f"it is built by {self.syntax}, which may mean other things by the same words"
        if len(self.instructions) > MOST_INSTRUCTIONS:
            return f"it has {len(self.instructions)} instructions, and the rules look at {MOST_INSTRUCTIONS} at most"
        strange = next((each for each in self.instructions if each.keyword not in INSTRUCTIONS), None)
        if strange is not None:
            return f"line {strange.number} begins with no instruction of a Dockerfile; something else has to read it"
        if "\r" in self.text:
            return "some of its lines end in carriage returns and others do not"
        return ""


@dataclass
class _Reader:
    lines: Sequence[str]
    escape: str = ESCAPE
    syntax: str = ""
    parts: list[Part] = field(default_factory=list)

    def read(self) -> str:
        """Fills `parts`; returns why the file cannot be read to its end, or ""."""
        number = self._directives()
        while number < len(self.lines):
            line = self.lines[number]
            if not line.strip() or line.lstrip().startswith("#"):
                self._gap(line)
                number += 1
                continue
            end, broken = self._instruction(number)
            if broken:
                self.parts.append(Gap("\n".join(self.lines[number:])))
                return broken
            number = end
        return ""

    def _directives(self) -> int:
        """Only comments at the very top can be directives; returns the number of lines they take."""
        seen: set[str] = set()
        for number, line in enumerate(self.lines):
            found = _DIRECTIVE.match(line.strip())
            if not found or found.group(1).lower() in seen:
                return number
            name, value = found.group(1).lower(), found.group(2)
            seen.add(name)
            if name == "escape":
                self.escape = value
            elif name == "syntax":
                self.syntax = value
            self._gap(line)
        return len(self.lines)

    def _gap(self, line: str) -> None:
        if self.parts and isinstance(self.parts[-1], Gap):
            self.parts[-1] = Gap(f"{self.parts[-1].raw}\n{line}")
        else:
            self.parts.append(Gap(line))

    def _instruction(self, start: int) -> tuple[int, str]:
        """The line after the instruction that begins here, and why it cannot be read, or ""."""
        text: list[str] = []
        at: list[int] = []
        offset, number, goes_on = 0, start, True
        while goes_on and number < len(self.lines):
            line = self.lines[number]
            skipped = number > start and (not line.strip() or line.lstrip().startswith("#"))
            if not skipped:
                body, goes_on = self._continued(line)
                text.append(body)
                at += range(offset, offset + len(body))
            offset += len(line) + 1
            number += 1
        made = Instruction(start + 1, "", "".join(text), tuple(at))
        names = _heredocs(made) if made.keyword in HEREDOC_KEYWORDS else []
        for chomp, name in names:
            while number < len(self.lines):
                line = self.lines[number]
                number += 1
                if (line.lstrip("\t") if chomp else line).rstrip("\r") == name:
                    break
            else:
                return number, f"the heredoc {name} of line {start + 1} has no end"
        raw = "\n".join(self.lines[start:number])
        self.parts.append(Instruction(start + 1, raw, made.text, made.at, len(names)))
        return number, ""

    def _continued(self, line: str) -> tuple[str, bool]:
        """A line without its continuation, and whether it had one: a last escape that is not itself escaped."""
        bare = line.rstrip(" \t\r")
        if bare.endswith(self.escape) and not bare[:-1].endswith(self.escape):
            return bare[:-1], True
        return line, False


def _heredocs(instruction: Instruction) -> list[tuple[bool, str]]:
    """(whether tabs are stripped, name) for each; << inside quotes is none."""
    if instruction.exec_form is not None:
        return []
    text = re.sub(r"'[^']*<<[^']*'|\"[^\"]*<<[^\"]*\"", lambda found: " " * len(found.group()), instruction.text)
    return [(bool(found.group(1)), found.group(3)) for found in _HEREDOC.finditer(text)]


def read_dockerfile(text: str) -> Dockerfile:
    """Never raises: a file that cannot be read says so in `broken`. Its `text` is the text given."""
    lines = text.split("\n")
    ends = ""
    if len(lines) > 1 and lines[-1] == "":
        lines, ends = lines[:-1], "\n"
    reader = _Reader(lines)
    broken = reader.read()
    return Dockerfile(tuple(reader.parts), reader.escape, reader.syntax, broken, ends)
