"""ports.KnownReactions: the configuration's, with what is kept of each."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.config.configuration import Configuration
from copilot.config.reacting import Reaction
from copilot.domain.reactions import KnownReaction
from copilot.ports import Reactions


class ConfiguredReactions:
    def __init__(self, config: Configuration, reactions: Reactions) -> None:
        self._config, self._reactions = config, reactions

    def all(self) -> Sequence[KnownReaction]:
        return [
            KnownReaction(
                name=one.name,
                answers=_answers(one),
                does=one.runbook or one.request or "",
                runs=one.runbook is not None,
                person=one.person,
                tells=one.tells,
                kept=self._reactions.reacted(one.name),
                account_names=self._config.account_names,
            )
            for one in self._config.reactions
        ]


def _answers(one: Reaction) -> str:
    """`alarms of its pattern`, `its rule nightly-look`."""
    if one.rule is not None:
        return f"the scheduled rule {one.rule}"
    kind = f"events of kind {one.kind.replace('_', ' ')}" if one.event else "events"
    return f"{kind} of its pattern" if one.pattern else kind
