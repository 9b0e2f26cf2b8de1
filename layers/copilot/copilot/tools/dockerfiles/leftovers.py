"""What a package manager leaves behind, and whether anything in the file comes back for it."""

from __future__ import annotations

import re
from collections.abc import Callable

from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.stages import Stage, lineage, stages_of

ELSEWHERE = frozenset(
    "adduser addgroup bundle bunzip2 cargo cat cd chgrp chmod chown composer corepack cp curl dotnet echo export false "
    "find gem git go gradle groupadd gunzip gzip head install javac ldconfig ln locale-gen ls mkdir mv mvn node npm "
    "pip pip3 pipenv pnpm poetry printf python python3 rm rmdir ruby rustc rustup sed set sleep tar test touch true "
    "unzip update-ca-certificates useradd usermod uv wget yarn".split()
)
"""Programs that never look at what apt or apk know of packages."""
_REMOVED = re.compile(r"\brm\s+(?:-[A-Za-z]{1,20}\s+){0,5}-[A-Za-z]{0,20}f[A-Za-z]{0,20}\s(?:[^;&|\\\n]|\\\n)*")
"""A removal that does not mind where there is nothing to remove; without -f it would end the build."""


def speaks_of(dockerfile: Dockerfile, left: re.Pattern[str]) -> bool:
    """Whether anything in the file names what is left behind, other than to remove it if it is there."""
    return any(left.search(_REMOVED.sub(" ", each.raw)) for each in dockerfile.instructions)


def all_later(dockerfile: Dockerfile, run: Instruction, stage: Stage, fine: Callable[[Instruction], bool]) -> bool:
    """Whether all RUNs after this one, in its stage and in those that build on it, are fine, and no ONBUILD waits."""
    stages = stages_of(dockerfile)
    heirs = [each for each in stages if any(other.number == stage.number for other in lineage(each, stages))]
    later = [each for heir in heirs for each in heir.of("RUN") if each.number > run.number]
    return all(fine(each) for each in later) and not any(heir.of("ONBUILD") for heir in heirs)
