"""What a runbook does and takes, in words of ours; those of who wrote it are quoted."""

from __future__ import annotations

from copilot.domain import Parameter, Runbook
from copilot.text.outside import quoted


def steps_in_words(runbook: Runbook) -> str:
    """The tools it calls in their order: `list_environments, stop_environment for each, notify`."""
    called = [(quoted(step.tool.partition("@")[0]), step.for_each is not None) for step in runbook.steps]
    return ", ".join(f"{tool} for each" if several else tool for tool, several in called)


def takes_in_words(runbook: Runbook) -> str:
    """Its parameters: `hours (a whole number; 6 unless it is said), channel (a #channel)`."""
    return ", ".join(f"{name} ({_takes(one)})" for name, one in runbook.parameters.items()) or "no parameters"


def _takes(one: Parameter) -> str:
    default = "" if one.default is None else f"; {_shown(one)} unless it is said"
    return f"{one.in_words}{default}"


def _shown(one: Parameter) -> str:
    value = str(one.default)
    return value.lower() if isinstance(one.default, bool) else value if one.names == "channel" else quoted(value)
