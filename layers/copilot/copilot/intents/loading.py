"""The known requests of this package, read from its data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from copilot.intents.actions import Action, read_yaml
from copilot.intents.lexicon import Lexicon, words_in
from copilot.intents.matching import Intents
from copilot.intents.phrases import Compiling
from copilot.intents.reading import Heard, grammar_of
from copilot.intents.shapes import Shapes, forms_of, phrases_of
from copilot.intents.unable import Unable

UNABLE = "unable.yaml"
NO_SHAPES: Shapes = {}


@cache
def load_intents() -> Intents:
    """The intents of this package, the same for all: reading them takes a second."""
    folder = files("copilot").joinpath("intents")
    lexicon = Lexicon.model_validate(read_yaml(folder.joinpath("words.yaml")))
    shapes = read_yaml(folder.joinpath("shapes.yaml"))
    documents = [file for file in sorted(folder.iterdir(), key=lambda f: f.name) if file.name.endswith(".yaml")]
    actions = [
        Action.model_validate(entry)
        for document in documents
        if document.name not in {"words.yaml", "shapes.yaml", UNABLE}
        for entry in read_yaml(document)
    ]
    unable = [Unable.model_validate(entry) for entry in read_yaml(folder.joinpath(UNABLE))]
    return intents_of(lexicon, actions, shapes, unable)


def intents_of(
    lexicon: Lexicon, actions: Sequence[Action], shapes: Shapes = NO_SHAPES, unable: Sequence[Unable] = ()
) -> Intents:
    """Raises ValueError or KeyError for a phrase that is none."""
    synonyms = dict(lexicon.synonyms)
    for action in actions:
        synonyms |= forms_of(action)
    phrases = Compiling(synonyms, lexicon.begin_slots)
    said = [
        (action, phrase, doubtful) for action in actions for phrase, doubtful in phrases_of(action, shapes, synonyms)
    ]
    # "Uat down please" is an order and no question, and what may be one comes next. "And dev envs" goes on.
    goes_on = {action.action for action in actions if not (action.says or action.plans or action.foresees)}
    said.sort(key=lambda one: (not one[0].changes, one[2], one[0].action not in goes_on))
    heard = [Heard(action.action, phrases.phrase(text), action.takes, doubtful) for action, text, doubtful in said]
    asides = {name: tuple(map(phrases.phrase, ways)) for name, ways in lexicon.asides.items()}
    vocabulary = words_in([*(text for _, text, _ in said), *(way for ways in synonyms.values() for way in ways)])
    return Intents(lexicon, actions, grammar_of(lexicon, heard, asides), vocabulary, unable)
