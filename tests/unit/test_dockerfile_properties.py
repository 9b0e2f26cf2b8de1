"""Whatever the file: what it does stays, what no rule knows stays, and a second time nothing is left to improve."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence

import dockerfile_texts as texts
import pytest
from dockerfile_effects import differences
from e2b_dockerfile_utils import DockerfileSyntaxError, parse_dockerfile_ast
from hypothesis import example, given, settings
from hypothesis import strategies as st

from copilot.tools.dockerfiles.advice import further
from copilot.tools.dockerfiles.applying import improve
from copilot.tools.dockerfiles.ignoring import ignore_lines
from copilot.tools.dockerfiles.reading import Instruction, read_dockerfile
from copilot.tools.dockerfiles.rules import RULES, Rule

SAME_STAGES = [rule for rule in RULES if rule.name != "run-stage"]
OTHERS = st.sampled_from([{}, texts.MANIFESTS])
TELLING = "RUN FROM\\\n#<<E'\"&|;$()apt-get install,[]{}\t\r"
many = settings(max_examples=int(os.environ.get("EXAMPLES", "120")), deadline=None)


def improved(text: str, others: dict[str, str], rules: Sequence[Rule] = RULES) -> str:
    changes = improve(text, others, rules)
    return changes[-1].after if changes else text


@many
@example("FROM python@sha256:00\nRUN true\nFROM python\nRUN pip install -r requirements.txt", {})
@given(texts.dockerfiles(), OTHERS)
def test_what_a_file_does_stays_the_same(text: str, others: dict[str, str]) -> None:
    assert differences(text, improved(text, others, SAME_STAGES)) == []


@many
@given(texts.dockerfiles(strange=True), OTHERS)
def test_an_improved_file_has_nothing_left_to_improve(text: str, others: dict[str, str]) -> None:
    once = improved(text, others)
    assert improve(once, others) == ()


@many
@given(texts.dockerfiles(strange=True), OTHERS)
def test_comments_and_what_no_rule_knows_stay_as_they_are(text: str, others: dict[str, str]) -> None:
    new = improved(text, others)
    kept = re.compile(r"#|FROBNICATE|INCLUDE|run2|\{\{|ONBUILD|HEALTHCHECK|SHELL|\t")
    lines = [Counter(line.strip() for line in each.split("\n") if kept.match(line.lstrip(" "))) for each in (text, new)]
    assert lines[0] == lines[1]


@many
@given(st.one_of(st.text(max_size=300), st.text(alphabet=TELLING, max_size=300)))
def test_any_text_is_read_and_given_back_whole(text: str) -> None:
    read = read_dockerfile(text)
    assert read.text == text
    for changed in (improved(text, {}), improved(f"FROM python:3\n{text}", texts.MANIFESTS)):
        assert isinstance(changed, str)
    assert further(read, (), {}) is not None and ignore_lines(read) is not None


@many
@given(texts.dockerfiles())
def test_it_is_read_as_the_builder_reads_it(text: str) -> None:
    expected = [
        (each.name, each.start_line, each.end_line, list(each.flags), each.json)
        for each in parse_dockerfile_ast(text).instructions
        if each.name != "ONBUILD"
    ]
    found = [
        (
            part.keyword,
            part.number,
            part.number + len(part.lines) - 1,
            list(part.flags),
            part.exec_form is not None and part.keyword not in {"HEALTHCHECK"},
        )
        for part in read_dockerfile(text).parts
        if isinstance(part, Instruction) and part.keyword != "ONBUILD"
    ]
    assert found == expected


@settings(deadline=None)
@given(texts.dockerfiles())
def test_line_ends_and_marks_stay_as_they_are(text: str) -> None:
    plain = improved(text, {})
    assert improved("\ufeff" + text, {}) == "\ufeff" + plain
    if text.count("\n"):
        assert improved(text.replace("\n", "\r\n"), {}) == plain.replace("\n", "\r\n")


@pytest.mark.parametrize("text", ["FROM a\nRUN <<X\nnever ends\n", "FROM a\nBOGUS x\n"])
def test_the_builder_would_refuse_these_and_they_are_given_back(text: str) -> None:
    with pytest.raises(DockerfileSyntaxError):
        parse_dockerfile_ast(text)
    assert improved(text, {}) == text


def test_the_judge_itself_sees_a_change() -> None:
    before = "FROM python:3\nWORKDIR /app\nCOPY . .\nRUN apt-get install -y curl\nCMD python app.py\n"
    for old, new in [
        ("curl", "wget"),
        ("COPY . .", "COPY . ./x"),
        ("/app", "/srv"),
        ("app.py", "other.py"),
        ("COPY . .\nRUN apt-get install -y curl", "RUN apt-get install -y curl\nCOPY . ."),
        ("RUN apt", "RUN cd /x && apt"),
        ("FROM python:3", "FROM python:4"),
    ]:
        assert differences(before, before.replace(old, new)), new
