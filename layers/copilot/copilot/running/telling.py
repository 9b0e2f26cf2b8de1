"""Whether what a message tells of may be shown where it goes; else a person looks at it before."""

from __future__ import annotations

from copilot.config.configuration import Configuration
from copilot.domain import TO_PERSON, About, Preview, way_of
from copilot.plans.telling import Telling
from copilot.policy.decisions import Policy
from copilot.policy.showing import may_be_told
from copilot.ports import RunRecord, Store
from copilot.running.board import Board
from copilot.tools.registry import Registry


def why_untold(
    store: Store,
    registry: Registry,
    config: Configuration,
    policy: Policy,
    board: Board,
    step_id: str,
    preview: Preview,
) -> str:
    """Why it may not, by the roles that who asks, and who is written to, have now, in words; "" where it may, and of
    what sends nothing.
    """
    channels = [target.ref.id for target in preview.targets if target.ref.type == "channel"]
    about = _about(store, registry, board, step_id) if channels else None
    if about is None:
        return ""
    asker = config.current(board.run.trigger.person)
    for one in channels:
        if not may_be_told(policy, config, asker, one, about):
            reader = f"{one} is" if one.startswith(TO_PERSON) or way_of(one) else "channels are"
            return f"tells of {about.in_words}, which {reader} not told without an approval"
    return ""


def _about(store: Store, registry: Registry, board: Board, step_id: str) -> About | None:
    """What the message of a step tells of. Worked out once for all its items."""
    if step_id not in board.told:
        record = RunRecord(board.run, board.revisions, board.steps)
        board.told[step_id] = Telling.of(record, store, registry).about(step_id)
    return board.told[step_id]
