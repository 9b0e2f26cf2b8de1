"""The commands that a file's RUNs are made of, and what they ask a package manager for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from copilot.tools.dockerfiles.editing import Edit, edited, rewritten
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, Word, commands_of
from copilot.tools.dockerfiles.stages import Stage, has_plain_shell, stages_of

Runs = Iterator[tuple[Instruction, Stage, tuple[Command, ...]]]


def plain_runs(dockerfile: Dockerfile) -> Runs:
    """The RUNs whose commands are sure, with the stage they are in."""
    stages = stages_of(dockerfile)
    for stage in stages:
        for each in stage.of("RUN"):
            if has_plain_shell(stage, each, stages) and (commands := commands_of(each)):
                yield each, stage, commands


def program(command: Command) -> tuple[str, tuple[Word, ...]]:
    """What is called, assignments before it aside, and the words after it; "python -m pip" is pip."""
    words = list(command.words)
    while words and re.match(r"[A-Za-z_]\w*=", words[0].text):
        words = words[1:]
    name = words[0].text if words else ""
    if re.fullmatch(r"python[\d.]*", name) and [word.text for word in words[1:3]] == ["-m", "pip"]:
        return "pip", tuple(words[3:])
    return ("pip" if re.fullmatch(r"pip[\d.]*", name) else name), tuple(words[1:])


def verb(command: Command, manager: str) -> Word | None:
    """The subcommand of a package manager, apt's being apt-get's; None where options could be hiding it."""
    name, words = program(command)
    same = {"apt-get", "apt"} if manager == "apt-get" else {manager}
    if name not in same or not command.plain or any(word.text in {"-o", "-t", "-c", "-a"} for word in words):
        return None
    return next((word for word in words if not word.text.startswith("-")), None)


def asks_to(command: Command, manager: str, *verbs: str) -> Word | None:
    found = verb(command, manager)
    return found if found is not None and found.text in verbs else None


def each_command(dockerfile: Dockerfile, edits_of: Callable[[Instruction, Stage, Command], list[Edit]]) -> str:
    """The text with the edits made that every command of every plain RUN asks for."""
    new: dict[int, str | None] = {}
    for run, stage, commands in plain_runs(dockerfile):
        if edits := [edit for command in commands for edit in edits_of(run, stage, command)]:
            new[run.number] = edited(run, edits)
    return rewritten(dockerfile, new)


def after(word: Word, text: str) -> Edit:
    return (word.end, word.end, f" {text}")
