"""Whatever a run holds can be shown, on a page of any width, and cannot reach the terminal behind it."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fake_copilot as fake
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.api.views import RunView, read
from cli.display.page import Page
from cli.display.progress import SHOWN_AT_ONCE, Progress
from cli.display.run import show_run
from cli.wording import arguments, clean, command, deadline, duration, moment, value
from copilot.domain import DAYS


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(*documents: dict[str, Any], terminal: bool = False, width: int = 80) -> str:
    """What following these looks prints, and then the run as a whole."""
    out = Terminal() if terminal else io.StringIO()
    page = Page(out)
    if terminal:
        page.console.width = width
    with Progress(page) as progress:
        for document in documents:
            progress.see(read(RunView, document))
    show_run(page, read(RunView, documents[-1]), ("--as", "olga"))
    return out.getvalue()


# --- anything ----------------------------------------------------------------------------------

words = st.text(max_size=30)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
given_arguments = st.dictionaries(
    st.sampled_from(["a", "b", "[red]"]),
    json_values | st.fixed_dictionaries({"$ref": words}) | st.fixed_dictionaries({"$item": st.just("@") | words}),
    max_size=3,
)
times = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(datetime.isoformat)
statuses = st.sampled_from(["open", "issued", "asking", "done", "failed", "denied", "no_data", "unknown", "cancelled"])
items = st.builds(
    fake.item,
    st.integers(0, 3),
    statuses | words,
    arguments=given_arguments,
    phase=st.sampled_from(["preview", "execute", "check"]),
    attempt=st.integers(1, 4),
    reason=words,
    issued_at=st.none() | times,
    seconds=st.none() | st.floats(-1, 1e6),
    decision=st.none() | st.fixed_dictionaries({"outcome": words, "reason": words}),
    summary=st.none() | words,
)
steps = st.fixed_dictionaries(
    {
        "id": ids,
        "tool": words,
        "status": st.sampled_from(["waiting", "running", "skipped"]) | words,
        "reason": words,
        "items": st.lists(items, max_size=12),
    }
)
planned = st.fixed_dictionaries(
    {"id": ids, "tool": words, "arguments": given_arguments},
    optional={"for_each": json_values, "expect": words, "after": st.lists(ids, max_size=2)},
)
plans = st.fixed_dictionaries({"goal": words, "steps": st.lists(planned, max_size=4)})
changes = st.fixed_dictionaries(
    {
        "ref": st.fixed_dictionaries({"type": words, "id": words | st.just("arn:aws:rds:eu-west-1:1:db:x")}),
        "name": words,
        "action": st.sampled_from(["stop", "start", "send", "skip"]),
        "before": words,
        "after": words,
        "reason": words,
    }
)
previews = st.fixed_dictionaries(
    {"targets": st.just([]), "changes": st.lists(changes, max_size=4), "state": json_values}
)
calls = st.fixed_dictionaries(
    {"step": ids, "item": st.integers(0, 9), "tool": words, "arguments": given_arguments, "preview": previews}
)
approvals = st.builds(
    fake.approval,
    st.sampled_from(["pending", "approved", "denied", "expired", "lapsed"]),
    calls=st.lists(calls, max_size=3),
    request=words,
    expires_at=times,
    decided_by=st.none() | words,
    decided_at=st.none() | times,
    reason=words,
    approvers=st.lists(words, max_size=2),
)
effects = st.fixed_dictionaries(
    {"step": ids, "item": st.integers(0, 9), "tool": words, "state": words, "started_at": times, "reason": words}
)
runs = st.builds(
    fake.run,
    st.sampled_from(["queued", "running", "parked", "answered"]),
    outcome=st.none() | st.sampled_from(["succeeded", "partial"]) | words,
    request=words,
    plan=st.none() | plans,
    steps=st.lists(steps, max_size=4),
    approval=st.none() | approvals,
    effects=st.lists(effects, max_size=3),
    answer=st.none() | st.text(max_size=200),
    seconds=st.none() | st.floats(0, 1e6),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(runs, min_size=1, max_size=4), st.booleans(), st.integers(20, 140))
def test_any_run_can_be_shown(documents: list[dict[str, Any]], terminal: bool, width: int) -> None:
    text = shown(*documents, terminal=terminal, width=width)
    if not terminal:
        assert not [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
        assert not [line for line in text.splitlines() if line != line.rstrip()]
        text.encode()


# --- a terminal --------------------------------------------------------------------------------


def test_what_is_under_way_is_shown_and_bounded() -> None:
    many = [fake.item(n, "issued", arguments={"environment": f"env{n}"}) for n in range(30)]
    out = Terminal()
    progress = Progress(Page(out))
    progress.see(read(RunView, fake.run("running", plan=fake.PLAN, steps=[fake.step("stop", "running", *many)])))
    page = Page(plain := io.StringIO())
    page.show(progress.under_way())
    assert len(plain.getvalue().splitlines()) == SHOWN_AT_ONCE + 1
    assert f"and {30 - SHOWN_AT_ONCE} more under way" in plain.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    """Seen as a terminal sees it: through a pseudo-terminal of that width."""
    script = (
        "import fake_copilot as fake, test_cli_display as t\n"
        "from cli.display.page import Page\n"
        "from cli.display.run import show_run\n"
        "from cli.api.views import RunView, read\n"
        "page = Page()\n"
        "assert page.is_terminal\n"
        "for run in (fake.idle_story()[-1], fake.parked()): show_run(page, read(RunView, run), ('--as', 'olga'))\n"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "COLUMNS": str(width), "NO_COLOR": "1", "TERM": "dumb"}
    environment["PYTHONPATH"] = os.pathsep.join(str(root / at) for at in ("", "layers/copilot", "tests/unit"))
    reader, writer = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", script], stdout=writer, env=environment)
    os.close(writer)
    seen = b""
    try:
        while part := os.read(reader, 4096):
            seen += part
    except OSError:  # how Linux says that the other side is closed
        pass
    finally:
        os.close(reader)
    assert process.wait(30) == 0
    lines = seen.decode().splitlines()
    assert max(map(len, lines)) <= width
    assert any("approve a7 --as olga" in line for line in lines)


# --- words -------------------------------------------------------------------------------------


def test_durations() -> None:
    assert [duration(s) for s in (-1, 0.04, 9.94, 12.4, 60, 200, 3600, 7500)] == [
        "0.0 s",
        "0.0 s",
        "9.9 s",
        "12 s",
        "1 min",
        "3 min 20 s",
        "1 h",
        "2 h 5 min",
    ]


def test_times_are_those_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        now = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
        assert moment(now, now) == "21:00:00"
        assert moment(datetime(2026, 6, 30, 12, 0, tzinfo=UTC), now) == "30 Jun 2026 21:00"
        assert deadline(now + timedelta(minutes=59, seconds=50), now) == "21:59:50 JST (in 59 min)"
        assert deadline(now + timedelta(seconds=70), now) == "21:01:10 JST (in 1 min 10 s)"
        assert deadline(now - timedelta(minutes=5), now) == "20:55:00 JST (5 min ago)"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_arguments_in_short() -> None:
    assert value({"$ref": "envs.environments[].id"}) == "envs.environments[].id"
    assert value({"$item": "@"}) == "each"
    assert value({"$item": "id"}) == "each id"
    assert value({"$text": "Stopped {n}."}) == '"Stopped {n}."'
    assert value(["a", "b"]) == "a, b"
    assert value({"$ref": "a", "b": 1}) == '{"$ref": "a", "b": 1}'
    assert value("x" * 100) == "x" * 59 + "…"
    assert arguments({"hours": 6, "kind": "preview", "deep": None}) == "hours=6, kind=preview, deep=null"


def test_a_call_is_told_from_others_by_what_can_be_read_of_its_arguments() -> None:
    given = {"service": None, "weeks": 5, "window": {"stop": "18:00", "days": ["MON"]}}
    step = fake.step("act", "done", fake.item(0, "done", arguments=given))
    assert "done         0.4 s  act  environment activity\n" in shown(fake.run(plan=fake.PLAN, steps=[step]))
    several = fake.step("act", "done", fake.item(0, "done", arguments=given), fake.item(1, "done", arguments=given))
    assert "done         0.4 s  act  5\n" in shown(fake.run(plan=fake.PLAN, steps=[several]))


def test_what_moves_a_terminal_is_made_visible() -> None:
    assert clean("a\x1b[31mb\r\nc\u202ed\x9b") == "a\\x1b[31mb\\r\nc\\u202ed\\x9b"


def test_commands_can_be_pasted() -> None:
    assert command("ask", "How's it?", "--as", "olga").endswith("""devops-copilot ask 'How'"'"'s it?' --as olga""")


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"start": "08:00"}, "18:00 to 08:00 MON-FRI Europe/Paris"),
        ({}, "18:00 MON-FRI Europe/Paris"),
        ({"days": ["SAT", "MON"], "enforce": True}, "18:00 MON,SAT Europe/Paris, enforced"),
        (
            {"start": "08:00", "start_days": ["TUE", "WED", "THU", "FRI", "SAT"]},
            "18:00 MON-FRI to 08:00 TUE-SAT Europe/Paris",
        ),
        ({"days": list(DAYS), "start": "08:00", "start_days": list(DAYS)}, "18:00 to 08:00 every day Europe/Paris"),
        ({"days": ["MONDAY"]}, '{"stop": "18:00", "days": ["MONDAY"], "time_zone": "Europe/Paris"}'),
        ({"days": [], "on": "2026-03-06"}, "once on Fri 6 Mar 2026 at 18:00 Europe/Paris"),
        (
            {"days": [], "on": "2026-03-06", "start": "08:00"},
            "once on Fri 6 Mar 2026 at 18:00 Europe/Paris, started again at 08:00 on Sat 7 Mar",
        ),
    ],
)
def test_a_window_is_shown_in_words(window: dict[str, Any], words: str) -> None:
    given = {"stop": "18:00", "days": ["MON", "TUE", "WED", "THU", "FRI"], "time_zone": "Europe/Paris"}
    assert arguments({"window": given | window}, 400) == f"window={words}"


def test_what_is_not_shown_to_who_looks_is_said_in_its_place() -> None:
    said = "Not shown to you is what tells of logs of production: policy says so. Ask ann, who asked for this."
    page = " ".join(shown(fake.run(answer=None, plan=None, withheld=said)).split())
    assert said in page and "There is none" not in page
    beside = " ".join(shown(fake.run(answer="All is well.", withheld=said)).split())
    assert beside.index(said) < beside.index("All is well.")
    assert said not in shown(fake.run(answer="All is well."))
