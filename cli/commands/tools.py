"""`devops-copilot tool list` and `tool show`: what the copilot can do, read from the tools themselves."""

from __future__ import annotations

import argparse
import inspect
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from cli.commands.staying import print_json
from cli.display.page import Page
from cli.exits import Exit, Refused
from copilot.errors import NotFound
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool, WriteTool


def list_tools(args: argparse.Namespace) -> Exit:
    found = registry(args.tools)
    tools = [found.find(version) for version in found.versions()]
    Page().rows(((f"{tool.name}@{tool.version}", tool.effect, tool.summary) for tool in tools), indent=0)
    return Exit.SUCCEEDED


def show(args: argparse.Namespace) -> Exit:
    tool = find(registry(args.tools), args.name)
    schemas = {"input": tool.Input.model_json_schema(), "output": tool.Output.model_json_schema()}
    if args.json:
        about = {name: getattr(tool, name) for name in ("name", "version", "summary", "effect", "runtime", "timeout")}
        print_json(about | {"permissions": permissions(tool)} | schemas)
        return Exit.SUCCEEDED
    page = Page()
    page.say(f"{tool.name}@{tool.version}", "bold")
    page.say(tool.summary, indent=2)
    for name, schema in schemas.items():
        page.say(name.capitalize(), "bold")
        page.rows(fields(schema, given=name == "input"))
    page.say("May do", "bold")
    page.say(permissions(tool), indent=2)
    return Exit.SUCCEEDED


def permissions(tool: AnyTool) -> str:
    """What the tool may do, in words: what it says itself, or what follows from its effect."""
    own = vars(tool).get("permissions")
    # Not what is inherited: that says it of every tool.
    said = " ".join((own.__doc__ or "").split()) if own else ""
    if not issubclass(tool, WriteTool):
        return said or f"Reads only ({tool.runtime} function). Its role can change nothing."
    article = "an" if tool.resource[:1] in "AEIOU" else "a"
    return (
        f"Changes {article} {tool.resource}, and of it exactly what its preview lists. Policies allow each call, "
        f"ask for an approval or deny it; it then runs under a session with only the IAM actions and ARNs it needs. "
        f"{said}"
    ).strip()


def registry(extra: str | None) -> Registry:
    """The built-in tools, and those in `module:attribute`. Raises Refused."""
    return Registry(load(extra)) if extra else Registry()


def find(registry: Registry, name: str) -> AnyTool:
    """Raises Refused, naming the nearest."""
    try:
        return registry.find(name)
    except NotFound as error:
        raise Refused(f"There is {error}. `devops-copilot tool list` shows all.") from error


def load(place: str) -> list[AnyTool]:
    """The tools a Python module has under a name; the current folder is looked in too. Raises Refused."""
    module, _, attribute = place.partition(":")
    if not module or not attribute:
        raise Refused(f"--tools {place}: expected module:attribute, for example my_tools:TOOLS")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise Refused(f"--tools {place}: {error}") from error
    tools: list[AnyTool] = []
    for tool in [found] if inspect.isclass(found) else found:
        if not (inspect.isclass(tool) and issubclass(tool, ReadTool | WriteTool)):
            raise Refused(f"--tools {place}: {tool!r} is not a tool")
        tools.append(tool)
    return tools


def fields(schema: dict[str, Any], given: bool) -> list[tuple[str, ...]]:
    """Name, type, default and description of each. Whether a field has to be there is said of what is `given`; of what
    the tool gives all is there.
    """
    required = schema.get("required", [])
    return [
        (name, _type(field), *([_default(name, field, required)] if given else []), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ] or [("nothing",)]


def _default(name: str, field: dict[str, Any], required: list[str]) -> str:
    if name in required:
        return "required"
    return f"default {field['default']!r}" if field.get("default") is not None else "optional"


def _type(field: dict[str, Any]) -> str:
    """A JSON schema's type in a few words: "development | preview", "list of Environment"."""
    if reference := field.get("$ref"):
        return str(reference.rpartition("/")[2])
    if choices := field.get("enum"):
        return " | ".join(map(str, choices))
    if "const" in field:
        return str(field["const"])
    if alternatives := field.get("anyOf"):
        return " | ".join(_type(one) for one in alternatives if one.get("type") != "null")
    if field.get("type") == "array":
        inner = _type(field.get("items", {}))
        return f"list of {inner}"
    return str(field.get("type", "anything"))
