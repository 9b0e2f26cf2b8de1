"""The files that say what a project installs, as far as they are at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping

Others = Mapping[str, str]
"""The other files at hand: text by name."""

NPM_OPTIONS = frozenset(
    "--production --omit=dev --omit=optional --only=production --only=prod --no-audit --no-fund --ignore-scripts "
    "--legacy-peer-deps --silent --quiet --no-optional --no-progress --prefer-offline".split()
)
"""Options of npm install and npm ci that leave open nothing about what they read."""
LIFECYCLE = frozenset("preinstall install postinstall prepublish preprepare prepare postprepare".split())
"""Scripts of package.json that npm runs by itself when it installs."""


def json_object(text: str | None) -> dict[str, object]:
    """What the text holds; {} where it is no JSON object."""
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def runs_own_scripts(others: Others) -> bool:
    """Whether npm may run scripts of the project when it installs; True where package.json is not at hand."""
    package = json_object(others.get("package.json"))
    scripts = package.get("scripts", {})
    return not package or not isinstance(scripts, dict) or bool(scripts.keys() & LIFECYCLE)
