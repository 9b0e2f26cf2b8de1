"""The rule about npm: what a lock file names is installed exactly.

npm ci ends the build where package.json and the lock file disagree, so both have to be at hand and agree.
"""

from __future__ import annotations

import posixpath
import re

from copilot.tools.dockerfiles.commands import asks_to, each_command, program, verb
from copilot.tools.dockerfiles.editing import Edit
from copilot.tools.dockerfiles.manifests import NPM_OPTIONS, Others, json_object
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, commands_of
from copilot.tools.dockerfiles.stages import Stage, ancestor_image, directory_at, resolved, stages_of
from copilot.tools.dockerfiles.systems import is_latest, version_of

LOCK = "package-lock.json"
MANIFESTS = frozenset({"package.json", LOCK})
_ASKED_FOR = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_OTHER_NPM = re.compile(
    r"(?i)\bnpm@|\bnvm\b|\bcorepack\b|\bn\s+(?:\d|lts|stable|latest)|\bnpm (?:config|set)\b|npm_config"
)


def npm_ci(dockerfile: Dockerfile, others: Others) -> str:
    """Where manifest and lock file alone are copied by their names to where npm runs, and it has not run before."""
    stages = stages_of(dockerfile)

    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = asks_to(command, "npm", "install", "i")
        if found is None or any(w.text not in NPM_OPTIONS for w in program(command)[1] if w is not found):
            return []
        before = [each for each in stage.body if each.number < run.number]
        touched = any(_touches_modules(each) for each in before if each.keyword == "RUN")
        own = commands_of(run) or ()
        first = own.index(command) == 0 or not any(verb(each, "npm") for each in own[: own.index(command)])
        moved = any(program(each)[0] == "cd" for each in own)
        directory = directory_at(stage, run, stages)
        copied = [each for each in before if each.keyword in {"COPY", "ADD"}]
        locked = bool(copied) and all(_manifests_come_to(each, stage, stages, directory) for each in copied)
        locked = locked and {source for each in copied for source in _sources(each)} >= MANIFESTS
        sure = _knows_ci(stage, stages, others) and locked and first and not (touched or moved or run.flags)
        return [(found.start, found.end, "ci")] if sure and stage.parent is None else []

    return each_command(dockerfile, edits)


def _touches_modules(run: Instruction) -> bool:
    commands = commands_of(run)
    if commands is None:
        return re.search(r"\b(npm|npx|yarn|pnpm)\b", run.text) is not None
    local = [each for each in commands if not {"-g", "--global"} & set(each.argv) or not each.plain]
    return any(program(each)[0] in {"npm", "npx", "yarn", "pnpm"} for each in local)


def _sources(copy: Instruction) -> tuple[str, ...]:
    words = copy.exec_form or tuple(copy.value.split())
    return tuple(source.removeprefix("./") for source in words[:-1])


def _manifests_come_to(copy: Instruction, stage: Stage, stages: tuple[Stage, ...], directory: str | None) -> bool:
    """Whether a copy brings these files to the directory and nothing else, or something to elsewhere."""
    if directory is None or copy.heredocs or any(flag.startswith(("--exclude", "--parents")) for flag in copy.flags):
        return False
    words = copy.exec_form or tuple(copy.value.split()) or ("",)
    into = resolved(directory_at(stage, copy, stages), words[-1])
    if any(flag.startswith("--from") for flag in copy.flags):
        return into is not None and posixpath.commonpath([into, directory]) not in {into, directory}
    return into == directory and set(_sources(copy)) <= MANIFESTS


def _knows_ci(stage: Stage, stages: tuple[Stage, ...], others: Others) -> bool:
    """npm ci came with npm 5.7, which Node.js's images have since version 10; a lock file of version 3 needs npm 7."""
    image = ancestor_image(stage, stages)
    if image.official != "node" or any(_OTHER_NPM.search(each.raw) for each in stage.body):
        return False
    lock = json_object(others.get(LOCK))
    if lock.get("lockfileVersion") not in {2, 3} or not _agree(json_object(others.get("package.json")), lock):
        return False
    version = version_of(image.tag)
    return is_latest(image) or version >= ((10,) if lock["lockfileVersion"] == 2 else (16,))


def _agree(package: dict[str, object], lock: dict[str, object]) -> bool:
    """Whether the lock file was made for exactly this package.json."""
    modules = lock.get("packages")
    root = modules.get("") if isinstance(modules, dict) else None
    if not package or not isinstance(root, dict) or not isinstance(modules, dict) or package.keys() & {"workspaces"}:
        return False
    wanted = [package.get(kind) or {} for kind in _ASKED_FOR]
    names = [name for each in wanted[:2] if isinstance(each, dict) for name in each]
    same = all((package.get(kind) or {}) == (root.get(kind) or {}) for kind in _ASKED_FOR)
    return same and all(f"node_modules/{name}" in modules for name in names)
