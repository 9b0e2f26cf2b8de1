"""The rule about order: what is installed from a manifest comes before the source, so that it is built once.

Sure only where the manifest is at hand and asks for nothing else of the source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from copilot.tools.dockerfile.editing import followers, rewritten
from copilot.tools.dockerfile.installing import NPM_OPTIONS, plain_runs, program, verb
from copilot.tools.dockerfile.reading import Dockerfile
from copilot.tools.dockerfile.shell import Command
from copilot.tools.dockerfile.stages import directory_at, resolved, stages_of

Others = Mapping[str, str]
"""The other files at hand: text by name."""

_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w, .-]*\])?\s*([=<>!~]=?=?[^@/\\]*)?(\s*;[^@/\\]*)?")
_ARCHIVES = (".whl", ".zip", ".gz", ".bz2", ".xz", ".tar", ".tgz")
LONG_LINE = 300
_LIFECYCLE = frozenset("preinstall install postinstall prepublish preprepare prepare postprepare".split())


def manifest_first(dockerfile: Dockerfile, others: Others) -> str:
    stages = stages_of(dockerfile)
    runs = {run.number: (stage, commands) for run, stage, commands in plain_runs(dockerfile)}
    for copy, gap, run in followers(dockerfile):
        words = copy.exec_form or tuple(copy.value.split())
        if copy.keyword != "COPY" or copy.heredocs or len(words) != 2 or words[0] not in {".", "./"}:
            continue
        if run.number not in runs or run.flags or gap is not None and "#" in gap.raw or _takes_more(copy.flags):
            continue
        stage, commands = runs[run.number]
        directory = directory_at(stage, copy, stages)
        if directory is None or resolved(directory, words[1]) != directory:
            continue
        manifests = _manifests(commands, others)
        if manifests:
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
    package, lock = _object(others.get("package.json")), _object(others.get("package-lock.json"))
    scripts, modules = package.get("scripts", {}), lock.get("packages")
    if not package or not isinstance(scripts, dict) or not isinstance(modules, dict):
        return None
    if scripts.keys() & _LIFECYCLE or package.keys() & {"workspaces", "gypfile"}:
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


def _object(text: str | None) -> dict[str, object]:
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _go(command: Command, others: Others) -> tuple[str, ...] | None:
    if command.argv != ("go", "mod", "download"):
        return None
    module = others.get("go.mod", "")
    local = re.search(r"=>\s*[\"`]?\.{0,2}/", module)
    return ("go.mod", "go.sum*") if re.search(r"^module\s", module, re.MULTILINE) and not local else None
