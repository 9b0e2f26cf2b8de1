"""ports.Scheduler on EventBridge Scheduler, in a schedule group of the copilot's own.

At least once, to the minute, with no flexible window; the time zone is the schedule's own. What fires goes to one
function; what cannot be delivered in an hour goes to the dead letters, for by then it would be discarded. What fires
once, at(...), Scheduler deletes when it has (ActionAfterCompletion).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from botocore.exceptions import ClientError

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.domain import Permission, ScheduleAction, Timer

FIRED = "Schedule fired"
ACTIONS = get_args(ScheduleAction)
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""Scheduler puts the time for which it fires in its place (its documented context attribute)."""
DELIVERY = {"MaximumRetryAttempts": 20, "MaximumEventAgeInSeconds": 3600}


@dataclass(frozen=True)
class Addresses:
    """The schedule group's name, and the ARNs of what fires, of the role it is invoked by, and of the dead letters."""

    group: str
    target: str = ""
    role: str = ""
    dead_letters: str = ""


class EventBridgeScheduler:
    """`read` is a boto3 scheduler client; `write` gives one that may do what this call was granted."""

    def __init__(self, addresses: Addresses, tenant: str, read: Any, write: Callable[[], Any]) -> None:
        self._addresses, self._tenant, self._read, self._write = addresses, tenant, read, write

    def timers(self, schedule_id: str) -> Mapping[str, Timer]:
        found = {action: self._timer(schedule_id, action) for action in ACTIONS}
        return {action: timer for action, timer in found.items() if timer is not None}

    def permissions(self, schedule_id: str, actions: Iterable[str]) -> Sequence[Permission]:
        where = parse_arn(self._addresses.target)
        place = f"arn:aws:scheduler:{where.region}:{where.account}:schedule/{self._addresses.group}"
        of_timers = [
            Permission(action=f"scheduler:{verb}Schedule", arn=f"{place}/{self._name(schedule_id, action)}")
            for action in actions
            for verb in ("Create", "Update", "Delete")
        ]
        return [*of_timers, Permission(action="iam:PassRole", arn=self._addresses.role)]

    def put(self, schedule_id: str, action: str, timer: Timer) -> None:
        fired = {"tenant": self._tenant, "schedule": schedule_id, "action": action, "scheduled_at": SCHEDULED_TIME}
        wanted = {
            "Name": self._name(schedule_id, action),
            "GroupName": self._addresses.group,
            "ScheduleExpression": timer.expression,
            "ScheduleExpressionTimezone": timer.time_zone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED" if timer.enabled else "DISABLED",
            "ActionAfterCompletion": "DELETE" if timer.is_once else "NONE",
            "Target": {
                "Arn": self._addresses.target,
                "RoleArn": self._addresses.role,
                "DeadLetterConfig": {"Arn": self._addresses.dead_letters},
                "RetryPolicy": DELIVERY,
                "Input": json.dumps({"detail-type": FIRED, "detail": fired}),
            },
        }
        client = self._write()
        with translated(f"scheduling {action} of {schedule_id}"):
            try:
                client.create_schedule(**wanted)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConflictException":
                    raise
                client.update_schedule(**wanted)

    def remove(self, schedule_id: str, action: str) -> None:
        client = self._write()
        with translated(f"unscheduling {action} of {schedule_id}"):
            try:
                client.delete_schedule(Name=self._name(schedule_id, action), GroupName=self._addresses.group)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise

    def _timer(self, schedule_id: str, action: str) -> Timer | None:
        with translated(f"looking at the schedule {schedule_id}"):
            try:
                found = self._read.get_schedule(Name=self._name(schedule_id, action), GroupName=self._addresses.group)
            except ClientError as error:
                if error.response["Error"]["Code"] == "ResourceNotFoundException":
                    return None
                raise
        return Timer(
            expression=found["ScheduleExpression"],
            time_zone=found.get("ScheduleExpressionTimezone", "UTC"),
            enabled=found["State"] == "ENABLED",
        )

    def _name(self, schedule_id: str, action: str) -> str:
        """Begins with the group's name: the emulator authorises by name alone."""
        return f"{self._addresses.group[:45]}-{schedule_id}-{action}"
