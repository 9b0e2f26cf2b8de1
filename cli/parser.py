"""The words of the command line, and which function each command is."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from cli.exits import EXPLAINED

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


CHATS = {"slack": "Slack", "teams": "Microsoft Teams", "discord": "Discord"}
"""As domain.PLATFORMS, which takes longer to import than all of this."""
DEMO = "questions, changes, a window, deployments, usage, a Dockerfile, Slack"
"""What the demo asks for, here and in README.md."""


CREDENTIALS = "on the laptop's cloud where that is here, else with your own AWS credentials"
"""Whose they are, where no copilot is in between."""


VARIABLES = """\
environment variables:
  DEVOPS_COPILOT_REQUEST       what is asked for; or
  DEVOPS_COPILOT_GATE          the conditions of a gate
  DEVOPS_COPILOT_URL           the copilot's address
  DEVOPS_COPILOT_APPROVAL      wait: stay until somebody decided; else the job ends with 4
  DEVOPS_COPILOT_KEY           tells a step from another that asks the same
  DEVOPS_COPILOT_CONVERSATION  a thread; else one of the job's own
  DEVOPS_COPILOT_TRUST         main, branch, pull_request or fork: only narrows what the job's role may do
  DEVOPS_COPILOT_ROLE          the role to assume by the job's token; else the credentials that there are
  DEVOPS_COPILOT_TOKEN         GitLab: that token, of the audience sts.amazonaws.com
  DEVOPS_COPILOT_OUTPUTS, DEVOPS_COPILOT_SUMMARY
                               the files that are written; on GitHub its own"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="devops-copilot",
        description="Say what you want done to your infrastructure.",
        epilog=EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _asking(commands)
    _deciding(commands)
    _undoing(commands)
    _freezing(commands)
    _spend(commands)
    _standing(commands)
    _linking(commands)
    _runs(commands)
    _schedules(commands)
    _watches(commands)
    _reactions(commands)
    _runbooks(commands)
    _facts(commands)
    _keeping(commands)
    _tools(commands)
    _running_alone(commands)
    _installing(commands)
    return top


def _asking(commands: Commands) -> None:
    what = "what runs, what waits for you, what comes by itself, and what you may do"
    _reaches(_add(commands, "home", "cli.commands.home:home", what))
    ask = _add(commands, "ask", "cli.commands.asking:ask", "ask for something and watch it happen")
    ask.add_argument("text", nargs="+", metavar="TEXT", help="what you want; in quotes where a shell would read it too")
    ask.add_argument(
        "--file", action="append", default=[], metavar="PATH", help="a text file that belongs to it; up to four times"
    )
    what = 'hold what is so against what must be, as "error rate of checkout under 1% over 10 minutes"'
    gate = _add(commands, "gate", "cli.commands.asking:gate", what)
    gate.add_argument("text", nargs="+", metavar="TEXT", help="the conditions, with `and` between; in quotes")
    for command in (ask, gate):
        command.add_argument("--conversation", metavar="NAME", help='its thread, in which "it" means something')
        _deduped(command)
        command.add_argument("--ci", action="store_true", help="a pipeline asks, not a person at a keyboard")
        _follows(command)
    job = _add(commands, "ci", "cli.commands.in_a_job:ci", "ask or gate in a job of GitHub or GitLab, by its variables")
    job.add_argument("--cancel", action="store_true", help="cancel what this job asked for and is still under way")
    job.add_argument("--as", dest="person", metavar="PERSON", help="laptop: which of its users speaks")
    job.epilog, job.formatter_class = f"{VARIABLES}\n\n{EXPLAINED}", argparse.RawDescriptionHelpFormatter


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day is written as 2026-11-30, which {said!r} is not") from None


