"""A conversation over environments and costs in which each read of the clouds is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fakes_platform import FakeNotifier, service
from some_clients import SomeClients
from test_charts_asked import Running
from test_costs import FakeBills
from test_firing import NOON, Setting
from test_tools_reports import KeptReports
from test_usage import PRICED

from copilot.bootstrap.in_process import InProcess
from copilot.domain import Kind, Permission, Person, Run
from copilot.errors import FatalError
from copilot.ports import Clients

KINDS: dict[str, Kind] = {"shop-dev": "development", "cart-dev": "development", "uat": "staging", "live": "production"}
ROLES = ("developer", "operator", "approver", "reader")


class Told(FakeNotifier):
    def __init__(self, told: list[tuple[str, str]], away: bool) -> None:
        super().__init__()
        self.told, self.away = told, away

    def send(self, channel: str, text: str, key: str) -> str:
        if self.away:
            raise FatalError("the chat is away")
        self.told.append((channel, text))
        return f"fake:{channel}"


class Again(Setting):
    """ana and lee may do everything, and what asks is approved; `reads` is how often which step was called."""

    def __init__(self) -> None:
        super().__init__()
        self.people = {name: ROLES for name in ("ana", "lee")}
        services = [service(name, "web", 2) for name in KINDS]
        self.platform: Any = Running(services, billed={one.name: PRICED["tasks"][0] for one in services})
        self.platform.kinds = dict(KINDS)
        self.bills = FakeBills()
        self.reports = KeptReports()
        self.reads: Counter[str] = Counter()
        self.told: list[tuple[str, str]] = []
        self.approves, self.unreachable = True, False

    def clients(self, run: Run, call_id: str, permissions: Sequence[Permission] | None = None) -> Clients:
        setting = self
        self.reads[call_id.split("-")[1] if "-" in call_id else call_id] += 1

        class Given(SomeClients):
            platform, notifier, clock = setting.platform, Told(setting.told, setting.unreachable), setting.clock
            bills, reports = setting.bills, setting.reports
            schedules, scheduler, person = setting.schedules, setting.scheduler, run.trigger.person

        given = Given()
        given.call_id = call_id
        return given

    def said(self, text: str, by: str = "ana") -> dict[str, Any]:
        more: Any = {"config": self.config, "store": self.store, "clock": self.clock, "sleep": self.clock.sleep}
        process = InProcess(self.clients, person=Person(id=by, name=by, roles=ROLES), workers=2, **more)
        if self.approves:
            process.decide = lambda approval: "approve"
        view = process.run(text, "one")
        self.clock.sleep(20)
        return view


__all__ = ["NOON", "Again"]
