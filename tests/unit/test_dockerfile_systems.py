"""What is known of an image by its name and tag, and what is left open."""

from __future__ import annotations

import pytest

from copilot.tools.dockerfiles.reading import read_dockerfile
from copilot.tools.dockerfiles.stages import image_of, stages_of
from copilot.tools.dockerfiles.systems import System, has_option, system_at, system_of


@pytest.mark.parametrize(
    ("image", "family", "oldest", "newest"),
    [
        ("debian:12.5-slim", "debian", (12,), (12,)),
        ("debian:jessie", "debian", (8,), (8,)),
        ("debian", "debian", (13,), (13,)),
        ("debian:stable-slim", "debian", (13,), (13,)),
        ("debian:bookworm-20240211-slim", "debian", (12,), (12,)),
        ("ubuntu:14.04.5", "ubuntu", (14, 4), (14, 4)),
        ("docker.io/library/ubuntu:jammy-20240111", "ubuntu", (22, 4), (22, 4)),
        ("example.test/docker/library/debian:11", "debian", (11,), (11,)),
        ("arm32v7/debian:buster", "debian", (10,), (10,)),
        ("alpine:3.19.1", "alpine", (3, 19), (3, 19)),
        ("alpine", "alpine", (3, 22), (3, 22)),
        ("centos:7.9.2009", "redhat", (7,), (7,)),
        ("rockylinux:9-minimal", "redhat", (9,), (9,)),
        ("amazonlinux:2", "amazon", (2,), (2,)),
        ("fedora:40", "fedora", (40,), (40,)),
        ("python:3.12-slim", "debian", (12,), (13,)),
        ("python:3.12-slim-bullseye", "debian", (11,), (11,)),
        ("python:3.12-alpine3.20", "alpine", (3, 20), (3, 20)),
        ("node:22", "debian", (12,), (13,)),
        ("node:lts", "debian", (13,), (13,)),
        ("node:6-alpine", "alpine", (3, 3), (3, 22)),
        ("eclipse-temurin:17-jdk-jammy", "ubuntu", (22, 4), (22, 4)),
        ("example.test/cuda:12-devel-ubuntu20.04", "ubuntu", (20, 4), (20, 4)),
        ("example.test/any:1-bookworm@sha256:00", "debian", (12,), (12,)),
        ("python:${V}-slim-bookworm", "debian", (12,), (12,)),
    ],
)
def test_a_name_and_a_tag_say_which_system_it_is(
    image: str, family: str, oldest: tuple[int, ...], newest: tuple[int, ...]
) -> None:
    assert system_of(image_of(image)) == System(family, oldest, newest)


@pytest.mark.parametrize(
    ("image", "family"),
    [
        ("debian:${RELEASE}", "debian"),
        ("ubuntu:$RELEASE", "ubuntu"),
        ("debian@sha256:00", "debian"),
        ("alpine:latest@sha256:00", "alpine"),
        ("debian:sid", "debian"),
        ("node:8", "debian"),
        ("python:${V}-slim", "debian"),
        ("node:6.17.1-alpine", "alpine"),
        ("${BASE}", ""),
        ("example.test/base:12", ""),
        ("corp/debian:12", ""),
        ("scratch", ""),
        ("eclipse-temurin:17", ""),
        ("node:22-ubi9", ""),
    ],
)
def test_what_they_do_not_say_is_left_open(image: str, family: str) -> None:
    system = system_of(image_of(image))
    assert system == System(family)


@pytest.mark.parametrize(
    ("image", "option", "known"),
    [
        ("ubuntu:16.04", "pip --no-cache-dir", True),
        ("ubuntu:14.04", "pip --no-cache-dir", False),
        ("debian:8", "pip --no-cache-dir", False),
        ("fedora:21", "pip --no-cache-dir", False),
        ("alpine:3.3", "apk --no-cache", True),
        ("alpine:3.10", "apk --no-cache", True),
        ("alpine:3.2", "apk --no-cache", False),
        ("debian:12", "apk --no-cache", False),
    ],
)
def test_a_package_manager_knows_the_options_of_its_age(image: str, option: str, known: bool) -> None:
    assert has_option(system_of(image_of(image)), option) is known


@pytest.mark.parametrize(
    ("run", "open_now"),
    [
        ("sed -i s/bookworm/sid/ /etc/apt/sources.list", True),
        ("echo 'deb http://deb.debian.test/debian sid main' > /etc/apt/sources.list.d/sid.list", True),
        ("echo http://x.test/edge/main >> /etc/apk/repositories", True),
        ("echo 'deb http://packages.test/node nodistro main' > /etc/apt/sources.list.d/node.list", False),
        ("apt-get update", False),
    ],
)
def test_packages_of_another_release_leave_it_open(run: str, open_now: bool) -> None:
    stages = stages_of(read_dockerfile(f"FROM debian:12 AS a\nRUN {run}\nFROM a\nRUN true\n"))
    assert system_at(stages[-1], stages) == (System("debian") if open_now else System("debian", (12,), (12,)))