def _deciding(commands: Commands) -> None:
    for name, what in (("approve", "let a run that asked go on"), ("deny", "refuse what a run asked for")):
        command = _add(commands, name, f"cli.commands.approving:{name}", what)
        command.add_argument("id", metavar="ID", help="the approval's id, as the request shows it")
        command.add_argument("--reason", default="", metavar="TEXT", help="kept with the decision")
        if name == "approve":
            help = "approve the rest: leave out this target, step or step.item; may be given again"
            command.add_argument("--without", action="append", default=[], metavar="NAME", help=help)
        _follows(command)
    _reaches(
        _add(
            commands, "approvals", "cli.commands.approving:approvals", "what waits for an approval of yours, or for you"
        )
    )


def _undoing(commands: Commands) -> None:
    for name, what in (
        ("undo", "take back what a run did, as far as that can be"),
        ("retry", "do what a run was to do and did not, and nothing that it did"),
    ):
        command = _add(commands, name, f"cli.commands.undoing:{name}", what)
        command.add_argument("id", metavar="RUN", help="the run's id")
        _follows(command)


def _freezing(commands: Commands) -> None:
    _reaches(_add(commands, "freezes", "cli.commands.freezing:freezes", "what is frozen, by whom and why"))
    for name, what in (
        ("freeze", "have no change begin in a scope; for operators"),
        ("thaw", "let changes begin again; for approvers"),
    ):
        command = _add(commands, name, f"cli.commands.freezing:{name}", what)
        command.set_defaults(command_name=name)
        command.add_argument("scope", choices=("all", "account", "environment", "person"), help="what begins no change")
        command.add_argument("name", nargs="?", metavar="NAME", help="of the account, environment or person")
        if name == "freeze":
            command.add_argument(
                "--reason", required=True, metavar="TEXT", help="shown to whoever it keeps from a change"
            )
            command.add_argument(
                "--unseen", action="store_true", help="an environment by its name though none of that name was seen yet"
            )
        _reaches(command)


def _runs(commands: Commands) -> None:
    runs = _add(commands, "runs", "cli.commands.looking:runs", "the runs of a conversation; show, cancel or resume one")
    _reaches(runs)
    which = runs.add_mutually_exclusive_group()
    which.add_argument("--conversation", metavar="NAME", help="another conversation of yours")
    which.add_argument("--all", action="store_true", help="everybody's last runs; for operators and approvers")
    verbs = runs.add_subparsers(metavar="VERB")
    show = _add(verbs, "show", "cli.commands.looking:show", "plan, steps, effects and answer of one run")
    _reaches(show)
    show.add_argument("--sent", action="store_true", help="what left of it for chats instead, byte for byte")
    cancel = _add(verbs, "cancel", "cli.commands.looking:cancel", "begin nothing new in a run")
    resume = _add(verbs, "resume", "cli.commands.looking:resume", "have a run go on that was lost")
    for verb in (cancel, resume):
        _follows(verb)
    for verb in (show, cancel, resume):
        verb.add_argument("id", metavar="ID", help="the run's id")


def _schedules(commands: Commands) -> None:
    schedules = _add(
        commands, "schedules", "cli.commands.scheduling:schedules", "what is stopped and started when, by itself"
    )
    _reaches(schedules)
    verbs = schedules.add_subparsers(metavar="VERB")
    listing = _add(verbs, "list", "cli.commands.scheduling:schedules", "every schedule, with what it does next")
    show = _add(verbs, "show", "cli.commands.scheduling:show", "next times and past firings of one")
    run_now = _add(
        verbs, "run-now", "cli.commands.scheduling:run_now", "do at once what it does at its time, with your rights"
    )
    changes = [
        _add(verbs, "pause", "cli.commands.scheduling:pause", "have one do nothing for a while"),
        _add(verbs, "resume", "cli.commands.scheduling:resume", "have a paused one go on"),
        _add(verbs, "delete", "cli.commands.scheduling:delete", "delete one; what it stopped stays stopped"),
    ]
    run_now.add_argument("--start", action="store_true", help="start again what it stopped, instead of stopping")
    _deduped(run_now)
    for verb in (listing, show):
        _reaches(verb)
    for verb in (run_now, *changes):
        _follows(verb)
    for verb in (show, run_now, *changes):
        verb.add_argument("id", metavar="ID", help="the schedule's id")


