"""The rule about layers: several RUNs of one package manager are one."""

from __future__ import annotations

import re

from copilot.tools.dockerfiles.apt import CLEANING
from copilot.tools.dockerfiles.commands import plain_runs, program, verb
from copilot.tools.dockerfiles.editing import ends_plainly
from copilot.tools.dockerfiles.reading import Dockerfile, Gap, Instruction
from copilot.tools.dockerfiles.shell import Command
from copilot.tools.dockerfiles.stages import ancestor_image, stages_of


def combine(dockerfile: Dockerfile) -> str:
    """Comments between two RUNs come to stand between their commands."""
    families = {run.number: _family(run, commands) for run, _, commands in plain_runs(dockerfile)}
    apart = _after_another_self(dockerfile)
    raws: list[str] = []
    last, gap = "", None
    for part in dockerfile.parts:
        if isinstance(part, Gap):
            raws.append(part.raw)
            gap = part
            continue
        family = families.get(part.number, "")
        before = raws[-1 if gap is None else -2] if last else ""
        notes = [line.strip() for line in (gap.raw.split("\n") if gap else []) if line.strip()]
        joins = family and family == last and part.number not in apart
        if joins and ends_plainly(before) and not any("hadolint" in note for note in notes):
            del raws[-1 if gap is None else -2 :]
            start = part.at[part.value_start]
            raws.append("\n".join([f"{before.rstrip()} \\", *notes, f"    && {part.raw[start:]}"]))
        else:
            raws.append(part.raw)
        last, gap = family, None
    return "\n".join(raws) + dockerfile.ends


def _family(run: Instruction, commands: tuple[Command, ...]) -> str:
    """The one package manager that all of the RUN's commands are; "" for any other RUN."""
    families = {_manager(command) for command in commands}
    return families.pop() if len(families) == 1 and not run.flags else ""


def _manager(command: Command) -> str:
    name = program(command)[0]
    if not command.plain:
        return ""
    if " ".join(command.argv) == CLEANING:
        return "apt"
    return {"apt": "apt", "apt-get": "apt", "pip": "pip", "npm": "npm", "apk": "apk"}.get(name, "")


def _after_another_self(dockerfile: Dockerfile) -> set[int]:
    """The RUNs after one that may have put their manager elsewhere: one shell would go on calling the old one.

    A distribution's pip is /usr/bin/pip, the one that it installs is /usr/local/bin/pip; the old script on the new
    library ends with "cannot import name 'main'" (pypa/pip#5240). In Python's and Node.js's images both are one file.
    """
    stages = stages_of(dockerfile)
    found, replaced = set(), False
    runs = {run.number: (stage, commands) for run, stage, commands in plain_runs(dockerfile)}
    for each in dockerfile.instructions:
        if replaced:
            found.add(each.number)
        replaced = False
        if each.number in runs:
            stage, commands = runs[each.number]
            own = {"python": "pip", "node": "npm"}.get(ancestor_image(stage, stages).official, "")
            replaced = any(_may_replace(command) not in {"", own} for command in commands)
    return found


def _may_replace(command: Command) -> str:
    """The manager that this command may put a version of beside itself; "" where it surely does not."""
    name, words = program(command)
    found = verb(command, name) if name in {"pip", "npm"} else None
    if found is None or found.text not in {"install", "i"}:
        return ""
    itself = any(re.match(rf"{name}(?:$|[@=<>~!\[])", word.text) for word in words)
    return name if itself or any(not word.literal or word.text in {"-r", "--requirement"} for word in words) else ""
