"""Event patterns as EventBridge's guide has them: what is one, and which events are such."""

from __future__ import annotations

from typing import Any

import pytest

from copilot.domain.event_patterns import matches, why_no_pattern

EVENT: Any = {
    "source": "aws.cloudwatch",
    "account": "111111111111",
    "resources": ["arn:a", "arn:b"],
    "detail": {
        "name": "checkout-5xx",
        "state": {"value": "ALARM"},
        "count": 7,
        "on": True,
        "empty": None,
        "tags": ["x"],
    },
}
SUCH: list[tuple[dict[str, Any], bool]] = [
    ({"source": ["aws.cloudwatch"]}, True),
    ({"source": ["aws.ecs", "aws.cloudwatch"]}, True),
    ({"source": ["aws.ecs"]}, False),
    ({"resources": ["arn:b"]}, True),
    ({"detail": {"state": {"value": ["ALARM"]}}}, True),
    ({"detail": {"state": {"value": ["OK"]}}, "source": ["aws.cloudwatch"]}, False),
    ({"detail": {"name": [{"prefix": "checkout-"}]}}, True),
    ({"detail": {"name": [{"prefix": {"equals-ignore-case": "CHECK"}}]}}, True),
    ({"detail": {"name": [{"suffix": "5xx"}]}}, True),
    ({"detail": {"name": [{"suffix": "4xx"}]}}, False),
    ({"detail": {"name": [{"equals-ignore-case": "CHECKOUT-5XX"}]}}, True),
    ({"detail": {"name": [{"wildcard": "ch*-*xx"}]}}, True),
    ({"detail": {"name": [{"wildcard": "ch*-*xy"}]}}, False),
    ({"detail": {"name": [{"wildcard": "checkout-5xx*xx"}]}}, False),
    ({"detail": {"name": [{"anything-but": ["a", "b"]}]}}, True),
    ({"detail": {"name": [{"anything-but": "checkout-5xx"}]}}, False),
    ({"detail": {"name": [{"anything-but": {"prefix": "check"}}]}}, False),
    ({"detail": {"name": [{"anything-but": {"suffix": ["4xx", "3xx"]}}]}}, True),
    ({"detail": {"count": [{"numeric": [">", 0, "<=", 7]}]}}, True),
    ({"detail": {"count": [{"numeric": [">", 7]}]}}, False),
    ({"detail": {"on": [{"numeric": ["=", 1]}]}}, False),
    ({"detail": {"on": [True]}}, True),
    ({"detail": {"on": [1]}}, False),
    ({"detail": {"empty": [None]}}, True),
    ({"detail": {"name": [{"exists": True}]}}, True),
    ({"detail": {"name": [{"exists": False}]}}, False),
    ({"detail": {"other": [{"exists": False}]}}, True),
    ({"detail": {"other": [{"anything-but": "x"}]}}, False),
    ({"$or": [{"source": ["aws.ecs"]}, {"detail": {"count": [7]}}]}, True),
    ({"$or": [{"source": ["aws.ecs"]}, {"detail": {"count": [8]}}]}, False),
    ({"detail": {"tags": {"x": ["y"]}}}, False),
]


@pytest.mark.parametrize(("pattern", "such"), SUCH)
def test_an_event_is_such_or_not(pattern: dict[str, Any], such: bool) -> None:
    assert why_no_pattern(pattern) == ""
    assert matches(pattern, EVENT) is such


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ({}, "an event pattern has keys of its own, such as source, detail-type or detail"),
        ({"detailtype": ["x"]}, "detailtype is no key of an event pattern; nearest: detail-type"),
        ({"source": "aws.ecs"}, "source takes a list of values, or keys of its own"),
        ({"source": []}, "source takes a list of values, or keys of its own"),
        ({"source": [["x"]]}, "source: a list in a list is no value"),
        ({"source": [{"prefx": "x"}]}, "source: prefx is no operator; nearest: prefix"),
        ({"source": [{"prefix": "x", "suffix": "y"}]}, "source: one operator stands by itself, of prefix, suffix"),
        ({"source": [{"prefix": 1}]}, "source: prefix takes a text"),
        ({"detail": {"x": [{"numeric": ["~", 1]}]}}, "detail.x: numeric takes a comparison and a number"),
        ({"detail": {"x": [{"numeric": [">"]}]}}, "detail.x: numeric takes a comparison and a number"),
        ({"detail": {"x": [{"exists": 1}]}}, "detail.x: exists takes true or false"),
        ({"detail": {"x": [{"wildcard": "**"}]}}, "detail.x: wildcard takes a text with at most 10 stars"),
        ({"detail": {"x": [{"anything-but": {"numeric": 1}}]}}, "detail.x: anything-but takes values, or one of"),
        ({"$or": [{"source": ["x"]}]}, "$or takes a list of two patterns or more"),
    ],
)
def test_what_is_no_pattern_says_where_and_what_was_meant(pattern: dict[str, Any], problem: str) -> None:
    assert why_no_pattern(pattern).startswith(problem)


def test_no_wildcard_takes_longer_than_the_text_is_long() -> None:
    assert not matches({"detail": {"x": [{"wildcard": "*a" * 10 + "b"}]}}, {"detail": {"x": "a" * 100_000}})
