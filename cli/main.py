"""`devops-copilot`: runs the command that was asked for, and turns how it ends into an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

WELCOME = """\
devops-copilot: say what you want done to your infrastructure. It plans, asks where it must, acts, and checks.

  devops-copilot demo                                   see it work from nothing, on this machine
  devops-copilot up                                     start it on this machine: no Docker, no AWS account
  devops-copilot ask "How is the production cluster?"   ask for something and watch it happen
  devops-copilot approve ID   or   deny ID              answer when it asks before a change
  devops-copilot approvals                              see what waits for an answer
  devops-copilot runs show ID                           look at a run again
  devops-copilot --help                                 every command, and the exit codes
"""


NEEDS_CHECKOUT = (
    "`devops-copilot {}` needs a checkout of the project, and `make` there: this is the command line alone, which "
    "speaks to a copilot that runs elsewhere."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. A command's module is imported when the command is given, not before."""
    if argv is None:
        code = main(sys.argv[1:])
        gc.freeze()  # else the interpreter looks through all of it once more before it ends, for a fifth of a second
        return code
    words = list(argv)
    if not words:
        print(WELCOME, end="")
        return 0
    from cli.exits import CommandError, Exit
    from cli.parser import parser

    args = parser().parse_args(words)
    module, _, name = args.command.partition(":")
    try:
        code = int(getattr(import_module(module), name)(args))
        sys.stdout.flush()
        return code
    except ModuleNotFoundError as error:
        if not _is_left_out(error.name or ""):
            raise
        print(NEEDS_CHECKOUT.format(" ".join(words[:1])), file=sys.stderr)
        return int(Exit.REFUSED)
    except CommandError as error:
        print(error, file=sys.stderr)
        return int(error.exit)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.SUCCEEDED)


def _is_left_out(module: str) -> bool:
    """Whether it is missing since the command line was installed alone (cli/pyproject.toml)."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("devops-copilot-cli")
    except PackageNotFoundError:
        return False
    return module.partition(".")[0] in {"cli", "copilot", "boto3", "ministack", "samtranslator"}


if __name__ == "__main__":
    sys.exit(main())
