"""What the demo does again and again: ask, decide, look at the cloud, and say whether it is as it should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cli.api.attaching import attachments
from cli.api.client import Client
from cli.api.following import follow
from cli.api.schedule_views import ScheduleList, ScheduleView
from cli.api.views import RunView, read
from cli.display.approval import show_decision
from cli.display.page import Page
from cli.display.progress import Progress
from cli.display.run import show_end
from cli.display.schedules import show_schedule
from cli.exits import CommandError
from cli.showing.changes import show_changes
from cli.showing.readback import Cloud, Difference, differences
from cli.wording import command

Speaking = Callable[[Sequence[str]], tuple[Client, tuple[str, ...]]]


class Stage:
    """`look` reads the cloud now. `wrong` collects what was not as it should be. `speaking_as` gives who decides, of
    those who may approve, with the words that say so in a command; without it whoever asks decides.
    """

    def __init__(
        self,
        page: Page,
        client: Client,
        look: Callable[[], Cloud],
        conversation: str,
        speaking_as: Speaking | None = None,
    ) -> None:
        self._page = page
        self._client = client
        self._speaking_as = speaking_as or (lambda approvers: (client, ()))
        self._look = look
        self._conversation = conversation
        self._asked = self._scenes = 0
        self.wrong: list[str] = []
        self.cloud = look()
        self._progress = Progress(page)

    def scene(self, title: str) -> None:
        self._scenes += 1
        self._page.say()
        self._page.rule(f"{self._scenes}  {title}")

    def ask(self, text: str, *files: str) -> RunView:
        """One request, with the files at these paths, followed until it rests."""
        self._asked += 1
        self._type("ask", text, *(word for path in files for word in ("--file", path)))
        self._progress = Progress(self._page)
        key = f"{self._conversation}-{self._asked}"
        body: dict[str, Any] = {"text": text, "conversation": self._conversation, "dedupe_key": key, "kind": "api"}
        if files:
            body["attachments"] = attachments(files)
        return self._follow(self._client.start(body).run_id)

    def decide(self, run: RunView, decision: str) -> RunView:
        """Approve or deny what a run asks for, and follow it on. Raises CommandError if it does not ask."""
        if not (run.approval and run.waits_for_approval):
            raise CommandError(f"The run {run.run_id} was to ask for an approval and did not.")
        client, options = self._speaking_as(run.approval.approvers)
        self._type(decision, run.approval.id, *options)
        show_decision(self._page, client.decide(run.approval.id, decision, ""))
        self._page.say()
        return self._follow(run.run_id)

    def schedules(self) -> tuple[ScheduleView, ...]:
        return read(ScheduleList, self._client.schedules()).schedules

    def show_schedule(self, schedule_id: str) -> None:
        self._type("schedules", "show", schedule_id)
        show_schedule(self._page, read(ScheduleView, self._client.schedule(schedule_id)))

    def run_now(self, schedule_id: str, action: str) -> RunView:
        """Have a schedule do at once what it does at its time, followed until it rests."""
        self._asked += 1
        self._type("schedules", "run-now", schedule_id, *(["--start"] if action == "start" else []))
        self._progress = Progress(self._page)
        key = f"{self._conversation}-{self._asked}"
        return self._follow(self._client.run_schedule(schedule_id, action, key).run_id)

    def changes(self) -> list[Difference]:
        """What is different in the cloud since the last look; shown as a table."""
        before, self.cloud = self.cloud, self._look()
        changed = differences(before, self.cloud)
        show_changes(self._page, before, self.cloud, changed)
        return changed

    def is_as(self, before: Cloud) -> bool:
        """Whether the cloud, as last looked at, is as it was then."""
        return not differences(before, self.cloud)

    def quote(self, text: str) -> None:
        self._page.say(text, "italic", 2)

    def expect(self, holds: bool, what: str) -> None:
        """State what has to be true, and whether it is."""
        self._page.rows([("as expected" if holds else "NOT SO", what)])
        if not holds:
            self.wrong.append(what)

    def _type(self, *words: str) -> None:
        self._page.say()
        self._page.verbatim(f"$ {command(*words)}", "bold cyan")

    def _follow(self, run_id: str) -> RunView:
        with self._progress:  # the same one after a decision: what was told is not told again
            run, _ = follow(self._client, run_id, self._progress.see)
        options = self._speaking_as(run.approval.approvers)[1] if run.approval else ()
        show_end(self._page, run, options)
        return run
