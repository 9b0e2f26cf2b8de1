"""The command line as cli/pyproject.toml installs it: in an environment of its own, with what it declares and no more.

It is built by setuptools as pip would have it built, and what it depends on is linked from the environment that the
tests run in: no index is asked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]


def declared() -> dict[str, object]:
    return tomllib.loads((ROOT / "cli/pyproject.toml").read_text())


def needed(names: list[str]) -> set[str]:
    """The distributions that these need, and those that they need, as they say without any extra."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = re.split(r"[^A-Za-z0-9._-]", waiting.pop())[0]
        if name.lower() in found:
            continue
        try:
            more = distribution(name).requires or []
        except PackageNotFoundError:  # for another Python, or another system
            continue
        found.add(name.lower())
        waiting += [one for one in more if "extra ==" not in one]
    return found


def install(folder: Path) -> Path:
    """Makes an environment there; the path of its `devops-copilot`."""
    source = folder / "source"
    shutil.copytree(ROOT / "cli", source / "cli", ignore=shutil.ignore_patterns("__pycache__"))
    into = source / "layers/copilot/copilot"
    shutil.copytree(ROOT / "layers/copilot/copilot", into, ignore=shutil.ignore_patterns("__pycache__"))
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    (site,) = (folder / "venv/lib").glob("python3*/site-packages")
    build = [sys.executable, "-W", "ignore", "-c", "import setuptools; setuptools.setup()"]
    where = ["egg_info", "--egg-base", str(site), "build_py", "--build-lib", str(site)]
    subprocess.run([*build, "-q", *where], cwd=source / "cli", check=True, capture_output=True)
    project = declared()["project"]
    assert isinstance(project, dict)
    for name in needed(list(project["dependencies"])):
        for path in _tops(name):
            target = site / path.name
            if not target.exists():
                target.symlink_to(path)
    module, _, function = project["scripts"]["devops-copilot"].partition(":")
    script = folder / "venv/bin/devops-copilot"
    start = f"#!{folder}/venv/bin/python\nimport sys\nfrom {module} import {function}\n"
    script.write_text(f"{start}sys.exit({function}())\n")
    script.chmod(0o755)
    return script


def bare(**more: str) -> dict[str, str]:
    """An environment of a job, in which nothing of the tests' own is."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **more}


def _tops(name: str) -> Iterator[Path]:
    given = distribution(name)
    for file in given.files or ():
        if file.parts[0] not in {"..", "__pycache__"}:
            yield Path(str(given.locate_file(file.parts[0])))
