"""How old the system of an image is at most, as a year: what the judge of effects knows, apart from the product.

None is no knowledge. The years are when a release or a version first came (their own release notes); a tag that moves
on is at least as young.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

NOW = 2026.9
NAMED = {
    "wheezy": 2013.3, "jessie": 2015.3, "stretch": 2017.4, "buster": 2019.5, "bullseye": 2021.6, "bookworm": 2023.4,
    "trixie": 2025.6, "precise": 2012.3, "trusty": 2014.3, "xenial": 2016.3, "bionic": 2018.3, "focal": 2020.3,
    "jammy": 2022.3, "noble": 2024.3,
}  # fmt: skip
DEBIAN = {"7": 2013.3, "8": 2015.3, "9": 2017.4, "10": 2019.5, "11": 2021.6, "12": 2023.4, "13": 2025.6}
PYTHON = {
    5: 2015.7,
    6: 2016.9,
    7: 2018.4,
    8: 2019.7,
    9: 2020.7,
    10: 2021.7,
    11: 2022.8,
    12: 2023.7,
    13: 2024.7,
    14: 2025.7,
}
REDHAT = {"centos": {"7": 2016.4, "8": 2019.7}, "fedora": {}, "amazonlinux": {"2": 2018.0, "2023": 2023.2}}
"""Of Red Hat's, what their package collections have today: EPEL 7 has pip 8.1.2."""
_REBUILDS = {7: 2016.4, 8: 2019.4, 9: 2022.4, 10: 2025.4}
OTHERS: Mapping[str, Mapping[int, float]] = {
    "rockylinux": _REBUILDS,
    "almalinux": _REBUILDS,
    "oraclelinux": _REBUILDS,
    "nginx": {1: 2016.5},
    "redis": {4: 2017.5, 5: 2018.8, 6: 2020.3, 7: 2022.3},
    "openjdk": {8: 2016.0, 11: 2018.7},
}
MOVING = {"", "latest", "stable", "slim", "edge", "rolling", "alpine", "stable-slim", "3", "3-slim", "3-alpine"}
PIP_HAS_NO_CACHE_DIR = 2015.5
"""pip 6.0 is of December 2014; Debian 8, of April 2015, has pip 1.5."""
APK_HAS_NO_CACHE = 2015.9
NPM_HAS_CI = 2018.2
RECOMMENDS_KNOWN = (2021.5, 2025.7)
"""The Debian releases that the product has worked out what is recommended on: 11 to 13."""


def year(base: str) -> float | None:
    name, _, tag = base.lower().partition("@")[0].partition(":")
    name = re.sub(r"^(?:docker\.io/|[\w.-]+/docker/)?library/|^docker\.io/", "", name)
    if "$" in name:
        return None
    for word in re.split(r"[-_.:]", tag):
        if word in NAMED:
            return NAMED[word]
    if found := re.search(r"(?:ubuntu[-:]?|^)(\d\d)\.(04|10)(?=$|[-_.])", f"ubuntu:{tag}" if name == "ubuntu" else tag):
        return 2000 + int(found[1]) + int(found[2]) / 12
    if found := re.search(r"alpine-?3\.(\d+)", tag) or (re.match(r"3\.(\d+)", tag) if name == "alpine" else None):
        return 2015.9 + (int(found[1]) - 3) / 2
    if "$" in tag or ("@" in base and not re.search(r"\d", tag)):
        return None
    return _of_version(name, tag)


def _of_version(name: str, tag: str) -> float | None:
    if "/" in name:
        return None
    if name in {"debian", "ubuntu", "alpine", "fedora", *LANGUAGES} and tag in MOVING:
        return NOW
    found = re.match(r"\d[\d.]*", tag)
    numbers = [int(each) for each in re.findall(r"\d+", found[0])] if found else []
    if not numbers:
        return None
    if name == "debian":
        return DEBIAN.get(str(numbers[0]))
    if name in REDHAT:
        return REDHAT[name].get(str(numbers[0]), 2002.8 + numbers[0] / 2 if name == "fedora" else None)
    if name in LANGUAGES:
        return LANGUAGES[name](*numbers)
    return OTHERS.get(name, {}).get(numbers[0])


def _python(major: int, minor: int | None = None, *rest: int) -> float | None:
    if major == 2:
        return 2020.0 if not rest else 2015.6 if rest[0] >= 10 else 2014.0
    if major != 3 or minor is None:
        return NOW if major == 3 else None
    # What has been made anew until its version's end is of that year; one of three numbers is not.
    return PYTHON.get(minor, 2017.7 if minor in (3, 4) and not rest else None)


def _node(major: int, *rest: int) -> float:
    return 2018.3 + (major - 10) / 2


def _golang(major: int, minor: int | None = None, *rest: int) -> float | None:
    if major != 1:
        return None
    return NOW if minor is None else 2015.7 + (minor - 5) / 2


def _rust(major: int, minor: int | None = None, *rest: int) -> float:
    return NOW if minor is None else 2015.4 + 0.115 * minor


def _yearly(first: Mapping[int, float]) -> Callable[..., float | None]:
    """Of what has a minor version a year, from when the first of a major one was."""
    return lambda major, minor=0, *rest: first[major] + minor if major in first else None


LANGUAGES: Mapping[str, Callable[..., float | None]] = {
    "python": _python,
    "node": _node,
    "golang": _golang,
    "rust": _rust,
    "ruby": _yearly({2: 2013.1, 3: 2020.98}),
    "php": _yearly({7: 2015.9, 8: 2020.9}),
}
"""The year of a version, by its numbers."""


def is_debian(base: str) -> bool:
    """Whether it is known to be Debian, whose packages are known, and not Ubuntu, which has others."""
    name, _, tag = base.lower().partition("@")[0].partition(":")
    if "alpine" in tag or re.search(r"ubuntu|precise|trusty|xenial|bionic|focal|jammy|noble", tag):
        return False
    code = any(word in {"bullseye", "bookworm", "trixie"} for word in re.split(r"[-_.]", tag))
    return code or name in {"debian", "python", "node", "golang", "ruby", "php", "rust"}


def is_windows(text: str) -> bool:
    """Whether anything in the file is of Windows: an image, a shell, a path with its drive."""
    tells = (
        r"(?im)^\s*FROM\s.*(windowsservercore|nanoserver|windows/|servercore|ltsc20|[:-]windows-)",
        r"(?im)^\s*ARG\s+\w+=\S*(windowsservercore|nanoserver|windows/)",
        r"(?im)^\s*FROM\s.*--platform=windows",
        r"(?im)^\s*SHELL\s*\[\s*\"(powershell|cmd|[^\"]*\.exe)",
        r"(?im)^\s*(WORKDIR|CMD|ENTRYPOINT|COPY|ADD)\s.*(?<![\w/])[a-z]:[\\/]+\w",
    )
    return any(re.search(each, text) for each in tells)
