"""The rule about versions: what is pinned in one place is pinned in the others. No version is looked up or guessed."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import defaultdict

from copilot.tools.dockerfiles.commands import plain_runs, program, verb
from copilot.tools.dockerfiles.editing import Edit, edited, rewritten
from copilot.tools.dockerfiles.manifests import Others
from copilot.tools.dockerfiles.reading import Dockerfile
from copilot.tools.dockerfiles.shell import Command, Word
from copilot.tools.dockerfiles.stages import stages_of

QUIET = frozenset("--no-cache-dir --no-input --quiet -q --disable-pip-version-check --no-compile".split())
_PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)==([\w.+!]+)")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_OPTION_WITH_VALUE = frozenset({"-r", "--requirement"})


def pin(dockerfile: Dockerfile, others: Others) -> str:
    return rewritten(dockerfile, {**_images(dockerfile), **_packages(dockerfile, others)})


def _images(dockerfile: Dockerfile) -> dict[int, str | None]:
    """The digest that this file gives an image in another FROM: it is of the same tag."""
    stages = stages_of(dockerfile)
    digests: dict[str, set[str]] = defaultdict(set)
    for stage in stages:
        if stage.image.digest and stage.image.fixed:
            digests[stage.image.text.partition("@")[0]].add(stage.image.digest)
    new: dict[int, str | None] = {}
    for stage in stages:
        known = digests.get(stage.image.text, set())
        if len(known) == 1 and not stage.base.flags and stage.parent is None:
            base = stage.base
            end = base.at[base.value_start + len(stage.image.text) - 1] + 1
            new[base.number] = edited(base, [(end, end, f"@{next(iter(known))}")])
    return new


def _packages(dockerfile: Dockerfile, others: Others) -> dict[int, str | None]:
    """The version that the same pip gives a package in the same stage: which of the two comes first, it is that one."""
    pinned: dict[tuple[int, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for _, stage, commands in plain_runs(dockerfile):
        for command in commands:
            for name, version in _stated(command, others):
                pinned[stage.number, _called(command)][name].add(version)
    new: dict[int, str | None] = {}
    for run, stage, commands in plain_runs(dockerfile):
        edits: list[Edit] = []
        for command in commands:
            known = pinned.get((stage.number, _called(command)), {})
            edits += [
                (word.end, word.end, f"=={next(iter(versions))}")
                for word in _loose(command)
                if len(versions := known.get(_normal(word.text), set())) == 1
            ]
        if edits:
            new[run.number] = edited(run, edits)
    return new


def _stated(command: Command, others: Others) -> list[tuple[str, str]]:
    """Names and versions that a pip install says, in its words or in a file at hand."""
    if not _is_plain(command):
        return []
    words = program(command)[1]
    texts = [word.text for word in words if word.literal]
    for option, value in itertools.pairwise(words):
        if option.text in _OPTION_WITH_VALUE:
            texts += [line.strip() for line in others.get(posixpath.basename(value.text), "").splitlines()]
    return [(_normal(found[1]), found[2]) for text in texts if (found := _PINNED.fullmatch(text))]


def _loose(command: Command) -> list[Word]:
    """The packages that a pip install gives no version."""
    if not _is_plain(command):
        return []
    words = program(command)[1]
    values = [value for option, value in itertools.pairwise(words) if option.text in _OPTION_WITH_VALUE]
    return [
        word
        for word in words[1:]
        if word.literal and word not in values and _NAME.fullmatch(word.text) and not _is_path(word.text)
    ]


def _is_plain(command: Command) -> bool:
    """Whether it is a pip install of which the options change nothing about what is installed."""
    words = program(command)[1]
    found = verb(command, "pip")
    options = {word.text for word in words if word.text.startswith("-")}
    return found is not None and found is words[0] and found.text == "install" and options <= QUIET | _OPTION_WITH_VALUE


def _is_path(text: str) -> bool:
    return text.endswith((".whl", ".zip", ".gz", ".tgz", ".txt")) or text in {".", ".."}


def _called(command: Command) -> str:
    """By which name pip was called: two of them may be two Pythons'."""
    return " ".join(command.argv).partition(" install")[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
