"""The rule about users: only where the file itself has prepared one that it then forgets to become."""

from __future__ import annotations

import re

from copilot.tools.dockerfile.editing import rewritten
from copilot.tools.dockerfile.installing import plain_runs, program
from copilot.tools.dockerfile.reading import Dockerfile, Instruction
from copilot.tools.dockerfile.shell import Command
from copilot.tools.dockerfile.stages import Stage, ancestor_image, directory_at, resolved, stages_of

BUILT_IN = {"node": ("node", "1000")}
"""Users that an image of Docker's library comes with, and their numbers."""


def user(dockerfile: Dockerfile) -> str:
    stages = stages_of(dockerfile)
    if not stages:
        return dockerfile.text
    stage = stages[-1]
    started = stage.of("CMD", "ENTRYPOINT")
    unsure = stage.of("USER", "VOLUME", "ONBUILD", "HEALTHCHECK") or stage.parent is not None or not started
    if unsure or not all(_high_port(port) for each in stage.of("EXPOSE") for port in each.value.split()):
        return dockerfile.text
    if any(each.number > started[0].number for each in stage.of("RUN", "COPY", "ADD", "WORKDIR")):
        return dockerfile.text
    directory = directory_at(stage, None, stages)
    if directory and _goes_elsewhere(stage, directory):
        return dockerfile.text
    for name, number in _users(dockerfile, stage, stages).items():
        if directory and directory != "/" and _owns(dockerfile, stage, stages, name, directory):
            first = started[0]
            return rewritten(dockerfile, {first.number: f"USER {number}\n{first.raw}"})
    return dockerfile.text


def _high_port(text: str) -> bool:
    found = re.fullmatch(r"(\d+)(?:/(?:tcp|udp))?", text)
    return found is not None and int(found.group(1)) >= 1024


def _goes_elsewhere(stage: Stage, directory: str) -> bool:
    """Whether the program is told of a port that not every user may open, or of a place that may be root's."""
    told = [word for each in stage.of("CMD", "ENTRYPOINT") for word in _words(each)[1:]]
    told += [word for each in stage.of("ENV") for word in _words(each) if not re.match(r"\w*PATH=|VIRTUAL_ENV=", word)]
    places = [place for word in told for place in re.findall(r"(?:^|[=:])(/[^:,]*)", word)]
    ports = re.findall(r"(?i)(?::|\bport[= ])([0-9]{1,4})(?!\S)", " ".join(told))
    inside = (directory.rstrip("/") + "/", "/dev/")
    return any(int(port) < 1024 for port in ports) or not all(f"{place}/".startswith(inside) for place in places)


def _words(each: Instruction) -> tuple[str, ...]:
    return each.exec_form or tuple(each.value.replace('"', " ").replace("'", " ").split())


def _users(dockerfile: Dockerfile, stage: Stage, stages: tuple[Stage, ...]) -> dict[str, str]:
    """The number of each user the stage has, by name; hosts that run containers know users by number alone."""
    image = ancestor_image(stage, stages).official
    users = dict([BUILT_IN[image]]) if image in BUILT_IN else {}
    for _, of, commands in plain_runs(dockerfile):
        for command in commands:
            called, words = program(command)
            argv = [word.text for word in words]
            given = [argv[place + 1] for place, word in enumerate(argv[:-1]) if word in {"-u", "--uid"}]
            if of.number == stage.number and called in {"useradd", "adduser"} and command.literal and len(given) == 1:
                users[argv[-1]] = given[0]
    return {
        name: number
        for name, number in users.items()
        if re.fullmatch(r"[a-z_][a-z0-9_-]*", name) and re.fullmatch(r"[1-9]\d*", number)
    }


def _owns(dockerfile: Dockerfile, stage: Stage, stages: tuple[Stage, ...], name: str, directory: str) -> bool:
    """Whether the last thing that happens to the directory gives all of it to the user."""
    given = False
    plain = {run.number: commands for run, _, commands in plain_runs(dockerfile)}
    for each in stage.body:
        if each.keyword in {"COPY", "ADD"}:
            given = given and any(re.match(rf"--chown={re.escape(name)}(:|$)", flag) for flag in each.flags)
        elif each.keyword == "RUN":
            given = _given_by(each, plain, name, directory, directory_at(stage, each, stages)) or False
    return given


def _given_by(
    run: Instruction, plain: dict[int, tuple[Command, ...]], name: str, directory: str, here: str | None
) -> bool:
    commands = plain.get(run.number)
    last: tuple[str, ...] = commands[-1].argv if commands else ()
    if len(last) != 4 or last[:2] not in {("chown", "-R"), ("chown", "--recursive")}:
        return False
    return bool(re.match(rf"{re.escape(name)}(:[\w-]*)?$", last[2])) and resolved(here, last[3]) == directory
