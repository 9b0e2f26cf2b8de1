"""A code host as it is read, and what is posted there, over real HTTP (small_code_hosts.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fakes_releases import FakeReleases
from hook_events import PROJECT, SHOP, hosts
from hypothesis import given, settings
from hypothesis import strategies as st
from small_code_hosts import GITLAB_JOB, JOB, READS, CodeHosts, small_code_hosts

from copilot.adapters.code_hosts import calls
from copilot.adapters.code_hosts.calls import Calls
from copilot.adapters.code_hosts.hosts import READS_AT_MOST, GitHub, GitLab
from copilot.adapters.code_hosts.logs import last_lines
from copilot.adapters.code_hosts.markdown import CUT, LONGEST, commented
from copilot.adapters.code_hosts.releases import WithCodeHosts
from copilot.config.configuration import Configuration
from copilot.domain import CodeJob, Columns, Heading, Links, Shown, ShownLink, Words
from copilot.domain.releases import BuildLog
from copilot.errors import FatalError, NotFound, PermissionDenied, RetryableError

OF_GITHUB = CodeJob(platform="github", repository=SHOP.id, pipeline=9404632551, job=JOB)
OF_GITLAB = CodeJob(platform="gitlab", repository=PROJECT.id, pipeline=0, job=GITLAB_JOB)
WEB = "https://github.com/octo-org/shop"


@pytest.fixture
def made() -> Iterator[CodeHosts]:
    with small_code_hosts() as hosts:
        yield hosts


# what a job logged


def test_a_log_that_lies_elsewhere_is_read_there_without_the_token(made: CodeHosts) -> None:
    made.logs = {JOB: b"x" * (READS_AT_MOST + 5) + b"the end"}
    log = GitHub(made.url, READS).log(SHOP, OF_GITHUB)
    assert len(log) == READS_AT_MOST and log.endswith(b"xthe end")
    assert [token for _, path, token in made.asked if path.startswith("/blob/")] == [""]


@pytest.mark.parametrize(
    "elsewhere", ["http://example.com/log", "ftp://x/y", "https://user@example.com/", "file:///x", ""]
)
def test_a_log_is_not_read_from_an_address_that_is_not_safe(made: CodeHosts, elsewhere: str) -> None:
    made.logs, made.elsewhere = {JOB: b"x"}, elsewhere or "//"
    with pytest.raises(FatalError):
        GitHub(made.url, READS).log(SHOP, OF_GITHUB)


def test_a_log_without_end_is_not_read_to_it(made: CodeHosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LOOKED_THROUGH", 1000)
    made.logs = {GITLAB_JOB: b"x" * 100_000}
    with pytest.raises(FatalError, match="was not read"):
        GitLab(f"{made.url}/api/v4", READS).log(PROJECT, OF_GITLAB)


def test_the_last_lines_are_those_before_the_last_error_without_what_the_host_put_in() -> None:
    log = (
        b"\xef\xbb\xbf2026-11-30T15:22:27.1Z ##[group]Run make\n"
        b"2026-11-30T15:22:28.0000000Z \x1b[36;1mmaking\x1b[0m\r\n"
        b"  of several lines\n"
        b"2026-11-30T15:22:29Z 10%\r50%\r100%\n\n"
        b"2026-11-30T15:22:30Z ##[error]no room\n"
        b"2026-11-30T15:22:31Z cleaning up\n"
    )
    found = last_lines(log, 4)
    assert [line.text for line in found] == ["making", "  of several lines", "100%", "no room"]
    assert found[1].at == found[0].at == datetime(2026, 11, 30, 15, 22, 28, tzinfo=UTC)
    assert last_lines(b"", 4) == () and last_lines(b"\xff\xfe", 4)[0].text


def test_a_job_is_asked_of_its_host_and_all_else_of_the_platform(made: CodeHosts) -> None:
    made.logs = {JOB: b"2026-11-30T15:22:30Z ##[error]no room"}
    arn = "arn:aws:codebuild:eu-west-1:111111111111:build/p:1"
    platform = FakeReleases(logs_of={arn: BuildLog(none="of the platform")})
    config = Configuration(accounts=(), people=(), code_hosts=hosts())
    releases = WithCodeHosts(platform, config, lambda one: GitHub(made.url, READS))
    assert releases.build_log(arn, 5).none == "of the platform"
    log = releases.build_log(OF_GITHUB.name, 5)
    assert [line.text for line in log.lines] == ["no room"]
    assert log.link == f"{made.url}/octo-org/shop/actions/runs/9404632551/job/28328535552"
    assert releases.failed_phases(OF_GITHUB.name) == ()
    before = len(made.asked)
    assert releases.build_log(OF_GITHUB.name, 0) == BuildLog(link=log.link) and len(made.asked) == before
    made.logs = {}
    assert "keeps it no more" in releases.build_log(OF_GITHUB.name, 5).none
    assert "not configured" in releases.build_log("github:5/1/1", 5).none
    assert "no `token`" in WithCodeHosts(platform, config, lambda one: None).build_log(OF_GITHUB.name, 5).none


@pytest.mark.parametrize(
    "build", ["", "github:1/2", "github:1/2/x", "github:a/b/c", "bitbucket:1/2/3", "arn:aws:x/y/z"]
)
def test_what_is_no_job_is_none(build: str) -> None:
    assert CodeJob.of(build) is None
    assert CodeJob.of(OF_GITHUB.name) == OF_GITHUB


# what a host answers


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (404, {}, NotFound),
        (410, {}, NotFound),
        (401, {}, PermissionDenied),
        (403, {}, PermissionDenied),
        (403, {"x-ratelimit-remaining": "0"}, RetryableError),
        (403, {"retry-after": "7"}, RetryableError),
        (429, {}, RetryableError),
        (500, {}, RetryableError),
        (422, {}, FatalError),
    ],
)
def test_each_refusal_says_what_is_to_be_done(
    made: CodeHosts, status: int, headers: dict[str, str], error: type[Exception]
) -> None:
    made.fails = [(status, headers)]
    with pytest.raises(error) as raised:
        GitHub(made.url, READS).is_private(SHOP)
    assert READS not in str(raised.value) and type(raised.value) is error
    if "retry-after" in headers:
        assert isinstance(raised.value, RetryableError) and raised.value.seconds == 7


def test_a_host_that_is_not_there_is_asked_again_later() -> None:
    with pytest.raises(RetryableError):
        Calls("GitHub", "http://127.0.0.1:9", {}).get("asking", "/x")


# what is posted


def shown(*texts: str) -> Shown:
    return Shown(brief=texts[0], parts=tuple(Words(text=text) for text in texts))


def outside(comment: str) -> list[str]:
    """The lines of a comment that stand in no fence, by the rules of CommonMark."""
    left, fence = list[str](), ""
    for line in comment.split("\n"):
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence:
            fence = "" if len(ticks) >= len(fence) and line.strip() == ticks else fence
        elif len(ticks) >= 3:
            fence = ticks
        else:
            left.append(line)
    assert not fence
    return [line for line in left if line]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="`~@#!/<>[]()*_-\n\r ahttps:.1x", max_size=60), min_size=1, max_size=4))
def test_nothing_that_is_shown_stands_outside_of_code(texts: list[str]) -> None:
    assert outside(commented(shown(*texts), WEB)) == []


@pytest.mark.parametrize(
    "text", ["@octocat", "closes #12", "/close", "```\n@all\n```", "~~~", "<img src=x>", "[a](http://b)"]
)
def test_signs_that_mean_something_there_mean_nothing(text: str) -> None:
    assert outside(commented(shown(text), WEB)) == []


def test_only_links_into_the_repository_are_made_ones() -> None:
    said = shown(
        f"see {WEB}/actions/runs/1/job/2.",
        "or https[:]//github[.]com/octo-org/shop/issues/7, https://github.com/mallory/shop/x and https://evil.example",
    )
    assert outside(commented(said, WEB)) == [f"- <{WEB}/actions/runs/1/job/2>", f"- <{WEB}/issues/7>"]


def test_parts_are_laid_out_and_what_is_too_long_is_cut_and_says_so() -> None:
    parts = (
        Heading(text="A heading"),
        Words(text="word " * 60),
        Columns(text="a   b\n1   2"),
        Links(links=(ShownLink(label="Open the file", url="https://api.example/r/x"),)),
    )
    comment = commented(Shown(brief="b", parts=parts), WEB)
    assert "A heading\n\nword word" in comment and "a   b\n1   2" in comment
    assert max(map(len, comment.split("\n"))) <= 100 and comment.endswith("- [Open the file](https://api.example/r/x)")
    long = commented(shown("\n".join(["0123456789"] * 10_000)), WEB)
    assert len(long) < LONGEST + 500 and CUT in long and outside(long) == []
    assert commented(Shown(brief="only this", parts=()), WEB) == "```text\nonly this\n```"
