"""What a conversation costs as it grows: the same request after 100, 1,000 and 10,000 turns, on moto, in counts."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto import mock_aws
from scripted_model import ScriptedModel

from bench.case import TASK
from bench.contestants.ours import UNASKED, model, registry
from bench.context import Talk, fill
from bench.script import answer
from bench.world import World
from bench.writes import Count, store_on_moto
from copilot.adapters.dynamodb.rows import focus_key, pack, turn_row
from copilot.bootstrap.in_process import ME, InProcess
from copilot.domain import Focus
from copilot.text.tokens import count_tokens

TURNS = (100, 1_000, 10_000)
CONVERSATION = f"{ME.id}/in-process"
AT_ONCE = 25
"""Rows that a BatchWriteItem may put (Amazon DynamoDB API Reference)."""


@dataclass
class Reads:
    """Requests that read what there is of conversations, and the rows that they gave: of the rest a run looks at more
    or less of it, by how long it takes.
    """

    requests: int = 0
    rows: int = 0
    _of_one: bool = False

    def asked(self, params: dict[str, Any], model: Any, **more: Any) -> None:
        key = params.get("Key", {}).get("pk") or params.get("ExpressionAttributeValues", {}).get(":pk") or {}
        of_one = str(key.get("S", "")).startswith(("TURN#", "MEMORY#"))
        self._of_one = of_one and model.name in {"GetItem", "Query"}
        self.requests += self._of_one

    def given(self, parsed: dict[str, Any], **more: Any) -> None:
        self.rows += (len(parsed.get("Items", [])) + ("Item" in parsed)) * self._of_one


@dataclass(frozen=True)
class Grown:
    """Of one request: tokens put in, requests that read its turns and Focus and the rows they gave, rows written, bytes
    of the Focus kept with what came before; and how many turns there are.
    """

    tokens: int
    reads: int
    rows_read: int
    rows_written: int
    focus: int
    items: int


def grow(turns: Sequence[int] = TURNS) -> Mapping[int, Grown]:
    """By how many turns there were before."""
    return {number: _after(number) for number in turns}


def _after(turns: int) -> Grown:
    world, talk, of = World(6), Talk(person=ME), random.Random(turns)
    for _ in range(turns // 2):
        fill(talk, of)
    with mock_aws(), store_on_moto() as (store, database), ScriptedModel(answer, None, count=count_tokens) as server:
        rows = [turn_row("main", CONVERSATION, turn, turn.at + timedelta(days=400)) for turn in talk.turns]
        focus = Focus(rev=1, past=talk.past)
        rows.append(focus_key("main", CONVERSATION) | {"body": pack(focus), "rev": {"N": "1"}})
        for start in range(0, len(rows), AT_ONCE):
            puts = [{"PutRequest": {"Item": row}} for row in rows[start : start + AT_ONCE]]
            database.batch_write_item(RequestItems={"copilot": puts})
        copilot = InProcess(
            lambda run, call_id, permissions: world,
            config=UNASKED,
            registry=registry(None),
            store=store,
            workers=1,
            model_for=lambda purpose: model(server.url, purpose),
        )
        written, read = Count(), Reads()
        database.meta.events.register("provide-client-params.dynamodb", written)
        database.meta.events.register("provide-client-params.dynamodb", read.asked)
        database.meta.events.register("after-call.dynamodb", read.given)
        run = copilot.run(TASK)
        kept = store.focus("main", CONVERSATION)
        tokens = server.calls[0].tokens
    if run["outcome"] != "succeeded" or kept.past.requests != turns // 2 + 1:
        raise AssertionError(f"the task was not done: {json.dumps(run)[:400]}")
    return Grown(
        tokens=tokens.input + tokens.cached + tokens.cache_written,
        reads=read.requests,
        rows_read=read.rows,
        rows_written=written.kinds.total(),
        focus=len(next(iter(pack(kept).values()))),
        items=turns,
    )
