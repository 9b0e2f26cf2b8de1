"""The judge of effects sees each kind of fault that the rules once made, and takes no improvement for one."""

from __future__ import annotations

import pytest
from dockerfile_ages import is_windows, year
from dockerfile_effects import differences, ignored_though_read
from dockerfile_shell import placed, words_of

SLIM = "FROM debian:12-slim\nWORKDIR /srv\nCOPY . .\n"
APP = 'FROM python:3.12-slim\nWORKDIR /srv\nCOPY . .\nRUN chown -R app /srv\nCMD ["{}", "app.py"]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM ubuntu:22.04\nRUN apt upgrade -y\n", "FROM ubuntu:22.04\nRUN apt-get upgrade -y\n"),
        ("FROM ubuntu:22.04\nRUN apt install '?x'\n", "FROM ubuntu:22.04\nRUN apt-get install '?x'\n"),
        (SLIM + "RUN cd a && make && cd - && ls\n", SLIM + "WORKDIR /srv/a\nRUN make && cd - && ls\nWORKDIR /srv\n"),
        (SLIM + "RUN cd a && cp b $OLDPWD\n", SLIM + "WORKDIR /srv/a\nRUN cp b $OLDPWD\nWORKDIR /srv\n"),
        (SLIM + "RUN cd a && cd .. && make\n", SLIM + "WORKDIR /srv/a\nRUN cd .. && make\nWORKDIR /srv\n"),
        (SLIM + "RUN cd a && . ./x\n", SLIM + "WORKDIR /srv/a\nRUN . ./x\nWORKDIR /srv\n"),
        (SLIM + "ENTRYPOINT python x.py\n", SLIM + 'ENTRYPOINT ["python", "x.py"]\n'),
        (SLIM + "CMD ./start\n", SLIM + 'CMD ["./start"]\n'),
        (SLIM + "CMD ./start.sh\n", SLIM + 'CMD ["./start.sh"]\n'),
        (SLIM + "CMD echo $X\n", SLIM + 'CMD ["echo", "$X"]\n'),
        (SLIM + "COPY run /usr/bin/run\nCMD run\n", SLIM + 'COPY run /usr/bin/run\nCMD ["run"]\n'),
        ("FROM ubuntu:14.04\nRUN pip install a\n", "FROM ubuntu:14.04\nRUN pip install --no-cache-dir a\n"),
        ("FROM example.test/a\nRUN pip install a\n", "FROM example.test/a\nRUN pip install --no-cache-dir a\n"),
        (
            "FROM python:3.12\nRUN pip install a && pip cache purge\n",
            "FROM python:3.12\nRUN pip install --no-cache-dir a && pip cache purge\n",
        ),
        ("FROM alpine:3.2\nRUN apk add a\n", "FROM alpine:3.2\nRUN apk add --no-cache a\n"),
        (
            "FROM alpine:3.19\nRUN apk add a && rm /var/cache/apk/*\n",
            "FROM alpine:3.19\nRUN apk add --no-cache a && rm /var/cache/apk/*\n",
        ),
        ("FROM node:22\nRUN npm install\n", "FROM node:22\nRUN npm ci\n"),
        ("FROM node:8\nRUN npm install\n", "FROM node:8\nRUN npm ci\n"),
        (
            "FROM ubuntu:16.04\nRUN apt-get install -y vim\n",
            "FROM ubuntu:16.04\nRUN apt-get install --no-install-recommends -y vim xxd\n",
        ),
        (
            "FROM debian:12\nRUN apt-get install -y vim\n",
            "FROM debian:12\nRUN apt-get install -y vim nano\n",
        ),
        (
            "FROM debian:12\nRUN apt-get update\nRUN rm -r /var/lib/apt/lists/*\n",
            "FROM debian:12\nRUN apt-get update && rm -rf /var/lib/apt/lists/*\nRUN rm -r /var/lib/apt/lists/*\n",
        ),
        (
            "FROM debian:12\nRUN pip install -U pip\nRUN pip install a\n",
            "FROM debian:12\nRUN pip install -U pip && pip install a\n",
        ),
        (APP.format("gosu"), APP.format("gosu").replace("CMD", "USER 1001\nCMD")),
        (APP.format("supervisord"), APP.format("supervisord").replace("CMD", "USER 1001\nCMD")),
        (APP.format("/entrypoint.sh"), APP.format("/entrypoint.sh").replace("CMD", "USER 1001\nCMD")),
        (
            "FROM python:3.12-windowsservercore-ltsc2022\nCMD python C:\\app\\main.py\n",
            'FROM python:3.12-windowsservercore-ltsc2022\nCMD ["python", "C:appmain.py"]\n',
        ),
        ("FROM golang:1.22\nWORKDIR C:\\src\nADD a.go .\n", "FROM golang:1.22\nWORKDIR C:\\src\nCOPY a.go .\n"),
        ("FROM debian:12\nADD a /a\n", "FROM debian:12\nCOPY a /a\n"),
        ("FROM debian:12\nRUN a | b\n", "FROM debian:12\nRUN a && b\n"),
        ("FROM debian:12\nRUN a || b\n", "FROM debian:12\nRUN a && b\n"),
        ("FROM debian:12\nRUN (cd a && b)\n", "FROM debian:12\nRUN cd a && b\n"),
        ("FROM debian:12\nRUN a > b\n", "FROM debian:12\nRUN a b\n"),
        ("FROM debian:12\nRUN a $(b c)\n", "FROM debian:12\nRUN a $(b d)\n"),
        ("FROM debian:12\nUSER a\n", "FROM debian:12\nUSER b\n"),
    ],
)
def test_a_fault_is_seen(before: str, after: str) -> None:
    assert differences(before, after) and differences(before, before) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM ubuntu:22.04\nRUN apt upgrade -y\n", "FROM ubuntu:22.04\nRUN apt-get upgrade --with-new-pkgs -y\n"),
        (SLIM + "RUN cd a && make\n", SLIM + "WORKDIR /srv/a\nRUN make\nWORKDIR /srv\n"),
        (SLIM + "CMD exec python x.py\n", SLIM + 'CMD ["python", "x.py"]\n'),
        ("FROM debian:12\nRUN pip install a\n", "FROM debian:12\nRUN pip install --no-cache-dir a\n"),
        ("FROM debian:12\nRUN a\nRUN b\n", "FROM debian:12\nRUN a \\\n    # why\n    && b\n"),
        (
            "FROM debian:12\nRUN apt-get install -y vim\n",
            "FROM debian:12\nRUN apt-get install --no-install-recommends -y vim xxd\n",
        ),
        (APP.format("python"), APP.format("python").replace("CMD", "USER 1001\nCMD")),
    ],
)
def test_an_improvement_is_none(before: str, after: str) -> None:
    assert differences(before, after) == []


