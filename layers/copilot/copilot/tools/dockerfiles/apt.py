"""Rules about apt: what is installed stays the same, what is left lying about goes."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from copilot.tools.dockerfiles.commands import after, asks_to, each_command, plain_runs, program, verb
from copilot.tools.dockerfiles.editing import Edit, ends_plainly, rewritten
from copilot.tools.dockerfiles.leftovers import ELSEWHERE, all_later, speaks_of
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, commands_of
from copilot.tools.dockerfiles.stages import Stage, lineage, stages_of
from copilot.tools.dockerfiles.starting import starts_a_service
from copilot.tools.dockerfiles.systems import System, release, system_at

LISTS = "/var/lib/apt/lists/*"
CLEANING = f"rm -rf {LISTS}"
APT_VERBS = frozenset("install update upgrade dist-upgrade remove purge autoremove clean autoclean".split())
"""Of apt's, those that apt-get has under the same name since there is an apt."""
_ALLOWS_NEW = frozenset({"--with-new-pkgs", "--without-new-pkgs"})
_PATTERN = re.compile(r"[~!]|.*[?*^$\[\]()]")
_VARIABLE = re.compile(r"\$(?:\w+|\{\w+\})")
_LEFT = re.compile(r"/var/lib/apt\b")
_FORGETS = re.compile(r"\bauto-?(?:remove|purge)\b")
_APT = re.compile(r"\b(?:apt|apt-get|aptitude)\b")


def apt_get(dockerfile: Dockerfile) -> str:
    """Where both do the same. apt's upgrade also installs what a new version newly needs, as apt-get's --with-new-pkgs
    does, and its arguments are patterns of another kind (apt-patterns(7); Binary::apt::APT::Cmd::Pattern-Only).
    """

    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = verb(command, "apt")
        if found is None or found.text not in APT_VERBS:
            return []
        rest = [word for word in command.words if word.start > found.start]
        if any(_PATTERN.match(_VARIABLE.sub("", re.split("[=/]", word.text)[0])) for word in rest):
            return []
        name = next(word for word in command.words if word.text == "apt")
        renamed = (name.start, name.end, "apt-get")
        if found.text != "upgrade":
            return [renamed]
        if not all(word.text.startswith("-") for word in rest):
            return []
        said = any(word.text in _ALLOWS_NEW for word in command.words)
        return [renamed] if said else [renamed, after(found, "--with-new-pkgs")]

    return each_command(dockerfile, edits)


def assume_yes(dockerfile: Dockerfile) -> str:
    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = asks_to(command, "apt-get", "install", "upgrade", "dist-upgrade")
        yes = re.compile(r"-[a-z]*y[a-z]*|--yes|--assume-yes|-[a-z]*q[a-z]*q[a-z]*")
        said = any(yes.fullmatch(word.text) for word in command.words)
        return [after(found, "-y")] if found and not said else []

    return each_command(dockerfile, edits)


def no_recommends(dockerfile: Dockerfile) -> str:
    stages = stages_of(dockerfile)

    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = asks_to(command, "apt-get", "install")
        if found is None or any("install-recommends" in word.text for word in command.words):
            return []
        names = packages_of(command)
        whole = whole_on(system_at(stage, stages))
        if not names or not all(name in whole for name in names):
            return []
        missing = dict.fromkeys(keep for name in names for keep in whole[name] if keep not in names)
        if missing and _FORGETS.search(run.text):
            return []  # what is named is kept by the autoremove that takes along what is only recommended
        added = [(command.words[-1].end, command.words[-1].end, "".join(f" {keep}" for keep in missing))]
        return [after(found, "--no-install-recommends"), *(added if missing else [])]

    return each_command(dockerfile, edits)


def packages_of(command: Command) -> tuple[str, ...]:
    """The names an apt-get install is given, without versions; () where one is not plain text."""
    found = verb(command, "apt-get")
    words = [word for word in command.words if found and word.start > found.start and not word.text.startswith("-")]
    names = [re.split(r"[=/:]", word.text)[0] for word in words]
    return tuple(names) if all(word.literal for word in words) else ()


def whole_on(system: System) -> dict[str, list[str]]:
    """The packages that need nothing else of what is recommended, on every release that the system may be of."""
    known = _packages()
    within = [release(of) for of in known["releases"]]
    if system.family != "debian" or system.oldest not in within or system.newest not in within:
        return {}
    maybe = {of for of in known["releases"] if system.oldest <= release(of) <= system.newest}
    also = [known["also_in"].get(of, {}) for of in maybe]
    return {
        str(name): [str(keep) for keep in [*keeps, *(keep for each in also for keep in each.get(name, ()))]]
        for name, keeps in known["packages"].items()
        if not maybe & set(known["not_in"].get(name, ()))
    }


@cache
def _packages() -> dict[str, Any]:
    """packages.yaml."""
    found: dict[str, Any] = yaml.safe_load(files("copilot").joinpath("tools/dockerfiles/packages.yaml").read_text())
    return found


def clean_lists(dockerfile: Dockerfile) -> str:
    """Only where the lists were fetched by the same RUN, and nothing after it could look for them."""
    new: dict[int, str | None] = {}
    for run, stage, commands in plain_runs(dockerfile):
        verbs = [found.text for command in commands if (found := verb(command, "apt-get"))]
        fetched = "update" in verbs and "install" in verbs[verbs.index("update") :]
        cleaned = any(LISTS.rstrip("/*") in word.text for command in commands for word in command.words)
        free = not run.flags and ends_plainly(run.raw) and not speaks_of(dockerfile, _LEFT)
        if fetched and not cleaned and free and _nobody_needs_lists(dockerfile, run, stage):
            new[run.number] = appended(run, CLEANING)
    return rewritten(dockerfile, new)


def _nobody_needs_lists(dockerfile: Dockerfile, run: Instruction, stage: Stage) -> bool:
    stages = stages_of(dockerfile)
    if stage in lineage(stages[-1], stages) and not starts_a_service(stages[-1], stages):
        return False  # who builds on an image, or works in it, may install more
    return all(
        each.keyword not in {"CMD", "ENTRYPOINT", "HEALTHCHECK"} or not _APT.search(each.text)
        for each in dockerfile.instructions
    ) and all_later(dockerfile, run, stage, _brings_its_own_lists)


def _brings_its_own_lists(run: Instruction) -> bool:
    fetched = False
    for command in commands_of(run) or (Command(()),):
        name = program(command)[0]
        found = verb(command, "apt-get")
        if found is not None and found.text == "update":
            fetched = True
        elif not (name in ELSEWHERE or (found is not None and fetched)):
            return False
        if not command.plain:  # what follows a pipe was not looked at
            return False
    return True


def appended(run: Instruction, command: str) -> str:
    return f"{run.raw.rstrip()} \\\n    && {command}"
