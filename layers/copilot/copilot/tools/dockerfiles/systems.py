"""What the name and the tag of an image say about the system in it: its family and how old it may be.

Sure knowledge alone, from systems.yaml: a variable in a FROM, a tag that says nothing, an image nobody here knows leave
it open, and what is open is not changed by a rule that would have to know it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from copilot.tools.dockerfiles.stages import Image, Stage, ancestor_image, lineage

Release = tuple[int, ...]
_MIRROR = re.compile(
    r"^(?:docker\.io/|[\w.-]+/docker/)?(?:library/|(?:amd64|arm32v[5-7]|arm64v8|i386|ppc64le|riscv64|s390x)/)?"
    r"(?P<name>[a-z0-9-]+)$"
)
"""Docker's library under the names it is also to be had by."""
_ALPINE = re.compile(r"(?:^|[-_])alpine-?(\d+\.\d+)?(?:$|[-_.])")
_UBUNTU = re.compile(r"(?:^|[-_])ubuntu-?(\d\d\.\d\d)(?:$|[-_.])")
_OTHER_RELEASE = re.compile(
    r"/etc/apt/sources\.list\b(?!\.d)|/etc/apt/(?:preferences|sources\.list\.d)[^|&;]{0,200}\b(?:debian|ubuntu)\.|/etc/apk/repositories"
    r"|do-release-upgrade|\bdeb(?:-src)?\s[^|&;]{0,200}(?:debian|ubuntu)(?:\.\w+)+/|snapshot\.debian"
)
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True)
class System:
    """`family`, and the releases between which it is; "" and () where they are not known."""

    family: str = ""
    oldest: Release = ()
    newest: Release = ()


def system_at(stage: Stage, stages: tuple[Stage, ...]) -> System:
    """Its release is not known where the file itself takes packages from another one."""
    system = system_of(ancestor_image(stage, stages))
    moved = any(_OTHER_RELEASE.search(each.raw) for other in lineage(stage, stages) for each in other.body)
    return System(system.family) if moved else system


def system_of(image: Image) -> System:
    name, tag = library_name(image), image.tag.lower()
    known = _data()["distributions"].get(name)
    if known is not None:
        return _distribution(known, tag, image)
    return _told_by_tag(tag) or _told_by_name(name, tag, image)


def library_name(image: Image) -> str:
    """What Docker's library calls it; "" for any other image, and for one with a variable in its name."""
    found = _MIRROR.match(image.name)
    return found["name"] if found else ""


def has_option(system: System, option: str) -> bool:
    """Whether the package manager of this system surely knows an option that systems.yaml names."""
    since = _data()["options"][option].get(system.family)
    return since is not None and bool(system.oldest) and system.oldest >= release(since)


def version_of(tag: str) -> Release:
    """The numbers a tag begins with, 3.12 being (3, 12); () where it does not begin with one."""
    found = _NUMBERS.match(tag)
    return release(found.group()) if found else ()


def is_latest(image: Image) -> bool:
    """Whether a language's image names no version, nor by a digest one of any age: the newest there is."""
    return not image.digest and _names_no_version(image.tag)


def _names_no_version(tag: str) -> bool:
    return not re.search(r"\d", re.sub(r"alpine\d+\.\d+|alpine3", "", tag))


def _distribution(known: dict[str, Any], tag: str, image: Image) -> System:
    family = str(known["family"])
    bare = re.sub(r"-(?:slim|\d{8}(?:\.\d+)?|minimal)(?=-|$)", "", tag)
    if not image.fixed:
        return System(family)
    if not bare or bare in {"slim", *known.get("moving", ())}:
        return _exactly(family, known["today"]) if "today" in known and not image.digest else System(family)
    names = _data()[family] if family in {"debian", "ubuntu"} else {}
    found = re.fullmatch(r"(?:stream)?(\d+(?:\.\d+)*)", bare)
    text = names.get(bare.partition("-")[0]) or (found[1] if found else "")
    # What Debian calls 12.5 is Debian 12; of Ubuntu's and Alpine's releases two numbers are the name.
    numbers = release(text)[: 2 if family in {"ubuntu", "alpine"} else 1] if text else ()
    return System(family, numbers, numbers)


def _exactly(family: str, text: str) -> System:
    return System(family, release(text), release(text))


def _told_by_tag(tag: str) -> System | None:
    for family in ("debian", "ubuntu"):
        for word in re.split(r"[-_.]", tag):
            if word in _data()[family]:
                return _exactly(family, _data()[family][word])
    if (found := _UBUNTU.search(tag)) is not None:
        return _exactly("ubuntu", found[1])
    if (found := _ALPINE.search(tag)) is not None and found[1]:
        return _exactly("alpine", found[1])
    return None


def _told_by_name(name: str, tag: str, image: Image) -> System:
    if _ALPINE.search(tag):
        return System("alpine", *_alpine_since(name, tag, image))
    if name not in _data()["from_debian"] or re.search(r"onbuild|ubi|oracle", tag):
        return System()
    if not image.fixed:
        return System("debian")
    today = str(_data()["distributions"]["debian"]["today"])
    if _names_no_version(tag):
        return System("debian") if image.digest else _exactly("debian", today)
    versions = _data()["from_debian"][name]
    # A tag of one number alone, python:3 for one, moves on to the newest of its minor versions where there are several.
    numbers = version_of(tag)
    numbers = (*numbers, 99) if len(numbers) == 1 and not image.digest and name not in {"node"} else numbers
    since = [release(oldest) for first, oldest in versions.items() if release(first) <= numbers]
    return System("debian", max(since), release(today)) if since else System("debian")


def _alpine_since(name: str, tag: str, image: Image) -> tuple[Release, Release]:
    """Bounds of an alpine image without a number: a tag of one or two numbers has been made anew since Alpine 3.3."""
    first = _data()["from_alpine"].get(name)
    version = version_of(tag)
    made_anew = not image.digest and len(version) < 3
    known = image.fixed and first is not None and (made_anew or version >= release(first))
    return ((3, 3), release(_data()["distributions"]["alpine"]["today"])) if known else ((), ())


def release(text: str) -> Release:
    """12.04 as (12, 4)."""
    return tuple(int(number) for number in str(text).split("."))


@cache
def _data() -> dict[str, Any]:
    """systems.yaml."""
    text = files("copilot").joinpath("tools/dockerfiles/systems.yaml").read_text()
    found: dict[str, Any] = yaml.safe_load(text)
    return found