def test_a_lock_file_at_hand_makes_npm_ci_the_same() -> None:
    before, after = "FROM node:22\nRUN npm install\n", "FROM node:22\nRUN npm ci\n"
    others = {"package.json": '{"dependencies": {"a": "1"}}'}
    lock = '{"packages": {"": {"dependencies": {"a": "%s"}}}}'
    assert differences(before, after, others | {"package-lock.json": lock % "1"}) == []
    assert differences(before, after, others | {"package-lock.json": lock % "2"})


@pytest.mark.parametrize("run", ["hugo", "cd docs && sbt assembly", "make", "pip install -e .", "<<E\njekyll build\nE"])
def test_a_history_taken_from_what_reads_it_is_seen(run: str) -> None:
    text = f"FROM debian:12\nCOPY . .\nRUN {run}\n"
    assert ignored_though_read(text, [".git"]) and ignored_though_read(text, ["**/.DS_Store"]) == []


def test_packages_called_like_a_tool_are_only_installed() -> None:
    text = "FROM alpine:3.19\nCOPY . .\nRUN apk add --no-cache make git && npm ci\n"
    assert ignored_though_read(text, [".git", "node_modules"]) == []


@pytest.mark.parametrize(
    ("image", "since"),
    [
        ("debian:jessie-slim", 2015.3),
        ("ubuntu:16.04", 2016.3),
        ("nvidia/cuda:12-ubuntu22.04", 2022.3),
        ("python:3.12-slim", 2023.7),
        ("python:3.12-slim-bookworm", 2023.4),
        ("alpine:3.3", 2015.9),
        ("node:8", 2017.3),
        ("centos:6", None),
        ("debian:${V}", None),
        ("example.test/a:1", None),
    ],
)
def test_an_image_is_as_old_as_its_release(image: str, since: float | None) -> None:
    assert year(image) == (since if since is None else pytest.approx(since, abs=0.1))


def test_a_shell_s_words_and_places() -> None:
    assert words_of('a "b && c" $(d (e) "f")|g>h') == ["a", '"b && c"', '$(d (e) "f")', "|", "g", ">", "h"]
    assert [here for _, here, *_ in placed("/srv", "cd a && x && cd /b && y")] == ["/srv/a", "/b"]
    assert is_windows("FROM a\nWORKDIR C:\\x\n") and not is_windows("FROM a\nRUN sed s:/a:/b:\n")
