"""The scene of a window: made, shown, run at once, taken back and deleted, so that nothing is stopped later."""

from __future__ import annotations

import re

from cli.showing.readback import Difference, Seen
from cli.showing.stage import Stage

REQUEST = "Stop all dev environments every day after 6pm and start them again at 7am"
KIND, OPT_OUT = "development", "schedule"


def window(stage: Stage) -> None:
    whole = stage.cloud
    known = {one.id for one in stage.schedules()}
    run = stage.ask(REQUEST)
    found = re.search(r"\bs[0-9a-f]{9}\b", run.answer or "")
    stage.expect(run.outcome == "succeeded" and found is not None, "it was done")
    if found is None:
        return
    schedule = found[0]
    stage.show_schedule(schedule)
    stage.expect(not stage.changes(), "nothing was stopped by making it")

    run = stage.run_now(schedule, "stop")
    changed = stage.changes()
    spared = sorted({seen.environment for seen in whole.values() if not _is_for(seen) and seen.tags.get(OPT_OUT)})
    stage.expect(run.outcome == "succeeded" and _all_off(changed), "what it is for and was on is off now")
    stage.expect(all(_is_for(one.resource) for one in changed), "nothing else was touched")
    stage.expect(
        all(name in (run.answer or "") for name in spared), f"it says why it left {', '.join(spared) or 'none'} alone"
    )

    run = stage.run_now(schedule, "start")
    stage.changes()
    stage.expect(run.outcome == "succeeded" and stage.is_as(whole), "it started again what it had stopped, no more")
    if schedule in known:
        stage.quote(f"{schedule} was there before and is left as it is.")
        return
    run = stage.ask(f"Delete schedule {schedule}")
    left = {one.id for one in stage.schedules()}
    stage.expect(run.outcome == "succeeded" and left == known, "it is deleted, and fires no more")


def _is_for(seen: Seen) -> bool:
    return seen.tags.get("kind") == KIND and seen.tags.get(OPT_OUT) != "off"


def _all_off(changed: list[Difference]) -> bool:
    return bool(changed) and all(one.before and one.before.on and one.after and not one.after.on for one in changed)
