"""What the answers to requests in words tell of, as it is kept with their Runs."""

from __future__ import annotations

from typing import Any

import pytest
from test_asking_back import setting

from copilot.domain import About, Kind, OutputClass

KINDS: dict[str, Any] = {
    "blue": "production",
    "green": "production",
    "orders-dev": "development",
    "shop-uat": "staging",
}


@pytest.mark.parametrize(
    ("text", "shows", "kind"),
    [
        ("Is the orders-dev cluster healthy?", "status", "development"),
        ("Stop orders-dev", "status", "development"),
        ("Stop shop-uat and tell #platform", "status", "staging"),
        ("Stop all idle dev environments", "status", "development"),
        ("List all dev environments", "status", "development"),
        ("List all preview environments", "status", "preview"),
        ("Is the blue cluster healthy?", "status", "production"),
        ("List all environments", "status", "production"),
        ("What would happen if I stopped orders-dev?", "status", "development"),
        ("Stop the production environment", "status", None),
        ("What can you do?", "status", None),
        ("Make me a coffee", "status", None),
    ],
)
def test_what_an_answer_tells_of(text: str, shows: OutputClass, kind: Kind | None) -> None:
    runner, _ = setting("blue", "green", "orders-dev", "shop-uat", kinds=KINDS)
    view = runner.run(text)
    run = runner.store.run("main", view["run_id"])
    assert run.about == About(shows=shows, kind=kind), view["answer"]
    assert [turn.about for turn in runner.store.turns("main", run.conversation)] == [None, run.about]
