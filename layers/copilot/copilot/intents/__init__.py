"""From a request to a Frame and to the plan it comes to, without a model. Words, phrases and plans are YAML."""

from copilot.intents.examples import Example, examples_of
from copilot.intents.filling import Match
from copilot.intents.frames import Correction
from copilot.intents.loading import load_intents
from copilot.intents.matching import Intents
from copilot.intents.slots import Present

__all__ = ["Correction", "Example", "Intents", "Match", "Present", "examples_of", "load_intents"]
