"""Known intents: phrases with slots that become plans, with no model. The intents are the YAML files in this folder."""

from copilot.intents.frames import Correction
from copilot.intents.matching import Intents, Match, load_intents
from copilot.intents.slots import Present

__all__ = ["Correction", "Intents", "Match", "Present", "load_intents"]
