"""What a .dockerignore beside the file should hold: only what this build surely neither needs nor copies by name."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase

from copilot.tools.dockerfiles.commands import plain_runs, program, verb
from copilot.tools.dockerfiles.manifests import Others, json_object, runs_own_scripts
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, commands_of
from copilot.tools.dockerfiles.stages import Stage, ancestor_image, directory_at, resolved, stages_of
from copilot.tools.dockerfiles.starting import INTERPRETERS, SERVERS, argv_of
from copilot.tools.dockerfiles.systems import library_name

PYTHON = ("**/__pycache__", "**/*.pyc", ".pytest_cache", ".mypy_cache", ".ruff_cache")
_HISTORY = re.compile(r"\bgit|\.git", re.IGNORECASE)
_BLIND = frozenset(
    "addgroup adduser apk apt apt-get cd chgrp chmod chown cp curl dnf echo groupadd ln locale-gen ls microdnf mkdir "
    "mv rm set tar test touch true unzip useradd usermod wget yum".split()
)
"""Programs that take nothing from the history of what was copied. Of any other that is not known: hugo, sbt, jekyll and
goreleaser write the commit into what they make, and there are more of their kind every year."""


def ignore_lines(dockerfile: Dockerfile, others: Others | None = None) -> tuple[str, ...]:
    """Lines to add to the .dockerignore among the other files; () where the build copies no whole directory,
    and where something else than the builder reads the file first.
    """
    others = others or {}
    copies = [each for each in dockerfile.instructions if each.keyword in {"COPY", "ADD"}]
    copies = [each for each in copies if not any(flag.startswith("--from") for flag in each.flags)]
    sources = [source for each in copies for source in _words(each)[:-1]]
    if dockerfile.reason_to_leave or not any(source in {".", "./"} for source in sources):
        return ()
    text = dockerfile.text.lower().replace("\\\n", " ")
    wanted = ["**/.DS_Store"]
    if not _may_read_history(dockerfile, text, others):
        wanted.insert(0, ".git")
    images = {stage.image.official for stage in stages_of(dockerfile)}
    if ("python" in images or re.search(r"\bpython3?\b", text)) and not re.search(r"\.pyc\b|__pycache__", text):
        wanted += PYTHON
    if _installs_all_modules(dockerfile):
        wanted.append("node_modules")
    there = others.get(".dockerignore", "").splitlines()
    known = {line.strip().strip("/") for line in there}
    wanted_back = [line.strip()[1:].strip("/") for line in there if line.strip().startswith("!")]
    named = [source.removeprefix("./").strip("/") for source in [*sources, *wanted_back]]
    return tuple(line for line in wanted if line not in known and not any(_covers(line, name) for name in named))


def _words(each: Instruction) -> tuple[str, ...]:
    return each.exec_form or tuple(each.value.split()) or ("",)


def _takes_all(each: Instruction) -> bool:
    own = each.keyword in {"COPY", "ADD"} and not any(flag.startswith("--from") for flag in each.flags)
    return own and any(source in {".", "./"} for source in _words(each)[:-1])


def _may_read_history(dockerfile: Dockerfile, text: str, others: Others) -> bool:
    """Whether anything that is run, in the build or as the container, may ask the repository for its version."""
    plain = {run.number: commands for run, _, commands in plain_runs(dockerfile)}
    stages = stages_of(dockerfile)
    # An image that is not of Docker's library may start a program of its own, as those of hugo and jekyll do.
    own = all(library_name(ancestor_image(stage, stages)) for stage in stages if any(map(_takes_all, stage.body)))
    if _HISTORY.search(text) or not own:
        return True
    for each in dockerfile.instructions:
        if each.keyword == "ONBUILD" or (each.keyword == "RUN" and any("type=bind" in flag for flag in each.flags)):
            return True
        if each.keyword == "RUN" and not all(_is_blind(c, others) for c in plain.get(each.number, (Command(()),))):
            return True
        if each.keyword in {"CMD", "ENTRYPOINT"} and not _starts_blind(each):
            return True
    return False


def _is_blind(command: Command, others: Others) -> bool:
    name, words = program(command)
    texts = [word.text for word in words]
    if name == "pip":
        # The source itself is installed by a build backend, and that may ask git for the version (setuptools-scm).
        local = any(re.match(r"-e|--editable|\.|.*[/@]", text) for text in _not_files(texts))
        return texts[:1] == ["install"] and not local and not any(
            re.search(r"(?m)^\s*(?:-e|--editable|\.)", others.get(posixpath.basename(text), "")) for text in texts
        )  # fmt: skip
    if name == "npm":
        found = verb(command, "npm")
        asked = found is not None and found.text in {"ci", "i", "install"}
        own = bool(json_object(others.get("package.json"))) and runs_own_scripts(others)
        return asked and (not own or "--ignore-scripts" in texts)
    if name == "go":
        return texts[:2] in (["mod", "download"], ["mod", "verify"])
    return name in _BLIND and (command.plain or not {"sh", "bash", "ash"} & set(command.argv))


def _not_files(texts: list[str]) -> list[str]:
    """The words of a pip install without the names of the files that -r and -c read."""
    kept, skip = [], False
    for text in texts:
        if not skip:
            kept.append(text)
        skip = text in {"-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url"}
    return [text for text in kept if not re.match(r"(?:-r|--requirement|-i|--(?:extra-)?index-url)=?\S", text)]


def _starts_blind(each: Instruction) -> bool:
    argv = argv_of(each, commands_of(each))
    if argv is None:
        return False
    if not argv:
        return True
    if argv[0] in {"bundle", "npm", "npx", "pnpm", "yarn"}:
        return tuple(argv) == ("npm", "start")
    return bool(re.fullmatch(r"python[\d.]*", argv[0])) or argv[0] in INTERPRETERS | SERVERS


def _installs_all_modules(dockerfile: Dockerfile) -> bool:
    """Whether the modules come from npm wherever everything is copied to: else those beside the source are used."""
    stages = stages_of(dockerfile)
    copies = [(stage, each) for stage in stages for each in stage.body if _takes_all(each)]
    return bool(copies) and all(_modules_come_to(dockerfile, stage, stages, each) for stage, each in copies)


def _modules_come_to(dockerfile: Dockerfile, stage: Stage, stages: tuple[Stage, ...], copy: Instruction) -> bool:
    into = resolved(directory_at(stage, copy, stages), _words(copy)[-1])
    if into is None:
        return False
    for run, of, commands in plain_runs(dockerfile):
        here = directory_at(of, run, stages)
        for command in commands:
            if program(command)[0] == "cd":
                here = resolved(here, command.argv[1]) if len(command.argv) == 2 and command.literal else None
            elif of.number == stage.number and here == into and _installs_modules(command):
                return True
    return any(
        flag.startswith("--from") and any(posixpath.basename(word) == "node_modules" for word in _words(each)[:-1])
        for each in stage.of("COPY")
        for flag in each.flags
    )


def _installs_modules(command: Command) -> bool:
    found = verb(command, "npm")
    return found is not None and found.text in {"ci", "i", "install"} and not {"-g", "--global"} & set(command.argv)


def _covers(line: str, name: str) -> bool:
    """Whether a line would leave out what is copied by name, or by a pattern that may mean it."""
    bare = line.removeprefix("**/")
    return any(
        fnmatchcase(part, bare) or (part != "*" and "*" in part and fnmatchcase(bare, part)) for part in name.split("/")
    )
