"""What the use cases need from the outside, and nothing about how it is done.

The Store is told the tenant with each call, since the machine names it. What tools are given is of one tenant from the
start, so that none can ask for another's.
"""

from copilot.ports.archive import JournalArchive, JournalRows
from copilot.ports.chat import ChatLinks, ChatReader, ChatSender, ChatWriter, Deliveries, DeliveryQueue, Homes, Sent
from copilot.ports.clients import Clients
from copilot.ports.clock import Clock
from copilot.ports.code_hosts import CodeHosts
from copilot.ports.costs import Bills
from copilot.ports.deployments import Deployments
from copilot.ports.destinations import Destinations
from copilot.ports.effects import Effects, History
from copilot.ports.facts import Facts
from copilot.ports.inventory import Inventory, Sweeps
from copilot.ports.kept import KeptOf
from copilot.ports.language_model import LanguageModel
from copilot.ports.learned import Learned
from copilot.ports.linter import Linter
from copilot.ports.logs import Logs
from copilot.ports.messages import Notifier
from copilot.ports.metrics import Metrics
from copilot.ports.pagers import Pagers
from copilot.ports.platform import Platform
from copilot.ports.reactions import KnownReactions, Reactions
from copilot.ports.releases import Releases
from copilot.ports.reports import AnsweredRuns, Answers, ReportLinks, Reports
from copilot.ports.runbooks import Runbooks
from copilot.ports.schedules import Scheduler, Schedules
from copilot.ports.settings import Configured
from copilot.ports.spending import Purse, Spending
from copilot.ports.store import (
    TAKEN,
    Approvals,
    Conversations,
    Freezes,
    Journal,
    Leases,
    Ledger,
    Limits,
    PendingPage,
    ResultKey,
    RunRecord,
    Runs,
    Standings,
    Store,
)
from copilot.ports.texts import KeptText, VersionedText
from copilot.ports.trail import Trail
from copilot.ports.watches import Watches
from copilot.ports.workflow import Workflow

__all__ = [
    "TAKEN",
    "AnsweredRuns",
    "Answers",
    "Approvals",
    "Bills",
    "ChatLinks",
    "ChatReader",
    "ChatSender",
    "ChatWriter",
    "Clients",
    "Clock",
    "CodeHosts",
    "Configured",
    "Conversations",
    "Deliveries",
    "DeliveryQueue",
    "Deployments",
    "Destinations",
    "Effects",
    "Facts",
    "Freezes",
    "History",
    "Homes",
    "Inventory",
    "Journal",
    "JournalArchive",
    "JournalRows",
    "KeptOf",
    "KeptText",
    "KnownReactions",
    "LanguageModel",
    "Learned",
    "Leases",
    "Ledger",
    "Limits",
    "Linter",
    "Logs",
    "Metrics",
    "Notifier",
    "Pagers",
    "PendingPage",
    "Platform",
    "Purse",
    "Reactions",
    "Releases",
    "ReportLinks",
    "Reports",
    "ResultKey",
    "RunRecord",
    "Runbooks",
    "Runs",
    "Scheduler",
    "Schedules",
    "Sent",
    "Spending",
    "Standings",
    "Store",
    "Sweeps",
    "Trail",
    "VersionedText",
    "Watches",
    "Workflow",
]
