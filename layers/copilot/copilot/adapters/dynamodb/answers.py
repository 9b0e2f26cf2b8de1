"""ports.Answers from the journal: one partition for each day."""

from __future__ import annotations

from datetime import date
from typing import Any

from copilot.adapters.dynamodb.rows import Row, errors_in_words, unpack
from copilot.domain import AnsweredRun, JournalEntry
from copilot.ports import AnsweredRuns

MOST_PAGES = 20  # of 1 MB each: tens of thousands of entries a day


class DynamoAnswers:
    """`dynamodb` is a boto3 client."""

    def __init__(self, table: str, dynamodb: Any, tenant: str) -> None:
        self._table, self._db, self._tenant = table, dynamodb, tenant

    def answered(self, day: date) -> AnsweredRuns:
        found: list[AnsweredRun] = []
        more: Row = {}
        for _ in range(MOST_PAGES):
            with errors_in_words():
                page = self._db.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues={":pk": {"S": f"JOURNAL#{self._tenant}#{day.isoformat()}"}},
                    **more,
                )
            entries = [unpack(row["body"], JournalEntry) for row in page["Items"]]
            found += [_answered(entry) for entry in entries if entry.kind == "answer"]
            if "LastEvaluatedKey" not in page:
                return AnsweredRuns(found)
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return AnsweredRuns(found, complete=False)


def _answered(entry: JournalEntry) -> AnsweredRun:
    outcome = entry.data.get("outcome") if isinstance(entry.data, dict) else None
    return AnsweredRun(at=entry.at, person=entry.person, outcome=str(outcome or "unknown"))
