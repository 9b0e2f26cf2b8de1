"""What a Run changed that code owns, and what to write into the code so that it is not put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from copilot.domain import Change, Preview, is_code
from copilot.text.listing import listed
from copilot.text.outside import inert, quoted
from copilot.tools.owning import in_words

_IGNORED = {
    "Terraform": {
        ("ecs-service", "size"): "`ignore_changes = [desired_count]` in its aws_ecs_service",
        ("ecs-service", "limits"): "`ignore_changes = [min_capacity, max_capacity]` in its aws_appautoscaling_target",
        ("ecs-service", "version"): "`ignore_changes = [task_definition]` in its aws_ecs_service",
        ("auto-scaling-group", "size"): "`ignore_changes = [desired_capacity]` in its aws_autoscaling_group",
        ("auto-scaling-group", "limits"): "`ignore_changes = [min_size, max_size]` in its aws_autoscaling_group",
        ("", "tags"): '`ignore_tags { key_prefixes = ["devops-copilot:"] }` in the AWS provider',
    },
    "stack": {
        ("ecs-service", "size"): "no DesiredCount in its AWS::ECS::Service",
        ("ecs-service", "limits"): "MinCapacity and MaxCapacity of its AWS::ApplicationAutoScaling::ScalableTarget as "
        "they are now",
        ("ecs-service", "version"): "TaskDefinition of its AWS::ECS::Service as it is now",
        ("auto-scaling-group", "size"): "no DesiredCapacity in its AWS::AutoScaling::AutoScalingGroup",
        ("auto-scaling-group", "limits"): "MinSize and MaxSize of its AWS::AutoScaling::AutoScalingGroup as they are "
        "now",
    },
}
"""What code is to say, by whose it is, by the type of a resource and by what was changed of it.

What is not here it does not state (whether an instance or a database is on), or nothing of it lasts (a restart). A
stack leaves tags alone that it does not know.
"""
_DEPLOYS = frozenset[str]({"deploy"})
_LIKE = {"OpenTofu": "Terraform", "CloudFormation": "stack", "CDK": "stack"}


def owned_by_code(previews: Iterable[Preview]) -> str:
    """A line for each owner of what was changed, with what its code is to ignore; "" where none of it is in code."""
    by_owner: dict[str, list[Change]] = {}
    notes: dict[str, None] = {}
    for preview in previews:
        notes |= dict.fromkeys(preview.notes)
        for change in preview.wanted:
            if is_code(change.owned_by):
                by_owner.setdefault(change.owned_by, []).append(change)
    lines = [f"- {_line(owner, changes)}" for owner, changes in by_owner.items()]
    lines += [f"- {inert(note)}." for note in notes]
    return "\n".join(["Owned by code, which may put it back:", *lines]) if lines else ""


def _line(owner: str, changes: Sequence[Change]) -> str:
    names = listed([quoted(name) for name in dict.fromkeys(change.name for change in changes)])
    told = inert(f"{in_words(owner)}: {names}")
    ignored = dict.fromkeys(part for change in changes for part in _ignored(owner, change))
    return f"{told}. To keep it: {'; '.join(ignored)}" if ignored else told


def _ignored(owner: str, change: Change) -> list[str]:
    """Nothing for a tool of which it is not known here how it is told."""
    kind = owner.partition(" ")[0]
    table = _IGNORED.get(_LIKE.get(kind, kind), {})
    found = (table.get((change.ref.type, what)) or table.get(("", what)) for what in _touched(change))
    return [one for one in found if one]


def _touched(change: Change) -> list[str]:
    """What of it was changed that code may state; what is stopped has a tag that says from what."""
    counted = change.action in {"scale", "resize"}
    # Stopping brings a group's limits to nothing too, and so does it those of a service that is scaled.
    limits = change.limits is not None or (change.action == "scale" and "(" in change.before + change.after)
    noted = change.action == "stop" or (change.action == "scale" and change.size == 0)
    found = {"version": change.action in _DEPLOYS, "size": counted, "limits": counted and limits, "tags": noted}
    return [what for what, touched in found.items() if touched]
