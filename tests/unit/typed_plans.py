"""Random tools, plans over them that are well typed by construction, and outputs as those tools may give.

A consumer's Input is made from what a reference gives, worked out here from the shape that was walked through and never
by the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Union

from hypothesis import strategies as st
from pydantic import ConfigDict, Field, JsonValue, create_model

from copilot.domain import Plan
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool

WORDS = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"]
NAMES = ["name", "size", "state", "parts", "owner", "flag", "notes", "place"]


@dataclass(frozen=True)
class Shape:
    """The shape of a value: text, choice, whole, number, flag, list, object, free (keys of any name) or any."""

    kind: str
    inner: tuple[Shape, ...] = ()
    names: tuple[str, ...] = ()
    nullable: bool = False

    @property
    def fields(self) -> dict[str, Shape]:
        return dict(zip(self.names, self.inner, strict=True)) if self.kind == "object" else {}


def maybe(shape: Shape, nullable: bool) -> Shape:
    return Shape(shape.kind, shape.inner, shape.names, nullable)


plain = st.sampled_from(["text", "whole", "number", "flag", "any"]).map(Shape)
choices = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True).map(
    lambda words: Shape("choice", names=tuple(words))
)


def _object(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    fields = st.dictionaries(st.sampled_from(NAMES), st.builds(maybe, inner, st.booleans()), min_size=1, max_size=4)
    return fields.map(lambda found: Shape("object", tuple(found.values()), tuple(found)))


shapes = st.recursive(
    plain | choices,
    lambda inner: (
        inner.map(lambda one: Shape("list", (one,))) | inner.map(lambda one: Shape("free", (one,))) | _object(inner)
    ),
    max_leaves=8,
)
lists_of_objects = _object(plain | choices).map(lambda one: Shape("list", (one,)))
outputs = st.dictionaries(st.sampled_from(NAMES), lists_of_objects | shapes, min_size=1, max_size=4).map(
    lambda found: Shape("object", tuple(found.values()), tuple(found))
)


# --- tools -----------------------------------------------------------------------------------------


def annotation(shape: Shape) -> Any:
    match shape.kind:
        case "choice":
            found: Any = Literal[shape.names]
        case "list":
            found = tuple[annotation(shape.inner[0]), ...]  # type: ignore[misc]
        case "free":
            found = dict[str, annotation(shape.inner[0])]  # type: ignore[misc]
        case "object":
            found = model(shape)
        case kind:
            found = {"text": str, "whole": int, "number": float, "flag": bool, "any": JsonValue}[kind]
    return Union[found, None] if shape.nullable else found  # noqa: UP007


def model(shape: Shape) -> Any:
    fields: dict[str, Any] = {name: (annotation(inner), Field()) for name, inner in shape.fields.items()}
    return create_model("Made", __config__=ConfigDict(frozen=True, extra="forbid"), **fields)


def tool(name: str, taken: dict[str, Shape], given: Shape) -> AnyTool:
    made = Shape("object", tuple(taken.values()), tuple(taken))
    body = {"name": name, "summary": "Made.", "Input": model(made), "Output": model(given), "run": None}
    return type(name, (ReadTool,), body)


def values(shape: Shape) -> st.SearchStrategy[Any]:
    match shape.kind:
        case "text":
            found: st.SearchStrategy[Any] = st.text(max_size=5)
        case "choice":
            found = st.sampled_from(shape.names)
        case "whole":
            found = st.integers(-9, 9)
        case "number":
            found = st.floats(-9, 9, width=16)
        case "flag":
            found = st.booleans()
        case "any":
            found = st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=3) | st.just([1]) | st.just({})
        case "list":
            found = st.lists(values(shape.inner[0]), max_size=3)
        case "free":
            found = st.dictionaries(st.sampled_from(WORDS), values(shape.inner[0]), max_size=2)
        case _:
            found = st.fixed_dictionaries({name: values(inner) for name, inner in shape.fields.items()})
    return st.none() | found if shape.nullable else found


# --- references ------------------------------------------------------------------------------------


def compared(draw: Any, shape: Shape, name: str) -> str | None:
    """A condition on a field that may hold or not."""
    match shape.kind:
        case "flag" | "list":
            return str(draw(st.sampled_from([name, f"!{name}"])))
        case "text":
            return f"{name} {draw(st.sampled_from(['==', '!=', '<', '>=']))} '{draw(st.sampled_from(WORDS))}'"
        case "choice":
            return f"{name} {draw(st.sampled_from(['==', '!=']))} '{draw(st.sampled_from(shape.names))}'"
        case "whole" | "number":
            return f"{name} {draw(st.sampled_from(['==', '>', '<=']))} `{draw(st.integers(0, 5))}`"
    return f"{name} != `null`"


def walk(draw: Any, text: str, shape: Shape, steps: int) -> tuple[str, Shape]:
    """From an expression and the shape of what it gives to a longer one."""
    for _ in range(steps):
        if shape.kind == "object":
            name = draw(st.sampled_from(shape.names))
            inner = shape.fields[name]
            text, shape = (name if text == "@" else f"{text}.{name}"), maybe(inner, inner.nullable or shape.nullable)
        elif shape.kind == "free":
            text, shape = f"{text}.{draw(st.sampled_from(WORDS))}", maybe(shape.inner[0], True)
        elif shape.kind == "list":
            text, shape = _through_list(draw, text, shape)
        else:
            break
    return text, shape


def _through_list(draw: Any, text: str, shape: Shape) -> tuple[str, Shape]:
    element = shape.inner[0]
    text = "@" if text == "@" else text
    ways = ["index", "by"] + (["project", "filter", "filter"] if element.kind == "object" else [])
    ways += ["sum"] if element.kind in ("whole", "number") and not element.nullable else []
    ways += ["join"] if element.kind in ("text", "choice") and not element.nullable else []
    ways += ["flatten"] if element.kind == "list" else []
    way = draw(st.sampled_from([*ways, "length"]))
    if way == "length":
        return f"length({text})", Shape("whole")
    if way == "sum":
        return f"sum({text})", Shape(element.kind)
    if way == "join":
        return f"join(', ', {text})", Shape("text")
    if way == "flatten":
        inner = element.inner[0]
        return f"({text}[]) | @", Shape("list", (maybe(inner, False),), nullable=shape.nullable)
    if way in ("project", "filter"):
        names = list(element.names)
        shown = draw(st.sampled_from(names))
        inside = maybe(element.fields[shown], False)
        condition = "[]"
        if way == "filter":
            asked = draw(st.sampled_from(names))
            one = compared(draw, element.fields[asked], asked)
            other = compared(draw, element.fields[shown], shown)
            joint = draw(st.sampled_from([f"{one}", f"{one} && {other}", f"!({one}) || {other}"]))
            condition = f"[?{joint}]"
        # `[]` would open the lists that the elements themselves are; these are objects.
        return f"{text}{condition}.{shown} | @", Shape("list", (inside,), nullable=shape.nullable)
    keys = [name for name, inner in element.fields.items() if inner.kind in ("text", "choice", "whole", "number")]
    if way == "by" and keys:
        key, name = draw(st.sampled_from(keys)), draw(st.sampled_from(["sort_by", "min_by", "max_by"]))
        found = f"{name}({text}, &{key})"
        return (found, shape) if name == "sort_by" else (found, maybe(element, True))
    return f"({text}) | [{draw(st.sampled_from([0, -1]))}]", maybe(element, True)


# --- plans -----------------------------------------------------------------------------------------


@dataclass
class Made:
    """A plan, its tools, and what each step gives (of a for_each, one element's)."""

    plan: dict[str, Any]
    registry: Registry
    given: dict[str, Shape]
    taken: dict[str, dict[str, Shape]]

    @property
    def checked(self) -> Plan:
        return Plan.model_validate(self.plan)


@st.composite
def typed_plans(draw: Any) -> Made:
    steps: list[dict[str, Any]] = []
    tools: list[AnyTool] = []
    given: dict[str, Shape] = {}
    scope: dict[str, Shape] = {}
    taken: dict[str, dict[str, Shape]] = {}
    for number in range(draw(st.integers(2, 3))):
        id = f"step{number}"
        step: dict[str, Any] = {"id": id, "tool": f"tool_{number}", "arguments": {}}
        wanted: dict[str, Shape] = {}
        element: Shape | None = None
        if scope and draw(st.booleans()):
            text, shape = _reference(draw, scope)
            if shape.kind == "list":
                step["for_each"], element = {"$ref": text}, shape.inner[0]
        for argument in draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
            ways = ["literal"] + (["ref", "ref", "text"] if scope else []) + (["item"] if element else [])
            way = draw(st.sampled_from(ways))
            if way == "literal":
                shape = draw(shapes)
                value = draw(values(shape))
            elif way == "ref":
                text, shape = _reference(draw, scope)
                value = {"$ref": text}
            elif way == "item":
                text, shape = walk(draw, "@", element, draw(st.integers(0, 2)))  # type: ignore[arg-type]
                value = {"$item": text}
            else:
                text, found = _reference(draw, scope)
                # An object has no text of its own.
                value = {"$text": f"so: {{{text}}}" if not _has_object(found) else "none"}
                shape = Shape("text")
            wanted[argument] = maybe(shape, False)
            step["arguments"][argument] = value
        if draw(st.booleans()) and steps:
            step["after"] = [draw(st.sampled_from(steps))["id"]]
        given[id] = draw(outputs)
        taken[id] = wanted
        tools.append(tool(f"tool_{number}", wanted, given[id]))
        steps.append(step)
        scope = scope | {id: Shape("list", (given[id],)) if "for_each" in step else given[id]}
    plan = {"goal": "g", "steps": steps, "answer": {"text": "done"}}
    return Made(plan, Registry(tools), given, taken)


KINDS = (
    Shape("text"),
    Shape("whole"),
    Shape("number"),
    Shape("flag"),
    Shape("choice", names=tuple(WORDS[:3])),
    Shape("object", (Shape("text"), Shape("flag")), ("title", "on")),
    Shape("list", (Shape("object", (Shape("text"), Shape("flag"), Shape("whole")), ("title", "on", "count")),)),
)


@st.composite
def plans_of_two(draw: Any) -> Made:
    """A step that gives a value of each kind, and one that takes a literal of each, under names as they fall."""
    given = Shape("object", KINDS, tuple(draw(st.permutations(NAMES))[: len(KINDS)]))
    wanted = dict(zip(draw(st.permutations(NAMES))[: len(KINDS)], KINDS, strict=True))
    steps = [
        {"id": "step0", "tool": "tool_0", "arguments": {}},
        {"id": "step1", "tool": "tool_1", "arguments": {name: draw(values(shape)) for name, shape in wanted.items()}},
    ]
    registry = Registry([tool("tool_0", {}, given), tool("tool_1", wanted, given)])
    plan = {"goal": "g", "steps": steps, "answer": {"text": "done"}}
    return Made(plan, registry, {"step0": given, "step1": given}, {"step0": {}, "step1": wanted})


def _reference(draw: Any, scope: dict[str, Shape]) -> tuple[str, Shape]:
    id = draw(st.sampled_from(sorted(scope)))
    return walk(draw, id, scope[id], draw(st.integers(0, 4)))


def _has_object(shape: Shape) -> bool:
    return shape.kind == "object" or (shape.kind == "list" and _has_object(shape.inner[0]))
