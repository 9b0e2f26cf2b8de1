"""Lines of output: copied as they are where that matters, short where the answer has it all, never without a name."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fake_copilot as fake
import pytest
from fake_copilot import FakeCopilot

from cli.api.views import RunView, read
from cli.display.page import Page
from cli.display.progress import Progress
from cli.display.run import show_end, show_run
from cli.main import main

WIDTHS = [40, 60, 80, 120]
LINK = "https://abc123.execute-api.eu-west-1.amazonaws.com/r/q83vEjRWeJC8mg1ycrpLDA"
ADDED = "    +    && apt-get install --no-install-recommends -y curl libpq-dev ca-certificates build-essential \\"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(width: int | None, show: Any) -> list[str]:
    """The lines a terminal of that width is sent, or a pipe."""
    out = Terminal() if width else io.StringIO()
    page = Page(out)
    if width:
        page.console.width = width
    show(page)
    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in out.getvalue().splitlines()]


def answered(answer: str) -> Any:
    return lambda page: show_end(page, read(RunView, fake.run(answer=answer)))


@pytest.mark.parametrize("width", [*WIDTHS, None])
@pytest.mark.parametrize("line", [f"Deployments table: {LINK}", f"- {LINK}", ADDED, "    --- a/Dockerfile"])
def test_a_link_and_a_line_of_a_diff_are_never_folded(width: int | None, line: str) -> None:
    assert f"  {line}" in printed(width, answered(f"This is it:\n{line}\nand no more."))


@pytest.mark.parametrize("width", WIDTHS)
def test_words_are_folded_as_before(width: int) -> None:
    lines = printed(width, answered("- " + "word " * 60 + "\n" + "more " * 60))
    assert max(map(len, lines)) <= width
    assert any(line.startswith("    word") for line in lines), "what folds of a bullet stays under its words"


@pytest.mark.parametrize("width", [*WIDTHS, None])
def test_the_commands_of_an_approval_can_be_copied_whole(width: int | None) -> None:
    run = read(RunView, fake.parked())
    lines = printed(width, lambda page: show_end(page, run, ("--url", LINK)))
    for verb in ("approve", "deny"):
        assert any(line.endswith(f"{verb} a7 --url {LINK}") for line in lines)


LONG = "blue: stopped " + ", ".join(f"service-{n} 2 -> 0" for n in range(20))


def progress(status: str, **more: Any) -> Any:
    plan = {"goal": "x", "steps": [{"id": "stop", "tool": "stop_environment", "arguments": {"environment": "blue"}}]}
    item = fake.item(0, status, arguments={"environment": "blue"}, **more)
    run = fake.run("running", plan=plan, steps=[fake.step("stop", "running", item)])

    def show(page: Page) -> None:
        Progress(page).see(read(RunView, run))

    return show


@pytest.mark.parametrize("width", [60, 80, 120, None])
def test_what_went_well_is_told_on_one_line_for_the_answer_has_it_in_full(width: int | None) -> None:
    (line,) = [line for line in printed(width, progress("done", summary=LONG)) if "stop  blue" in line]
    assert line.endswith("…") and len(line) == (width or 120)
    assert "blue  stopped service-0" in line, "and its name is not told twice"


@pytest.mark.parametrize("width", [60, None])
def test_what_went_wrong_is_told_in_full(width: int | None) -> None:
    text = " ".join(" ".join(printed(width, progress("failed", reason=LONG))).split())
    assert LONG.removeprefix("blue: ") in text


def test_a_run_that_is_looked_at_again_has_all_of_it() -> None:
    item = fake.item(0, "done", arguments={"environment": "blue"}, summary=LONG)
    run = fake.run(plan=fake.PLAN, steps=[fake.step("stop", "done", item)])
    lines = printed(None, lambda page: show_run(page, read(RunView, run)))
    assert any(line.endswith(LONG.removeprefix("blue: ")) for line in lines)


@pytest.mark.parametrize("width", [44, 60, 80, 120])
def test_of_columns_that_are_wider_than_the_terminal_nothing_is_lost(width: int) -> None:
    rows = [("kind", "development | preview | staging | production | other", "of the environment"), ("id", "text", "x")]
    lines = printed(width, lambda page: page.rows(rows))
    assert max(map(len, lines)) <= width
    assert sorted("".join(lines).replace(" ", "")) == sorted("".join(map("".join, rows)).replace(" ", ""))


# --- names -------------------------------------------------------------------------------------


def test_an_effect_says_what_it_was_on() -> None:
    effects = [
        {"step": "stop", "item": n, "tool": "stop_environment@1", "state": "done", "started_at": fake.at(0)}
        for n in (1, 0, 7)
    ]
    run = fake.idle_story()[-1] | {"effects": effects}
    lines = printed(None, lambda page: show_run(page, read(RunView, run)))
    shown = [line.split()[:4] for line in lines[lines.index("Effects") + 1 :][:3]]
    assert shown == [
        ["done", "stop", "stop_environment@1", "boreas"],
        ["done", "stop", "stop_environment@1", "atlas"],
        ["done", "stop", "stop_environment@1", "call"],
    ]


def test_a_call_is_called_by_its_environment_and_not_by_the_list_of_what_is_in_it() -> None:
    given = {"environment_id": "blue", "only": ["arn:aws:ecs:eu-west-1:1:service/blue/web"]}
    steps = [{"id": "stop", "tool": "stop_environment", "for_each": {"$ref": "look.due"}}]
    steps[0]["arguments"] = {"environment_id": {"$item": "id"}, "only": {"$item": "resources"}}
    run = fake.run(
        plan={"goal": "x", "steps": steps},
        steps=[fake.step("stop", "done", fake.item(0, "done", arguments=given, summary="blue: stopped"))],
    )
    assert any(
        line.endswith("stop  blue  stopped") for line in printed(None, lambda p: show_run(p, read(RunView, run)))
    )


def test_a_call_is_not_called_by_what_it_was_given_nothing_for_nor_by_a_time_zone() -> None:
    given = {"service": "web", "deployment": "", "time_zone": "Europe/Paris"}
    run = fake.run(
        plan={"goal": "x", "steps": [{"id": "stop", "tool": "deployment_failure", "arguments": given}]},
        steps=[fake.step("stop", "done", fake.item(0, "done", arguments=given, summary="failed"))],
    )
    assert any(line.endswith("stop  web  failed") for line in printed(None, lambda p: show_run(p, read(RunView, run))))


def test_a_plan_says_nothing_of_what_nobody_said() -> None:
    arguments = {"service": None, "by": "", "kinds": [], "weeks": 5, "environments": [{"$ref": "find.environment.id"}]}
    plan = {"goal": "x", "steps": [{"id": "stats", "tool": "deployment_statistics", "arguments": arguments}]}
    run = fake.run(plan=plan, steps=[fake.step("stop", "waiting")])
    lines = printed(None, lambda page: show_run(page, read(RunView, run)))
    assert any(line.endswith("weeks=5, environments=find.environment.id") for line in lines)


# --- words without quotes ------------------------------------------------------------------------


@pytest.fixture
def copilot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCopilot]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cli.api.following.EVERY", 0.001)
    with fake.fake_copilot() as copilot:
        fake.write_laptop_json(tmp_path, copilot.port)
        copilot.says("POST", "/v1/runs", fake.started(), status=202)
        copilot.says("GET", "/v1/runs/r1", fake.run())
        yield copilot


@pytest.mark.parametrize(
    "words",
    [
        ["stop all idle dev environments"],
        ["stop", "all", "idle", "dev", "environments"],
        ["stop all", "idle dev", "environments"],
        ["stop", "all", "idle", "dev", "environments", "--as", "olga", "--conversation", "c"],
        ["--as", "olga", "stop", "all", "idle", "dev", "environments"],
    ],
)
def test_what_is_asked_needs_no_quotes(copilot: FakeCopilot, words: list[str]) -> None:
    assert main(["ask", *words]) == 0
    assert [body["text"] for body in copilot.asked("POST", "/v1/runs")] == ["stop all idle dev environments"]


def test_asking_nothing_is_bad_usage(copilot: FakeCopilot) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ask", "--as", "olga"])
    assert ended.value.code == 2 and copilot.calls == []
