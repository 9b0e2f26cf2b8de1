"""What was measured, for a person at a terminal of 100 columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.again import Again
from bench.case import COMPOSED, KNOWN, TASK, Case
from bench.hearing import Hearing
from bench.imports import Import
from bench.inventory import Inventoried, Took
from bench.laptop import Upped
from bench.measuring import Figures
from bench.targets import Target
from bench.writes import Writes

NAMES = {
    "ours": "DevOps Copilot",
    "cached_loop": "Anthropic loop, cached",
    "loop": "Anthropic loop",
    "tool_runner": "Anthropic tool runner",
    "langgraph": "LangGraph",
    "strands": "Strands Agents",
}
REQUESTS = {TASK: "", COMPOSED: ", answer composed", KNOWN: ", known intent"}
Measured = tuple[str, Case, Figures | str]
"""Who, at what, and the figures or why there are none."""


def show_figures(console: Console, title: str, column: str, measured: Sequence[Measured], note: str = "") -> None:
    """`column` is the field of the case that changes, "" where none does."""
    table = _table(title)
    if column:
        table.add_column("", justify="right", no_wrap=True)  # the title says of what
    table.add_column("", no_wrap=True)
    for heading in ("calls", "uncached", "cached", "output", "wall s", "overhead s"):
        table.add_column(heading, justify="right", no_wrap=True)
    last = None
    for name, case, found in measured:
        size = getattr(case, column) if column else None
        if column and last not in (None, size):
            table.add_section()
        row = [] if not column else [f"{size:,}" if size != last else ""]
        last = size
        who = NAMES[name] + REQUESTS[case.request]
        style = "dim" if isinstance(found, str) else "bold" if name == "ours" else ""
        table.add_row(*row, who, *_figures(case, found), style=style)
    console.print(table)
    _show_remarks(console, measured, note)


def _figures(case: Case, found: Figures | str) -> list[str]:
    if isinstance(found, str):
        return ["-"] * 6
    tokens = [f"{number:,}" for number in (found.calls, found.uncached, found.cached, found.output)]
    return [*tokens, f"{'~' if case.reckoned else ''}{found.seconds:,.1f}", f"{found.overhead:.2f}"]


def _show_remarks(console: Console, measured: Sequence[Measured], note: str) -> None:
    """What is missing and why, and how to read the rest."""
    absent: dict[str, dict[str, None]] = {}
    for name, _, why in measured:
        if isinstance(why, str):
            absent.setdefault(why, {})[NAMES[name]] = None
    for why, names in absent.items():
        console.print(Text(f"Not measured: {', '.join(names)}. {why}", style="yellow"))
    if any(case.reckoned for _, case, _ in measured):
        console.print(Text("~ with a model that answered at once, its time added by the latency model", style="dim"))
    if note:
        console.print(Text(note, style="dim"))
    console.print()


def show_again(console: Console, found: Mapping[str, Again]) -> None:
    table = _table("A request made before, for another channel, beside the first time and a known request")
    table.add_column("", no_wrap=True)
    for heading in ("calls", "input", "output", "wall s", "x known"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in found.items():
        ratio = one.seconds / found["known"].seconds
        table.add_row(
            name, *(f"{of:,}" for of in (one.calls, one.input, one.output)), f"{one.seconds:.2f}", f"{ratio:.2f}"
        )
    console.print(table)


def show_writes(console: Console, found: Mapping[Case, Writes]) -> None:
    table = _table("DynamoDB writes of one run, from the request to the answer")
    for heading in ("environments", "earlier turns", "items", "requests", "rows", "12 + 3 an item"):
        table.add_column(heading, justify="right", no_wrap=True)
    for case, one in found.items():
        numbers = (case.environments, case.turns, one.items, one.requests, one.rows, one.most)
        table.add_row(*(f"{number:,}" for number in numbers))
    console.print(table)
    kinds = _table("Of them rows, by kind")
    kinds.add_column("", no_wrap=True)
    for case in found:
        turns = f", {case.turns} turns" if case.turns else ""
        kinds.add_column(f"{case.environments} environments{turns}", justify="right")
    for kind in sorted({kind for one in found.values() for kind in one.kinds}):
        kinds.add_row(kind, *(f"{one.kinds.get(kind, 0):,}" for one in found.values()))
    console.print(kinds)


def show_imports(console: Console, found: Mapping[str, Import]) -> None:
    bare = found["bare"].seconds
    table = _table("CPU of a cold handler: imported with its clients; and ready for its first call")
    table.add_column("", no_wrap=True)
    for heading in ("imported ms", "x bare", "ready ms", "x bare"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in found.items():
        who = "boto3 clients, Logger, pydantic (bare)" if name == "bare" else name
        milliseconds = (f"{one.seconds * 1000:,.0f}", f"{one.ready * 1000:,.0f}")
        ratios = (f"{one.seconds / bare:.2f}", f"{one.ready / bare:.2f}")
        table.add_row(who, milliseconds[0], ratios[0], milliseconds[1], ratios[1])
    console.print(table)


def show_decisions(console: Console, found: Mapping[int, float]) -> None:
    table = _table("CPU of a cold worker's first decision, imports and all")
    table.add_column("tools registered", justify="right", no_wrap=True)
    table.add_column("ms", justify="right", no_wrap=True)
    for tools, seconds in found.items():
        table.add_row(f"{tools:,}", f"{seconds * 1000:,.0f}")
    console.print(table)


def show_hearing(console: Console, found: Mapping[int, Hearing]) -> None:
    table = _table("Hearing a request without a model")
    for heading in ("environments known", "requests", "p50 ms", "p95 ms", "slowest ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for known, one in found.items():
        milliseconds = (f"{number:.2f}" for number in (one.p50, one.p95, one.slowest))
        table.add_row(f"{known:,}", f"{one.requests:,}", *milliseconds)
    console.print(table)


def show_inventory(console: Console, found: Mapping[int, Inventoried], environments: int) -> None:
    table = _table(f"Lists and finding: {environments:,} environments in accounts of four regions")
    table.add_column("", no_wrap=True)
    for accounts in found:
        table.add_column(f"{accounts} account{'s' * (accounts > 1)}", justify="right", no_wrap=True)

    def took(one: Took) -> str:
        return f"{one.seconds:.2f} s, {one.calls + one.own:,} calls"

    rows: dict[str, Callable[[Inventoried], str]] = {
        "list": lambda one: took(one.listed),
        "find": lambda one: took(one.found),
        "list, reading the cloud": lambda one: took(one.read_list),
        "find, reading the cloud": lambda one: took(one.read_find),
        "a sweep, nothing new": lambda one: took(one.sweep),
        "its cost, US cents": lambda one: f"{one.cents:.4f}",
        "all places swept, s": lambda one: f"{one.round:,.0f}",
        "the object, KB": lambda one: f"{one.size / 1000:.0f}",
    }
    for name, cell in rows.items():
        table.add_row(name, *(cell(one) for one in found.values()))
    console.print(table)


def show_laptop(console: Console, found: Mapping[str, Upped]) -> None:
    table = _table("The laptop's system: up, and the same question again and again")
    table.add_column("", no_wrap=True)
    for heading in ("up s", "first s", "later s", "of it the run s", "ask adds s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in found.items():
        numbers = (one.seconds, one.first, one.later, one.later - one.added, one.added)
        table.add_row(f"up {name}", *(f"{number:.2f}" for number in numbers))
    console.print(table)


def show_targets(console: Console, targets: Sequence[Target]) -> None:
    table = _table("The design's targets")
    table.add_column("")
    table.add_column("target", justify="right", no_wrap=True)
    table.add_column("measured", justify="right")
    table.add_column("", no_wrap=True)
    for target in targets:
        verdict = Text("pass", style="green") if target.met else Text("MISS", style="bold red")
        table.add_row(target.what, target.wanted, target.found, verdict)
    console.print(table)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
