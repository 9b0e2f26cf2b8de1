"""What a .dockerignore beside the file should hold: only what this build surely neither needs nor copies by name."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from copilot.tools.dockerfile.installing import plain_runs, verb
from copilot.tools.dockerfile.reading import Dockerfile
from copilot.tools.dockerfile.shell import Command
from copilot.tools.dockerfile.stages import stages_of

READS_HISTORY = re.compile(
    r"\bgit\b|\.git|version|setuptools|hatch|\bmake\b|\.sh\b|"
    r"\b(?:go build|cargo|mvnw?|gradlew?|dotnet|mix|npm run|npx|yarn|pnpm|bundle|rake|poetry|uv)\b|"
    r"\bpip[\d.]* .*(?:-e|\s\.(?:$|[\s/\[]))",
    re.MULTILINE,
)
"""Of a build that may ask the repository for its version or its files, as setuptools-scm, vergen and gemspecs do."""
PYTHON = ("**/__pycache__", "**/*.pyc", ".pytest_cache", ".mypy_cache", ".ruff_cache")


def ignore_lines(dockerfile: Dockerfile, there: str = "") -> tuple[str, ...]:
    """Lines to add to what is there; () where the build copies no whole directory."""
    copies = [each for each in dockerfile.instructions if each.keyword in {"COPY", "ADD"}]
    copies = [each for each in copies if not any(flag.startswith("--from") for flag in each.flags)]
    sources = [source for each in copies for source in (each.exec_form or tuple(each.value.split()))[:-1]]
    if not any(source in {".", "./"} for source in sources):
        return ()
    text = dockerfile.text.lower().replace("\\\n", " ")
    wanted = ["**/.DS_Store"]
    if not READS_HISTORY.search(text):
        wanted.insert(0, ".git")
    images = {stage.image.official for stage in stages_of(dockerfile)}
    if "python" in images or re.search(r"\bpython3?\b", text):
        wanted += PYTHON
    if any(_installs_modules(command) for _, _, commands in plain_runs(dockerfile) for command in commands):
        wanted.append("node_modules")
    known = {line.strip().strip("/") for line in there.splitlines()}
    named = [source.removeprefix("./").strip("/") for source in sources]
    return tuple(line for line in wanted if line not in known and not any(_covers(line, name) for name in named))


def _installs_modules(command: Command) -> bool:
    """Whether modules come from npm: else those that lie beside the source are what the build has."""
    found = verb(command, "npm")
    return found is not None and found.text in {"ci", "i", "install"} and not {"-g", "--global"} & set(command.argv)


def _covers(line: str, name: str) -> bool:
    bare = line.removeprefix("**/")
    return any(fnmatchcase(part, bare) for part in name.split("/"))
