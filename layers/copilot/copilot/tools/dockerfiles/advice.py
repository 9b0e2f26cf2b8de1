"""What is left for someone who knows more than the file says: a person, or a model that may be wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from copilot.domain import Finding
from copilot.text.listing import listed
from copilot.tools.dockerfiles.apt import packages_of, whole_on
from copilot.tools.dockerfiles.commands import plain_runs, verb
from copilot.tools.dockerfiles.manifests import Others
from copilot.tools.dockerfiles.npm import LOCK
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command
from copilot.tools.dockerfiles.stages import Stage, stages_of
from copilot.tools.dockerfiles.systems import system_at
from copilot.tools.dockerfiles.windows import why_windows

MANIFESTS = {
    "python": "requirements.txt",
    "node": "package.json, package-lock.json and .dockerignore",
    "golang": "go.mod",
}
COMPILED = {
    "golang": "the program that go build makes",
    "rust": "the program that cargo build makes",
    "maven": "the jar that mvn package makes",
    "gradle": "the jar that gradle build makes",
    "openjdk": "the jar",
}
KNOWLEDGE = {
    "DL3008": "pin the packages to the versions you run: `apt-cache policy NAME` in today's image shows them",
    "DL3013": "pin the packages to the versions you run: `pip freeze` in today's image shows them",
    "DL3016": "pin the packages to the versions you run: `npm ls -g --depth 0` in today's image shows them",
    "DL3018": "pin the packages to the versions you run: `apk info -v NAME` in today's image shows them",
    "DL4006": "a failure left of a pipe goes unseen; where the image has bash, "
    'SHELL ["/bin/bash", "-o", "pipefail", "-c"] makes it stop the build',
    "DL3002": "the container runs as root; which user can run the program only its files and ports tell",
    "DL3003": "a WORKDIR would say so once; here what comes after the cd, or after the RUN, may depend on the way it "
    "came there",
    "DL3009": "`rm -rf /var/lib/apt/lists/*` at the end of the RUN that fetches them would make the image smaller, if "
    "nothing after it installs from them",
    "DL3015": "--no-install-recommends would make the image smaller, if nothing uses what is only recommended",
    "DL3019": "--no-cache would make the image smaller; apk has it since Alpine 3.3, and what needs the index later "
    "has to fetch it then",
    "DL3025": "a JSON array would start the program itself, which then gets the stop signal. Only a shell starts its "
    "own commands, and scripts whose first line names no interpreter; and an ENTRYPOINT would begin to take arguments: "
    "what follows the image in `docker run`, a Pod's args and a CMD, all of which its shell ignores today",
    "DL3027": "apt-get is made for scripts; where apt is left, it would not do the same: its full-upgrade is called "
    "dist-upgrade there, and its patterns are of another kind",
    "DL3042": "--no-cache-dir would make the image smaller; pip has it since 6.0, Debian 8 and Ubuntu 14.04 have 1.5",
}
INSTALLERS = {
    "DL3008": ("apt-get", {"install"}, "="),
    "DL3013": ("pip", {"install"}, "="),
    "DL3016": ("npm", {"install", "i"}, "@"),
    "DL3018": ("apk", {"add"}, "="),
}
"""Which packages a finding of that code is about: the manager, its verbs, what stands before a version."""
IMAGE_CODES = frozenset({"DL3006", "DL3007"})
Own = Callable[[int], str]
"""Where a line of the file that is looked at stands in the one that came."""
DIGEST = 'docker image inspect --format "{{index .RepoDigests 0}}"'


def further(dockerfile: Dockerfile, findings: Iterable[Finding], others: Others, own: Own = str) -> tuple[str, ...]:
    """One line each, most worthwhile first; the lines of the file are told by what `own` makes of them."""
    stages = stages_of(dockerfile)
    if dockerfile.reason_to_leave or why_windows(dockerfile):
        return (*_images(stages, own), *_findings(dockerfile, findings, own))
    order = _order(dockerfile, stages, others, own)
    lines = [*_images(stages, own), *order, *_locked(dockerfile, others, own), *_stage(stages), *_user(stages)]
    if "[masked]" in dockerfile.text:
        lines.append(
            "what looked like a secret reads [masked] here, in the diff too: keep your own lines there, and leave no "
            "secret in an image (RUN --mount=type=secret gives one to a single RUN)"
        )
    return (*lines, *_findings(dockerfile, findings, own), *_recommends(dockerfile, findings))


def _images(stages: tuple[Stage, ...], own: Own) -> list[str]:
    """What can be another image at every build. A version of less than two numbers moves on as well."""
    names = {stage.name for stage in stages}
    lines: dict[str, list[str]] = defaultdict(list)
    for stage in stages:
        image = stage.image
        loose = image.tag in {"", "latest"} or (image.official and not re.search(r"\d+\.\d+", image.tag))
        here = image.text.lower() in names | {"scratch"} or "$" in image.text
        if loose and not here and not image.digest:
            lines[image.text].append(own(stage.base.number))
    return [
        f"line {', '.join(numbers)}: {text} can be another image at every build; pin it to the version you run today, "
        f"or to its digest: `{DIGEST} {text}`"
        for text, numbers in lines.items()
    ]


def _order(dockerfile: Dockerfile, stages: tuple[Stage, ...], others: Others, own: Own) -> list[str]:
    for stage in stages:
        copied = next((each for each in stage.of("COPY", "ADD") if _takes_all(each)), None)
        later = [
            run
            for run, of, commands in plain_runs(dockerfile)
            if of.number == stage.number and copied and run.number > copied.number
            for command in commands
            if _installs(_verbs(command))
        ]
        if later and copied:
            asked = MANIFESTS.get(stage.image.official, "the manifest")
            missing = [name for name in asked.replace(" and ", ", ").split(", ") if name not in others]
            why = (
                f"; attach {asked} too, and it is done where it is sure" if missing else ": its manifest asks for more"
            )
            return [
                f"line {own(later[0].number)} installs after line {own(copied.number)} has copied everything, so each "
                f"change of the source installs again; the manifest alone could come first{why}"
            ]
    return []


def _locked(dockerfile: Dockerfile, others: Others, own: Own) -> list[str]:
    """Where npm installs what package.json asks for, beside a lock file that is copied by its name."""
    lines = [
        own(run.number)
        for run, _, commands in plain_runs(dockerfile)
        for command in commands
        if (found := verb(command, "npm")) is not None and found.text in {"install", "i"}
        and all(word.text.startswith("-") for word in command.words if word.start > found.start)
        and not {"-g", "--global"} & set(command.argv)
    ]  # fmt: skip
    if not lines or not any(each.keyword in {"COPY", "ADD"} and LOCK in each.value for each in dockerfile.instructions):
        return []
    at_hand = {"package.json", LOCK} <= others.keys()
    how = "these two do not agree, or more is copied with them" if at_hand else f"attach package.json and {LOCK}"
    done = "" if at_hand else ", and it is done where they agree"
    return [
        f"line {', '.join(lines)}: npm ci would install exactly what {LOCK} names, but ends the build where "
        f"package.json asks for something else; {how}{done}"
    ]


def _verbs(command: Command) -> set[str]:
    found = {manager: verb(command, manager) for manager in ("pip", "npm", "go")}
    return {f"{manager} {word.text}" for manager, word in found.items() if word is not None}


def _installs(verbs: set[str]) -> bool:
    return bool(verbs & {"pip install", "npm install", "npm i", "npm ci", "go mod"})


def _takes_all(each: Instruction) -> bool:
    words = each.exec_form or tuple(each.value.split())
    return not any(flag.startswith("--from") for flag in each.flags) and words[:1] in {(".",), ("./",)}


def _stage(stages: tuple[Stage, ...]) -> list[str]:
    if len(stages) != 1 or stages[0].image.official not in COMPILED:
        return []
    language = stages[0].image.official
    return [
        f"a second stage with {COMPILED[language]} alone would leave the compiler out of the image; what else the "
        "program reads and runs (git, a shell) while it is at work this file does not tell"
        + ("; attach go.mod and its sources too, and it is done where they do" if language == "golang" else "")
    ]


def _user(stages: tuple[Stage, ...]) -> list[str]:
    if not stages or stages[-1].of("USER") or stages[-1].parent is not None:
        return []
    own = " (this image has one: node)" if stages[-1].image.official == "node" else ""
    return [f"the container runs as root; give it a USER{own} once you know which files and ports it needs"]


def _findings(dockerfile: Dockerfile, findings: Iterable[Finding], own: Own) -> list[str]:
    lines: dict[str, list[int]] = defaultdict(list)
    said: dict[str, str] = {}
    for finding in findings:
        if finding.code not in IMAGE_CODES:
            lines[finding.code].append(finding.line)
            said.setdefault(finding.code, KNOWLEDGE.get(finding.code, " ".join(finding.message.split())))
    places = {code: ", ".join(dict.fromkeys(map(own, some[:5]))) for code, some in lines.items()}
    return [
        f"{code}, line {place}{_unpinned(dockerfile, code, lines[code])}: {said[code]}"
        for code, place in places.items()
    ]


def _unpinned(dockerfile: Dockerfile, code: str, lines: Iterable[int]) -> str:
    """The packages without a version that a finding is about, as far as they are plain to see."""
    if code not in INSTALLERS:
        return ""
    manager, verbs, separator = INSTALLERS[code]
    names = [
        word.text
        for run, _, commands in plain_runs(dockerfile)
        if any(run.number <= line < run.number + len(run.lines) for line in lines)
        for command in commands
        if (found := verb(command, manager)) is not None and found.text in verbs
        for word in command.words
        if word.start > found.start and word.literal and re.fullmatch(r"@?[A-Za-z0-9][\w.+/-]*", word.text)
        and separator not in word.text[1:] and not word.text.endswith((".txt", ".whl"))
    ]  # fmt: skip
    return f" ({listed(list(dict.fromkeys(names)))})" if names else ""


def _recommends(dockerfile: Dockerfile, findings: Iterable[Finding]) -> list[str]:
    """Which packages kept the recommended ones from being left out."""
    if not any(finding.code == "DL3015" for finding in findings):
        return []
    stages = stages_of(dockerfile)
    names = [
        name
        for _, stage, commands in plain_runs(dockerfile)
        for command in commands
        if verb(command, "apt-get") is not None
        for name in packages_of(command)
        if name not in whole_on(system_at(stage, stages))
    ]
    if not names:
        return []
    return [f"nothing is known here of what these images' releases recommend with {', '.join(dict.fromkeys(names))}"]