def _watches(commands: Commands) -> None:
    watches = _add(commands, "watches", "cli.commands.watching:watches", "what is being watched, and for whom")
    _follows(watches)
    verbs = watches.add_subparsers(metavar="VERB")
    listing = _add(verbs, "list", "cli.commands.watching:watches", "everything that is being watched")
    stop = _add(verbs, "stop", "cli.commands.watching:stop", "have something of yours watched no more")
    for verb in (listing, stop):
        _follows(verb)
    stop.add_argument("id", metavar="ID", help="the watch's id")


def _reactions(commands: Commands) -> None:
    reactions = _add(commands, "reactions", "cli.commands.reacting:reactions", "which events start what, and what came")
    _follows(reactions)
    verbs = reactions.add_subparsers(metavar="VERB")
    _follows(_add(verbs, "list", "cli.commands.reacting:reactions", "each with what it does, and what came last"))
    test = _add(verbs, "test", "cli.commands.reacting:test", "what an event would start, and with what; nothing is")
    test.add_argument("file", metavar="FILE", help="the event as EventBridge delivers it, in JSON; - for stdin")
    test.add_argument("--own", action="store_true", help="as if a rule of your own handed it on")
    _reaches(test)


def _runbooks(commands: Commands) -> None:
    runbooks = _add(commands, "runbooks", "cli.commands.runbooks:runbooks", "saved plans with parameters; run one")
    _reaches(runbooks)
    verbs = runbooks.add_subparsers(metavar="VERB")
    listing = _add(verbs, "list", "cli.commands.runbooks:runbooks", "the newest version of each, with what it takes")
    show = _add(verbs, "show", "cli.commands.runbooks:show", "one whole, and which versions there are")
    add = _add(verbs, "add", "cli.commands.runbooks:add", "save one from a file, as the next version of its name")
    run = _add(verbs, "run", "cli.commands.runbooks:run", "do what one says, with your rights")
    add.add_argument("file", metavar="FILE", help="the runbook, in YAML")
    for verb in (show, run):
        verb.add_argument("name", metavar="NAME", help="the runbook's name")
        verb.add_argument("--version", type=int, metavar="N", help="that version; else the newest")
    run.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a parameter; may be given again")
    run.add_argument("--conversation", metavar="NAME", help='its thread, in which "it" means something')
    for verb in (listing, show):
        _reaches(verb)
    for verb in (add, run):
        _deduped(verb)
        _follows(verb)


def _facts(commands: Commands) -> None:
    facts = _add(commands, "facts", "cli.commands.facts:facts", "what it remembers for you; forget it")
    _reaches(facts)
    verbs = facts.add_subparsers(metavar="VERB")
    listing = _add(verbs, "list", "cli.commands.facts:facts", "yours, and what is so for everybody")
    show = _add(verbs, "show", "cli.commands.facts:show", "one, with what it was before")
    show.add_argument("about", nargs="+", metavar="WORD", help="what it is about")
    forget = _add(verbs, "forget", "cli.commands.facts:forget", "have one forgotten, or all that are yours")
    forget.add_argument("about", nargs="*", metavar="WORD", help='what it is about; "that" and the words of a note')
    forget.add_argument("--all", action="store_true", help="all that are yours")
    for verb in (listing, show):
        _reaches(verb)
    _deduped(forget)
    _follows(forget)


