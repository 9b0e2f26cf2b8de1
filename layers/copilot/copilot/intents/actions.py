"""What can be asked for: the actions, the ways to say each, and the plans they may come to."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from copilot.domain import Frozen


class Intent(Frozen):
    """One plan that an action may come to. `plan` is a Plan without its goal, with {"$slot": name} for what was said
    (and beside it "$default": what it is where nothing was said).

    `hears` is what has to be heard: one environment or several, in which state, a window. `everything` says that it may
    be for all there are; `tell` is what a channel is told at its end, and without it none is. `wants_file` is what to
    say to a request that comes without the file the plan is about. `recalls` is the step that may answer from what was
    last swept; it is told `now` where what is there now was asked for. One that `asks` has no plan: something is
    lacking, which one of `choices` says after the request; or `instead` of it, with {slot} for what was said. What a
    step of its plan asks back is `answered_after` the request, not in it. `report` are the arguments of render_report
    for what its plan finds, where that can be given as files. One that `tells` has a step of its own for the channels,
    which are its slot `told`.
    """

    name: str
    example: str
    hears: frozenset[str]
    everything: bool = False
    tell: str = ""
    tells: bool = False
    wants_file: str = ""
    recalls: str = ""
    asks: str = ""
    choices: tuple[str, ...] = ()
    instead: bool = False
    answered_after: bool = False
    report: dict[str, Any] = {}
    plan: dict[str, Any] = {}


class Action(Frozen):
    """What can be asked for, the ways to say it, and the plans it may come to: the first that fits and uses all that
    was said. `takes` are the asides that may stand beside it.

    `shaped` are the forms of its verb for the tables of shapes.yaml. What is `doubtful` may say that it is to be done,
    or that it is so: which, is asked before anything is changed. `whole_kinds`: a kind is all that is of it,
    even where there is a plan for a single one.

    One that `changes` something has plans that do, or is given one that takes back what was done. One that `foresees`
    has a request for a change within it, and comes to that one's plan, of which nothing is to be done. One that `says`
    something is answered without a plan; one `of_results` is about what was last answered, of which its caller knows
    what that is; one without any of these is the last request again. `examples` are shown of it in place of those of
    its plans.
    """

    action: str
    takes: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    shaped: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    doubtful: tuple[str, ...] = ()
    plans: tuple[Intent, ...] = ()
    says: bool = False
    changes: bool = False
    whole_kinds: bool = False
    foresees: bool = False
    of_results: bool = False
    examples: tuple[str, ...] | None = None


def slots_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        if "$slot" in value:
            return {value["$slot"]}
        return set().union(*map(slots_in, value.values())) if value else set()
    return set().union(*map(slots_in, value)) if isinstance(value, list) and value else set()


def read_yaml(file: Traversable) -> Any:
    """A YAML file of ours. With libyaml, where it is there, it takes a tenth of the time."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
