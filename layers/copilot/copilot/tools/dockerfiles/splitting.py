"""The rule about stages: what built the program does not have to be where it runs.

Sure only for one Go program on a named release of a distribution, all of whose sources are at hand and show that it
runs no other program and reads nothing of the image: git, a shell, the Go tools are not where it would be run.
"""

from __future__ import annotations

import re

from copilot.tools.dockerfiles.commands import plain_runs, program
from copilot.tools.dockerfiles.manifests import Others
from copilot.tools.dockerfiles.reading import Dockerfile, Gap, Instruction
from copilot.tools.dockerfiles.shell import Command
from copilot.tools.dockerfiles.stages import Stage, directory_at, resolved, stages_of
from copilot.tools.dockerfiles.starting import go_output

DEBIAN = ("bullseye", "bookworm", "trixie")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
ZONES = "/usr/local/go/lib/time/zoneinfo.zip"
BUILT_WITH = frozenset("ARG ENV WORKDIR COPY RUN".split())
MOVED = frozenset("CMD ENTRYPOINT EXPOSE LABEL STOPSIGNAL".split())
_OUTSIDE = re.compile(
    r'"(os/exec|syscall|plugin|C|go/build|go/importer|os/user)"|\bStartProcess\b|go:linkname'
    r'|["`]/(bin|etc|home|lib|opt|root|sbin|srv|usr|var)\b'
)
"""What a Go program that runs another, or reads a file of the image, has in its source."""
_REQUIRES = re.compile(r"^\s*(require|replace|tool)\b", re.MULTILINE)
"""Of what others wrote the source is not at hand."""


def run_stage(dockerfile: Dockerfile, others: Others) -> str:
    stages = stages_of(dockerfile)
    if len(stages) != 1 or any(part.keyword == "ARG" for part in dockerfile.instructions[:1]):
        return dockerfile.text
    (stage,) = stages
    base, program_path = _base(stage), _program(dockerfile, stage, others)
    directory = directory_at(stage, None, stages)
    if not base or not program_path or directory is None or re.search(r"\s", program_path + directory):
        return dockerfile.text
    name = stage.name or "build"
    kept, moved = _parted(dockerfile, stage, name)
    settings = [each.raw for each in stage.of("ENV")]
    new = [
        f"FROM {base}",
        f"COPY --from={name} {CERTIFICATES} {CERTIFICATES}",
        f"COPY --from={name} {ZONES} {ZONES}",
        f"ENV ZONEINFO={ZONES}",
        *settings,
        f"WORKDIR {directory}",
        f"COPY --from={name} {program_path} {program_path}",
    ]
    return "\n".join([*kept, "", *new, *moved]) + dockerfile.ends


def _base(stage: Stage) -> str:
    """What the Go image of that tag is itself made from."""
    image = stage.image
    if image.official != "golang" or image.digest or stage.base.flags:
        return ""
    found = re.fullmatch(r"\d[\d.]*-(?:(alpine)(3\.\d+)|(" + "|".join(DEBIAN) + "))", image.tag)
    if found is None:
        return ""
    return f"alpine:{found[2]}" if found[1] else f"debian:{found[3]}-slim"


def _program(dockerfile: Dockerfile, stage: Stage, others: Others) -> str:
    """Where the one program lies that is built and started; "" where there is anything else to it."""
    if any(each.keyword not in BUILT_WITH | MOVED for each in stage.body) or not _only_go(stage, others):
        return ""
    built = []
    plain = {run.number: commands for run, _, commands in plain_runs(dockerfile)}
    stages = (stage,)
    for run in stage.of("RUN"):
        for command in plain.get(run.number, (Command(()),)):
            name, words = program(command)
            if name != "go" or not command.literal or run.flags:
                return ""
            if words[:1] and words[0].text == "build":
                built.append(go_output(command, directory_at(stage, run, stages)))
            elif [word.text for word in words][:2] not in (["mod", "download"], ["mod", "verify"]) and [
                word.text for word in words
            ][:1] not in (["vet"], ["test"]):
                return ""
    started = stage.of("CMD", "ENTRYPOINT")
    starts = (started[0].exec_form or ("",))[0] if len(started) == 1 else ""
    path = resolved(directory_at(stage, None, stages), starts) if "/" in starts else None
    return path if path and built == [path] else ""


def _only_go(stage: Stage, others: Others) -> bool:
    """Whether it is built from Go sources alone, and these need nothing of the image."""
    if "go.mod" not in others or _REQUIRES.search(others["go.mod"]):
        return False
    if any("$" in each.text for each in stage.of("ENV", "WORKDIR", "LABEL", "EXPOSE")):
        return False
    for copy in stage.of("COPY"):
        words = copy.exec_form or tuple(copy.value.split())
        sources = [source.removeprefix("./") for source in words[:-1]]
        if copy.flags or copy.heredocs or not sources:
            return False
        if not all(source in {"go.mod", "go.sum"} or _needs_nothing(source, others) for source in sources):
            return False
    return bool(stage.of("COPY"))


def _needs_nothing(source: str, others: Others) -> bool:
    return source.endswith(".go") and source in others and not _OUTSIDE.search(others[source])


def _parted(dockerfile: Dockerfile, stage: Stage, name: str) -> tuple[list[str], list[str]]:
    """What stays with the build and what goes with the program, each with the comment right above it."""
    kept: list[str] = []
    moved: list[str] = []
    waiting: list[str] = []
    for part in dockerfile.parts:
        if isinstance(part, Gap):
            waiting.append(part.raw)
            continue
        into = moved if part.keyword in MOVED else kept
        into += [*waiting, _named(part, stage, name)]
        waiting = []
    moved += waiting
    while kept and not kept[-1].strip():
        kept.pop()
    return kept, [line for number, line in enumerate(moved) if number or line.strip()]


def _named(part: Instruction, stage: Stage, name: str) -> str:
    return f"{part.raw.rstrip()} AS {name}" if part is stage.base and not stage.name else part.raw
