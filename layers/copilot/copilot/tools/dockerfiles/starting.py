"""What a container starts, and what of it can be started without a shell before it."""

from __future__ import annotations

import posixpath
import re

from copilot.tools.dockerfiles.commands import plain_runs, program
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, commands_of
from copilot.tools.dockerfiles.stages import Stage, directory_at, lineage, resolved, stages_of

PASSING_ON = frozenset(
    "alpine amazoncorretto amazonlinux busybox debian eclipse-temurin fedora golang gradle maven node openjdk perl "
    "python ruby rust ubuntu".split()
)
"""Images of Docker's library without an entry point, or with one that runs what it is given, as of November 2026."""
BUILTINS = frozenset(
    ". : [ alias bg break builtin cd command continue declare echo eval exit export false fg getopts hash jobs kill "
    "let local printf pushd popd pwd read readonly return set shift source test times trap true type ulimit umask "
    "unalias unset wait".split()
)
"""What a shell does itself; where there is a program of the same name too, it may do it in another way."""
INTERPRETERS = frozenset("bun deno java node perl php python python3 ruby".split())
SERVERS = frozenset(
    "bundle caddy celery daphne flask gunicorn hypercorn next npm npx nginx pnpm puma rackup rails serve streamlit "
    "supervisord uvicorn uwsgi waitress-serve yarn".split()
)
"""Programs that come from packages: each is one the kernel can start."""
SHELLS = frozenset("ash bash dash fish sh zsh".split())
SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/")
_ON_PATH = (*SYSTEM, "/usr/local/bin/", "/usr/local/sbin/")
_NAMES_ITS_INTERPRETER = (".js", ".php", ".pl", ".py", ".rb")
"""A script of these languages whose first line names no interpreter cannot be started by a shell either."""


def needs_no_shell(name: str, dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether the kernel can surely start it: a script whose first line names no interpreter only a shell runs."""
    if not name or name in BUILTINS or "=" in name or name.startswith("-") or name.endswith((".sh", ".bash")):
        return False
    stages = stages_of(dockerfile)
    if "/" in name:
        path = resolved(directory_at(stage, None, stages), name)
        if path is not None and path in _compiled(dockerfile, stage, stages):
            return True
        if name.endswith(_NAMES_ITS_INTERPRETER):
            return True
        return name.startswith(SYSTEM) and not _brought(posixpath.basename(name), stage, stages)
    if _brought(name, stage, stages):
        return False
    of_packages = bool(re.fullmatch(r"python[\d.]*", name)) or name in INTERPRETERS | SERVERS
    return of_packages or not any(
        re.search(r"\bPATH\b", each.value) for other in lineage(stage, stages) for each in other.of("ENV")
    )


def _brought(name: str, stage: Stage, stages: tuple[Stage, ...]) -> bool:
    """Whether the file itself may put a program of this name where programs are looked for."""
    for each in (each for other in lineage(stage, stages) for each in other.body):
        if each.keyword in {"COPY", "ADD"}:
            words = each.exec_form or tuple(each.value.split()) or ("",)
            if name in {posixpath.basename(word) for word in words}:
                return True
            onto = f"{posixpath.normpath(words[-1])}/".replace("//", "/")
            whole = any(not re.fullmatch(r"[\w-]+\.\w+", posixpath.basename(source)) for source in words[:-1])
            if whole and words[-1].startswith("/") and any(place.startswith(onto) for place in _ON_PATH):
                return True
        elif each.keyword == "RUN" and re.search(rf"/s?bin/{re.escape(name)}(?![\w.-])", each.raw):
            return True
    return False


def _compiled(dockerfile: Dockerfile, stage: Stage, stages: tuple[Stage, ...]) -> set[str]:
    """The paths of the Go programs that the stage builds, or copies from a stage that builds them."""
    made: dict[int, set[str]] = {}
    for run, of, commands in plain_runs(dockerfile):
        if not any(program(command)[0] == "cd" for command in commands):
            paths = (go_output(command, directory_at(of, run, stages)) for command in commands)
            made.setdefault(of.number, set()).update(path for path in paths if path)
    found = {path for other in lineage(stage, stages) for path in made.get(other.number, ())}
    for copy in stage.of("COPY"):
        words = copy.exec_form or tuple(copy.value.split())
        origin = next((flag.partition("=")[2] for flag in copy.flags if flag.startswith("--from=")), "")
        numbers = [other.number for other in stages if origin and origin.lower() in {other.name, str(other.number)}]
        if len(words) == 2 and numbers and words[0] in made.get(numbers[-1], ()):
            target = resolved(directory_at(stage, copy, stages), words[1])
            if target is not None:
                into = words[1].endswith("/") or words[1] in {".", ".."}
                found.add(posixpath.join(target, posixpath.basename(words[0])) if into else target)
    return found


def go_output(command: Command, directory: str | None) -> str:
    """Where a `go build -o` puts its program; "" for anything else."""
    name, words = program(command)
    argv = [word.text for word in words]
    if name != "go" or argv[:1] != ["build"] or not command.literal:
        return ""
    given = argv[argv.index("-o") + 1] if "-o" in argv[:-1] else ""
    return (resolved(directory, given) or "") if given and not given.endswith("/") else ""


def argv_of(each: Instruction, commands: tuple[Command, ...] | None) -> tuple[str, ...] | None:
    """The words that a CMD or ENTRYPOINT starts, in either form; None where a shell would do more than start them."""
    if each.exec_form is not None:
        return each.exec_form
    if not commands or len(commands) != 1 or not commands[0].literal:
        return None
    argv = commands[0].argv
    return argv[1:] if argv[0] == "exec" else argv


def starts_a_service(stage: Stage, stages: tuple[Stage, ...]) -> bool:
    """Whether the file says what its image is for: a program it starts, and not a shell for somebody to work in."""
    started = [
        each
        for keyword in ("ENTRYPOINT", "CMD")
        for each in [each for other in reversed(lineage(stage, stages)) for each in other.of(keyword)][-1:]
    ]
    words = [argv_of(each, commands_of(each)) for each in started]
    return bool(started) and not any(argv is not None and _is_shell(argv) for argv in words)


def _is_shell(argv: tuple[str, ...]) -> bool:
    return not argv or (posixpath.basename(argv[0]) in SHELLS and all(word.startswith("-") for word in argv[1:]))
