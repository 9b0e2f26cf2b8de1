"""Changes to a Dockerfile's text that leave every other line as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from copilot.tools.dockerfiles.reading import Dockerfile, Gap, Instruction

Edit = tuple[int, int, str]
"""From and to in an instruction's raw text, and what stands there instead."""


def edited(instruction: Instruction, edits: Iterable[Edit]) -> str:
    """The raw text with the edits made; they must not overlap."""
    raw = instruction.raw
    for start, end, new in sorted(edits, reverse=True):
        raw = raw[:start] + new + raw[end:]
    return raw


def keyword_replaced(instruction: Instruction, keyword: str) -> str:
    """The instruction under another keyword, in the case it was written in."""
    start = instruction.at[len(instruction.text) - len(instruction.text.lstrip())]
    old = instruction.raw[start : start + len(instruction.keyword)]
    return edited(instruction, [(start, start + len(old), keyword.lower() if old.islower() else keyword)])


def rewritten(dockerfile: Dockerfile, new: Mapping[int, str | None]) -> str:
    """The text with instructions, by the number of their first line, replaced; None takes one away."""
    raws = []
    for part in dockerfile.parts:
        if isinstance(part, Gap) or part.number not in new:
            raws.append(part.raw)
        elif (raw := new[part.number]) is not None:
            raws.append(raw)
    return "\n".join(raws) + dockerfile.ends


def has_inner_comment(instruction: Instruction) -> bool:
    """Whether a comment stands between the instruction's lines."""
    return any(line.lstrip().startswith("#") for line in instruction.lines[1:])


def followers(dockerfile: Dockerfile) -> list[tuple[Instruction, Gap | None, Instruction]]:
    """Each instruction with the one after it, and what stands between."""
    found, last, gap = [], None, None
    for part in dockerfile.parts:
        if isinstance(part, Gap):
            gap = part
            continue
        if last is not None:
            found.append((last, gap, part))
        last, gap = part, None
    return found


def ends_plainly(raw: str) -> bool:
    """Whether more can be put behind an instruction's last line: it is no comment and does not go on itself."""
    last = raw.split("\n")[-1].strip()
    return bool(last) and not last.startswith("#") and not last.endswith("\\")
