"""Rules about what apk and pip keep for a next time that an image never has."""

from __future__ import annotations

import re

from copilot.tools.dockerfiles.commands import after, asks_to, each_command, plain_runs, program, verb
from copilot.tools.dockerfiles.editing import Edit
from copilot.tools.dockerfiles.leftovers import ELSEWHERE, all_later, speaks_of
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, commands_of
from copilot.tools.dockerfiles.stages import Stage, ancestor_image, lineage, stages_of
from copilot.tools.dockerfiles.systems import has_option, is_latest, library_name, system_at, version_of

_APK_LEAVES = re.compile(r"/var/cache/apk|/etc/apk/cache|/lib/apk")
_PIP_LEAVES = re.compile(r"\.cache\b|\bpip[\d.]* cache|pip-cache|\bPIP_|\bpip[\d.]* config|pip\.conf")
_FETCHES = frozenset({"-U", "--update", "--update-cache"})
_OTHER_PIP = re.compile(r"\bpip\s*(?:==|<=?|~=)|easy_install|get-pip|\bpyenv\b|\bconda\b|\bpython2\b|\bpip2\b")
"""What may bring a pip that is older than the system's."""


def apk_without_cache(dockerfile: Dockerfile) -> str:
    """Where apk has the option, and nobody looks for the index that an add with -U would have left."""
    stages = stages_of(dockerfile)
    if speaks_of(dockerfile, _APK_LEAVES):
        return dockerfile.text

    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = asks_to(command, "apk", "add")
        if found is None or run.flags or any(word.text in {"--no-cache", "--cache-dir"} for word in command.words):
            return []
        known = has_option(system_at(stage, stages), "apk --no-cache") or _used(dockerfile, stage, "apk", "--no-cache")
        left = bool(_FETCHES & set(command.argv)) and not _nobody_needs_index(dockerfile, run, stage)
        return [after(found, "--no-cache")] if known and not left else []

    return each_command(dockerfile, edits)


def _nobody_needs_index(dockerfile: Dockerfile, run: Instruction, stage: Stage) -> bool:
    return _needs_no_index(run) and all_later(dockerfile, run, stage, _needs_no_index)


def _needs_no_index(run: Instruction) -> bool:
    """Whether all of a RUN is known, and its apk commands fetch the index or are given --no-cache as well."""
    for command in commands_of(run) or (Command(()),):
        found = verb(command, "apk")
        fetches = found is not None and found.text in {"add", "del", "update"}
        if not (fetches or (program(command)[0] in ELSEWHERE and command.plain)):
            return False
    return True


def _used(dockerfile: Dockerfile, stage: Stage, manager: str, option: str) -> bool:
    """Whether the stage, or one that it builds on, gives the manager this option already."""
    family = {each.number for each in lineage(stage, stages_of(dockerfile))}
    return any(
        program(command)[0] == manager and option in command.argv
        for _, of, commands in plain_runs(dockerfile)
        for command in commands
        if of.number in family
    )


def pip_without_cache(dockerfile: Dockerfile) -> str:
    """Where pip is surely 6.0 or later, and nobody looks for what it would have kept."""
    stages = stages_of(dockerfile)
    if speaks_of(dockerfile, _PIP_LEAVES):
        return dockerfile.text

    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = asks_to(command, "pip", "install")
        kept = any(re.match(r"--(no-cache|cache-dir)", word.text) for word in command.words) or run.flags
        before = [each for other in lineage(stage, stages) for each in other.body]
        if found is None or kept or any(_OTHER_PIP.search(each.raw) for each in before):
            return []
        known = _is_new_pip(command, stage, stages) or _used(dockerfile, stage, "pip", "--no-cache-dir")
        return [after(found, "--no-cache-dir")] if known else []

    return each_command(dockerfile, edits)


def _is_new_pip(command: Command, stage: Stage, stages: tuple[Stage, ...]) -> bool:
    if has_option(system_at(stage, stages), "pip --no-cache-dir"):
        return True
    image = ancestor_image(stage, stages)
    if library_name(image) != "python" or not image.fixed:
        return False
    version = version_of(image.tag)
    first = (2, 7, 10) if version < (3,) else (3, 5)
    # A tag of one or two numbers has been made anew since; one of three was made when that version came.
    return is_latest(image) or version >= first or (len(version) < 3 and not image.digest)
