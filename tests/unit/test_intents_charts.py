"""Figures, costs, errors and deployments asked for as a chart, a page or a table: as people say it, and what is no such
request.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from test_heard import INTENTS, KNOWN, PRESENT
from test_intents_logs import OF_UAT, SPOKEN
from test_intents_reports import forms_of

from copilot.domain import Focus
from copilot.intents import Match
from copilot.plans.check import check_plan
from copilot.tools.registry import Registry

NOTHING = Focus()

ASKED = [
    ("chart the cpu of checkout this week", "metric_values", "cpu", "png"),
    ("graph the p95 latency of search today", "metric_values", "latency", "png"),
    ("plot requests of checkout since monday", "metric_values", "requests", "png"),
    ("cpu of the dev database this week as a png", "metric_values_in_environment", "cpu", "png"),
    ("cpu of the uat database this week as csv", "metric_values_in_environment", "cpu", "csv"),
    ("cpu of the uat database this week as a pdf", "metric_values_in_environment", "cpu", "pdf"),
    ("draw the memory of uat yesterday", "metric_values_in_environment", "memory", "png"),
    ("draw me a chart of the memory of payments over the last 2 hours", "metric_values", "memory", "png"),
    ("can you chart checkout's cpu for the last 24 hours?", "metric_values", "cpu", "png"),
    ("I'd like a graph of the error rate of checkout today", "metric_values", "error_rate", "png"),
    ("show me a chart of the latency of search in prod-eu", "metric_values_in_environment", "latency", "png"),
    ("give me a line chart of uat's database connections since yesterday", "metric_values_in_environment", "", "png"),
    ("please plot the p99 response time of search in prod-us", "metric_values_in_environment", "latency", "png"),
    ("a picture of the queue depth in uat today", "metric_values_in_environment", "queue_depth", "png"),
    ("export the requests of checkout of the last week to excel", "metric_values", "requests", "csv"),
    ("visualise the cpu of uat this week", "metric_values_in_environment", "cpu", "png"),
    ("visualize checkout's memory today", "metric_values", "memory", "png"),
    ("cpu chart of checkout for today", "metric_values", "cpu", "png"),
    ("memory graph for payments please", "metric_values", "memory", "png"),
    ("plot free storage of the database in uat over the last 7 days", "metric_values_in_environment", "", "png"),
    ("how many requests did checkout get yesterday, as a graph", "metric_values", "requests", "png"),
    ("what was the max cpu of ledger this week? as a chart please", "metric_values", "cpu", "png"),
    ("get me the average latency of checkout last night as a pdf", "metric_values", "latency", "pdf"),
    ("download the cpu of checkout in uat from this week", "metric_values_in_environment", "cpu", "csv"),
    ("make a graph showing the 5xx rate of web-front since 9", "metric_values", "error_rate", "png"),
    ("could you graph cpu utilisation of the instances in uat?", "metric_values_in_environment", "cpu", "png"),
    ("let me see the memory of search as a curve", "metric_values", "memory", "png"),
    ("I need the p50 latency of checkout today in a spreadsheet", "metric_values", "latency", "csv"),
    ("draw a diagram of the connections of the uat database since monday", "metric_values_in_environment", "", "png"),
    ("chart of how many requests checkout got today", "metric_values", "requests", "png"),
    ("chart the cost of staging per day last month", "costs_of_several", "", "png"),
    ("plot our aws spend by day over the last 2 weeks", "costs", "", "png"),
    ("what did uat cost last month? as csv", "costs_of_one", "", "csv"),
    ("graph the daily cost of uat this month", "costs_of_one_since", "", "png"),
    ("cost of the dev environments by service as a pdf", "costs_of_several", "", "pdf"),
    ("draw what we spent each day this week", "costs", "", "png"),
    ("chart our most expensive environments", "dearest", "", "png"),
    ("what grew most since last month, as a spreadsheet", "grown_costs", "", "csv"),
    ("what did the checkout service cost per day last month as a chart", "cost_of_service", "", "png"),
    ("what was deployed today as csv", "deployments_listed", "", "csv"),
    ("list the failed deployments of checkout this week in a spreadsheet", "deployments_listed", "", "csv"),
    ("list deployments to uat as a pdf", "deployments_listed_to_one", "", "pdf"),
    ("errors of checkout today as csv", "error_summary", "", "csv"),
    ("what errors does the uat environment have? as a pdf", "error_summary_in_environment", "", "pdf"),
    ("new errors in uat since yesterday as a pdf", "new_errors_in_environment", "", "pdf"),
]
"""Written before the phrases were."""


def heard(text: str, focus: Focus = NOTHING) -> Match | None:
    return INTENTS.match(text, focus, PRESENT, KNOWN)


@pytest.mark.parametrize(("text", "intent", "metric", "forms"), ASKED, ids=[text for text, *_ in ASKED])
def test_a_form_is_heard_with_what_it_is_of(text: str, intent: str, metric: str, forms: str) -> None:
    match = heard(text)
    assert match is not None and match.plan is not None and match.intent == intent
    assert forms_of(match.plan) == forms.split()
    assert not metric or match.slots["metric"] == metric
    check_plan(match.plan, Registry())
    assert match.plan.answer is not None and match.plan.answer.text is not None
    assert "{file.files[].line}" in match.plan.answer.text


@pytest.mark.parametrize(
    "text",
    [
        "chart a course",
        "chart a course for checkout",
        "draw a line under checkout",
        "draw attention to the cpu of checkout",
        "plot",
        "graph",
        "draw",
        "draw checkout",
        "plot to overthrow uat",
        "chart uat",
        "stop uat and chart its cpu",
        "chart the cpu of checkout and stop it if it is high",
        "chart the cpu of checkout every monday",
        "chart the cpu of checkout against the latency of search",
        "what is in the chart of checkout",
        "who drew the cpu chart",
        "delete the cpu chart of checkout",
        "errors of checkout as a chart",
        "list deployments to uat as a png",
        "the logs of checkout as a pdf",
        "scale checkout as in the chart",
        "draw down checkout to 1 task",
        "what would we save if uat was off at night as a chart",
        "as a chart",
        "show me that as a chart",
    ],
)
def test_what_asks_for_something_else_is_not_heard_as_that(text: str) -> None:
    match = heard(text)
    assert match is None or match.plan is None or not forms_of(match.plan), match


@pytest.mark.parametrize(
    "text",
    [
        "show me that as a chart",
        "chart it",
        "plot that",
        "draw it",
        "graph this please",
        "can I see that as a graph?",
        "and as a picture",
        "now visualise it",
        "draw me a chart of it",
    ],
)
def test_an_answer_is_drawn_afterwards_of_the_same_time(text: str) -> None:
    before = heard("p95 latency of checkout in uat today")
    assert before is not None and before.plan is not None
    match = heard(text, Focus(turn=1, intent=before.intent, slots=before.slots))
    assert match is not None and match.plan is not None and match.is_follow_up
    assert forms_of(match.plan) == ["png"]
    assert match.plan.steps[0].arguments == before.plan.steps[0].arguments


def test_what_was_spoken_of_is_drawn() -> None:
    match = heard("chart its cpu today", SPOKEN)
    assert match is not None and match.plan is not None and match.slots["service"] == "checkout"
    match = heard("chart how full the queue was yesterday", OF_UAT) or heard("chart the queue depth in uat", OF_UAT)
    assert match is not None and match.plan is not None and forms_of(match.plan) == ["png"]


def test_drawing_changes_nothing() -> None:
    plans = [match.plan for text, *_ in ASKED if (match := heard(text)) is not None and match.plan is not None]
    assert len(plans) == len(ASKED)
    for plan in plans:
        assert all(Registry().find(str(step.tool)).effect == "read" for step in plan.steps)
        assert [step.tool for step in plan.steps][-1] == "render_report"
        assert all(one.id != other.id for one, other in pairwise(plan.steps))


def test_a_day_is_said_in_other_words_too() -> None:
    for text in ("chart the cost of uat per day last month", "chart the cost of uat by day last month"):
        match = heard(text)
        assert match is not None and match.slots["by"] == "day"
