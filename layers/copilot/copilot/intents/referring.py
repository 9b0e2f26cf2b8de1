"""What a reference stands for: "it", "both", "the second one", "the ones you stopped"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from copilot.domain import Focus, Reference, ReferenceType
from copilot.errors import ToolInputError
from copilot.intents.frames import Target
from copilot.intents.lexicon import Lexicon
from copilot.text.listing import listed
from copilot.text.outside import inert

NOUNS: Mapping[ReferenceType, str] = {
    "environment": "environment",
    "service": "service",
    "schedule": "schedule",
    "channel": "channel",
    "resource": "resource",
    "deployment": "deployment",
}
MOST_OFFERED = 5


class Unclear(ToolInputError):
    """What was said has no one meaning; `lacks` are the words of the request that a choice would stand for."""

    def __init__(self, message: str, lacks: str, choices: Sequence[str] = ()) -> None:
        super().__init__(message, choices)
        self.lacks = lacks


class NoneSpokenOf(Unclear):
    """The last turn spoke of none of these things at all: something else may be meant."""


def meant_by(
    reference: Target, focus: Focus, lexicon: Lexicon, type: ReferenceType, *, exact: bool = False
) -> list[str]:
    """The ids of what a reference stands for. `exact` is for what will be changed: where something finer or other than
    that was spoken of last as well, it asks. Raises Unclear, with the question to ask.
    """
    word, said = reference.value, reference.said
    if tool := lexicon.changed_by.get(word):
        return _changed(said, [one for one in focus.changed_by(tool) if one.type == type], type)
    there = focus.spoken_of(type)
    if not there:
        raise _of_none(said, focus, type)
    if focus.unsettled:
        since = "something that was not understood" if focus.open is None else "a question that is still open"
        raise _asked(said, type, f"? Before, {_were(there)} spoken of, and since then {since}. Please name it.", there)
    if word in lexicon.plurals or lexicon.picked(word) is not None:
        shown = (
            focus.list_of(type) if not exact and word not in lexicon.plurals else there if focus.listed(type) else ()
        )
        found = _of_list(word, shown, lexicon)
        if found:
            return [one.id for one in found]
    elif len(there) == 1:
        if exact and (others := _beside(focus, type)):
            spoken = f"{_described([*there, *others])} were spoken of"
            raise Unclear(
                f"What is meant by “{said}”? {_capital(spoken)}.", said, [_called(one) for one in (*there, *others)]
            )
        return [there[0].id]
    only = "Only " if len(there) == 1 else ""
    raise _asked(said, type, f"? {only}{_were(there)} spoken of last. Please name one.", there)


def _changed(said: str, changed: Sequence[Reference], type: ReferenceType) -> list[str]:
    """All of them where they were changed at once, or "everything" is said; else it is asked how far back is meant."""
    if not changed:
        raise NoneSpokenOf(
            f"Which {NOUNS[type]}s are meant by “{said}”? There were none in this conversation; please name them.", said
        )
    last = [one.id for one in changed if one.turn == changed[0].turn]
    every = [one.id for one in changed]
    if len(last) == len(every) or said.startswith("everything"):
        return every
    what = f"{_names(changed[: len(last)])} last, and before that {_names(changed[len(last) :])}"
    choices = [" and ".join(last), " and ".join(every)]
    raise Unclear(f"Which {NOUNS[type]}s are meant by “{said}”? It was {what}.", said, choices)


def _of_list(word: str, shown: Sequence[Reference], lexicon: Lexicon) -> Sequence[Reference]:
    """Those of a list that a plural or an ordinal means; none where it means nothing, or one alone was shown."""
    if len(shown) < 2:
        return ()
    if word in lexicon.plurals:
        return shown if word not in lexicon.pairs or len(shown) == 2 else ()
    picked = lexicon.picked(word)
    found = shown[picked] if picked is not None else ()
    return found if len(found) >= {"two": 2, "three": 3}.get(word.split()[-1], 1) else ()


def _of_none(said: str, focus: Focus, type: ReferenceType) -> Unclear:
    """That it was about none of these, what it was about, and those that were spoken of before."""
    asked = f"Which {NOUNS[type]} is meant by “{said}”?"
    last = [one for other in NOUNS if other != type for one in focus.spoken_of(other)]
    before = focus.before(type)[:MOST_OFFERED]
    if not focus.turn:
        return NoneSpokenOf(f"{asked} Nothing was spoken of here yet; please name it.", said)
    about = f"about {_described(last)}" if last else f"about no single {NOUNS[type]}"
    if not before:
        return NoneSpokenOf(f"{asked} The last answer was {about}; please name it.", said)
    spoken = f"before it {_were(before)} spoken of"
    choices = [one.id for one in before]
    return NoneSpokenOf(f"{asked} The last answer was {about}; {spoken}. Please name it.", said, choices)


def _beside(focus: Focus, type: ReferenceType) -> list[Reference]:
    """What else was spoken of and could as well be stopped or started: more than one word for the same would be."""
    if type != "environment":
        return []
    resources = focus.spoken_of("resource")
    alone = resources if len(resources) == 1 else []
    others: Sequence[ReferenceType] = ("service", "schedule")
    return [*alone, *(one for other in others for one in focus.spoken_of(other) if one.role != "listed")]


def _asked(said: str, type: ReferenceType, then: str, choices: Iterable[Reference]) -> Unclear:
    return Unclear(f"Which {NOUNS[type]} is meant by “{said}”{then}", said, [_chosen(one) for one in choices])


def _chosen(one: Reference) -> str:
    """As it may stand in the request: the id of a deployment says nothing by itself."""
    return f"deployment {one.id}" if one.type == "deployment" else one.id


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _described(some: Sequence[Reference]) -> str:
    """ "the schedules s0123abcde and s9876fedcb"."""
    words = []
    for type, noun in NOUNS.items():
        names = [inert(_called(one)) for one in some if one.type == type]
        if names:
            shown = [*names[:MOST_OFFERED], *(["…"] if len(names) > MOST_OFFERED else [])]
            words.append(f"the {noun}{'s' if len(names) > 1 else ''} {listed(shown)}")
    return listed(words)


def _were(some: Sequence[Reference]) -> str:
    return f"{_names(some)} {'were' if len(some) > 1 else 'was'}"


def _names(some: Iterable[Reference]) -> str:
    return ", ".join(inert(_called(one)) for one in some)


def _called(one: Reference) -> str:
    """The id of a resource says nothing to a person."""
    return one.name if one.type == "resource" else one.id
