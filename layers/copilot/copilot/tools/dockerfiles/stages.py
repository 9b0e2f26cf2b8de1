"""What is known of each build stage: its image, its directory, what comes before and after an instruction."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.tools.dockerfiles.reading import Dockerfile, Instruction

_FROM = re.compile(r"^(\S+)(?:\s+as\s+(\S+))?$", re.IGNORECASE)
_IMAGE = re.compile(r"^(?P<name>[^:@]+(?::\d+/[^:@]+)?)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?$")
_VARIABLE = re.compile(r"\$(?:\w+|\{[^}]*\})")
OFFICIAL = re.compile(r"^(?:docker\.io/)?(?:library/)?(?P<name>[a-z0-9._-]+)$")
POSIX_SHELLS = frozenset({"sh", "/bin/sh", "bash", "/bin/bash", "ash", "/bin/ash", "/usr/bin/bash", "/usr/bin/sh"})


@dataclass(frozen=True)
class Image:
    """`official` is the name of an image of Docker's library; "" for any other, and for one with a variable in it.

    In `name`, `tag` and `digest` a $ stands for each variable; `fixed` says that there is none.
    """

    text: str
    official: str = ""
    tag: str = ""
    digest: str = ""
    name: str = ""

    @property
    def fixed(self) -> bool:
        return "$" not in self.text


@dataclass(frozen=True)
class Stage:
    """One stage: its FROM and what follows it. `parent` is the stage it builds on, where that is one of this file."""

    number: int
    base: Instruction
    image: Image
    name: str
    parent: int | None
    body: tuple[Instruction, ...]

    def of(self, *keywords: str) -> tuple[Instruction, ...]:
        return tuple(each for each in self.body if each.keyword in keywords)


def image_of(text: str) -> Image:
    found = _IMAGE.match(_VARIABLE.sub("$", text))
    if found is None:
        return Image(text)
    official = OFFICIAL.match(found["name"]) if "$" not in text else None
    return Image(text, official["name"] if official else "", found["tag"] or "", found["digest"] or "", found["name"])


def stages_of(dockerfile: Dockerfile) -> tuple[Stage, ...]:
    """The stages in their order; () where the file begins otherwise than with ARGs and a FROM."""
    stages: list[Stage] = []
    bodies: list[list[Instruction]] = []
    for each in dockerfile.instructions:
        if each.keyword == "FROM":
            found = _FROM.match(each.value)
            image, name = (found.group(1), (found.group(2) or "").lower()) if found else (each.value, "")
            parent = next((s.number for s in reversed(stages) if s.name and s.name == image.lower()), None)
            stages.append(Stage(len(stages), each, image_of(image), name, parent, ()))
            bodies.append([])
        elif stages:
            bodies[-1].append(each)
        elif each.keyword != "ARG":
            return ()
    return tuple(
        Stage(s.number, s.base, s.image, s.name, s.parent, tuple(body)) for s, body in zip(stages, bodies, strict=True)
    )


def lineage(stage: Stage, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stage and those of this file it builds on."""
    return (stage, *lineage(stages[stage.parent], stages)) if stage.parent is not None else (stage,)


def ancestor_image(stage: Stage, stages: Sequence[Stage]) -> Image:
    return lineage(stage, stages)[-1].image


def has_plain_shell(stage: Stage, before: Instruction, stages: Sequence[Stage]) -> bool:
    """Whether a RUN here goes to a POSIX shell, as far as this file says."""
    shells = [each for other in lineage(stage, stages)[1:] for each in other.of("SHELL")]
    shells += [each for each in stage.of("SHELL") if each.number < before.number]
    return all((each.exec_form or ("",))[0] in POSIX_SHELLS for each in shells)


def directory_at(stage: Stage, place: Instruction | None, stages: Sequence[Stage]) -> str | None:
    """The working directory before an instruction (at the stage's end for None); None where the file does not say."""
    directory = None
    if stage.parent is not None:
        directory = directory_at(stages[stage.parent], None, stages)
    for each in stage.body:
        if place is not None and each.number >= place.number:
            break
        if each.keyword == "WORKDIR":
            directory = resolved(directory, each.value)
        elif each.keyword == "ONBUILD":
            continue
    return directory


def resolved(directory: str | None, path: str) -> str | None:
    """A path as seen from a directory, absolute and without its last slash; None where that cannot be said."""
    path = path.strip("\"'")
    if "$" in path or not path:
        return None
    if path.startswith("/"):
        return posixpath.normpath(path).replace("//", "/")
    return None if directory is None else posixpath.normpath(posixpath.join(directory, path))
