"""`devops-copilot schema`: the JSON schema of a plan, for editors and for who writes runbooks."""

from __future__ import annotations

import argparse

from cli.commands.staying import print_json
from cli.exits import Exit
from copilot.plans.schema import plan_schema


def schema(args: argparse.Namespace) -> Exit:
    print_json(plan_schema())
    return Exit.SUCCEEDED
