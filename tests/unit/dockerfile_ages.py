"""How old the system of an image is at most, as a year: what the judge of effects knows, apart from the product.

None is no knowledge. The years are when a release or a version first came (their own release notes); a tag that moves
on is at least as young.
"""

from __future__ import annotations

import re

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
    numbers = [int(each) for each in re.findall(r"\d+", re.match(r"[\d.]*", tag)[0])]  # type: ignore[index]
    if (
        name in {"debian", "ubuntu", "alpine", "python", "node", "golang", "ruby", "php", "rust", "fedora"}
        and tag in MOVING
    ):
        return NOW
    if name == "debian" and numbers:
        return DEBIAN.get(str(numbers[0]))
    if name in REDHAT and numbers:
        return REDHAT[name].get(str(numbers[0]), 2002.8 + numbers[0] / 2 if name == "fedora" else None)
    if name in {"rockylinux", "almalinux", "oraclelinux"} and numbers:
        return {7: 2016.4, 8: 2019.4, 9: 2022.4, 10: 2025.4}.get(numbers[0])
    if name == "python" and numbers[:1] == [3]:
        # What has been made anew until its version's end is of that year; one of three numbers is not.
        anew = 2017.7 if numbers[1:] in ([3], [4]) else None
        return PYTHON.get(numbers[1], anew) if len(numbers) > 1 else NOW
    if name == "python" and numbers[:1] == [2]:
        return 2020.0 if len(numbers) < 3 else 2015.6 if numbers[2] >= 10 else 2014.0
    if name == "node" and numbers:
        return 2018.3 + (numbers[0] - 10) / 2
    if name == "golang" and numbers[:1] == [1]:
        return 2015.7 + (numbers[1] - 5) / 2 if len(numbers) > 1 else NOW
    first = {
        "nginx": {1: 2016.5},
        "redis": {4: 2017.5, 5: 2018.8, 6: 2020.3, 7: 2022.3},
        "openjdk": {8: 2016.0, 11: 2018.7},
    }
    yearly = {("ruby", 2): 2013.1, ("ruby", 3): 2020.98, ("php", 7): 2015.9, ("php", 8): 2020.9}
    if name == "rust" and numbers:
        return 2015.4 + 0.115 * numbers[1] if len(numbers) > 1 else NOW
    if numbers and (name, numbers[0]) in yearly:
        return yearly[name, numbers[0]] + (numbers[1] if len(numbers) > 1 else 0)
    return first.get(name, {}).get(numbers[0]) if numbers else None


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
