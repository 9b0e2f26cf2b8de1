"""The rules applied to a file until none has anything left to say, each change kept apart."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from copilot.domain import Finding
from copilot.tools.dockerfiles.manifests import Others
from copilot.tools.dockerfiles.reading import Dockerfile, read_dockerfile
from copilot.tools.dockerfiles.rules import RULES, Rule
from copilot.tools.dockerfiles.windows import why_windows

ROUNDS = 100
BOM = "\ufeff"
Lint = Callable[[str], Sequence[Finding]]


@dataclass(frozen=True)
class Change:
    """What one rule changed at one time; `before` and `after` are the whole file."""

    rule: Rule
    before: str
    after: str


def improve(text: str, others: Others, rules: Iterable[Rule] = RULES) -> tuple[Change, ...]:
    """The changes, in order; () for a file the rules must leave alone. Never raises."""
    body = as_read(text)
    mark, windows = BOM if text.startswith(BOM) else "", "\r" in text and "\r" not in body
    changes = _changes(body, others, list(rules))
    if not windows and not mark:
        return changes
    return tuple(
        Change(c.rule, _as_it_was(c.before, mark, windows), _as_it_was(c.after, mark, windows)) for c in changes
    )


def as_read(text: str) -> str:
    """The text without a byte order mark, and with plain line ends where all of them were those of Windows."""
    body = text.removeprefix(BOM)
    windows = "\r\n" in body and body.count("\r\n") == body.count("\n") == body.count("\r")
    return body.replace("\r\n", "\n") if windows else body


def _as_it_was(text: str, mark: str, windows: bool) -> str:
    return mark + (text.replace("\n", "\r\n") if windows else text)


def reason_to_leave(dockerfile: Dockerfile) -> str:
    """Why no rule may touch this file; "" where they may."""
    if not dockerfile.instructions and not dockerfile.reason_to_leave:
        return "there is no instruction in it" if dockerfile.text.strip() else "it is empty"
    windows = why_windows(dockerfile)
    return dockerfile.reason_to_leave or (f"{windows}, whose commands the rules do not know" if windows else "")


def _changes(text: str, others: Others, rules: Sequence[Rule]) -> tuple[Change, ...]:
    changes: list[Change] = []
    if reason_to_leave(read_dockerfile(text)):
        return ()
    for _ in range(ROUNDS):
        dockerfile = read_dockerfile(text)
        for rule in rules:
            new = rule.apply(dockerfile, others)
            if new != text:
                changes.append(Change(rule, text, new))
                text = new
                break
        else:
            return tuple(changes)
    return ()  # rules that never come to rest are not to be trusted with this file


def improve_linted(text: str, others: Others, before: Sequence[Finding], lint: Lint) -> tuple[Change, ...]:
    """The same, without the rules after which the linter finds what it did not find before. Raises what lint raises."""
    changes = improve(text, others)
    if not changes:
        return ()
    known = _by_code(before) | _by_code(_as_apt_get(text, lint))
    if not worse(known, lint(changes[-1].after)):
        return changes
    kept: list[Rule] = []
    for rule in [rule for rule in RULES if any(change.rule is rule for change in changes)]:
        tried = improve(text, others, [*kept, rule])
        if not tried or not worse(known, lint(tried[-1].after)):
            kept.append(rule)
    return improve(text, others, kept)


def worse(known: Counter[str], after: Sequence[Finding]) -> Counter[str]:
    """How many more findings there are of each code that has more."""
    return _by_code(after) - known


def _as_apt_get(text: str, lint: Lint) -> Sequence[Finding]:
    """What is found once apt is called apt-get: most rules about it look for that name alone."""
    renamed = improve(text, {}, [rule for rule in RULES if rule.name == "apt-get"])
    return lint(renamed[-1].after) if renamed else ()


def _by_code(findings: Sequence[Finding]) -> Counter[str]:
    return Counter(finding.code for finding in findings)


def hunks(before: str, after: str, name: str, context: int = 3) -> str:
    """A unified diff, without a line end at its end; "" where nothing changed."""
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}", lineterm="", n=context)
    return "\n".join(lines)


def own_lines(before: str, after: str) -> Callable[[int], str]:
    """Where a line of the new file, from 1, stands in the file as it came: "7"; "9 of the new file", if nowhere."""
    old, new = _lines(before), _lines(after)
    places: dict[int, int] = {}
    for kind, first, last, begins, ends in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if kind != "insert":  # the lines of what was rewritten, one by one, and what is more of them by the last
            places |= {line: min(first + line - begins, last - 1) for line in range(begins, ends)}
    times = Counter(old)
    once = {line: number for number, line in enumerate(old) if times[line] == 1}
    places |= {number: once[line] for number, line in enumerate(new) if line in once}  # moved elsewhere

    def own(line: int) -> str:
        return str(places[line - 1] + 1) if line - 1 in places else f"{line} of the new file"

    return own


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