def _keeping(commands: Commands) -> None:
    for name, what in (
        ("export", "what is kept of you, of a person or of a conversation, as one JSON document"),
        ("delete", "have that deleted, but what is evidence; what goes and what stays is shown first"),
    ):
        kept = _add(commands, name, f"cli.commands.keeping:{name}", what)
        kept.add_argument("who", nargs="?", choices=("me",), help="all that is yours")
        kept.add_argument("--person", dest="of_person", metavar="ID", help="somebody else; for approvers")
        kept.add_argument(
            "--conversation", metavar="NAME", help="one of yours, of the person, or a chat's by its whole name"
        )
        if name == "export":
            kept.add_argument("--file", metavar="FILE", help="where to write it; else it is printed")
        else:
            kept.add_argument("--yes", action="store_true", help="do not ask")
        _reaches(kept)
    journal = _add(commands, "journal", "cli.commands.keeping:verify", "see that the archived journal is whole")
    journal.set_defaults(since=None, until=None)
    _reaches(journal)
    verify = _add(
        journal.add_subparsers(metavar="VERB"),
        "verify",
        "cli.commands.keeping:verify",
        "that it is complete, in order and chained; what is missing, and what waits; for operators and approvers",
    )
    verify.add_argument("--from", dest="since", type=_day, metavar="DATE", help="from this day (UTC) on")
    verify.add_argument("--to", dest="until", type=_day, metavar="DATE", help="up to this day")
    _reaches(verify)


def _spend(commands: Commands) -> None:
    what = "what the copilot itself cost, and what is left of its caps"
    spend = _add(commands, "spend", "cli.commands.spending:spend", what)
    help = "from this day on; else from the first of the month"
    spend.add_argument("--since", type=_day, metavar="DAY", help=help)
    by = ("kind", "day", "person", "channel", "reaction")
    spend.add_argument("--by", choices=by, default=by[0], help=f"split by what; else by {by[0]}")
    _reaches(spend)


def _standing(commands: Commands) -> None:
    standing = _add(
        commands,
        "standing",
        "cli.commands.standing:standing",
        "what schedules and reactions may do unasked",
    )
    _reaches(standing)
    verbs = standing.add_subparsers(metavar="VERB")
    listing = _add(verbs, "list", "cli.commands.standing:standing", "every standing approval, with what it covers")
    grant = _add(verbs, "grant", "cli.commands.standing:grant", "grant a schedule of somebody else one; for approvers")
    revoke = _add(
        verbs, "revoke", "cli.commands.standing:revoke", "take one back; for approvers and the schedule's owner"
    )
    grant.add_argument("schedule", metavar="SCHEDULE", help="the schedule's id, or reaction/NAME")
    grant.add_argument("--most", type=int, required=True, metavar="N", help="at most so many targets each time")
    grant.add_argument("--days", type=int, default=30, metavar="N", help="for so many days; 30, and 365 at most")
    grant.add_argument("--reason", default="", metavar="TEXT", help="kept with it")
    revoke.add_argument("id", metavar="ID", help="the id of the standing approval")
    for verb in (listing, grant, revoke):
        _reaches(verb)


def _linking(commands: Commands) -> None:
    link = _add(commands, "link", "cli.commands.linking:links", "who you are in chats; be yourself in one")
    _reaches(link)
    verbs = link.add_subparsers(metavar="VERB")
    chats = [
        _add(verbs, platform, "cli.commands.linking:link", f"a code that makes you yourself in {name}, or renews that")
        for platform, name in CHATS.items()
    ]
    for verb, platform in zip(chats, CHATS, strict=True):
        verb.set_defaults(platform=platform)
        verb.add_argument("--another", action="store_true", help="you there as another user as well")
    listing = _add(verbs, "list", "cli.commands.linking:links", "who you are in chats, and until when")
    remove = _add(verbs, "remove", "cli.commands.linking:unlink", "have a user be you no more")
    remove.add_argument("user", metavar="USER", help="as the list shows it, such as slack:T024BE7LD/U2147483697")
    for verb in (*chats, listing, remove):
        _reaches(verb)


