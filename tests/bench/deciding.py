"""What the first decision of Policy costs a cold worker, by how many tools are registered."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

from bench.imports import TIMES
from bench.measuring import Broken, clean
from copilot.tools.registry import BUILT_IN

TOOLS = (len(BUILT_IN), 100)
DECIDED = """
import json, sys, time
begun = time.process_time()
from copilot.domain import Person
from copilot.policy.decisions import Policy
from copilot.tools.registry import BUILT_IN, Entry, Registry
more = {{f"change_{{number}}@1": Entry("not.there:Change", "write", "Environment") for number in range({more})}}
policy = Policy(Registry(entries=BUILT_IN | more), "main", read_only=False)
person = Person(id="one", name="one", roles=("operator",))
assert policy.may(person, "cancel").outcome == "allow"
print(json.dumps(time.process_time() - begun))
"""
"""The tools that are added can be imported from nowhere: deciding imports none."""


def cold_decisions(python: str, tools: Sequence[int] = TOOLS) -> Mapping[int, float]:
    """Seconds of CPU, imports and all, by number of tools; each tried in turns, the fastest counts. Raises Broken."""
    found: dict[int, list[float]] = {number: [] for number in tools}
    for _ in range(TIMES):
        for number, tries in found.items():
            tries.append(_decide(python, number - len(BUILT_IN)))
    return {number: min(tries) for number, tries in found.items()}


def _decide(python: str, more: int) -> float:
    done = subprocess.run([python, "-c", DECIDED.format(more=more)], env=clean(), capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"deciding: {(done.stderr.strip().splitlines() or ['it ended without a word'])[-1]}")
    return float(done.stdout)
