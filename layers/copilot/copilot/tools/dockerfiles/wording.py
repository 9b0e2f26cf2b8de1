"""Rules about single instructions: another way to say the same."""

from __future__ import annotations

import json
import re

from copilot.tools.dockerfiles.commands import plain_runs, program
from copilot.tools.dockerfiles.editing import edited, has_inner_comment, keyword_replaced, rewritten
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, commands_of
from copilot.tools.dockerfiles.stages import Stage, ancestor_image, directory_at, lineage, resolved, stages_of
from copilot.tools.dockerfiles.starting import PASSING_ON, argv_of, needs_no_shell

NO_ARCHIVE = re.compile(
    r".+\.(?:cfg|conf|css|env|go|gradle|html|ini|java|js|json|jsx|kts|lock|md|mjs|mod|properties|py|rb|rs|sh|sql|sum|toml|"
    r"ts|tsx|txt|xml|ya?ml)$"
)
_WAY = re.compile(r"PWD\b|\bpwd\b|(?:^|\s)~[+-]|\bcd\s+(?:-|\.\.)")
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
    """The last CMD of each stage, where the shell does nothing but start one program.

    Not an ENTRYPOINT: in this form it takes as arguments what follows the image in `docker run`, a Pod's args and a
    CMD, all of which the shell ignores.
    """
    stages = stages_of(dockerfile)
    new: dict[int, str | None] = {}
    for stage in stages:
        family = lineage(stage, stages)
        if ancestor_image(stage, stages).official not in PASSING_ON:
            continue
        if any(other.of("ENTRYPOINT", "SHELL") for other in family):
            continue
        for each in stage.of("CMD")[-1:]:
            words = argv_of(each, commands_of(each)) if each.exec_form is None and not has_inner_comment(each) else None
            if words and needs_no_shell(words[0], dockerfile, stage):
                array = json.dumps(words, ensure_ascii=False)
                start = each.at[each.value_start]
                new[each.number] = edited(each, [(start, len(each.raw.rstrip()), array)])
    return rewritten(dockerfile, new)


# --- the directory -----------------------------------------------------------------------------


def workdir_not_cd(dockerfile: Dockerfile) -> str:
    """Only where everything still finds itself where it was: the other instructions, and the rest of the RUN.

    A shell that went somewhere knows where from (`cd -`, $OLDPWD), and goes up from a link by the way it came; one that
    begins there does not, and goes up from what the link leads to.
    """
    stages = stages_of(dockerfile)
    new: dict[int, str | None] = {}
    for run, stage, commands in plain_runs(dockerfile):
        target = _first_goes_to(commands)
        here = directory_at(stage, run, stages)
        there = resolved(here, target) if target else None
        if there is None or run.flags or len(commands) < 2 or ".." in target.split("/"):
            continue
        if any(_depends_on_the_way(command) for command in commands[1:]):
            continue
        start, end = commands[0].words[0].start, commands[1].words[0].start
        if "#" in run.raw[start:end]:
            continue
        bare = edited(run, [(start, end, "")])
        if there == here:
            new[run.number] = bare
        elif not re.search(r"\s", there):
            after = _back_to(stage, run, here)
            if after is not None and not any(_takes_away(command, here, there) for command in commands[1:]):
                new[run.number] = "\n".join([f"WORKDIR {there}", bare, *after])
    return rewritten(dockerfile, new)


def _first_goes_to(commands: tuple[Command, ...]) -> str:
    first = commands[0]
    return first.words[1].text if first.name == "cd" and len(first.words) == 2 and first.literal else ""


def _depends_on_the_way(command: Command) -> bool:
    """Whether a command may do something else in a shell that began in its directory than in one that came there."""
    name, words = program(command)
    if name in {".", "source", "eval", "pushd", "popd", "dirs", "pwd"} or _WAY.search(" ".join(command.argv)):
        return True
    return name == "cd" and not all(word.literal and ".." not in word.text.split("/") for word in words)


def _takes_away(command: Command, here: str | None, there: str) -> bool:
    """Whether a command may remove the directory that a WORKDIR after it would make anew."""
    name, words = program(command)
    if name not in {"rm", "rmdir", "mv"}:
        return False
    paths = [resolved(there, word.text) for word in words if not word.text.startswith("-")]
    return any(path is None or f"{here}/".startswith(f"{path}/") for path in paths)


def _back_to(stage: Stage, run: Instruction, here: str | None) -> tuple[str, ...] | None:
    """The line that restores the directory after the RUN, () where nothing needs it, None where nothing can."""
    for each in stage.body:
        if each.number <= run.number or each.keyword in AWAY_FROM_DIRECTORY:
            continue
        if each.keyword == "WORKDIR" and each.value.strip("\"'").startswith("/"):
            return ()
        last = str((each.exec_form or each.value.split() or [""])[-1])
        if each.keyword in {"COPY", "ADD"} and not each.heredocs and last.startswith("/"):
            continue
        break
    # Nothing after it needs the directory, but whoever builds just this stage (--target) starts in it.
    return None if here is None or re.search(r"\s", here) else (f"WORKDIR {here}",)
