"""The rule about order: what is installed from a manifest comes before the source, so that it is built once.

Sure only where the manifest is at hand and asks for nothing else of the source.
"""

from __future__ import annotations

import re

from copilot.tools.dockerfiles.commands import plain_runs, program, verb
from copilot.tools.dockerfiles.editing import followers, rewritten
from copilot.tools.dockerfiles.manifests import NPM_OPTIONS, Others, json_object, runs_own_scripts
from copilot.tools.dockerfiles.reading import Dockerfile
from copilot.tools.dockerfiles.shell import Command
from copilot.tools.dockerfiles.stages import directory_at, lineage, resolved, stages_of

_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w, .-]*\])?\s*([=<>!~]=?=?[^@/\\]*)?(\s*;[^@/\\]*)?")
_ARCHIVES = (".whl", ".zip", ".gz", ".bz2", ".xz", ".tar", ".tgz")
LONG_LINE = 300
_PIP_TOLD = re.compile(r"\bPIP_(?:CONSTRAINT|REQUIREMENT|FIND_LINKS|CONFIG_FILE|EDITABLE)|pip\.conf")
"""What may make pip read more of the source than its words say."""


def manifest_first(dockerfile: Dockerfile, others: Others) -> str:
    stages = stages_of(dockerfile)
    runs = {run.number: (stage, commands) for run, stage, commands in plain_runs(dockerfile)}
    for copy, gap, run in followers(dockerfile):
        words = copy.exec_form or tuple(copy.value.split())
        if copy.keyword != "COPY" or copy.heredocs or len(words) != 2 or words[0] not in {".", "./"}:
            continue
        if run.number not in runs or run.flags or (gap is not None and "#" in gap.raw) or _takes_more(copy.flags):
            continue
        stage, commands = runs[run.number]
        directory = directory_at(stage, copy, stages)
        if directory is None or resolved(directory, words[1]) != directory:
            continue
        manifests = _manifests(commands, others)
        if manifests and not any(_PIP_TOLD.search(each.text) for of in lineage(stage, stages) for each in of.body):
            first = " ".join([copy.keyword, *copy.flags, *manifests, "./"])
            return rewritten(dockerfile, {copy.number: f"{first}\n{run.raw}", run.number: copy.raw})
    return dockerfile.text


def _takes_more(flags: tuple[str, ...]) -> bool:
    return any(not flag.startswith(("--chown=", "--chmod=")) for flag in flags)


def _manifests(commands: tuple[Command, ...], others: Others) -> tuple[str, ...]:
    """What the commands need of the source; () where that is not sure."""
    needed: dict[str, None] = {}
    for command in commands:
        if not command.literal:
            return ()
        answers = (asks(command, others) for asks in (_pip, _npm, _go))
        found = next((answer for answer in answers if answer is not None), None)
        if found is None:
            return ()
        needed |= dict.fromkeys(found)
    return tuple(needed)


def _pip(command: Command, others: Others) -> tuple[str, ...] | None:
    words = [word.text for word in program(command)[1]]
    found = verb(command, "pip")
    if found is None or found.text != "install":
        return None
    names, rest = [], [word for word in words if word not in {"install", "--no-cache-dir", "--upgrade", "-U"}]
    while rest:
        if rest[0] in {"-r", "--requirement"} and len(rest) > 1:
            names.append(rest[1])
            rest = rest[2:]
        elif _is_requirement(rest[0]):
            rest = rest[1:]
        else:
            return None
    clean = all("/" not in name and _plain_requirements(others.get(name)) for name in names)
    return tuple(names) if clean else None


def _plain_requirements(text: str | None) -> bool:
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in (text or "").splitlines()]
    return bool(text) and all(len(line) < LONG_LINE and _is_requirement(line) for line in lines if line)


def _is_requirement(text: str) -> bool:
    """By name: pip takes an archive that lies in the directory for one too."""
    return bool(_REQUIREMENT.fullmatch(text)) and not text.lower().endswith(_ARCHIVES)


def _npm(command: Command, others: Others) -> tuple[str, ...] | None:
    found = verb(command, "npm")
    words = [word.text for word in program(command)[1] if word is not found]
    if found is None or found.text not in {"install", "i", "ci"} or not set(words) <= NPM_OPTIONS:
        return None
    if not _ignores_modules(others.get(".dockerignore", "")):
        return None  # copied after the install, the modules of the machine would lie over the installed ones
    package, lock = json_object(others.get("package.json")), json_object(others.get("package-lock.json"))
    modules = lock.get("packages")
    if runs_own_scripts(others) or not isinstance(modules, dict) or package.keys() & {"workspaces", "gypfile"}:
        return None
    for module in modules.values():
        if not isinstance(module, dict) or module.keys() & {"hasInstallScript", "link"}:
            return None
        if str(module.get("resolved", "")).startswith("file:"):
            return None
    return ("package.json", "package-lock.json", ".npmrc*")


def _ignores_modules(text: str) -> bool:
    lines = {line.strip().strip("/") for line in text.splitlines()}
    return bool(lines & {"node_modules", "**/node_modules"}) and not any(line.startswith("!") for line in lines)


def _go(command: Command, others: Others) -> tuple[str, ...] | None:
    if command.argv != ("go", "mod", "download"):
        return None
    module = others.get("go.mod", "")
    local = re.search(r"=>\s*[\"`]?\.{0,2}/", module)
    return ("go.mod", "go.sum*") if re.search(r"^module\s", module, re.MULTILINE) and not local else None
