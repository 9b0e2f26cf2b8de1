"""Rules about single instructions: another way to say the same."""

from __future__ import annotations

import json
import re

from copilot.tools.dockerfile.editing import edited, has_inner_comment, keyword_replaced, rewritten
from copilot.tools.dockerfile.installing import plain_runs
from copilot.tools.dockerfile.reading import Dockerfile, Instruction
from copilot.tools.dockerfile.shell import Command, commands_of
from copilot.tools.dockerfile.stages import (
    Stage,
    ancestor_image,
    directory_at,
    has_plain_shell,
    lineage,
    resolved,
    stages_of,
)

NO_ARCHIVE = re.compile(
    r".+\.(?:cfg|conf|css|env|go|gradle|html|ini|java|js|json|jsx|kts|lock|md|mjs|mod|properties|py|rb|rs|sh|sql|sum|toml|"
    r"ts|tsx|txt|xml|ya?ml)$"
)
BUILTINS = frozenset(
    ". : alias bg break builtin cd command continue declare eval exit export fg getopts hash jobs let local pushd popd "
    "read readonly return set shift source times trap type ulimit umask unalias unset wait".split()
)
PASSING_ON = frozenset(
    "alpine amazoncorretto amazonlinux busybox debian eclipse-temurin fedora golang gradle maven node openjdk perl "
    "python ruby rust ubuntu".split()
)
"""Images of Docker's library without an entry point, or with one that runs what it is given, as of November 2026."""
AWAY_FROM_DIRECTORY = frozenset("ARG ENV EXPOSE LABEL MAINTAINER STOPSIGNAL USER VOLUME".split())


def copy_not_add(dockerfile: Dockerfile) -> str:
    """Where no source can be an archive to unpack, an address or a repository."""
    new: dict[int, str | None] = {}
    for each in dockerfile.instructions:
        if each.keyword == "ADD" and not each.heredocs and all(_same_in_copy(flag) for flag in each.flags):
            sources = list(each.exec_form or each.value.split())[:-1]
            if sources and all(_local_and_whole(source) for source in sources):
                new[each.number] = keyword_replaced(each, "COPY")
    return rewritten(dockerfile, new)


def _same_in_copy(flag: str) -> bool:
    return flag.startswith(("--chown=", "--chmod=")) or flag == "--link"


def _local_and_whole(source: str) -> bool:
    if re.search(r"[$\"']|://|^git@|\.git(#|$)", source):
        return False
    return source in {".", "./"} or source.endswith("/") or bool(NO_ARCHIVE.match(source))


# --- what the container starts -----------------------------------------------------------------


def exec_form(dockerfile: Dockerfile) -> str:
    """The last CMD or ENTRYPOINT of each stage, where the shell does nothing but start one program."""
    stages = stages_of(dockerfile)
    new: dict[int, str | None] = {}
    for stage in stages:
        family = lineage(stage, stages)
        entries = [each for other in family for each in other.of("ENTRYPOINT")]
        commands = [each for other in family for each in other.of("CMD")]
        if ancestor_image(stage, stages).official not in PASSING_ON:
            continue
        wanted = stage.of("CMD")[-1:] if not entries else stage.of("ENTRYPOINT")[-1:] if not commands else ()
        for each in wanted:
            words = _started_by(each) if has_plain_shell(stage, each, stages) and not _own_shell(family) else None
            if words:
                array = json.dumps(words, ensure_ascii=False)
                start = each.at[each.value_start]
                new[each.number] = edited(each, [(start, len(each.raw.rstrip()), array)])
    return rewritten(dockerfile, new)


def _own_shell(family: tuple[Stage, ...]) -> bool:
    return any(stage.of("SHELL") for stage in family)


def _started_by(each: Instruction) -> list[str] | None:
    found = commands_of(each)
    if not found or len(found) != 1 or not found[0].literal or has_inner_comment(each):
        return None
    argv = list(found[0].argv)
    words = argv[1:] if argv[0] == "exec" else argv
    usable = words and words[0] and words[0] not in BUILTINS and "=" not in words[0] and not words[0].startswith("-")
    # A script that does not name its interpreter can be started by a shell alone.
    return words if usable and not words[0].endswith((".sh", ".bash")) else None


# --- the directory -----------------------------------------------------------------------------


def workdir_not_cd(dockerfile: Dockerfile) -> str:
    """Only where every other instruction still finds itself in the directory it was in."""
    stages = stages_of(dockerfile)
    new: dict[int, str | None] = {}
    for run, stage, commands in plain_runs(dockerfile):
        target = _first_goes_to(commands)
        here = directory_at(stage, run, stages)
        there = resolved(here, target) if target else None
        if there is None or run.flags or len(commands) < 2:
            continue
        start, end = commands[0].words[0].start, commands[1].words[0].start
        if "#" in run.raw[start:end]:
            continue
        bare = edited(run, [(start, end, "")])
        if there == here:
            new[run.number] = bare
        elif not re.search(r"\s", there):
            after = _back_to(stage, run, here)
            if after is not None:
                new[run.number] = "\n".join([f"WORKDIR {there}", bare, *after])
    return rewritten(dockerfile, new)


def _first_goes_to(commands: tuple[Command, ...]) -> str:
    first = commands[0]
    return first.words[1].text if first.name == "cd" and len(first.words) == 2 and first.literal else ""


def _back_to(stage: Stage, run: Instruction, here: str | None) -> tuple[str, ...] | None:
    """The line that restores the directory after the RUN, () where nothing needs it, None where nothing can."""
    for each in stage.body:
        if each.number <= run.number or each.keyword in AWAY_FROM_DIRECTORY:
            continue
        if each.keyword == "WORKDIR" and each.value.strip("\"'").startswith("/"):
            return ()
        if each.keyword in {"COPY", "ADD"} and not each.heredocs:
            if str((each.exec_form or each.value.split() or [""])[-1]).startswith("/"):
                continue
        if each.keyword == "RUN" and _first_goes_to(commands_of(each) or (Command(()),)).startswith("/"):
            continue
        break
    # Nothing after it needs the directory, but whoever builds just this stage (--target) starts in it.
    return None if here is None or re.search(r"\s", here) else (f"WORKDIR {here}",)
