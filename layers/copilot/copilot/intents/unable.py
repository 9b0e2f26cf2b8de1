"""What is asked for and cannot be done yet, so that it is said in a sentence of its own; `unable.yaml` is the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from copilot.domain import Frozen
from copilot.intents.frames import Targets
from copilot.intents.lexicon import Lexicon
from copilot.intents.names import There
from copilot.intents.phrases import Compiling
from copilot.intents.reading import Grammar, Heard, Reading, grammar_of
from copilot.intents.slots import Present
from copilot.intents.tokens import Token

SHAPES = (
    "<ways> {targets} [<rest>]",
    "<ways> {rest}",
    "<ways>",
    "(would you mind|do you mind|mind) <doing> {targets} [<rest>]",
    "(would you mind|do you mind|mind) <doing> {rest}",
    "{targets} (needs|need|wants|must be|should be|has to be|have to be|needs to be|need to be) <done> [<rest>]",
    "(i|we) (need|want|would like) {targets} [to be] <done> [<rest>]",
    "(can|could) (i|we) (get|have) {targets} <done> [<rest>]",
)
"""How each of them is said; of what stands behind nothing has to be known, for nothing is done."""
_SCHEDULES = frozenset({"schedule", "schedules", "window", "windows"})
"""These can be deleted, and are another matter."""


class Unable(Frozen):
    """One row of the table."""

    unable: str
    ways: tuple[str, ...]
    doing: tuple[str, ...]
    done: tuple[str, ...]
    says: str
    nearest: tuple[str, ...]
    unclear: bool = False


class CannotBeDone(NamedTuple):
    """`says` is why not; `nearest` are requests that can be made, one after the other. `them` are the environments that
    were named, None where none were. `asks`: the nearest may be what is meant.
    """

    says: str
    nearest: tuple[str, ...]
    them: Targets | None
    asks: bool


def grammar_of_unable(rows: Iterable[Unable], lexicon: Lexicon, whole: Grammar) -> Grammar:
    """With the asides of the other grammar: politeness is the same everywhere."""
    heard = []
    for row in rows:
        said = {**lexicon.synonyms, "ways": row.ways, "doing": row.doing, "done": row.done, "rest": ("{rest}",)}
        phrases = Compiling(said)
        heard += [Heard(row.unable, phrases.phrase(shape), ()) for shape in SHAPES]
    return grammar_of(lexicon, heard, whole.asides)


def cannot_be_done(
    text: str,
    tokens: tuple[Token, ...],
    rows: Sequence[Unable],
    grammar: Grammar,
    there: There,
    now: Present,
) -> CannotBeDone | None:
    """None for every other request."""
    if _SCHEDULES & {token.word for token in tokens}:
        return None
    frame = next(Reading(grammar, tokens, there, now).frames(), None)
    if frame is None:
        return None
    row = next(row for row in rows if row.unable == frame.action)
    targets = frame.said.get("targets")
    them = targets if isinstance(targets, Targets) else None
    said = " ".join(text[span.begin : span.end] for span in frame.spans if span.role == "targets") if them else ""
    nearest = tuple(one.replace("{them}", said) for one in row.nearest if said or "{them}" not in one)
    whole = "rest" not in frame.said
    return CannotBeDone(row.says, nearest, them, row.unclear and whole and bool(nearest))
