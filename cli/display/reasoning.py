"""How a run's plan came to be: for each revision what a model was asked, what came back, what the checker said."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from cli.api.views import CallView, PartView, RevisionView, RunView, UsageView
from cli.display.page import Page
from cli.wording import duration, line, shorten

KINDS = {
    "first": "the first plan",
    "repair": "one step put right",
    "revise": "the remaining steps changed",
    "look": "gone on after a look at what there was",
}
PURPOSES = {
    "route": "whether it needs a plan",
    "plan": "for a plan",
    "repair": "for one step",
    "revise": "for the remaining steps",
    "look": "what comes next",
    "compose": "for the answer",
}
LONGEST = 2_000


def show_reasoning(page: Page, run: RunView) -> None:
    """Nothing is shown of a run whose plan came from a known intent and was never changed."""
    if not run.calls and len(run.revisions) < 2:
        return
    page.say()
    page.say("Reasoning", "bold")
    asked = _asked_anew(run.calls)
    for revision in run.revisions:
        page.say()
        _show_revision(page, revision)
        for call in run.calls:
            if call.revision == revision.number:
                _show_call(page, call, asked[call.revision, call.number])
    page.say()
    known = {revision.number for revision in run.revisions}
    for call in run.calls:
        if call.revision not in known:
            _show_call(page, call, asked[call.revision, call.number])
    page.say()
    page.say(f"Models: {_totals(run.usage)}")


def _show_revision(page: Page, revision: RevisionView) -> None:
    by = f"known intent {revision.intent}" if revision.intent else revision.model or ""
    page.say(f"Revision {revision.number}: {KINDS.get(revision.kind, revision.kind)}" + (f", by {line(by)}" * bool(by)))
    rows = [("because", line(revision.reason)), ("but", line(revision.problem))]
    page.rows([row for row in rows if row[1]], indent=4)


def _show_call(page: Page, call: CallView, asked: str) -> None:
    page.say(f"asked {line(call.model)} {PURPOSES.get(call.purpose, call.purpose)}: {_cost(call)}", indent=2)
    answer = _pretty(call.answered)
    rows = [("asked", shorten(asked, LONGEST))]
    rows += [("answered", shorten(answer, LONGEST))] if answer else []
    rows += [("failed", line(call.error))] if call.error else []
    passed = [("needs", line(", ".join(call.needed)))] if call.needed else [("checker", "passed")]
    rows += [("checker", line(problem)) for problem in call.problems] or ([] if call.error else passed)
    page.rows(rows, indent=4)
    if call.parts:
        page.say(f"of {sum(part.tokens for part in call.parts):,} tokens, by our count:", indent=4)
        page.rows([_part(part) for part in call.parts if part.tokens], indent=6)


def _part(part: PartView) -> tuple[str, str, str]:
    share = f" of {part.share:,}" if part.share else ""
    return line(part.name), f"{part.tokens:,}".rjust(5) + share, line(part.holds)


def _asked_anew(calls: Sequence[CallView]) -> dict[tuple[int, int], str]:
    """What each call was asked, by its place: of the tools the names, and what the one before was asked too by title.

    All of it is in `runs show --json`.
    """
    shown = dict[tuple[int, int], str]()
    before: list[str] = []
    for call in calls:
        parts = [part.strip() for part in re.split(r"(?m)^(?=# )", call.asked) if part.strip()]
        again = [part.partition("\n")[0].removeprefix("# ") for part in parts if part in before]
        said = [f"({', '.join(again)} as before)"] if again else []
        shown[call.revision, call.number] = "\n".join([*said, *(_named(part) for part in parts if part not in before)])
        before = parts
    return shown


def _named(part: str) -> str:
    title, _, signatures = part.partition("\n")
    names = re.findall(r"(?m)^([a-z]\w*)[(]", signatures)
    return f"{title}: {', '.join(names)}" if title == "# Tools" else part


def _pretty(answered: str) -> str:
    """JSON as it came, on one line; text as it is."""
    try:
        return json.dumps(json.loads(answered), ensure_ascii=False)
    except ValueError:
        return answered.strip()


def _cost(call: CallView) -> str:
    return f"{_tokens(call.usage)}, {duration(call.seconds)}{_dollars(call.dollars)}"


def _totals(usage: UsageView) -> str:
    calls = "1 call" if usage.calls == 1 else f"{usage.calls} calls"
    return f"{calls}, {_tokens(usage)}, {duration(usage.seconds)}{_dollars(usage.dollars)}"


def _tokens(usage: UsageView) -> str:
    cached = f" ({usage.cached:,} of them from the cache)" if usage.cached else ""
    return f"{usage.input + usage.cached + usage.cache_written:,} tokens in{cached}, {usage.output:,} out"


def _dollars(dollars: float | None) -> str:
    return ", price not known" if dollars is None else f", ${dollars:.4f}"
