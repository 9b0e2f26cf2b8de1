"""Short links to reports: open to whoever has one, until it ends, and to nobody else."""

from __future__ import annotations

import importlib.util
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeClock

from copilot.answering.opening import OpenReport
from copilot.bootstrap import UseCases
from copilot.domain import ReportLink, token_hash
from copilot.errors import Expired, NotFound, RetryableError

ROOT = Path(__file__).parents[2]
TOKEN = "q83vEjRWeJC8mg1ycrpLDA"


class Links:
    def __init__(self) -> None:
        self.kept: dict[str, ReportLink] = {}
        self.asked: list[str] = []

    def keep(self, hash: str, link: ReportLink) -> None:
        self.kept[hash] = link

    def find(self, hash: str) -> ReportLink | None:
        self.asked.append(hash)
        return self.kept.get(hash)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def links(clock: FakeClock) -> Links:
    links = Links()
    until = clock.now() + timedelta(hours=6)
    links.keep(token_hash(TOKEN), ReportLink(key="reports/r1/usage.html", about="cost", until=until))
    return links


def opening(links: Links, clock: FakeClock) -> OpenReport:
    return OpenReport(links, lambda key: f"https://files.example/{key}?signed", clock)


def test_a_link_leads_to_its_file_until_it_ends(links: Links, clock: FakeClock) -> None:
    opened = opening(links, clock)
    clock.sleep(6 * 3600 - 1)
    assert opened(TOKEN) == "https://files.example/reports/r1/usage.html?signed"
    clock.sleep(1)
    with pytest.raises(Expired, match="ended on 2026-03-02 at 15:00 UTC"):
        opened(TOKEN)


@pytest.mark.parametrize(
    "token",
    [
        TOKEN[:-1] + "B",
        TOKEN.lower(),
        "",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN[:-1] + "/",
        TOKEN[:-1] + "%",
        TOKEN[:-1] + "é",
        f"{TOKEN}\n",
        token_hash(TOKEN),
        "x" * 5000,
    ],
)
def test_any_other_leads_nowhere(links: Links, clock: FakeClock, token: str) -> None:
    with pytest.raises(NotFound):
        opening(links, clock)(token)


def test_what_cannot_be_a_token_is_not_even_looked_up(links: Links, clock: FakeClock) -> None:
    for token in ("", "x" * 5000, "../" * 7 + "x"):
        with pytest.raises(NotFound):
            opening(links, clock)(token)
    assert links.asked == []


def test_what_is_kept_gives_no_token_away(links: Links) -> None:
    (hash,) = links.kept
    assert TOKEN not in hash + links.kept[hash].model_dump_json()


# --- over HTTP ----------------------------------------------------------------------------------


class Context:
    aws_request_id, function_name = "request-1", "copilot-open-report"


def called(monkeypatch: pytest.MonkeyPatch, opened: Any, token: str = TOKEN) -> dict[str, Any]:
    for name in ("POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"):
        monkeypatch.setenv(name, "test")
    spec = importlib.util.spec_from_file_location("app_open_report", ROOT / "functions/open_report/app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    event = json.loads((ROOT / "events/open_report.json").read_text()) | {"pathParameters": {"token": token}}
    answer: dict[str, Any] = module.handler(event, Context(), UseCases(open_report=opened))
    assert answer["headers"]["cache-control"] == "no-store"
    assert answer["headers"]["referrer-policy"] == "no-referrer"
    return answer


def test_whoever_has_the_link_is_led_to_the_file(
    links: Links, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = called(monkeypatch, opening(links, clock))
    assert (answer["statusCode"], answer["body"]) == (302, "")
    assert answer["headers"]["location"] == "https://files.example/reports/r1/usage.html?signed"


def test_what_is_wrong_with_a_link_is_said_in_words(
    links: Links, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = called(monkeypatch, opening(links, clock), "A" * 22)
    clock.sleep(7 * 3600)
    ended = called(monkeypatch, opening(links, clock))

    def busy(token: str) -> str:
        raise RetryableError("the database is busy")

    later = called(monkeypatch, busy)
    assert [answer["statusCode"] for answer in (unknown, ended, later)] == [404, 410, 503]
    assert unknown["body"].startswith("There is no report at this address.")
    assert ended["body"] == (
        "This link ended on 2026-03-02 at 15:00 UTC. Ask for the report again, and you get new links."
    )
    assert later["body"].startswith("The report cannot be opened just now.")
    assert {answer["headers"]["content-type"] for answer in (unknown, ended, later)} == {"text/plain; charset=utf-8"}
    assert "location" not in {*unknown["headers"], *ended["headers"], *later["headers"]}
    assert TOKEN not in capsys.readouterr().out, "a link is no business of the log's"
