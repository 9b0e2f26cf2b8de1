"""What a person sees while packages are installed: how far it is, nothing of pip's, and its end where it fails."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from cli.installing import Progress, install

SAID = [
    "Looking in indexes: https://example.org/simple",
    "Collecting boto3==1.43.1 (from -r requirements.txt (line 1))",
    "  Downloading boto3-1.43.1-py3-none-any.whl (140 kB)",
    "WARNING: Retrying (Retry(total=4)) after connection broken",
    "Collecting httpx==0.29",
    "Installing collected packages: boto3, httpx",
    "Successfully installed boto3-1.43.1 httpx-0.29",
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(out: io.StringIO, seconds_a_line: float, said: list[str] = SAID) -> str:
    progress = Progress(out, 0.0)
    for number, line in enumerate(said):
        progress.follow(line, number * seconds_a_line)
    progress.end(len(said) * seconds_a_line)
    return out.getvalue()


def test_on_a_terminal_one_line_is_written_anew() -> None:
    shown = told(Terminal(), 1.0).split("\r\x1b[K")
    assert shown == [
        "",
        "  1 package found, looking at boto3==1.43.1",
        "  2 packages found, looking at httpx==0.29",
        "  putting 2 packages in place",
        "  2 packages in 7 s\n",
    ]


@pytest.mark.parametrize(("seconds", "lines"), [(0.1, 2), (10.0, 4)])
def test_elsewhere_there_is_a_line_now_and_then(seconds: float, lines: int) -> None:
    shown = told(io.StringIO(), seconds)
    assert len(shown.splitlines()) == lines and "\r" not in shown
    assert not {"Looking", "WARNING", "Downloading"} & {*shown.split()}


def test_where_there_is_nothing_to_fetch_nothing_is_said() -> None:
    assert told(io.StringIO(), 20.0, SAID[5:]) == ""


def test_where_it_fails_the_end_of_what_was_said_is_shown_and_where_all_of_it_is(tmp_path: Path) -> None:
    out, log = io.StringIO(), tmp_path / "install.log"
    assert install(["-r", str(tmp_path / "none.txt")], log, out) != 0
    assert "none.txt" in out.getvalue() and str(log) in out.getvalue()
    assert "none.txt" in log.read_text()
