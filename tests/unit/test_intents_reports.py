"""What is known, asked for in a form: as a page, as CSV, as a picture, as a PDF."""

from __future__ import annotations

import pytest

from copilot.domain import Focus, Plan
from copilot.intents import Intents, load_intents
from copilot.plans.check import check_plan
from copilot.tools.registry import Registry

NOTHING = Focus()

ASKED = [
    ("Deployment statistics for the last 5 weeks as a pdf", "deployment_statistics", "pdf"),
    ("Give me the deployment statistics as csv", "deployment_statistics", "csv"),
    ("chart of deployments over the last 30 days", "deployment_statistics_of_a_period", "png"),
    ("a chart of our deployments last month", "deployment_statistics_of_a_period", "png"),
    ("Which dev environments are there? As a spreadsheet please", "list_environments", "csv"),
    ("list all environments as csv", "list_environments", "csv"),
    ("export the environments to csv", "list_environments", "csv"),
    ("List schedules as pdf", "list_schedules", "pdf"),
    ("which schedules are there, as a table I can download", "list_schedules", "csv"),
    ("send me a pdf of the schedules", "list_schedules", "pdf"),
    ("What did you do yesterday? As a pdf", "changes_made", "pdf"),
    ("list the changes of the last week as an excel file", "changes_made", "csv"),
    ("usage report for the last week as a pdf", "usage_statistics", ""),
    ("plot the deployment statistics", "deployment_statistics", "png"),
    ("deployment statistics as pdf and csv", "deployment_statistics", "pdf csv"),
    ("show me a graph of the deployments of the last 8 weeks", "deployment_statistics", "png"),
    ("environments list in csv format", "list_environments", "csv"),
    ("Can I have the list of environments as a csv file?", "list_environments", "csv"),
    ("How often did we deploy in the last month, as a chart?", "deployment_statistics_of_a_period", "png"),
    ("I'd like the deployment report in pdf", "deployment_statistics", "pdf"),
    ("download the schedules as html", "list_schedules", "html"),
    ("Which environments are mine, as a csv?", "list_mine", "csv"),
    ("Post the deployment statistics as a pdf to #releases", "deployment_statistics", "pdf"),
    ("what did idle environments cost last month as csv", "idle_cost", "csv"),
    ("deployment success rate as a chart please", "deployment_statistics", "png"),
    ("give me a csv with all preview environments", "list_environments", "csv"),
    ("an html page with the deployment statistics", "deployment_statistics", "html"),
    ("who changed orders-dev this week, as a pdf", "changes_of_one", "pdf"),
    ("draw a chart of the deployments", "deployment_statistics", "png"),
    ("which dev environments are idle, in a spreadsheet", "idle_environments", "csv"),
    ("make a pdf of the usage statistics of the last 30 days", "usage_statistics", ""),
    ("export our deployments by service", "deployment_statistics", "csv"),
]
"""Written before the phrases were."""


@pytest.fixture(scope="module")
def intents() -> Intents:
    return load_intents()


def forms_of(plan: Plan) -> list[str]:
    return [form for step in plan.steps if step.tool == "render_report" for form in step.arguments["forms"]]  # type: ignore[union-attr, misc]


@pytest.mark.parametrize(("text", "intent", "forms"), ASKED, ids=[text for text, *_ in ASKED])
def test_a_form_is_heard_with_what_it_is_of(intents: Intents, text: str, intent: str, forms: str) -> None:
    match = intents.match(text, NOTHING)
    assert match is not None and match.plan is not None and match.intent == intent
    assert forms_of(match.plan) == forms.split()
    check_plan(match.plan, Registry())
    assert match.plan.answer is not None and match.plan.answer.text is not None
    assert ("{file.files[].line}" in match.plan.answer.text) == bool(forms)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("as a pdf", "pdf"),
        ("as a pdf please", "pdf"),
        ("and as csv", "csv"),
        ("give me that as a table I can download", "csv"),
        ("Can I have it as a PDF?", "pdf"),
        ("now in excel", "csv"),
        ("export that", "csv"),
        ("the same as a chart", "png"),
        ("send me this as pdf and as csv", "pdf csv"),
        ("can you make a pdf of that?", "pdf"),
        ("download it", "csv"),
        ("plot that", "png"),
    ],
)
def test_the_last_answer_is_given_in_another_form(intents: Intents, text: str, forms: str) -> None:
    before = intents.match("deployment statistics of checkout for the last 3 weeks", NOTHING)
    assert before is not None and before.plan is not None
    match = intents.match(text, Focus(intent=before.intent, slots=before.slots))
    assert match is not None and match.plan is not None and match.is_follow_up
    assert forms_of(match.plan) == forms.split()
    assert match.plan.steps[0].arguments == before.plan.steps[0].arguments


@pytest.mark.parametrize(
    "text",
    [
        "stop the dev environments as a pdf",
        "start orders-dev and export it as csv",
        "list environments as a chart",
        "list schedules as a png",
        "convert our pdfs to csv",
        "pdf",
        "as a pdf",
        "export that",
        "delete the chart",
        "send the pdf to #ops",
        "plot the cpu of the environments",
        "chart of all environments by cost per hour",
        "is the pdf of last week still there?",
        "who made the csv yesterday?",
        "make a pdf",
        "download the logs as csv",
        "environments as xml",
        "pause schedule s0123abcde as a pdf",
    ],
)
def test_near_misses_are_left_to_the_planner(intents: Intents, text: str) -> None:
    match = intents.match(text, NOTHING)
    assert match is None or match.plan is None or not forms_of(match.plan), match


def test_who_is_told_gets_the_link(intents: Intents) -> None:
    match = intents.match("Post the deployment statistics as a pdf to #releases", NOTHING)
    assert match is not None and match.plan is not None
    told = match.plan.steps[-1]
    assert told.tool == "notify" and "{file.files[].line}" in str(told.arguments["text"])


def test_a_change_is_never_given_in_a_form(intents: Intents) -> None:
    assert not [one.name for action in intents.actions if action.changes for one in action.plans if one.report]
    assert not [action.action for action in intents.actions if action.changes and "form" in action.takes]
