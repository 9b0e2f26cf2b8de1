"""What the bench says is what happened: its accounting, and that everybody is asked for the same."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from rich.console import Console
from scripted_model import Asked, Call, Message, Reply, ScriptedModel, Tokens

from bench import contestant
from bench.__main__ import GROWN, GROWTH, OTHERS, WRITES
from bench.case import CHANNEL, COMPOSED, KNOWN, TASK, Case
from bench.contestant import CONTESTANTS, Report, compete
from bench.contestants.loop import CachedLoop, Loop
from bench.contestants.ours import Ours
from bench.functions import functions
from bench.imports import NEEDS, OWN, Import
from bench.inventory import Inventoried, Took, list_and_sweep
from bench.laptop import Questioned, Upped
from bench.measuring import Absent, Broken, Figures, Process, figures, idle_between, judge, model_seconds
from bench.script import answer
from bench.tables import NAMES, Measured, show_figures, show_inventory, show_targets, show_writes
from bench.targets import of_imports, of_inventory, of_the_laptop, of_the_planner, of_writes
from bench.world import World
from bench.writes import ACCESS, Count, Writes, kind_of, rows_of
from copilot.bootstrap import UseCases

ROOT = Path(__file__).parents[2]
TOKENS = Tokens(input=1_000, cached=400, cache_written=600, output=100)
ONE = Figures(calls=1, uncached=2_000, cached=500, output=150, seconds=4.0, overhead=0.2)


@pytest.mark.parametrize(
    ("busy", "idle"),
    [
        ([], 10),
        ([(0, 10)], 0),
        ([(2, 4), (6, 7)], 7),
        ([(2, 6), (3, 4), (5, 8)], 4),  # side by side counts once
        ([(6, 7), (2, 4)], 7),  # in any order
        ([(-5, 1), (9, 20)], 8),  # only what is between counts
        ([(-5, -1), (11, 12)], 10),
    ],
)
def test_idle_is_the_time_in_which_nothing_was_at_work(busy: list[tuple[float, float]], idle: float) -> None:
    assert idle_between(0, 10, busy) == pytest.approx(idle)


def test_overhead_is_what_is_left_beside_the_model_and_the_tools() -> None:
    found = figures(Case(), report(busy=[(104, 105), (104.5, 106)]), [call()], [(100.5, 103.5)])
    assert (found.seconds, found.overhead) == pytest.approx((10, 10 - 3 - 2))
    assert (found.calls, found.uncached, found.cached, found.output) == (1, 1_600, 400, 100)


def test_a_model_whose_time_is_reckoned_costs_what_one_with_delays_does() -> None:
    seconds = model_seconds(TOKENS)
    assert seconds == pytest.approx((300 + 0.1 * 1_600 + 15 * 100) / 1000)
    slow = figures(Case(), report(100 + 7 + seconds, [(107, 108)]), [call()], [(101, 101 + seconds)])
    quick = figures(Case(reckoned=True), report(100 + 7 + 0.5, [(107, 108)]), [call()], [(101, 101.5)])
    assert quick.seconds == pytest.approx(slow.seconds)


def report(ended: float = 110, busy: list[tuple[float, float]] | None = None) -> Report:
    said = "dev-002 is down"
    return Report(begun=100, ended=ended, busy=busy or [], answer=said, stopped=["dev-002"], idle=["dev-002"],
                  sent=[(CHANNEL, said)])  # fmt: skip


def call() -> Call:
    return Call(Asked("anthropic", "m", "", (Message("user", "hi"),)), Reply(text="hi"), TOKENS)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stopped": []}, "stopped 0 environments instead of 1"),
        ({"stopped": ["dev-001", "dev-002"]}, "stopped 2"),
        ({"sent": []}, "sent 0 messages"),
        ({"sent": [(CHANNEL, "done")]}, "did not say that dev-002"),
        ({"answer": "done"}, "did not say that dev-002"),
    ],
)
def test_a_task_that_was_not_done_is_not_measured(wrong: dict[str, object], said: str) -> None:
    judge(report(), told=True)
    with pytest.raises(Broken, match=said):
        judge(report().model_copy(update=wrong), told=True)


@pytest.mark.parametrize(
    ("make", "request_", "calls"),
    [(Ours, TASK, 1), (Ours, COMPOSED, 2), (Ours, KNOWN, 0), (Loop, TASK, 6), (CachedLoop, TASK, 6)],
)
def test_the_task_is_done_by_asking_a_model_so_often(
    make: contestant.Make, request_: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contestant, "PAUSE", 0)
    with ScriptedModel(answer, None) as rehearsal, ScriptedModel(answer, None) as model:
        made = compete(make, Case(request=request_, turns=4, tools=30), model.url, rehearsal.url)
    judge(made, told=request_ != KNOWN)
    assert len(model.calls) == calls
    assert made.stopped == ["dev-002", "dev-003", "dev-005", "dev-006"]
    assert made.busy  # the tools' time is taken, that of what was talked about before is not
    assert all(made.begun <= start <= end <= made.ended for start, end in made.busy)


def test_others_have_as_many_tools_as_ours() -> None:
    assert [len(functions(World(1), total)) for total in (None, 10, 500)] == [5, 10, 500]


def row(pk: str, sk: str = "-") -> dict[str, object]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@pytest.mark.parametrize(
    ("operation", "params", "kinds"),
    [
        ("PutItem", {"Item": row("LOCK#main#c")}, ["LOCK"]),
        ("UpdateItem", {"Key": row("RUN#main#r", "META")}, ["RUN META"]),
        ("DeleteItem", {"Key": row("RUN#main#r", "STEP#a")}, ["RUN STEP"]),
        ("GetItem", {"Key": row("LOCK#main#c")}, []),
        ("Query", {}, []),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"Item": row("RESULT#main#r", "a#00000")}},
                    {"Put": {"Item": row("RESULT#main#r", "a#00000#preview")}},
                    {"ConditionCheck": {"Key": row("RUN#main#r", "META")}},
                ]
            },
            ["RESULT", "RESULT preview"],
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"t": [{"PutRequest": {"Item": row("A#b")}}, {"DeleteRequest": {"Key": row("B#c")}}]}},
            ["A", "B"],
        ),
    ],
)
def test_rows_are_counted_by_what_a_request_writes(operation: str, params: dict[str, Any], kinds: list[str]) -> None:
    assert [kind_of(write) for write in rows_of(operation, params)] == kinds


def test_every_writing_request_of_a_client_is_counted() -> None:
    with mock_aws():
        database = boto3.Session(**ACCESS).client("dynamodb")
        database.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        count = Count()
        database.meta.events.register("provide-client-params.dynamodb", count)
        database.put_item(TableName="t", Item=row("A#1"))
        database.transact_write_items(
            TransactItems=[{"Put": {"TableName": "t", "Item": row(pk)}} for pk in ("A#2", "B")]
        )
        database.get_item(TableName="t", Key=row("A#1"))
    assert (count.requests.total(), count.kinds) == (2, {"A": 2, "B": 1})


def test_a_missed_target_is_said_to_be_missed() -> None:
    met = {Case(): ONE, Case(turns=200): ONE, Case(tools=500): ONE, Case(environments=100): ONE}
    assert [target.met for target in of_the_planner(met)] == [True] * 6
    dear = Figures(calls=2, uncached=2_000, cached=1_000, output=200, seconds=5.0, overhead=0)
    assert not any(target.met for target in of_the_planner(dict.fromkeys(met, dear)))
    assert [target.met for target in of_writes({Case(): Writes(40, 47, 12), Case(turns=20): Writes(40, 47, 12)})] == [
        True, True, True]  # fmt: skip
    assert [target.met for target in of_writes({Case(): Writes(48, 47, 12), Case(turns=20): Writes(47, 49, 12)})] == [
        False, False, False]  # fmt: skip
    light, heavy = Import(0.1, 0.1, ()), Import(0.14, 0.2, ("anthropic",))
    quick, slow = {"ingest_chat": light}, {"ingest_chat": Import(0.1, 1.5, ())}
    assert [target.met for target in of_imports({"bare": light, "plan": light} | quick)] == [True, True, True]
    assert [target.met for target in of_imports({"bare": light, "reply": heavy} | slow)] == [False, False, False]


def test_the_first_request_is_held_against_the_later_and_what_ask_adds_against_half_a_second() -> None:
    later = [Questioned(1.0, 0.6), Questioned(1.2, 0.7), Questioned(9.0, 0.8)]
    quick = Upped(seconds=10, asked=[Questioned(1.5, 1.0), *later])
    assert (quick.first, quick.later, round(quick.added, 3)) == (1.5, 1.2, 0.5)
    slow = Upped(seconds=10, asked=[Questioned(2.5, 2.0), *[Questioned(1.2, 0.6)] * 3])
    assert [target.met for target in of_the_laptop({"from nothing": quick})] == [True, True]
    assert [target.met for target in of_the_laptop({"from nothing": quick, "again": slow})] == [False, False]


def test_lists_are_measured_over_real_adapters_and_cost_the_same_at_any_number_of_accounts() -> None:
    found = list_and_sweep(accounts=(1, 3), environments=16, call=0.001)
    one, three = found[1], found[3]
    assert (one.places, three.places) == (4, 12)
    assert (one.listed.calls, one.listed.own) == (three.listed.calls, three.listed.own) == (0, 2)
    assert (one.found.calls, one.found.own) == (three.found.calls, three.found.own) == (0, 2)
    assert three.read_list.calls > 2 * one.read_find.calls, "the cloud is asked account by account"
    assert (one.sweep.own, three.sweep.own) == (4, 4)
    targets = list(of_inventory(found))
    assert [target.met for target in targets] == [True] * 4
    slower = {1: one, 3: three._replace(listed=Took(2.5, 0, 3))}
    assert [target.met for target in of_inventory(slower)] == [False, False, True, True]
    show_inventory(Console(width=100, file=(shown := StringIO())), {1: one, 10: three, 100: wide(three)}, 16)
    assert "20.00 s, 9,999 calls" in shown.getvalue() and "\u2026" not in shown.getvalue()


def wide(one: Inventoried) -> Inventoried:
    return one._replace(read_list=Took(20, 9_999, 0), read_find=Took(99, 9_999, 0))


def test_every_handler_is_measured_with_what_it_needs() -> None:
    assert {path.parent.name for path in (ROOT / "functions").glob("*/app.py")} == {*NEEDS, *OWN}
    assert all(hasattr(UseCases, needs) for needs in NEEDS.values())


def test_everybody_has_a_name_and_is_measured() -> None:
    assert CONTESTANTS.keys() == NAMES.keys() == {"ours", *OTHERS}
    assert set(GROWN) <= set(OTHERS)


def test_who_is_not_installed_is_said_to_be_missing() -> None:
    with pytest.raises(Absent, match=r"There is no .*no-such-python"), Process("loop", "/no-such-python"):
        pass


def test_tables_fit_a_hundred_columns_and_mark_what_was_reckoned() -> None:
    page = StringIO()
    console = Console(width=100, file=page)
    big = Figures(calls=6, uncached=1_449_560, cached=1_051_760, output=136_290, seconds=2_347.7, overhead=31.25)
    case = GROWTH["environments"][-1]
    measured: list[Measured] = [("ours", case, ONE), ("cached_loop", case.model_copy(update={"reckoned": True}), big),
                ("strands", case, "No module named strands")]  # fmt: skip
    show_figures(console, "Grown", "environments", measured)
    kinds = {"RUN META": 1_200, "RESULT preview": 400}
    show_writes(console, dict.fromkeys(WRITES, Writes(1_500, 1_600, 500, kinds)))
    show_targets(console, list(of_writes({Case(environments=300): Writes(1_500, 1_600, 500)})))
    shown = page.getvalue()
    assert max(map(len, shown.splitlines())) <= 100
    assert "RESULT preview" in shown and "\u2026" not in shown
    for said in ("~2,347.7", "1,449,560", "Not measured: Strands Agents. No module named strands", "MISS"):
        assert said in shown
