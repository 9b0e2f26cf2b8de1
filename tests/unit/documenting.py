"""The pages of docs/ that are made from the code: `make docs` writes them, test_docs.py holds them fresh."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from test_architecture import ROOMS, ROOT, SOURCES
from test_heard import by_hand, outcome

from cli.commands.tools import fields
from copilot.adapters.aws.fixtures import fixture_kinds
from copilot.adapters.aws.fixtures.fixture_kind import FixtureKind
from copilot.adapters.aws.resources import kinds
from copilot.adapters.aws.resources.stoppable import Stoppable
from copilot.config.caps import Caps
from copilot.config.configuration import Configuration
from copilot.config.names import ROLES
from copilot.domain import PRIVATE, STRICTER, About, Change, Destination, Kind, OutputClass, Person, ResourceRef
from copilot.intents.actions import read_yaml
from copilot.policy.decisions import Policy
from copilot.tools.by_hand import TOOL_RUN
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool, WriteTool

DOCS = ROOT / "docs"
MADE = "<!-- Made by `make docs` from {}: change it there. -->\n"
BEGIN, END = "<!-- rooms: made by `make docs` -->\n", "<!-- end of rooms -->\n"
NO_PACKAGE = {"functions": "One thin `app.py` for each Lambda function, and the machine."}
"""Rooms that are folders of packages, which have no docstring of their own."""


def pages() -> dict[Path, str]:
    """What each page has to be."""
    architecture = DOCS / "architecture.md"
    return {
        DOCS / "tools.md": tools(Registry()),
        DOCS / "configuration.md": configuration((ROOT / "samplefiles/config.yaml").read_text()),
        DOCS / "times.md": times(read_yaml(ROOT / "tests/unit/time_phrases.yaml")),
        DOCS / "requests.md": requests(),
        DOCS / "resource-kinds.md": resource_kinds(kinds().values()) + only_looked_at(fixture_kinds().values()),
        DOCS / "who-sees-what.md": who_sees_what(Registry()),
        architecture: with_rooms(architecture.read_text()),
    }


def requests() -> str:
    """The requests written by hand, with what their author meant and what is heard."""
    rows = [(one["text"].replace("|", "/"), VERDICTS[one["verdict"]], outcome(one["text"])) for one in by_hand()]
    same = sum(meant == heard for _, meant, heard in rows)
    told = REQUESTS.format(number=len(rows), same=same)
    return MADE.format("`tests/unit/heard_by_hand.jsonl`") + told + _table("request meant heard", rows)


VERDICTS = {"understood": "understood", "asks": "asked about", "not_understood": "not understood"}
REQUESTS = """\
# Requests, as people write them

{number} requests that somebody wrote by hand who had seen README alone, for a cloud with the environments orders-dev,
checkout-dev, search-dev, billing-dev, blue-42 and sandbox (development), pr-482 and pr-517 (preview), uat and
staging-eu, prod-eu and prod-us; without a model. {same} come to what their author expects. Where they do not, nothing
that was not meant is done (`test_heard.py`): it is asked about, or said not to be understood.

"""


def tools(registry: Registry) -> str:
    """Each tool: what it does, takes, gives, may do, and what undoes it; then the types they have in common."""
    found = [registry.find(version) for version in registry.versions()]
    types: dict[str, dict[str, Any]] = {}
    sections: list[str] = []
    for tool in found:
        given, gives = tool.Input.model_json_schema(), tool.Output.model_json_schema()
        types |= given.get("$defs", {}) | gives.get("$defs", {})
        sections += [
            f"## {tool.name}@{tool.version}\n\n{tool.summary}\n",
            *([_text(tool)] if _text(tool) else []),
            f"**May do.** {_may_do(tool)}\n",
            *([f"**Undo.** {_undo(tool)}\n"] if issubclass(tool, WriteTool) else []),
            "**Takes**\n\n" + _table("field type default meaning", _without_prefix(fields(given, given=True))),
            "**Gives**\n\n" + _table("field type meaning", fields(gives, given=False)),
        ]
    overview = _table(
        "tool effect shows does",
        ((f"[{t.name}@{t.version}](#{t.name}{t.version})", t.effect, t.shows, t.summary) for t in found),
    )
    named = [
        f"### {name}\n\n" + _table("field type meaning", fields(types[name], given=False))
        for name in sorted(types)
        if "properties" in types[name]
    ]
    commands = _table("tool|shown by hand with", ((t.name, _by_hand(t)) for t in found if issubclass(t, ReadTool)))
    head = [MADE.format("the tools' types"), TOOLS, overview, BY_HAND, commands]
    return "\n".join([*head, *sections, "## Types\n", *named])


TOOLS = """\
# Tools

