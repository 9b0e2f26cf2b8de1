"""Rules about package managers: what is installed stays the same, what is left lying about goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

import yaml

from copilot.tools.dockerfile.editing import Edit, edited, rewritten
from copilot.tools.dockerfile.reading import Dockerfile, Gap, Instruction
from copilot.tools.dockerfile.shell import Command, Word, commands_of
from copilot.tools.dockerfile.stages import (
    Stage,
    ancestor_image,
    directory_at,
    has_plain_shell,
    lineage,
    resolved,
    stages_of,
)

LISTS = "/var/lib/apt/lists/*"
CLEANING = f"rm -rf {LISTS}"
APT_VERBS = frozenset(
    "install update upgrade dist-upgrade full-upgrade remove purge autoremove clean autoclean".split()
)
NPM_OPTIONS = frozenset(
    "--production --omit=dev --omit=optional --only=production --only=prod --no-audit --no-fund --ignore-scripts "
    "--legacy-peer-deps --silent --quiet --no-optional --no-progress --prefer-offline".split()
)
LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json"})
WITHOUT_APT = frozenset(
    "adduser addgroup bundle bunzip2 cargo cat cd chgrp chmod chown composer corepack cp curl dotnet echo export false "
    "find gem git go gradle groupadd gunzip gzip head install javac ldconfig ln locale-gen ls mkdir mv mvn node npm "
    "pip pip3 pipenv pnpm poetry printf python python3 rm rmdir ruby rustc rustup sed set sleep tar test touch true "
    "unzip update-ca-certificates useradd usermod uv wget yarn".split()
)
"""Programs that never look at apt's package lists."""

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


def _installs(command: Command, manager: str, *verbs: str) -> Word | None:
    found = verb(command, manager)
    return found if found is not None and found.text in verbs else None


def _each(dockerfile: Dockerfile, edits_of: Callable[[Instruction, Stage, Command], list[Edit]]) -> str:
    """The text with the edits made that every command of every plain RUN asks for."""
    new: dict[int, str | None] = {}
    for run, stage, commands in plain_runs(dockerfile):
        if edits := [edit for command in commands for edit in edits_of(run, stage, command)]:
            new[run.number] = edited(run, edits)
    return rewritten(dockerfile, new)


def _after(word: Word, text: str) -> Edit:
    return (word.end, word.end, f" {text}")


# --- apt ---------------------------------------------------------------------------------------


def apt_get(dockerfile: Dockerfile) -> str:
    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = verb(command, "apt")
        if found is None or found.text not in APT_VERBS - {"full-upgrade"}:
            return []
        name = next(word for word in command.words if word.text == "apt")
        return [(name.start, name.end, "apt-get")]

    return _each(dockerfile, edits)


def assume_yes(dockerfile: Dockerfile) -> str:
    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = _installs(command, "apt-get", "install", "upgrade", "dist-upgrade")
        yes = re.compile(r"-[a-z]*y[a-z]*|--yes|--assume-yes|-[a-z]*q[a-z]*q[a-z]*")
        said = any(yes.fullmatch(word.text) for word in command.words)
        return [_after(found, "-y")] if found and not said else []

    return _each(dockerfile, edits)


def no_recommends(dockerfile: Dockerfile) -> str:
    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = _installs(command, "apt-get", "install")
        if found is None or any("install-recommends" in word.text for word in command.words):
            return []
        names = packages_of(command)
        if not names or not all(name in whole() for name in names):
            return []
        missing = dict.fromkeys(keep for name in names for keep in whole()[name] if keep not in names)
        added = [(command.words[-1].end, command.words[-1].end, "".join(f" {keep}" for keep in missing))]
        return [_after(found, "--no-install-recommends"), *(added if missing else [])]

    return _each(dockerfile, edits)


def packages_of(command: Command) -> tuple[str, ...]:
    """The names an apt-get install is given, without versions; () where one is not plain text."""
    found = verb(command, "apt-get")
    words = [word for word in command.words if found and word.start > found.start and not word.text.startswith("-")]
    names = [re.split(r"[=/:]", word.text)[0] for word in words]
    return tuple(names) if all(word.literal for word in words) else ()


@cache
def whole() -> dict[str, list[str]]:
    """packages.yaml."""
    text = files("copilot").joinpath("tools/dockerfile/packages.yaml").read_text()
    return {str(name): [str(keep) for keep in keeps] for name, keeps in yaml.safe_load(text).items()}


def clean_lists(dockerfile: Dockerfile) -> str:
    """Only where the lists were fetched by the same RUN, and nothing after it could look for them."""
    new: dict[int, str | None] = {}
    for run, stage, commands in plain_runs(dockerfile):
        verbs = [found.text for command in commands if (found := verb(command, "apt-get"))]
        fetched = "update" in verbs and "install" in verbs[verbs.index("update") :]
        cleaned = any(LISTS.rstrip("/*") in word.text for command in commands for word in command.words)
        if fetched and not cleaned and not run.flags and _nobody_needs_lists(dockerfile, run, stage):
            new[run.number] = appended(run, CLEANING)
    return rewritten(dockerfile, new)


