"""ports.LanguageModel that says what a test scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from copilot.domain import Completion, Prompt, TokenUsage
from copilot.errors import CopilotError

Said = dict[str, Any] | str | CopilotError | Completion


def completion(text: str, **changes: Any) -> Completion:
    given = {"text": text, "stop": "end", "usage": TokenUsage(input=100, cached=50, output=20), "model": "m-1"}
    return Completion.model_validate(given | {"seconds": 0.5} | changes)


@dataclass
class FakeModel:
    """Gives its answers one after the other, the last one for ever; keeps what it was asked."""

    answers: list[Said]
    name: str = "m"
    prompts: list[Prompt] = field(default_factory=list)

    def complete(self, prompt: Prompt) -> Completion:
        self.prompts.append(prompt)
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, CopilotError):
            raise said
        if isinstance(said, Completion):
            return said
        return completion(said if isinstance(said, str) else json.dumps(said))
