"""The rules for Dockerfiles over a folder of files of other people's, each change judged by its effects.

    make judge FOLDER=folder                    what would change, and whether it does the same
    make judge FOLDER=folder LIST=file.yaml     and a list of it, for folders of owner/name/path

Read are the files called Dockerfile, with the manifests beside them. Nothing is written into the folder. The exit code
is 1 where a change is not judged equal.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml
from dockerfile_effects import differences, ignored_though_read
from e2b_dockerfile_utils import DockerfileSyntaxError

from copilot.tools.dockerfiles.applying import as_read, improve, reason_to_leave
from copilot.tools.dockerfiles.ignoring import ignore_lines
from copilot.tools.dockerfiles.improve import NAME
from copilot.tools.dockerfiles.reading import read_dockerfile
from copilot.tools.dockerfiles.rules import RULES

MANIFESTS = ("requirements.txt", "package.json", "package-lock.json", ".dockerignore", "go.mod")
MOVES = {"run-stage"}
"""Rules that make another stage, which the judge does not compare."""


@dataclass(frozen=True)
class Judged:
    """One file: the rules that change it, and what the judge says is not the same (`wrong`)."""

    path: str
    rules: tuple[str, ...]
    wrong: tuple[str, ...]


def judged(path: str, text: str, others: Mapping[str, str]) -> Judged:
    """All rules together, each alone, and the lines proposed for .dockerignore."""
    changes = improve(text, others)
    rules = tuple(dict.fromkeys(change.rule.name for change in changes))
    wrong: list[str] = []
    if not MOVES & set(rules):
        wrong += _wrong(text, changes[-1].after, others) if changes else []
    for rule in RULES:
        alone = improve(text, others, [rule])
        if alone and rule.name not in MOVES:
            wrong += [f"{rule.name} alone: {each}" for each in _wrong(text, alone[-1].after, others)]
    new = changes[-1].after if changes else text
    lines = ignore_lines(read_dockerfile(as_read(new)), others)
    wrong += ignored_though_read(as_read(text), lines) if lines else []
    return Judged(path, rules, tuple(wrong))


def _wrong(before: str, after: str, others: Mapping[str, str]) -> list[str]:
    try:
        return differences(as_read(before), as_read(after), others)
    except DockerfileSyntaxError as error:
        return [f"the builder's parser refuses it: {error}"]


def files_below(folder: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Path below the folder, text, and the manifests beside it, of each Dockerfile that is text."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and NAME.fullmatch(path.name) and not path.name.endswith(".dockerignore"):
            with open(path, encoding="utf-8", errors="replace", newline="") as file:
                text = file.read()
            beside = {name: path.with_name(name) for name in MANIFESTS}
            others = {name: at.read_text("utf-8", "replace") for name, at in beside.items() if at.is_file()}
            yield str(path.relative_to(folder)), text, others


def listed(found: Sequence[Judged], left: Mapping[str, str], today: str) -> dict[str, object]:
    """What is kept of it: where the files are, and which rules changed them."""
    repositories: dict[str, dict[str, str]] = defaultdict(dict)
    for each in found:
        owner, name, path = each.path.split("/", 2)
        repositories[f"{owner}/{name}"][path] = ", ".join(each.rules) or ("left" if each.path in left else "-")
    changed = [each for each in found if each.rules]
    return {
        "date": today,
        "read": len(found),
        "changed": len(changed),
        "judged equal": sum(not each.wrong for each in changed),
        "left alone": dict(Counter(left.values())),
        "rules": dict(Counter(rule for each in changed for rule in each.rules).most_common()),
        "files": dict(repositories),
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="judge the rules for Dockerfiles over a folder of files")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", type=Path, help="a YAML file to write what was found to")
    given = parser.parse_args(arguments)
    found, left = [], {}
    for path, text, others in files_below(given.folder):
        found.append(judged(path, text, others))
        if reason := reason_to_leave(read_dockerfile(as_read(text))):
            left[path] = "for Windows" if "commands the rules do not know" in reason else "not for a plain builder"
        for wrong in found[-1].wrong:
            print(f"{path}: {wrong}")
    summary = listed(found, left, f"{datetime.now(UTC):%Y-%m-%d}") if given.list else {}
    if given.list:
        given.list.write_text(yaml.safe_dump(summary, sort_keys=False, width=120, allow_unicode=True))
    changed, differ = [each for each in found if each.rules], [each for each in found if each.wrong]
    print(f"{len(found)} files read, {len(changed)} changed, {len(left)} left alone, {len(differ)} judged to differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