def _nobody_needs_lists(dockerfile: Dockerfile, run: Instruction, stage: Stage) -> bool:
    stages = stages_of(dockerfile)
    for other in stages:
        if not any(ancestor.number == stage.number for ancestor in lineage(other, stages)):
            continue
        for later in other.of("RUN"):
            if later.number > run.number and not _brings_its_own_lists(later):
                return False
        if any(each.keyword == "ONBUILD" for each in other.body):
            return False
    return True


def _brings_its_own_lists(run: Instruction) -> bool:
    fetched = False
    for command in commands_of(run) or (Command(()),):
        name = program(command)[0]
        found = verb(command, "apt-get")
        if found is not None and found.text == "update":
            fetched = True
        elif not (name in WITHOUT_APT or (found is not None and fetched)):
            return False
        if not command.plain:  # what follows a pipe was not looked at
            return False
    return True


def appended(run: Instruction, command: str) -> str:
    return f"{run.raw.rstrip()} \\\n    && {command}"


# --- several RUNs of one manager ---------------------------------------------------------------


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


def combine(dockerfile: Dockerfile) -> str:
    """Comments between two RUNs come to stand between their commands."""
    families = {run.number: _family(run, commands) for run, _, commands in plain_runs(dockerfile)}
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
        if family and family == last and _ends_plainly(before) and not any("hadolint" in note for note in notes):
            del raws[-1 if gap is None else -2 :]
            start = part.at[part.value_start]
            raws.append("\n".join([f"{before.rstrip()} \\", *notes, f"    && {part.raw[start:]}"]))
        else:
            raws.append(part.raw)
        last, gap = family, None
    return "\n".join(raws) + dockerfile.ends


def _ends_plainly(raw: str) -> bool:
    last = raw.split("\n")[-1].strip()
    return bool(last) and not last.startswith("#") and not last.endswith("\\")


# --- the other managers ------------------------------------------------------------------------


def apk_without_cache(dockerfile: Dockerfile) -> str:
    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = _installs(command, "apk", "add")
        kept = any(word.text in {"--no-cache", "--cache-dir"} for word in command.words) or run.flags
        return [_after(found, "--no-cache")] if found and not kept else []

    return _each(dockerfile, edits)


def pip_without_cache(dockerfile: Dockerfile) -> str:
    stages = stages_of(dockerfile)

    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = _installs(command, "pip", "install")
        kept = any(re.match(r"--(no-)?cache-dir", word.text) for word in command.words) or run.flags
        told = any("PIP_" in each.text for other in lineage(stage, stages) for each in other.of("ENV", "ARG"))
        return [_after(found, "--no-cache-dir")] if found and not kept and not told else []

    return _each(dockerfile, edits)


def npm_ci(dockerfile: Dockerfile) -> str:
    """Where the lock file is copied by its name to where npm runs, and npm has touched nothing before."""
    stages = stages_of(dockerfile)

    def edits(run: Instruction, stage: Stage, command: Command) -> list[Edit]:
        found = _installs(command, "npm", "install", "i")
        if found is None or any(w.text not in NPM_OPTIONS for w in program(command)[1] if w is not found):
            return []
        before = [each for each in stage.body if each.number < run.number]
        touched = any(_touches_modules(each) for each in before if each.keyword == "RUN")
        own = commands_of(run) or ()
        first = own.index(command) == 0 or not any(verb(each, "npm") for each in own[: own.index(command)])
        moved = any(program(each)[0] == "cd" for each in own)
        directory = directory_at(stage, run, stages)
        locked = any(_lock_comes_to(each, stage, stages, directory) for each in before)
        return [(found.start, found.end, "ci")] if _knows_ci(stage, stages) and locked and first and not (
            touched or moved or stage.parent is not None
        ) else []  # fmt: skip

    return _each(dockerfile, edits)


def _touches_modules(run: Instruction) -> bool:
    commands = commands_of(run)
    if commands is None:
        return re.search(r"\b(npm|npx|yarn|pnpm)\b", run.text) is not None
    local = [each for each in commands if not {"-g", "--global"} & set(each.argv) or not each.plain]
    return any(program(each)[0] in {"npm", "npx", "yarn", "pnpm"} for each in local)


def _lock_comes_to(copy: Instruction, stage: Stage, stages: tuple[Stage, ...], directory: str | None) -> bool:
    if copy.keyword not in {"COPY", "ADD"} or directory is None or copy.heredocs:
        return False
    if any(flag.startswith(("--from", "--exclude", "--parents")) for flag in copy.flags):
        return False
    *sources, target = copy.exec_form or copy.value.split() or [""]
    into = resolved(directory_at(stage, copy, stages), target)
    return into == directory and any(source.removeprefix("./") in LOCKS for source in sources)


def _knows_ci(stage: Stage, stages: tuple[Stage, ...]) -> bool:
    """npm ci came with npm 5.7: every Node.js image since version 10 has it."""
    image = ancestor_image(stage, stages)
    version = re.match(r"(\d+)", image.tag)
    return image.official == "node" and (version is None or int(version.group(1)) >= 10)
