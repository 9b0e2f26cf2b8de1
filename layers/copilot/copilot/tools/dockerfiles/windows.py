"""Whether a file is for Windows: there cmd or PowerShell runs its commands, and a backslash is a part of a path.

Few such files say so by an escape directive (moby/moby#27644). One image name does for several systems, too: what the
daemon runs on decides what `golang:1.22` is. So the image, the platform, the shell and the paths are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.tools.dockerfiles.reading import Dockerfile, Instruction

_IMAGE = re.compile(
    r"(?i)windowsservercore|nanoserver|servercore|[-_:.]ltsc\d{4}|(?:^|/)windows[/:]|[-:]windows(?:[-_.]|$)|winamd64/"
    r"|dotnet/framework|(?:^|/)microsoft/(?:windows|iis|aspnet|wcf|dotnet-framework|mssql-server-windows)"
)
_SHELL = re.compile(r"(?i)(?:.*[\\/])?(?:powershell|cmd)$|.*\.exe$")
_DRIVE = re.compile(r"(?:^|(?<=[\s=\"'\[,]))[A-Za-z]:(?:\\\w|\\\\\w|/(?=\w))")
_BACKSLASH = re.compile(r"(?:^|(?<=[\s=]))[A-Za-z]:\\\w")
_PATH = frozenset("WORKDIR COPY ADD CMD ENTRYPOINT VOLUME".split())
_STARTS_THERE = re.compile(
    r"(?i)(?:powershell|cmd|choco|reg|msiexec|setx|icacls|dism)(?:\.exe)?\s|.*\bpowershell\.exe\b"
)


def why_windows(dockerfile: Dockerfile) -> str:
    """What says that the file is for Windows, as a clause; "" where nothing does."""
    defaults = dict(_defaults(dockerfile))
    for each in dockerfile.instructions:
        if each.keyword == "FROM":
            image = _filled(each.value.split(" ")[0], defaults)
            if _IMAGE.search(image) or any(re.match(r"(?i)--platform=windows", flag) for flag in each.flags):
                return f"its image {image} is one of Windows"
        elif each.keyword == "SHELL":
            shell = (each.exec_form or tuple(each.value.split()) or ("",))[0]
            if _SHELL.match(shell):
                return f"its SHELL is {shell}"
        elif _speaks_of_drives(each):
            return f"line {each.number} is written for Windows"
    return ""


def _speaks_of_drives(each: Instruction) -> bool:
    if each.keyword in _PATH and _DRIVE.search(each.value):
        return True
    if each.keyword == "RUN" and _STARTS_THERE.match(each.value):
        return True
    return each.keyword in {"RUN", "ENV"} and bool(_BACKSLASH.search(each.value))


def _defaults(dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    """The values that ARGs before the first FROM have where nobody gives another."""
    for each in dockerfile.instructions:
        if each.keyword == "FROM":
            return
        for word in each.value.split():
            name, _, value = word.partition("=")
            yield name, value.strip("\"'")


def _filled(image: str, defaults: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return defaults.get(found[1] or found[2], "") or found[3] or found[0]

    return re.sub(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?[^}]*\})", value, image)