A tool is the only thing that touches anything. A plan, by whomever it was made, is a list of calls of these; a person
can call one alone (`devops-copilot tool run NAME '{...}'`), see [operating.md](operating.md#one-thing-alone).

`name@version` never changes its meaning: what would change it is a new version, and the old one stays as long as a
plan, a schedule or a runbook names it. A plan may name a tool without a version, which is its newest.

**A read** runs with a role that can change nothing. **A write** is previewed by a fresh read, which lists what would be
changed; policy decides on its targets; it then runs in a session with the IAM actions and ARNs of what the preview
lists and nothing more, and is read back afterwards. [security.md](security.md#what-the-roles-may-do) has the roles.
"""


BY_HAND = """\
## By hand

Under a composed answer stands what each claim rests on, and with it the commands that show the same to whoever types
them, quoted for a shell: of the AWS CLI (version 2), with the region and with whose credentials, each of which only
reads; and the copilot's own for what it alone knows. No command shows what is withheld: of a task definition and of a
build a part is asked for, of parameters and secrets the names. But lines of logs come as they were logged, with what
the copilot masks in them, and Cost Explorer has its price of a cent for a question asked by hand as well. A search of
logs for one word, in letters that a filter pattern takes, looks for that whatever their case; for a level all lines of
that time are shown. A command in which something could not be shown as it is is not shown. `by_hand`, among what a tool
gives, is what its commands need besides; no model is shown it.
"""


def _by_hand(tool: type[ReadTool[Any, Any]]) -> str:
    """The tool itself where nothing else shows it, or not all of it."""
    own = f"{TOOL_RUN} {tool.name}"
    return ", ".join(f"`{own if one == TOOL_RUN else one}`" for one in tool.shown_by or (TOOL_RUN,))


def _without_prefix(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [tuple(cell.removeprefix("default ") for cell in row) for row in rows]


def _may_do(tool: AnyTool) -> str:
    if not issubclass(tool, WriteTool):
        pack = f" Only where an account has the pack {tool.pack} on." if tool.pack else ""
        fields = " and ".join(f"`{name}`" for name in sorted(tool.logs))
        kept = f" No model is shown the {fields} of production." if fields else ""
        return f"Reads only. Runs in the {tool.runtime} function, for at most {tool.timeout} s.{pack}{kept}"
    again = (
        "Made once at most: whether it came about cannot be read back, and an unknown outcome is told as that."
        if tool.unverifiable
        else f"A fresh read has to see it within {tool.timeout} s."
    )
    more = " After a worker died it is called again, and does what is missing." if tool.idempotent else ""
    article = "an" if tool.resource[:1] in "AEIOU" else "a"
    return f"Changes {article} `{tool.resource}`, as policy calls it, as previewed. {again}{more}"


def _undo(tool: type[WriteTool[Any, Any]]) -> str:
    said = " ".join((tool.undo.__doc__ or "").split())
    assert said, f"{tool.name}: the docstring of undo says what undoes it"
    return said


def configuration(example: str) -> str:
    """Every key of the configuration, and an example of it whole."""
    schema = Configuration.model_json_schema()
    types = schema.pop("$defs")
    own = dict[str, str]()
    parts = [schema]
    while parts:
        for key, field in parts.pop(0)["properties"].items():
            if (name := _type_of(field)) and name in types and name not in own:
                own[name] = key
                if name != Caps.__name__:  # which has a table of its own of all in it
                    parts.append(types[name])
    sections = [
        f"## {title}\n\n{_doc(part)}\n\n" + _table("key type default meaning", _keys(part, own))
        for title, part in [("The whole", schema), *((f"`{key}`", types[name]) for name, key in own.items())]
    ]
    sections.insert(1 + [*own.values()].index("caps") + 1, _caps(types["Most"]))
    example_of = f"## An example\n\n`samplefiles/config.yaml`:\n\n```yaml\n{example}```\n"
    return "\n".join([MADE.format("`config/configuration.py`"), CONFIGURATION, *sections, example_of])


CONFIGURATION = """\
# Configuration

One YAML file says what an installation looks after and who may ask. `devops-copilot configure FILE --check` says what
is wrong with it, all at once, each with its line and the nearest that is known; `devops-copilot configure FILE` hands
it over, as JSON in the SSM parameter `/devops-copilot/config`. A key that is not in these tables is refused.
[deploying.md](deploying.md#4-write-the-configuration) has a small one to begin with, and what people's roles may do.
"""


def _caps(most: Mapping[str, Any]) -> str:
    """The caps there are, and what each is where nothing else is said."""
    names = {name: one.get("description", "") for name, one in most["properties"].items()}
    rows = [
        (f"`{scope}`", f"`{kind}`", *("" if caps[name] is None else f"`{caps[name]:g}`" for name in names))
        for scope, kinds in Caps().model_dump().items()
        for kind, caps in kinds.items()
    ]
    said = "; ".join(f"`{name}`: {meaning}" for name, meaning in names.items())
    return f"### Each cap\n\n{said}. By default:\n\n" + _table(" ".join(["scope", "kind", *names]), rows)


def _type_of(field: Mapping[str, Any]) -> str:
    """The name of the type that a field holds, or holds a list of or by names, or may hold; "" where it has none."""
    inner = _present(field)
    by_name = next(iter(inner.get("patternProperties", {}).values()), inner)
    return str(inner.get("items", by_name).get("$ref", "")).rpartition("/")[2]


def _present(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a field holds where it is not null."""
    return next((one for one in field.get("anyOf", ()) if one.get("type") != "null"), field)


def _doc(schema: Mapping[str, Any]) -> str:
    return " ".join(str(schema.get("description", "")).split())


def _keys(schema: dict[str, Any], own: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """`own` are the types that have a table of their own, each with the key whose it is."""
    for row, field in zip(fields(schema, given=True), schema["properties"].values(), strict=True):
        name, type, default, meaning = row
        inner = _present(field)
        if key := own.get(_type_of(field)):
            type = type.replace(_type_of(field), f"[{key}](#{key})")
            if "patternProperties" in inner:
                type = f"[{key}](#{key}) by name"
        if "minimum" in inner and "maximum" in inner:
            type += f", {inner['minimum']:,} to {inner['maximum']:,}"
        elif (pattern := inner.get("pattern")) and len(pattern) < 40:
            type += f" like `{pattern}`"
        if isinstance(field.get("default"), dict) and field["default"]:
            default = f"as [below](#{own.get(_type_of(field), 'each-cap')})"
            type = type.replace(_type_of(field), f"[{name}](#{own.get(_type_of(field), 'each-cap')})")
        elif field.get("default") is not None:
            default = f"`{json.dumps(field['default'])}`"
        yield f"`{name}`", type, default, meaning


def times(table: Mapping[str, Any]) -> str:
    """Every phrase with its meaning and its next times, or with what is asked and the answers it offers."""
    sections = [
        f"## {section['title']}\n\n{section['why']}\n\n" + _table_of_times(section["phrases"])
        for section in table["sections"]
    ]
    told = TIMES.format(now=f"{table['now']:%A %-d %B %Y, %H:%M} UTC", zone=table["time_zone"])
    return "\n".join([MADE.format("`tests/unit/time_phrases.yaml`"), told, *sections])


TIMES = """\
# Times

What a request may say about when, read as if it were {now}, by somebody in {zone}.
The tests read every phrase below. In a request it stands after what is to be done, or before it: "Stop all dev
environments *every day after 6pm*", "*Tonight at 9:30pm* stop basket-dev".

- **Once and every are never confused.** What names a day or a date without "every" happens once, and the answer says
  when. What recurs says so. Where neither is said it is asked, and one word answers: "tonight", "every day".
- **What happens once** is a schedule that ends by itself: gone from the lists when its last time has come. A time that
  has passed, or that clocks leave out, is asked about.
- **Clocks that change.** Again and again: a time that the clock leaves out is skipped, one that it shows twice counts
  once, the first time. Once: the first is asked about, of the second it is the first time.
- An approval that comes after the time of what happens once is too late: it is not made, and says so.
"""


def _table_of_times(rows: list[Mapping[str, Any]]) -> str:
    """What is asked has choices, what is understood next times, and what clocks that change do to it where they do."""
    if all("asks" in row for row in rows):
        return _table(
            "phrase|question|choices", ((row["phrase"], row["asks"], _joined(row, "choices")) for row in rows)
        )
    cells = [
        (row["phrase"], row.get("means") or f"asks: {row['asks']}", _joined(row, "next") or _joined(row, "choices"))
        for row in rows
    ]
    clocks = [_joined(row, "clock") for row in rows]
    if not any(clocks):
        return _table(
            "phrase|meaning|next times" if any("next" in row for row in rows) else "phrase|meaning|choices", cells
        )
    return _table("phrase|meaning|next times|where the clock is changed", (
        (*row, clock) for row, clock in zip(cells, clocks, strict=True)
    ))  # fmt: skip


def _joined(row: Mapping[str, Any], part: str) -> str:
    return "; ".join(row.get(part, ()))


def resource_kinds(kinds: Iterable[Stoppable]) -> str:
    """Each kind in the order in which they are stopped: what it is, with which actions, and what its module says."""
    found = list(kinds)
    rows = (
        (f"[{one.type.noun}](#{one.type.name})", one.service, one.type.tier, one.type.unit or "on or off")
        for one in found
    )
    sections = [
        "\n\n".join(
            [
                f"## {one.type.name}",
                *_said_of(one),
                f"**Reads with** {_coded(sorted(one.reads))}",
                f"**Stops with** {_coded(_asked(one, 'stop'))}",
                f"**Starts with** {_coded(_asked(one, 'start'))}\n",
            ]
        )
        for one in found
    ]
    overview = _table("kind|service|stopped among|comes in", rows)
    return "\n".join([MADE.format("`adapters/aws/resources/`"), RESOURCE_KINDS, overview, *sections])


RESOURCE_KINDS = """\
# Kinds of resources

What of AWS can be stopped and started, in the order in which it is stopped: services, machines, databases. What a kind
is not stopped for is left alone, with its name and the reason; [what stopping does](operating.md#what-stopping-does)
has it in short. The read role has all that is under **Reads with**. A change gets what it is listed with here (what is
needed only for something it uses, a key or a scalable target, where it uses one), on the ARNs of that one resource, and
nothing more. Tags are written only if they begin with `devops-copilot:`.
[How another kind is added](adding-a-resource-kind.md).
"""


def only_looked_at(kinds: Iterable[FixtureKind]) -> str:
    """What is found beside those, and never stopped."""
    found = list(kinds)
    sections = [
        f"### {one.type}\n\n{inspect.cleandoc(inspect.getmodule(one).__doc__ or '')}\n\n"
        f"**Reads with** {_coded(sorted(one.reads))}\n"
        for one in found
    ]
    rows = ((f"[{one.noun}](#{one.type})", one.service, _coded(one.filters)) for one in found)
    return "\n".join(["", ONLY_LOOKED_AT, _table("kind|service|found as", rows), *sections])


ONLY_LOOKED_AT = """\
## What is only looked at

These are told of with an environment, and never stopped or started: the write role knows nothing of their services.
Whether an environment is on or off is none of their business. They are found by their tag with the Resource Groups
Tagging API (`tag:GetResources`), of one kind at most 50 in an account and region, of load
balancers 20; further ones are there by name. What
else has the tag is counted and named by what it is.
"""


def _said_of(kind: Stoppable) -> list[str]:
    """What the module of a kind says, then those of what it is made from."""
    own = [
        inspect.getmodule(base) for base in type(kind).__mro__ if issubclass(base, Stoppable) and base is not Stoppable
    ]
    return [inspect.cleandoc(module.__doc__) for module in own if module and module.__doc__]


def _asked(kind: Stoppable, action: Literal["stop", "start"]) -> list[str]:
    """What a change of one asks for, with something it uses besides."""
    ref = ResourceRef(type=kind.type.name, id="arn:aws:any:eu-west-1:111111111111:one/of-it")
    change = Change(ref=ref, name="one", action=action, before="", after="", uses=("arn:aws:any:::used",))
    return [permission.action for permission in kind.permissions(change)]


def _coded(actions: Iterable[str]) -> str:
    return ", ".join(f"`{action}`" for action in actions)


def with_rooms(page: str) -> str:
    """The page with the table of rooms as it is."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert before and after, "the table of rooms has its place in the page"
    rows = ((f"`{room}`", _why(room), allowed.replace(" ", ", ") or "-") for room, allowed in reversed(ROOMS.items()))
    return before + BEGIN + _table("room|why it is there|may import", rows) + END + after


def who_sees_what(registry: Registry) -> str:
    """For each destination who has what of each class and kind, as the policies decide it."""
    policy = Policy(registry, "main", read_only=False)
    kinds: tuple[Kind | None, ...] = (*STRICTER, None)
    people = [Person(id=role, name=role, roles=(role,)) for role in ROLES]
    sections = []
    for destination, told in DESTINATIONS.items():
        shown = {one.id: policy.shown(one, [About(shows=s, kind=k) for s in PRIVATE for k in kinds], destination)
                 for one in people}  # fmt: skip
        rows = [
            (shows, *(_who([role for role in ROLES if About(shows=shows, kind=kind) in shown[role]]) for kind in kinds))
            for shows in PRIVATE
        ]
        heads = f"class|{'|'.join(STRICTER)}|no environment"
        sections.append(f"## {told}\n\n" + _table(heads, rows))
    tools = _table("class|tools", ((shows, _showing(registry, shows)) for shows in PRIVATE))
    made = MADE.format("`policy/default.cedar`")
    return "\n".join([made, WHO_SEES_WHAT, *sections, f"## What is of which class\n\n{tools}"])


def _who(roles: list[str]) -> str:
    return "whoever has a role" if roles == [*ROLES] else ", ".join(roles) or "nobody"


def _showing(registry: Registry, shows: OutputClass) -> str:
    tools = [registry.find(version) for version in registry.versions()]
    own = [f"`{tool.name}`" for tool in tools if tool.shows == shows]
    fields = [f"`{name}` of `{tool.name}`" for tool in tools if shows == "logs" for name in sorted(tool.logs)]
    return ", ".join([*own, *fields])


DESTINATIONS: Mapping[Destination, str] = {
    "direct": "To who asked, directly: a direct message, the command line, the API",
    "channel": "Into a channel, where it is asked for there",
    "named": "Into a channel that a person named for it (“tell #platform”), or `reports_to` of the configuration",
    "shared": "Into a channel shared with another organisation, or with guests in it",
    "link": "Behind a link",
    "others": "To others who look at a run: `devops-copilot runs show`",
    "provider": "To the provider of the model",
}
WHO_SEES_WHAT = """\
# Who sees what

Everything the copilot tells has a class: status, cost, configuration, security or logs; of several it is the last of
these. And it has a kind, the strictest of the environments that it speaks of, as code found it: production where that
is not known, none where it speaks of no environment, as a Dockerfile does. Policy decides, by class and kind, on the
person who asked or looks and on where it goes. These tables are what the policies that come with it say; a rule that is
taken out of `policy/default.cedar`, or put in, changes them.

- **An answer** is about the steps that it shows, changes or accounts for, since errors quote, and about what these were
  made of. What a model wrote is about all that it had seen, in this run and in the turns before.
- **What a channel may not have** comes to who asked alone, there or in a direct message. In a shared one they are told
  to ask directly, whoever asks.
- **A comment** on [GitHub or GitLab](webhooks.md) is a channel where the repository is private, else a shared one. It
  holds no lines of logs, but where they are.
- **Outside the chat**, by [mail, SNS or web hook](telling.md), a destination says itself which of these it is: a
  channel, a named one, or, as long as it says nothing, a shared one.
- **A message** that a request sends tells of the steps that it takes anything from, over however many others, and where
  a model put it into words of what that had read before; what the asker typed themself is theirs to tell. A channel
  that is named for it is told status and costs, a person (`person:ID`) what they would be answered with the roles they
  have; anything else waits for an approval, which shows exactly the words, the channel and why. A standing approval
  does not cover it, and no schedule or runbook keeps words that a model wrote after it had read what the channel may
  not have.
- **Somebody's [page](operating.md#home)** says who may do and decide what, and is of the class security whatever else
  stands on it: nobody but who it is of is told it unasked, and no channel.
- **An approval that nobody answered** is told outside the chats ([escalation](escalation.md)) with who asks, how many
  changes of which kind, until when and how it is decided; the words of the request, accounts and who may approve only
  where the destination may have what it tells of, by its `holds`.
- **A report** of a firing, in `reports_to`, says no more than how it ended where its answer tells of what a named
  channel may not have.
- **Of another's run** everybody sees that it was run, its steps and how it ended. What of it is left out is said, and
  whom to ask. Whoever may decide an approval sees all of it. What left of a run for chats (`--sent`) is shown to
  whom nothing of the run is withheld from, byte for byte.
- **A model** reads status whatever the policies say: without it there is nothing to plan with.
- **Links** end by themselves, the sooner the more private what is behind them is: see
  [security.md](security.md#identity).
"""


def _why(room: str) -> str:
    """The first paragraph of the docstring of the room's package or module."""
    if room in NO_PACKAGE:
        return NO_PACKAGE[room]
    place = (SOURCES["cli"].parent if room.partition("/")[0] == "cli" else SOURCES["copilot"]) / room
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    said = ast.get_docstring(ast.parse(file.read_text()))
    assert said, f"{file.relative_to(ROOT)}: its docstring says why the room is there"
    return " ".join(said.partition("\n\n")[0].split())


def _text(tool: AnyTool) -> str:
    own = vars(tool).get("__doc__")
    return f"{inspect.cleandoc(own)}\n" if own else ""


def _table(heads: str, rows: Iterable[tuple[str, ...]]) -> str:
    columns = heads.split("|") if "|" in heads else heads.split()
    lines = [" | ".join(columns), "|".join("---" for _ in columns)]
    found = list(rows)
    if found == [("nothing",)]:
        return "Nothing.\n"
    lines += [" | ".join(cell.replace("|", "\\|") for cell in row) for row in found]
    return "".join(f"| {line} |\n" if "---" not in line else f"|{line}|\n" for line in lines)


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text)
        print(path.relative_to(ROOT))