def _tools(commands: Commands) -> None:
    tool = commands.add_parser("tool", help="the tools there are; show one, run one alone")
    verbs = tool.add_subparsers(metavar="VERB", required=True)
    listing = _add(verbs, "list", "cli.commands.tools:list_tools", "every tool in a line")
    show = _add(verbs, "show", "cli.commands.tools:show", "what one takes, gives, and may do")
    run = _add(verbs, "run", "cli.commands.tool_run:run", f"run one in this process, {CREDENTIALS}")
    show.add_argument("--json", action="store_true", help="the JSON schemas of input and output")
    _configured(run)
    run.add_argument("--yes", action="store_true", help="really write; else it is only shown")
    for verb in (show, run):
        verb.add_argument("name", metavar="NAME", help="the tool's name, or name@version")
    run.add_argument("arguments", metavar="JSON", help="""like '{"environment_id": "NAME"}'""")
    for verb in (listing, show, run):
        _extra_tools(verb)


def _running_alone(commands: Commands) -> None:
    run = _add(
        commands,
        "run",
        "cli.commands.plan_run:run",
        f"run a plan from a file in this process, with nothing stored, {CREDENTIALS}",
    )
    run.add_argument("--in-process", required=True, dest="plan", metavar="PLAN.yaml", help="the plan")
    run.add_argument("--yes", action="store_true", help="also where it changes something")
    run.add_argument("--json", action="store_true", help="print the run as one JSON document and nothing else")
    _extra_tools(run)
    _configured(run)
    _add(commands, "schema", "cli.commands.schema:schema", "print the JSON schema of a plan")


def _installing(commands: Commands) -> None:
    configure = _add(
        commands, "configure", "cli.commands.configuring:configure", "check a configuration and hand it over"
    )
    configure.add_argument("file", metavar="FILE.yaml")
    configure.add_argument("--parameter", metavar="NAME", help="the SSM parameter of the stack")
    configure.add_argument("--check", action="store_true", help="only check it")
    configure.add_argument(
        "--model-key-env", metavar="NAME", help="keep the model's key too, from this environment variable; never shown"
    )
    _chats(commands)
    outbox = _add(commands, "outbox", "cli.commands.outbox:outbox", "laptop: the messages the copilot sent")
    outbox.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    _add(commands, "up", "cli.commands.hosting:start", "laptop: start the system, or start it again with all it had")
    _add(commands, "down", "cli.commands.hosting:stop", "laptop: stop it and keep all it has")
    _add(commands, "demo", "cli.showing.demo:demo", f"laptop: start it and watch it at work: {DEMO}")


def _chats(commands: Commands) -> None:
    chat = _add(
        commands,
        "chat",
        "cli.commands.chatting:chat",
        "laptop: talk with it as in Slack, on a page; set up Slack, Teams or Discord",
    )
    chat.add_argument("--port", type=int, metavar="N", help="where the page is on this machine")
    chats = chat.add_subparsers(metavar="CHAT")
    slack = chats.add_parser("slack", help="Slack itself", description="Slack itself.")
    setup = _add(
        slack.add_subparsers(metavar="COMMAND", required=True),
        "setup",
        "cli.commands.chat_setup:slack_setup",
        "print the app's manifest, keep its secrets, say what is to be configured",
    )
    setup.add_argument("--dry-run", action="store_true", help="only print the manifest")
    setup.add_argument("--channel", metavar="#NAME", help="a channel to post a first message in")
    setup.add_argument("--url", metavar="URL", help="a deployed copilot; else the laptop's, else DEVOPS_COPILOT_URL")
    setup.add_argument("--endpoint", metavar="URL", help="base URL of Slack's API; else its own")
    setup.epilog = (
        "The signing secret and the bot token are taken from SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN, else asked for."
    )
    _teams(chats.add_parser("teams", help="Microsoft Teams itself", description="Microsoft Teams itself."))
    _discord(chats.add_parser("discord", help="Discord itself", description="Discord itself."))


