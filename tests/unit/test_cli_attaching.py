"""`ask --file`: what is sent, what is shown, and what is refused before anything is sent."""

from __future__ import annotations

from pathlib import Path

import fake_copilot as fake
import pytest
import test_cli_asking
from fake_copilot import FakeCopilot
from test_cli_asking import Command, scripted

from cli.wording import value

copilot, command = test_cli_asking.copilot, test_cli_asking.command


def test_files_go_along_by_name_and_text(copilot: FakeCopilot, command: Command, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/Dockerfile").write_text("FROM caf\u00e9\r\n\tx\n", newline="")
    (tmp_path / "go.mod").write_text("module x\n")
    scripted(copilot, fake.run())
    assert command("ask", "Improve it", "--file", "deep/Dockerfile", "--file", "go.mod").code == 0
    (body,) = copilot.asked("POST", "/v1/runs")
    assert body["attachments"] == [
        {"name": "Dockerfile", "text": "FROM caf\u00e9\r\n\tx\n"},
        {"name": "go.mod", "text": "module x\n"},
    ]


def test_without_files_nothing_is_attached(copilot: FakeCopilot, command: Command) -> None:
    scripted(copilot, fake.run())
    command("ask", "Improve it")
    (body,) = copilot.asked("POST", "/v1/runs")
    assert "attachments" not in body


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["nothing-here"], "--file nothing-here: No such file"),
        (["."], "--file .: Is a directory"),
        (["binary"], "--file binary: it is no text in UTF-8 (byte 1)"),
        (["large"], "--file large: it has more than 102,400 bytes"),
        (["half", "half", "half"], "180,000 bytes together"),
        (["half"] * 5, "5 times; at most 4"),
    ],
)
def test_what_cannot_go_along_is_refused_before_anything_is_sent(
    copilot: FakeCopilot, command: Command, tmp_path: Path, files: list[str], said: str
) -> None:
    (tmp_path / "binary").write_bytes(b"a\xff")
    (tmp_path / "large").write_text("x" * 102_401)
    (tmp_path / "half").write_text("x" * 60_000)
    ended = command("ask", "Improve it", *[word for file in files for word in ("--file", file)])
    assert ended.code == 2 and said in ended.err
    assert copilot.calls == []


def test_the_way_to_ask_again_names_the_files(copilot: FakeCopilot, command: Command, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    copilot.says("POST", "/v1/runs", {"error": {"message": "busy"}}, status=503)
    ended = command("ask", "Improve it", "--file", "Dockerfile")
    assert ended.code == 6
    assert "--file Dockerfile --dedupe-key" in ended.err


def test_a_diff_is_shown_line_by_line(copilot: FakeCopilot, command: Command) -> None:
    answer = (
        "2 findings\n\n    --- a/Dockerfile\n    +++ b/Dockerfile\n    -    - \told\n    +ADD x\n\nWhat this buys:\n- y"
    )
    scripted(copilot, fake.run(answer=answer))
    out = command("ask", "Improve it").out
    assert "\n      --- a/Dockerfile\n      +++ b/Dockerfile\n" in out
    assert "\n      +ADD x\n" in out


def test_a_file_is_called_by_its_name() -> None:
    assert value([{"name": "Dockerfile", "text": "FROM a"}, {"name": "go.mod", "text": "x"}]) == "Dockerfile, go.mod"
    assert value({"name": "Dockerfile", "text": "FROM a\nRUN b"}) == "Dockerfile"
