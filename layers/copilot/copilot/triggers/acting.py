"""What a watch was to do once it had come to be so: begun as a Run, once, under the rights its owner has by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from copilot.config.configuration import Configuration
from copilot.domain import Run, Trigger, Watch
from copilot.errors import NotFound, PlanError
from copilot.plans.check import check_plan
from copilot.ports import Clock, Watches
from copilot.text.outside import quoted
from copilot.times.moving import at_time
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest
from copilot.triggers.watching import person_of, trigger_of

LATEST = timedelta(minutes=15)
"""So long after it was seen to be so, what was to be done may not fit any more what there is."""
LONGEST_REASON = 350


@dataclass(frozen=True)
class BeginThen:
    watches: Watches
    ingest: Ingest
    registry: Registry
    config: Configuration
    clock: Clock

    def __call__(self, watch_id: str) -> Run | None:
        """The Run; None where there is nothing to begin, or it may not be any more, which the next look tells.

        The Run's key is the watch's, so that there is one however often and whenever this is called.
        """
        watch = self.watches.watch(watch_id)
        if watch is None or not watch.begins or watch.then is None:
            return None
        trigger = trigger_of(watch, self.config, self.clock.now())
        if watch.ended == "begun" and (run := self._begun(trigger)) is not None:
            self.watches.change(watch, watch.was_begun())  # whoever began it came no further
            return run
        if why := self._why_not(watch):
            asked = quoted(watch.then.request)
            said = f"{asked} was not begun: {why}. Nothing was done; ask for it if it is still wanted."
            self.watches.change(watch, watch.not_begun(said))
            return None
        beginning = watch if watch.ended == "begun" else watch.being_begun()
        if beginning is not watch and not self.watches.change(watch, beginning):
            return None  # it was stopped meanwhile, or told of: the next look has this called again
        run, _ = self.ingest(trigger, at_time(watch.then.plan, trigger.received_at))
        self.watches.change(beginning, beginning.was_begun())  # else the next look has this called again
        return run

    def _begun(self, trigger: Trigger) -> Run | None:
        try:
            return self.ingest.store.run(trigger.tenant, trigger.run_id)
        except NotFound:
            return None

    def _why_not(self, watch: Watch) -> str:
        assert watch.then is not None and watch.looked_at is not None
        if self.clock.now() - watch.looked_at > LATEST:
            return f"that was seen more than {LATEST // timedelta(minutes=1)} minutes ago"
        if not person_of(watch, self.config).roles:
            return "who asked for it has no role any more"
        try:
            check_plan(watch.then.plan, self.registry)
        except PlanError as error:
            return f"its plan may not run any more: {quoted(str(error)[:LONGEST_REASON])}"
        return ""