def _teams(teams: argparse.ArgumentParser) -> None:
    verbs = teams.add_subparsers(metavar="COMMAND", required=True)
    setup = _add(
        verbs,
        "setup",
        "cli.commands.teams_setup:teams_setup",
        "print the app's manifest, keep the bot's secret, say what is to be configured",
    )
    check = _add(verbs, "check", "cli.commands.teams_setup:teams_check", "whether the bot's registration is right")
    for verb in (setup, check):
        verb.add_argument("--tenant", metavar="ID", required=True, help="the id of the tenant")
        verb.add_argument("--app", metavar="ID", required=True, help="the bot's app id")
        verb.add_argument("--team", metavar="LINK", help="the link to the team whose channels may be told, or its id")
        verb.add_argument("--endpoint", metavar="URL", help="base URL of the Bot Connector; else its own")
        verb.epilog = "The client secret is taken from TEAMS_CLIENT_SECRET, else asked for."
    check.add_argument("--url", metavar="URL", help="a deployed copilot: whether it has a door for Teams")
    setup.add_argument("--name", metavar="NAME", help="what people call the tenant")
    setup.add_argument("--dry-run", action="store_true", help="only print the manifest")
    setup.add_argument("--package", metavar="FILE", help="write the app there, as Teams takes it: a ZIP file")
    setup.add_argument("--channel", metavar="#NAME", help="a channel to post a first message in")
    setup.add_argument("--url", metavar="URL", help="a deployed copilot; else the laptop's, else DEVOPS_COPILOT_URL")


def _discord(discord: argparse.ArgumentParser) -> None:
    setup = _add(
        discord.add_subparsers(metavar="COMMAND", required=True),
        "setup",
        "cli.commands.discord_setup:discord_setup",
        "register the commands, keep the bot's token, say what is to be configured",
    )
    setup.add_argument("--server", metavar="ID", required=True, help="the id of the server that it is in")
    setup.add_argument("--dry-run", action="store_true", help="only print the link that lets it into a server")
    setup.add_argument("--channel", metavar="#NAME", help="a channel to post a first message in")
    setup.add_argument("--url", metavar="URL", help="a deployed copilot; else the laptop's, else DEVOPS_COPILOT_URL")
    setup.add_argument("--endpoint", metavar="URL", help="base URL of Discord's API; else its own")
    setup.epilog = "The bot token is taken from DISCORD_BOT_TOKEN, else asked for."


def _add(commands: Commands, name: str, command: str, what: str) -> argparse.ArgumentParser:
    added = commands.add_parser(name, help=what.replace("%", "%%"), description=what[0].upper() + what[1:] + ".")
    added.set_defaults(command=command)
    return added


def _reaches(command: argparse.ArgumentParser) -> None:
    """It speaks to a copilot."""
    command.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    command.add_argument("--url", metavar="URL", help="a deployed copilot; else the laptop's, else DEVOPS_COPILOT_URL")
    command.add_argument("--as", dest="person", metavar="PERSON", help="laptop: which of its users speaks")


def _deduped(command: argparse.ArgumentParser) -> None:
    """It starts a run, and may be asked again without starting another."""
    help = "asked again with the same key, the same request is the same run; another request is refused"
    command.add_argument("--dedupe-key", metavar="KEY", help=help)


def _follows(command: argparse.ArgumentParser) -> None:
    """It stays with a run to its end."""
    _reaches(command)
    command.add_argument("--no-wait", action="store_true", help="do not stay with the run")
    command.epilog, command.formatter_class = EXPLAINED, argparse.RawDescriptionHelpFormatter


def _configured(command: argparse.ArgumentParser) -> None:
    help = "accounts and people from this file, not from an installation"
    command.add_argument("--configuration", metavar="FILE.yaml", help=help)


def _extra_tools(command: argparse.ArgumentParser) -> None:
    help = "more tools: a tool class, or a list of them, in a Python module"
    command.add_argument("--tools", metavar="MODULE:ATTRIBUTE", help=help)
