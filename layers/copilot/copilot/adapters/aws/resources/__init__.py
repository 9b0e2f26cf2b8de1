"""What there is in AWS that can be stopped and started, a module a kind. A module that has a KIND declares one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.adapters.aws.resources.stoppable import Stoppable


@cache
def kinds() -> Mapping[str, Stoppable]:
    """Each kind by the name of its type, what uses before what it uses: services, machines, databases."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    found: list[Stoppable] = [module.KIND for module in modules if hasattr(module, "KIND")]
    found.sort(key=lambda kind: (kind.type.turn, kind.type.noun))
    return MappingProxyType({kind.type.name: kind for kind in found})
