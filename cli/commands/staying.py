"""Staying with a run until it rests, and showing what happens as the person asked to see it."""

from __future__ import annotations

import json
import sys

from cli.api.client import Client
from cli.api.connection import Connection
from cli.api.following import follow
from cli.api.views import RunView, StartedView
from cli.display.page import Page
from cli.display.progress import Progress
from cli.display.run import show_end
from cli.exits import Exit, Unreachable
from cli.wording import command, line


def stay(
    client: Client,
    connection: Connection,
    run_id: str,
    *,
    wait: bool,
    as_json: bool,
    wished: str = "",
    to_the_end: bool = False,
    begun: StartedView | None = None,
) -> Exit:
    """Show a run until it rests; the exit code says how. `wished` is an outcome that counts as success here, `begun`
    what the copilot said when the run was asked for just now.

    As JSON, one document is printed and nothing else. Without `wait` it is the run as it is now. With `to_the_end` it
    does not rest while it waits for a person.
    """
    if begun is not None and not as_json:
        repeated = ", which this dedupe key had started before" if begun.repeated else ""
        Page().say(f"Run {line(begun.run_id)} in conversation {line(begun.conversation)}{repeated}", "dim")
    look = command("runs", "show", run_id, *connection.options)
    if not wait:
        if as_json:
            print_json(client.run(run_id))
        else:
            Page().say(f"It goes on without you. Look with: {look}")
        return Exit.SUCCEEDED
    page = Page()
    try:
        if as_json:
            run, document = follow(client, run_id, lambda view: None, to_the_end=to_the_end)
            print_json(document)
        else:
            with Progress(page) as progress:
                run, _ = follow(client, run_id, progress.see, to_the_end=to_the_end)
            show_end(page, run, decide_options(connection, run))
    except KeyboardInterrupt:
        print(f"\nThe run goes on without you. Look with: {look}", file=sys.stderr)
        return Exit.INTERRUPTED
    except Unreachable as error:
        raise type(error)(f"{error}\nThe run goes on as far as it can. Look with: {look}") from error
    return exit_of(run, wished)


def exit_of(run: RunView, wished: str = "") -> Exit:
    """The exit code for a Run at rest. `wished` is an outcome the person asked for, so that to deny it ends well."""
    if run.waits_for_approval:
        return Exit.WAITING
    if wished:
        by_outcome = BY_OUTCOME | {"succeeded": Exit.FAILED, wished: Exit.SUCCEEDED}
        return by_outcome.get(run.outcome or "", Exit.FAILED)
    return BY_OUTCOME.get(run.outcome or "", Exit.FAILED)


BY_OUTCOME = {
    "succeeded": Exit.SUCCEEDED,
    "denied": Exit.DENIED,
    "not_understood": Exit.NOT_UNDERSTOOD,
    "asked": Exit.NOT_UNDERSTOOD,
    "declined": Exit.NOT_UNDERSTOOD,
}


def decide_options(connection: Connection, run: RunView) -> tuple[str, ...]:
    """The words that let the commands of an approval request be pasted as they are."""
    return connection.options_for(run.approval.approvers if run.approval else ())


def print_json(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
