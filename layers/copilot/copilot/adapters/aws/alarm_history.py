"""Which alarms rang in a time that has been, by CloudWatch's history of their states.

A state holds until the next change: of an alarm that did not change since the time began, it is the one that it is in
now; else the one before the first change. History is kept for 30 days (CloudWatch User Guide, "Using Amazon CloudWatch
alarms"; HistoryData as the CLI's reference has it for describe-alarm-history).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from copilot.adapters.aws.metrics import Watched, names
from copilot.domain.releases import Ringing
from copilot.text.listing import count

READS = frozenset({"cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"})
ALARMS_AT_MOST = 20
CHANGES_AT_MOST = 100  # the limit of DescribeAlarmHistory for one page
ALARM = "ALARM"


def ringing(cloudwatch: Any, watched: Collection[Watched], since: datetime, until: datetime) -> Ringing:
    found = [
        alarm
        for page in cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
        for alarm in page["MetricAlarms"]
        if names(alarm, watched)
    ]
    looked_at = found[:ALARMS_AT_MOST]
    told = {alarm["AlarmName"]: _rang(cloudwatch, alarm, since, until) for alarm in looked_at}
    unknown = sum(rang is None for rang in told.values()) + len(found) - len(looked_at)
    return Ringing(
        watching=tuple(alarm["AlarmName"] for alarm in found),
        rang=tuple(name for name, rang in told.items() if rang),
        unknown=f"of {count(unknown, 'alarm')} it could not be told whether it rang then" if unknown else "",
    )


def _rang(cloudwatch: Any, alarm: Any, since: datetime, until: datetime) -> bool | None:
    """None where its history cannot be read."""
    asked = {"AlarmName": alarm["AlarmName"], "HistoryItemType": "StateUpdate", "StartDate": since}
    items = cloudwatch.describe_alarm_history(**asked, ScanBy="TimestampAscending", MaxRecords=CHANGES_AT_MOST)[
        "AlarmHistoryItems"
    ]
    try:
        changes = [(item["Timestamp"], *_states(item)) for item in items]
    except (KeyError, TypeError, ValueError):
        return None
    before = changes[0][1] if changes else alarm["StateValue"]
    return ALARM in {before, *(after for at, _, after in changes if at <= until)}


def _states(item: Any) -> tuple[str, str]:
    told = json.loads(item["HistoryData"])
    return told["oldState"]["stateValue"], told["newState"]["stateValue"]
