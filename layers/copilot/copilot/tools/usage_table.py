"""Usage statistics as a CSV table: a row for each environment."""

from __future__ import annotations

import csv
import io

from copilot.tools.usage_rows import UsageStatistics

COLUMNS = ("environment", "kind", "owner", "hours", "idle_hours")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(usage: UsageStatistics) -> str:
    """With a heading. The cost column names its currency and that it is an estimate; the last says if it is whole."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([*COLUMNS, f"idle_cost_estimate_{usage.currency.lower()}", "all_priced"])
    for one in usage.environments:
        priced = "no" if one.partly_priced else "yes"
        rows.writerow(
            [_cell(one.name), one.kind, _cell(one.owner), one.hours, one.idle_hours, f"{one.idle_cost:.2f}", priced]
        )
    return out.getvalue()


def _cell(text: str) -> str:
    """Names come from tags: a spreadsheet must not take one for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
