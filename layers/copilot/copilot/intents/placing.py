"""A request that is not understood: which words of it are known, which could not be placed, and which are a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from copilot.domain import Known
from copilot.intents.lexicon import Lexicon
from copilot.intents.names import there_is
from copilot.intents.targets import NounPhrases
from copilot.intents.tokens import Token
from copilot.text.nearness import squashed

TURNING = frozenset(
    "not no never none nobody without unless if whether when while until before after instead only except but than "
    "should would could might may did was were had has have why who how what which will shall".split()
)
"""Without one of these, what is left of a sentence may say something else, or the contrary."""


_CONNECTING = frozenset({"because", "since", "as", "cause", "cos", "coz", "so"})
_BESIDE = frozenset({"keep", "leave", "spare", "skip", "hold", "save"})
"""Known where something is left out, and with more of a sentence another request."""
_DENYING = frozenset("not no never none nobody without nothing neither".split())
_TURNING_WHOLE = frozenset(
    "if unless whether when while until till before after instead only except but than should would could might may "
    "who how what which why will shall maybe perhaps probably possibly think guess hope said says say told tell asked "
    "asks wants wanted heard joking kidding oops wait sorry actually then later soon today tomorrow tonight yesterday "
    "now again morning afternoon evening night noon midnight day days hour hours minute minutes week weeks weekend "
    "month monday tuesday wednesday thursday friday saturday sunday and or half part partly some most provided "
    "providing assuming pending upon subject approval approved agree agrees agreed example eg ie dry run test keep "
    "leave skip spare soon first once without apart allowing depending".split()
)
"""With one of these a clause may be a condition, a time, another request or somebody else's words: no mere reason."""

_SAYING = frozenset(
    "is are was were am be been went goes go has have had left finished ended done needs need needed using uses used "
    "costs cost burns burning wasting wastes sits works working closed gone".split()
)
"""A clause that gives a reason without a word for it says something of somebody: it has one of these."""
_NEVER_BARE = frozenset("half part partly some most dry if unless whether provided assuming pending".split())
"""Words that are known and, wherever they stand, make another request of it."""
_JOINING = frozenset({"and", "then", "also", "or", "&", ","})
"""What follows one of these may be another request."""


class Placed(NamedTuple):
    """`action` is what the words seem to ask for, "" where nothing does; `known` and `unknown` are parts of the text,
    in its order; `rest` is the text without the unknown ones, "" where these may turn what it says. `turns`: some
    word may. `names` are the environments in it that there are.
    """

    action: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    rest: str
    turns: bool
    names: tuple[str, ...]


class Beside(NamedTuple):
    """A request, and the clause beside it that seems to be its reason: "stop uat", "QA went home"."""

    request: str
    reason: str


def beside(
    text: str, tokens: Sequence[Token], lexicon: Lexicon, known: Known, is_known: Callable[[str], bool]
) -> Beside | None:
    """None where no request is left without a clause, or the clause may say more than why."""
    if not tokens:
        return None
    verbs = {word for name in ("stop", "start", "stopped", "started") for way in lexicon.synonyms[name] for word in
             way.split()[:1]}  # fmt: skip
    nouns = NounPhrases(tokens, lexicon, there_is(known))

    def is_reason(begin: int, end: int, told: bool) -> bool:
        words = {token.word for token in tokens[begin:end]}
        turning = _TURNING_WHOLE | verbs | (frozenset() if told else _DENYING)
        named = any(
            one.by != "reference" for at in range(begin, end) for _, found in nouns.whole(at) for one in found.of
        )
        saying = told or bool(words & _SAYING) or any(word.endswith(("'s", "'re")) for word in words)
        return saying and not words & turning and not named and not any(word[0].isdigit() for word in words)

    def said(begin: int, end: int) -> str:
        return text[tokens[begin].begin : tokens[end - 1].end].strip(" ,;:–—-")

    for at, token in enumerate(tokens[1:-1], 1):
        if token.word != "," and token.word not in _CONNECTING:
            continue
        told = token.word != "," or tokens[at + 1].word in _CONNECTING
        if is_reason(at + 1 + (token.word == "," and told), len(tokens), told) and is_known(request := said(0, at)):
            return Beside(request, said(at + 1 if token.word == "," else at, len(tokens)))
        if token.word == "," and is_reason(0, at, told=False) and is_known(request := said(at + 1, len(tokens))):
            return Beside(request, said(0, at))
    return None


def placed(text: str, tokens: Sequence[Token], lexicon: Lexicon, known: Known) -> Placed:
    there = there_is(known)
    names, nouns = there.kinds, NounPhrases(tokens, lexicon, there)
    verbs = {
        tuple(way.split()): name for name in ("stop", "start") for way in lexicon.synonyms[name] if way[0].isalpha()
    }
    at, action = 0, ""
    names_said: list[str] = []
    parts: list[tuple[int, int, bool]] = []
    while at < len(tokens):
        end = next((at + len(way) for way in verbs if _are(tokens, at, way)), 0)
        if end:
            action = action or verbs[tuple(token.word for token in tokens[at:end])]
        elif spoken := nouns.whole(at):
            end = spoken[0][0]
            names_said += [one.value for one in spoken[0][1].of if one.by == "name" and squashed(one.value) in names]
        is_known = bool(end) or tokens[at].word in (lexicon.all_words | {","}) - _BESIDE
        end = end or at + 1
        if parts and parts[-1][2] == is_known and not is_known:
            parts[-1] = (parts[-1][0], end, is_known)
        else:
            parts.append((at, end, is_known))
        at = end

    def said(begin: int, end: int) -> str:
        return text[tokens[begin].begin : tokens[end - 1].end]

    unknown = [part for part in parts if not part[2]]
    turning = any(token.word in _NEVER_BARE for token in tokens)
    turning = turning or any(
        token.word in TURNING | _TURNING_WHOLE for begin, end, _ in unknown for token in tokens[begin:end]
    )
    turning = turning or any(letter.isdigit() for begin, end, _ in unknown for letter in said(begin, end))
    joined = any(begin and tokens[begin - 1].word in _JOINING for begin, _, _ in unknown)
    rest = " ".join(said(begin, end) for begin, end, is_known in parts if is_known)
    return Placed(
        action=action,
        known=tuple(said(begin, end) for begin, end, is_known in parts if is_known and tokens[begin].word != ","),
        unknown=tuple(said(begin, end) for begin, end, _ in unknown),
        rest="" if turning or joined or not unknown else rest,
        turns=turning or any(token.word in TURNING for token in tokens),
        names=tuple(names_said),
    )


def _are(tokens: Sequence[Token], at: int, words: tuple[str, ...]) -> bool:
    return tuple(token.word for token in tokens[at : at + len(words)]) == words
