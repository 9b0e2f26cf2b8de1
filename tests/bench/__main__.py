"""`make bench`: everything measured and printed. Exit code 0 unless something broke; a missed target is printed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bench.again import Again, ask_again
from bench.case import COMPOSED, KNOWN, TASK, Case
from bench.deciding import cold_decisions
from bench.hearing import Hearing, hear_all
from bench.imports import Import, cold_imports
from bench.inventory import ENVIRONMENTS, Inventoried, list_and_sweep
from bench.laptop import Upped, bring_up_and_ask
from bench.measuring import Absent, Broken, Figures, Process
from bench.tables import (
    NAMES,
    show_again,
    show_decisions,
    show_figures,
    show_hearing,
    show_imports,
    show_inventory,
    show_laptop,
    show_targets,
    show_writes,
)
from bench.targets import (
    of_again,
    of_decisions,
    of_hearing,
    of_imports,
    of_inventory,
    of_the_laptop,
    of_the_planner,
    of_writes,
)
from bench.writes import Writes, count_writes

OTHERS = ["loop", "cached_loop", "tool_runner", "langgraph", "strands"]
GROWN = ["cached_loop", "langgraph", "strands"]
"""Those of the others that are measured as things grow: the loop at its best, and the frameworks."""
GROWTH: dict[str, list[Case]] = {
    "environments": [Case(environments=number) for number in (6, 30, 100, 300)],
    "tools": [Case(tools=number) for number in (10, 60, 100, 500)],
    "turns": [Case(turns=number) for number in (10, 50, 200)],
}
SECTIONS = ("task", *GROWTH, "again", "writes", "imports", "hearing", "inventory", "laptop")
WRITES = [Case(), Case(turns=20), Case(environments=30), Case(environments=100)]
TITLES = {
    "task": "One task: look at 6 environments, stop the 4 idle ones, verify, tell a channel, answer",
    "environments": "The same task, by how many environments there are",
    "tools": "By how many tools are registered",
    "turns": "By how many turns came before it in its conversation",
}

NOTES = {
    "task": "Every call of the world takes 100 ms; a stop of ours is four: preview, look again, stop, check.",
    "turns": "Strands Agents forgets all but the last 40 messages; ours keeps what fits a budget of tokens.",
}


def main() -> int:
    asked = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 100)
    sections = [section for section in SECTIONS if section in asked.sections] or SECTIONS
    with ExitStack() as open_processes:
        bench = Bench(console, asked.peers, open_processes)
        for section in sections:
            bench.measure(section)
    bench.show_targets()
    if asked.json:
        asked.json.write_text(json.dumps(bench.kept, indent=1) + "\n")
    for problem in bench.broken:
        console.print(Text(f"Broken: {problem}", style="bold red"))
    return 1 if bench.broken else 0


class Bench:
    """`kept` is every figure, for a file; `broken` what could not be measured and should have been."""

    def __init__(self, console: Console, peers: str, processes: ExitStack) -> None:
        self._console, self._peers, self._open = console, peers, processes
        self._processes: dict[str, Process | Absent] = {}
        self._found: dict[tuple[str, Case], Figures | str] = {}
        self._again: Mapping[str, Again] = {}
        self._writes: dict[Case, Writes] = {}
        self._imports: Mapping[str, Import] = {}
        self._decisions: Mapping[int, float] = {}
        self._hearing: Mapping[int, Hearing] = {}
        self._inventory: Mapping[int, Inventoried] = {}
        self._laptop: Mapping[str, Upped] = {}
        self.kept: dict[str, Any] = {}
        self.broken: list[str] = []

    def measure(self, section: str) -> None:
        """One of SECTIONS, shown when it is done."""
        if section == "again":
            self._ask_again()
        elif section == "writes":
            self._count_writes()
        elif section == "imports":
            self._import_handlers()
            self._decide()
        elif section == "hearing":
            self._hear()
        elif section == "inventory":
            self._list()
        elif section == "laptop":
            self._bring_up()
        else:
            self._compete(section)

    def show_targets(self) -> None:
        ours = {
            case: found for (name, case), found in self._found.items() if name == "ours" and not isinstance(found, str)
        }
        targets = [
            *(of_the_planner(ours) if ours else ()),
            *(of_again(self._again) if self._again else ()),
            *(of_writes(self._writes) if self._writes else ()),
            *(of_imports(self._imports) if self._imports else ()),
            *(of_decisions(self._decisions) if self._decisions else ()),
            *(of_hearing(self._hearing) if self._hearing else ()),
            *(of_inventory(self._inventory) if self._inventory else ()),
            *(of_the_laptop(self._laptop) if self._laptop else ()),
        ]
        if targets:
            show_targets(self._console, targets)
        self.kept["targets"] = [asdict(target) for target in targets]

    def _compete(self, section: str) -> None:
        if section == "task":
            entries = [("ours", Case(request=request)) for request in (TASK, COMPOSED, KNOWN)]
            entries += [(name, Case()) for name in OTHERS]
        else:
            cases = GROWTH[section]
            entries = [("ours", case) for case in cases]  # alone, before other processes are there
            entries += [(name, case.model_copy(update={"reckoned": True})) for name in GROWN for case in cases]
        measured = [(name, case, self._figures(name, case)) for name, case in entries]
        order = {entry: place for place, entry in enumerate(measured)}
        if section != "task":
            measured.sort(key=lambda one: (getattr(one[1], section), order[one]))
        column = "" if section == "task" else section
        show_figures(self._console, TITLES[section], column, measured, NOTES.get(section, ""))
        self.kept[section] = [
            {"who": name, **case.model_dump(), **({"not_measured": found} if isinstance(found, str) else asdict(found))}
            for name, case, found in measured
        ]

    def _figures(self, name: str, case: Case) -> Figures | str:
        """Or, in words, why there are none."""
        key = (name, case)
        if key not in self._found:
            with self._console.status(f"{NAMES[name]}: {describe(case)}"):
                try:
                    self._found[key] = self._process(name).measure(case)
                except Broken as error:
                    self._found[key] = str(error)
                    if name == "ours" or not isinstance(error, Absent):
                        self.broken.append(f"{NAMES[name]}, {describe(case)}: {error}")
        return self._found[key]

    def _process(self, name: str) -> Process:
        """Raises Absent."""
        if name not in self._processes:
            try:
                python = sys.executable if name == "ours" else self._peers
                self._processes[name] = self._open.enter_context(Process(name, python))
            except Absent as error:
                self._processes[name] = error
        found = self._processes[name]
        if isinstance(found, Absent):
            raise found
        return found

    def _ask_again(self) -> None:
        with self._console.status("Asking again"):
            self._again = ask_again()
        show_again(self._console, self._again)
        self.kept["again"] = {name: asdict(found) for name, found in self._again.items()}

    def _count_writes(self) -> None:
        with self._console.status("Counting writes"):
            self._writes = {case: count_writes(case) for case in WRITES}
        show_writes(self._console, self._writes)
        self.kept["writes"] = [case.model_dump() | asdict(found) for case, found in self._writes.items()]

    def _import_handlers(self) -> None:
        with self._console.status("Importing handlers"):
            self._imports = cold_imports(sys.executable)
        show_imports(self._console, self._imports)
        self.kept["imports"] = {name: asdict(found) for name, found in self._imports.items()}

    def _decide(self) -> None:
        with self._console.status("Deciding"):
            self._decisions = cold_decisions(sys.executable)
        show_decisions(self._console, self._decisions)
        self.kept["decisions"] = {f"{tools} tools": seconds for tools, seconds in self._decisions.items()}

    def _hear(self) -> None:
        with self._console.status("Hearing"):
            self._hearing = hear_all()
        show_hearing(self._console, self._hearing)
        self.kept["hearing"] = {f"{known} environments": one._asdict() for known, one in self._hearing.items()}

    def _list(self) -> None:
        with self._console.status("Listing and sweeping 1, 10 and 100 accounts"):
            self._inventory = list_and_sweep()
        show_inventory(self._console, self._inventory, ENVIRONMENTS)
        self.kept["inventory"] = {f"{accounts} accounts": one._asdict() for accounts, one in self._inventory.items()}

    def _bring_up(self) -> None:
        with self._console.status("Starting the laptop's system, and asking it"):
            self._laptop = bring_up_and_ask()
        show_laptop(self._console, self._laptop)
        self.kept["laptop"] = {name: asdict(found) for name, found in self._laptop.items()}


def describe(case: Case) -> str:
    """In words, without what is as always."""
    tools = f", {case.tools} tools" if case.tools else ""
    turns = f", {case.turns} earlier turns" if case.turns else ""
    return f"{case.environments} environments{tools}{turns}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench BENCH=", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)}; all, if none is named")
    parser.add_argument(
        "--peers", default=".venv-bench/bin/python", help="the Python in which the others are installed"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    asked = parser.parse_args()
    if unknown := [section for section in asked.sections if section not in SECTIONS]:
        parser.error(f"there is no section {unknown[0]}; there are {', '.join(SECTIONS)}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
