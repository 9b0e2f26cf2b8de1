"""What is watched is kept with an end, a bound and an owner; listed, stopped, and started again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from some_clients import SomeClients

from copilot.adapters.memory_watches import MemoryWatches
from copilot.domain import AnswerTo, Call, NothingToUndo, Person, Preview, Watch
from copilot.errors import Ambiguous, ToolInputError
from copilot.policy.decisions import Policy
from copilot.tools.registry import Registry
from copilot.tools.watches.keeping import StartWatch, StartWatchInput, StopWatch, StopWatchInput, WatchOutput
from copilot.tools.watches.listing import ListWatches, ListWatchesInput

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA, BEN = Person(id="ana", name="Ana", roles=("developer",)), Person(id="ben", name="Ben", roles=("reader",))
THREAD = AnswerTo(platform="slack", workspace="T1", place="C1", thread="1.2")
FIGURE: dict[str, Any] = {
    "tool": "metric_values",
    "arguments": {"metric": "error_rate", "service": "web", "since": "2026-03-01T00:00:00Z", "until": None},
    "condition": "max_by(figures, &last).last > `2`",
    "what": "error rate of web is over 2%",
}


class FixedClock:
    at = NOON

    def now(self) -> datetime:
        return self.at


class Clients(SomeClients):
    def __init__(self, watches: MemoryWatches, person: Person = ANA, call_id: str = "r1/s/0") -> None:
        self.watches, self.person, self.clock, self.call_id = watches, person, FixedClock(), call_id
        self.asked_at = THREAD


def start(
    watches: MemoryWatches, person: Person = ANA, call: str = "r1/s/0", **more: Any
) -> tuple[Preview, WatchOutput]:
    tool, given = StartWatch(Clients(watches, person, call)), StartWatchInput.model_validate(FIGURE | more)
    preview = tool.preview(given)
    output = tool.run(given, preview)
    assert tool.verify(given, preview).outcome == "true"
    return preview, output


def stop(watches: MemoryWatches, said: str = "", person: Person = ANA) -> tuple[Preview, WatchOutput]:
    tool, given = StopWatch(Clients(watches, person)), StopWatchInput(watch=said)
    preview = tool.preview(given)
    output = tool.run(given, preview)
    assert tool.verify(given, preview).outcome == "true"
    return preview, output


def the_one(watches: MemoryWatches) -> Watch:
    (found,) = watches.watches()
    return found


def test_it_says_what_is_watched_how_often_until_when_and_who_is_told() -> None:
    watches = MemoryWatches()
    _, output = start(watches)
    assert output.summary == (
        "Watching \u00aberror rate of web is over 2%\u00bb: looked at every 2 min until Tue 03 Mar 2026 12:00 UTC; ana "
        "is told where it was asked each time it has come to be so, or directly who asked where policy does not let it "
        f"stand there. Its id is {output.watch_id}."
    )


def test_what_is_asked_over_a_time_is_asked_over_the_last_minutes_at_each_look() -> None:
    watches = MemoryWatches()
    start(watches, minutes=15)
    later = NOON + timedelta(hours=1)
    assert the_one(watches).looks_at(later) == {
        "metric": "error_rate",
        "service": "web",
        "since": (later - timedelta(minutes=15)).isoformat(),
    }


@pytest.mark.parametrize(
    ("tool", "every"), [("cluster_health", 2), ("costs", 60), ("error_summary", 10)], ids=lambda one: str(one)
)
def test_what_costs_to_look_at_is_looked_at_less_often(tool: str, every: int) -> None:
    watches = MemoryWatches()
    arguments = {} if tool == "costs" else {"environment_id": "blue"}
    start(watches, tool=tool, arguments=arguments, condition="summary == ''")
    assert the_one(watches).every == every


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"until": "2026-03-02T11:59:00Z"}, "has passed"),
        ({"until": "2026-03-10T12:00:00Z"}, "for 7 days at most"),
        ({"tool": "stop_environment"}, "cannot be watched"),
        ({"tool": "what_would_happen"}, "cannot be watched"),
        ({"tool": "render_report"}, "cannot be watched"),
        ({"tool": "cluster_helth"}, "nearest: cluster_health"),
        ({"arguments": {"metric": "hope"}}, "does not take these arguments"),
        ({"time_zone": "Mars/Base"}, "no time zone"),
    ],
)
def test_what_cannot_be_watched_or_not_so_long_is_refused(more: dict[str, Any], problem: str) -> None:
    with pytest.raises(ToolInputError, match=problem):
        start(MemoryWatches(), **more)


def test_the_same_is_not_watched_twice_for_one_but_for_another() -> None:
    watches = MemoryWatches()
    _, first = start(watches)
    again, output = start(watches, call="r2/s/0")
    assert again.is_idle and output.watch_id == first.watch_id
    assert isinstance(StartWatch.undo(StartWatchInput.model_validate(FIGURE), again), NothingToUndo)
    start(watches, BEN, "r3/s/0")
    assert len(watches.watches()) == 2


def test_of_one_person_so_many_are_kept_and_of_all_so_many() -> None:
    watches = MemoryWatches()
    for number in range(10):
        start(watches, call=f"r{number}/s/0", what=f"w {number}", condition=f"length(figures) > `{number}`")
    with pytest.raises(ToolInputError, match="10 things are watched for you already"):
        start(watches, call="r10/s/0", condition="length(figures) > `10`")
    for number in range(40):
        person = Person(id=f"p{number}", name="P", roles=("reader",))
        start(watches, person, call=f"p{number}/s/0")
    with pytest.raises(ToolInputError, match="50 things are watched already"):
        start(watches, BEN, call="r11/s/0")


def test_begun_again_after_a_crash_it_goes_on_where_it_was() -> None:
    watches = MemoryWatches()
    tool, given = StartWatch(Clients(watches)), StartWatchInput.model_validate(FIGURE)
    preview = tool.preview(given)
    tool.run(given, preview)
    looked = the_one(watches).model_copy(update={"looked_at": NOON, "is_so": True})
    watches.put(looked)
    tool.run(given, tool.preview(given))
    assert the_one(watches) == looked


def test_undone_it_is_stopped_and_stopped_it_is_started_anew() -> None:
    watches = MemoryWatches()
    until = "2026-03-02T17:00:00Z"
    preview, output = start(watches, once=True, until=until, to="#team", time_zone="Europe/Berlin")
    assert StartWatch.undo(StartWatchInput.model_validate(FIGURE), preview) == Call(
        tool="stop_watch", arguments={"watch": output.watch_id}
    )
    was = the_one(watches)
    stopped, _ = stop(watches, output.watch_id)
    assert watches.watches() == []
    undo = StopWatch.undo(StopWatchInput(), stopped)
    assert isinstance(undo, Call) and undo.tool == "start_watch"
    tool, given = StartWatch(Clients(watches, call_id="r9/s/0")), StartWatchInput.model_validate(undo.arguments)
    tool.run(given, tool.preview(given))
    assert the_one(watches).model_copy(update={"id": was.id}) == was


@pytest.mark.parametrize("said", ["", "web", "errors web", "rate of web"])
def test_the_one_that_is_meant_is_found_by_its_words(said: str) -> None:
    watches = MemoryWatches()
    start(watches)
    if said == "errors web":
        with pytest.raises(ToolInputError, match="nothing like"):
            stop(watches, said)
    else:
        stop(watches, said)
        assert watches.watches() == []


def test_which_of_several_is_asked() -> None:
    watches = MemoryWatches()
    start(watches)
    start(watches, call="r2/s/0", once=True)
    with pytest.raises(Ambiguous, match="2 watches may be meant") as several:
        stop(watches)
    assert [*several.value.nearest] == [one.id for one in watches.watches()]


def test_nobody_stops_what_is_watched_for_another() -> None:
    watches = MemoryWatches()
    _, output = start(watches)
    with pytest.raises(ToolInputError, match="nothing is watched for you"):
        stop(watches, output.watch_id, BEN)
    assert len(watches.watches()) == 1


def test_they_are_listed_ones_own_first_and_none_that_is_over() -> None:
    watches = MemoryWatches()
    start(watches, BEN)
    start(watches, ANA, "r2/s/0")
    over = the_one(MemoryWatches(watches.watches()[0])).model_copy(update={"id": "w000000009", "ended": "told"})
    watches.put(over)
    tool = ListWatches(Clients(watches))
    assert [one.owner for one in tool.run(ListWatchesInput()).watches] == ["ana", "ben"]
    assert [one.owner for one in tool.run(ListWatchesInput(mine=True)).watches] == ["ana"]
    assert ListWatches(Clients(MemoryWatches())).run(ListWatchesInput()).none == "Nothing is watched."


@pytest.mark.parametrize(
    ("person", "tell", "outcome"),
    [
        (ANA, None, "allow"),
        (BEN, None, "allow"),
        (ANA, "#team", "allow"),
        (BEN, "#team", "deny"),
        (Person(id="x", name="X"), None, "deny"),
        (Person(id="x", name="X", roles=("approver",)), None, "deny"),
    ],
)
def test_who_may_look_may_watch_and_who_may_tell_a_channel_may_have_it_told(
    person: Person, tell: str | None, outcome: str
) -> None:
    preview = StartWatch(Clients(MemoryWatches(), person)).preview(
        StartWatchInput.model_validate(FIGURE | {"to": tell})
    )
    assert Policy(Registry(), "main", False).decide(person, StartWatch, preview.targets).outcome == outcome


def test_what_text_from_outside_may_have_steered_is_not_watched_without_an_approval() -> None:
    preview = StartWatch(Clients(MemoryWatches())).preview(StartWatchInput.model_validate(FIGURE))
    assert Policy(Registry(), "main", False).decide(ANA, StartWatch, preview.targets, tainted=True).outcome == "ask"
