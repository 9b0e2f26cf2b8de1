"""The demo's scene with a file: it says so where the answer is not what it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fake_copilot as fake
import pytest
from test_cli_demo import FULL, stage

from cli.showing.scenes_dockerfiles import REQUEST, dockerfile

ANSWER = "Dockerfile: 9 hadolint findings before (9 slight), 2 after; 3 changes\n\n    --- a/Dockerfile\n    +++ b/x"


def test_a_file_that_lints_cleaner_is_as_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    on, copilot, out = stage([fake.run(answer=ANSWER)], [FULL, FULL])
    dockerfile(on, str(tmp_path / "Dockerfile"))
    assert on.wrong == []
    assert copilot.bodies[0]["text"] == REQUEST
    assert copilot.bodies[0]["attachments"] == [{"name": "Dockerfile", "text": "FROM a\n"}]  # type: ignore[comparison-overlap]
    assert "--file" in out.getvalue()


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": ANSWER.replace("2 after", "9 after")},
        {"answer": ANSWER.partition("\n")[0]},
        {"answer": "Dockerfile: not linted, for hadolint is not installed here; 3 changes"},
        {"outcome": "failed"},
    ],
)
def test_otherwise_it_is_not(tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    on, _, _ = stage([fake.run(**({"answer": ANSWER} | changes))], [FULL, FULL])
    dockerfile(on, str(tmp_path / "Dockerfile"))
    assert on.wrong
