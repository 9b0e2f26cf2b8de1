"""Questions that a team asks of the garden shop, end to end on the laptop: most without a model, and those that no
known request hears with a plan as a capable model gives it. What has to stand in an answer is worked out from the
sample files.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from conftest import ROOT, System
from gateway import Gateway
from scripted_model import Asked, Reply, ScriptedModel, document, text

from cli.laptop.cloud import Environment, Service, read_cloud
from cli.laptop.deployments import MadeDeployment, history, read_deployments
from cli.laptop.system import down, read_configuration, up
from copilot.config.configuration import ModelSettings

SAMPLES = ROOT / "samplefiles"
CLOUD = read_cloud(SAMPLES / "cloud.yaml")
PIPELINES = read_deployments(SAMPLES / "deployments.yaml")
TASK = Decimal("0.25") * Decimal("0.04048") + Decimal("0.5") * Decimal("0.004445")
"""Dollars of an hour of the smallest task, by Fargate's list price."""


LIVE, STAGING = "orchard-live", "orchard-rehearsal"
ID = {"$ref": "env.environment.id"}


class Team(System):
    model: ScriptedModel
    replies: list[Reply]
    made: list[MadeDeployment]

    def asks(self, question: str, *said: Any) -> str:
        """The answer, which took as many calls of a model as it is given things to say: a plan each, or a text."""
        before = len(self.model.calls)
        self.replies[:] = [text(each) if isinstance(each, str) else document(each) for each in said]
        view = self.ask(question, conversation=f"q{before}-{abs(hash(question))}")
        assert view["outcome"] == "succeeded", view
        assert len(self.model.calls) - before == len(said) and not self.replies
        return str(view["answer"])

    def deployments(self, service: str, environment: str, *statuses: str) -> list[MadeDeployment]:
        """The newest first."""
        to = (service, environment)
        made = [one for one in reversed(self.made) if (one.pipeline.service, one.pipeline.environment) == to]
        return [one for one in made if one.status in statuses or not statuses]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    state, replies, said = tmp_path_factory.mktemp("laptop"), list[Reply](), list[str]()

    def script(asked: Asked) -> Reply:
        assert replies, f"nothing was to be asked: {asked.last[:300]}"
        return replies.pop(0)

    with ScriptedModel(script, latency=None) as model:
        settings = ModelSettings(provider="anthropic", name="claude-sonnet-4-5", endpoint=model.url)
        config = read_configuration(SAMPLES / "config.yaml").model_copy(update={"model": settings})
        today = datetime.now(UTC).date()
        gateway = Gateway()
        try:
            team = Team(up(ROOT, state, said.append, config, CLOUD, warm=True), CLOUD, gateway)
            team.model, team.replies, team.made = model, replies, history(PIPELINES, today)
            yield team
        finally:
            down(state, said.append)
            gateway.close()


def environment(name: str) -> Environment:
    (found,) = (one for one in CLOUD.environments if one.name == name)
    return found


def service(name: str, within: str) -> Service:
    """As it is where the environment begins."""
    (found,) = (one for one in environment(within).places[0].clusters[0].services if one.name == name)
    return found


def numbers(line: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", line)]


def line_with(answer: str, *words: str) -> str:
    """The one line that has all of them."""
    found = [line for line in answer.splitlines() if all(word in line for word in words)]
    assert len(found) == 1, f"{words} in {len(found)} lines of\n{answer}"
    return found[0]


def found(name: str, *steps: dict[str, Any], **end: Any) -> dict[str, Any]:
    """A plan that begins by finding an environment."""
    find = {"id": "env", "tool": "find_environment", "arguments": {"name": name}}
    return {"steps": [find, *steps], **end}


def step(id: str, tool: str, **more: Any) -> dict[str, Any]:
    apart: dict[str, Any] = {name: more.pop(name) for name in ("when", "for_each") if name in more}
    return {"id": id, "tool": tool, "arguments": more, **apart}


def answer(*lines: str) -> dict[str, Any]:
    return {"text": "\n".join(lines)}


# --- what there is ---------------------------------------------------------------------------------


def test_what_an_environment_has(team: Team) -> None:
    said = team.asks("what's in basket-dev?")
    place = environment("basket-dev").places[0]
    for one in place.clusters[0].services:
        assert f"{one.tasks} of {one.tasks} tasks" in line_with(said, f"service {one.name}:")
    assert "postgres" in line_with(said, f"database {place.databases[0].name}")
    assert numbers(line_with(said, f"queue {place.queues[0].name}"))[-1] == place.queues[0].waiting == 0
    assert f"owner {environment('basket-dev').tags['owner']}" in said


def test_what_a_service_runs(team: Team) -> None:
    said, basket = team.asks("which version of basket runs in production?"), service("basket", LIVE)
    line = line_with(said, f"basket in {LIVE}")
    assert f"basket:{basket.version}" in line and f"{basket.tasks} of {basket.tasks} tasks" in line
    assert f"{LIVE}-basket:{len(basket.before) + 1}" in said


def test_whether_the_targets_of_load_balancers_are_healthy(team: Team) -> None:
    said, storefront = team.asks("are the load balancers in staging healthy?"), service("storefront", STAGING)
    line = line_with(said, "load balancer", "storefront")
    assert f"{storefront.tasks - storefront.ill} of {storefront.tasks} targets healthy" in line


def test_functions_queues_and_tables_of_two_environments(team: Team) -> None:
    envs = step("envs", "list_environments", kinds=["staging", "production"])
    each = {"for_each": {"$ref": "envs.environments[].id"}, "environment_id": {"$item": "@"}}
    res = step("res", "environment_resources", types=["function", "queue", "table"], **each)
    waiting = "{res[].fixtures[?type=='queue'].name}"
    plan = {"steps": [envs, res], "answer": answer("- {res[].fixtures[].summary}", "Queues:", f"- {waiting}")}
    said = team.asks("which functions, queues and tables do staging and production have, anything waiting?", plan)
    for place in (place for name in (LIVE, STAGING) for place in environment(name).places):
        for function in place.functions:
            line = line_with(said, f" {function.name}:")
            assert function.runtime in line and f"{function.memory} MB" in line
        for queue in place.queues:
            assert numbers(line_with(said, f" {queue.name}:").partition(":")[2])[0] == queue.waiting
        for table in place.tables:
            assert f"{table.items} items" in line_with(said, f" {table.name}:")
    assert said.partition("Queues:\n")[2].splitlines()[:2] == [
        f"- {one.name}" for one in environment(LIVE).places[0].queues
    ]


def test_whether_two_environments_run_the_same(team: Team) -> None:
    both: dict[str, Any] = {"id": "f", "tool": "find_environment", "for_each": ["staging", "production"]}
    both["arguments"] = {"name": {"$item": "@"}}
    of = {"for_each": {"$ref": "f[].environment.id"}, "environment_id": {"$item": "@"}}
    plan = {"steps": [both, step("s", "service_details", service="basket", **of)], "answer": answer("- {s[].summary}")}
    said = team.asks("do staging and production run the same basket?", plan)
    for name in (LIVE, STAGING):
        basket = service("basket", name)
        line = line_with(said, f"basket in {name}")
        assert f"basket:{basket.version}" in line and f"{basket.tasks} of {basket.tasks} tasks" in line


# --- what would happen, what happened --------------------------------------------------------------


def test_what_would_happen_and_nothing_does(team: Team) -> None:
    before = team.sizes("invoices-dev")
    said = team.asks("what would happen if I stopped invoices-dev?")
    place = environment("invoices-dev").places[0]
    for name in (place.clusters[0].services[0].name, place.instances[0].name, place.databases[0].name):
        assert re.search(rf"^- {name} .*-> (0|stopped)", said, re.M), said
    assert "“start environment” would undo it" in said and "without an approval" in said
    assert team.sizes("invoices-dev") == before


def test_a_plan_with_a_condition_does_the_one_and_not_the_other_and_is_remembered(team: Team) -> None:
    act = step("act", "environment_activity", environment_id=ID)
    stop = step("stop", "stop_environment", environment_id=ID, when="act.idle")
    tell = step("tell", "notify", channel="#previews", text={"$text": "{act.summary}"}, when="!act.idle")
    plan = found("preview-1412", act, stop, tell, answer=answer("{act.summary}", "{stop.summary}", "{tell.summary}"))
    said = team.asks("send preview-1412 to bed if nobody uses it, else say in #previews that it is busy", plan)
    assert "preview-1412: idle" in said and "stopped storefront 1 -> 0" in said
    assert "tell (notify): not run" in said
    assert set(team.sizes("preview-1412").values()) == {0}
    told = line_with(team.asks("who changed preview-1412 today?"), "preview-1412", "storefront 1 -> 0")
    assert "you stopped" in told


def test_whether_an_alarm_is_our_own_doing(team: Team) -> None:
    said = team.asks("is the alarm in production our own doing?")
    ours = [one for one in CLOUD.alarms if one.cluster == LIVE]
    count, before = said.splitlines()[0].partition(": ")[2].split(", ", 1)
    assert numbers(count) == [len(ours)] and before == "before none of them anything was changed or deployed."
    for one in ours:
        assert "nothing that was changed or deployed" in line_with(said, one.name)


# --- logs and figures ------------------------------------------------------------------------------


def test_the_lines_of_a_log_with_a_word(team: Team) -> None:
    said = team.asks("search the logs of basket in production for KeyError in the last hour")
    (logged,) = (one for one in service("basket", LIVE).logs if "KeyError" in one.text)
    assert said.startswith(f"{logged.times} lines with KeyError in the logs of basket in {LIVE}")
    assert said.count(logged.text.splitlines()[-1]) == logged.times


def recent(*services: Service, ago: float = 0) -> dict[str, int]:
    """How often each line of an error was logged within an hour, so many hours ago, by its first words."""
    times: dict[str, int] = {}
    for one in (one for service in services for one in service.logs if one.text.startswith("ERROR")):
        if ago <= one.until and one.since <= ago + 1:
            words = " ".join(one.text.split("{")[0].split('"')[0].split()[:3])
            times[words] = times.get(words, 0) + one.times
    return times


def test_errors_are_counted_and_held_against_the_day_before(team: Team) -> None:
    said = team.asks("what errors does production have?")
    all = environment(LIVE).places[0].clusters[0].services
    now, before = recent(*all), recent(*all, ago=24)
    assert len(now) == 4 and set(before) - set(now)
    assert numbers(said.splitlines()[0].partition(" in ")[0]) == [sum(now.values()), len(now)]
    assert f"{sum(before.values())} the day before" in said.splitlines()[0]
    for words, times in now.items():
        shown = re.search(rf"^ +{times} x  {words}.*\n +(.*?);", said, re.M)
        assert shown, said
        assert shown[1] == ("new" if words not in before else f"more, {before[words]} the day before")
    gone = said.partition("Gone since:")[2]
    for words in set(before) - set(now):
        assert re.search(rf"^ +{before[words]} x  {words}", gone, re.M), said
    assert "sk_live" not in said


def test_a_metric_over_an_hour(team: Team) -> None:
    said = team.asks("how many requests does storefront get in production?")
    traffic = service("storefront", LIVE).traffic
    assert traffic and f"{traffic.requests:,} in all" in line_with(said, "- storefront:")


def test_two_metrics_by_a_plan(team: Team) -> None:
    of = {"environment_id": ID, "service": "storefront"}
    rate, slow = (
        step(one, "metric_values", metric=metric, **of) for one, metric in (("r", "error_rate"), ("l", "latency"))
    )
    lines = ("{r.summary}", "- {r.figures[].summary}", "{l.summary}", "- {l.figures[].summary}")
    plan = found("production", rate, slow, answer=answer(*lines))
    said = team.asks("what share of the storefront's answers are errors in production, and how slow are they?", plan)
    traffic = service("storefront", LIVE).traffic
    assert traffic
    # Right after the hour there is but one value of it.
    assert line_with(said, f"- storefront: {100 * traffic.errors / traffic.requests:g} % ")
    assert re.search(r"^- storefront: \d+ ms ", said, re.M), said


def test_a_chart_of_figures_is_a_picture(team: Team) -> None:
    said = team.asks("chart the cpu of basket in production over the last 6 hours")
    load = service("basket", LIVE).load
    assert load and f"{load.peak:g} %" in line_with(said, "- basket:")
    link = re.search(r"^- \S+\.png: (http://127\.0\.0\.1:\S+)$", said, re.M)
    assert link and httpx.get(link[1], follow_redirects=True).content.startswith(b"\x89PNG\r\n")


# --- deployments -----------------------------------------------------------------------------------


def test_the_last_deployments(team: Team) -> None:
    said = team.asks("list the last 3 deployments of storefront to production")
    made = team.deployments("storefront", LIVE)
    lines = [line for line in said.splitlines() if line.startswith("- ")]
    assert len(lines) == 3
    for line, one in zip(lines, made, strict=False):
        assert f"({one.id})" in line and one.version in line and one.status in line and f"begun by {one.by}" in line


def test_why_one_failed(team: Team) -> None:
    said = team.asks("why did the last deployment of basket fail?")
    (broken,) = (one for one in PIPELINES.broken if one.service == "basket")
    last = team.deployments("basket", broken.environment)[0]
    assert f"({last.id})" in said and f"failed in {broken.stage}" in said and f"begun by {last.by}" in said
    assert PIPELINES.reasons[broken.stage] in said
    assert broken.logs[-1] in said and "rhubarb" not in said


def test_the_last_good_one(team: Team) -> None:
    said = team.asks("what was the last good release of seed-catalogue?")
    last = team.deployments("seed-catalogue", LIVE, "succeeded")[0]
    assert f"seed-catalogue {last.version} ({last.revision})" in said and last.id in said


def test_what_changed_between_two(team: Team) -> None:
    said = team.asks("what changed between the last two releases of storefront in production?")
    now = service("storefront", LIVE)
    then = now.before[-1]
    assert f"image changed: storefront:{then.version} -> storefront:{now.version}" in said
    for name in {*now.variables, *then.variables}:
        old, new = then.variables.get(name), now.variables.get(name)
        what = "added" if old is None else "removed" if new is None else "changed"
        assert (f"{what} variable {name}" in said) == (old != new)
    values = {*now.variables.values(), *then.variables.values()}
    assert not {value for value in values if len(value) > 3 and not value.isdigit()} & set(re.findall(r"\w+", said))


def test_which_went_wrong_told_to_a_channel(team: Team) -> None:
    since = datetime.now(UTC) - timedelta(days=7)
    listed = step("d", "list_deployments", status="failed", since=since.isoformat(), most=50)
    tell = step("tell", "notify", channel="#releases", text={"$text": "{d.total} failed:\n- {d.deployments[].summary}"})
    plan = {
        "steps": [listed, tell],
        "answer": answer("{d.total} failed:", "- {d.deployments[].summary}", "{tell.summary}"),
    }
    said = team.asks("say in #releases which deployments of the last seven days went wrong", plan)
    failed = [one for one in team.made if one.status == "failed" and one.whole.start >= since]
    assert said.splitlines()[0] == f"{len(failed)} failed:"
    assert set(re.findall(r"\((sample-\S+)\)", said)) == {one.id for one in failed}
    assert said.endswith("told #releases")


# --- cost, configuration, reports ------------------------------------------------------------------


def test_what_an_environment_costs(team: Team) -> None:
    said, preview = team.asks("what does preview-1412 cost?"), environment("preview-1412")
    assert preview.habit
    hours = 24 * preview.habit.days + 12
    cost = re.match(r"(\d+\.\d\d) USD by estimate, 30 days", said)
    assert cost and abs(Decimal(cost[1]) - hours * TASK) <= 2 * TASK


def test_how_two_are_configured(team: Team) -> None:
    said = team.asks("compare the configuration of staging and production")
    settings = {}
    for name in (STAGING, LIVE):
        place = environment(name).places[0]
        settings[name] = {
            f"variable {key} of {one.name}": value
            for one in place.clusters[0].services
            for key, value in one.variables.items()
        } | {f"parameter {key.rpartition('/')[2]}": value for key, value in place.parameters.items()}
    staging, live = settings[STAGING], settings[LIVE]
    for name in staging.keys() | live.keys():
        verdict = (
            f"only in {STAGING}" if name not in live else f"only in {LIVE}" if name not in staging else "not equal"
        )
        assert (f"- {name}: {verdict}" in said) == (staging.get(name) != live.get(name)), name
    assert not any(value in said for value in live.values() if len(value) > 4)


def test_owners_as_a_table_to_download(team: Team) -> None:
    link = re.search(r"\.csv: (http://127\.0\.0\.1:\S+)$", team.asks("list all environments as a csv"), re.M)
    assert link
    rows = list(csv.DictReader(io.StringIO(httpx.get(link[1], follow_redirects=True).text)))
    by_name = {next(value for value in row.values() if value in names()): row for row in rows}
    for one in CLOUD.environments:
        assert {one.tags["owner"], one.tags["kind"]} <= set(by_name[one.name].values())


def names() -> set[str]:
    return {one.name for one in CLOUD.environments}


def test_a_report_of_deployments_as_pdf_and_csv(team: Team) -> None:
    columns = [
        {"field": "name", "title": "Service"},
        *({"field": one} for one in ("deployments", "succeeded", "failed")),
    ]
    section = {"rows": {"$ref": "s.by_service"}, "columns": columns}
    render = {"title": "Deployments", "period": {"$ref": "s.period"}, "sections": [section], "forms": ["pdf", "csv"]}
    steps = [step("s", "deployment_statistics", weeks=5), step("r", "render_report", **render)]
    plan = {"steps": steps, "answer": answer("{s.summary}", "- {r.files[].line}")}
    said = team.asks("make me a pdf and a table of how many deployments each service had in five weeks", plan)
    opened = {}
    for form, link in re.findall(r"^- \S+\.(pdf|csv): (http://127\.0\.0\.1:\S+)$", said, re.M):
        opened[form] = httpx.get(link, follow_redirects=True).content
    assert opened["pdf"].startswith(b"%PDF-")
    rows = {row["Service"]: row for row in csv.DictReader(io.StringIO(opened["csv"].decode()))}
    assert rows.keys() == {one.service for one in PIPELINES.services}
    for name, row in rows.items():
        of = [one.status for one in team.made if one.pipeline.service == name]
        counts = [len(of), of.count("succeeded"), of.count("failed")]
        assert [int(value) for value in list(row.values())[1:4]] == counts


# --- looking before planning, other tools, evidence ------------------------------------------------


def test_a_plan_that_looks_at_what_it_found_and_goes_on(team: Team) -> None:
    errors = step("err", "error_summary", environment_id=ID, service="basket")
    look = {"using": ["err.errors[].shape", "err.errors[].number"], "why": "what it complains of"}
    last = step("d", "list_deployments", service="basket", environments=[ID], most=1)
    more = {
        "steps": [last],
        "answer": answer("{err.summary}", "{err.text}", "Its last deployment:", "- {d.deployments[].summary}"),
    }
    question = "look at what the basket of staging complains of, and say whether it may have to do with a deployment"
    said = team.asks(question, found("staging", errors, then=look), more)
    asked = team.model.asked[-1].last
    ((words, times),) = recent(service("basket", STAGING)).items()
    assert words in asked and f"[{times}]" in asked
    assert re.search(rf"^ +{times} x  {words}", said, re.M) and said.startswith(f"{times} errors of 1 shape")
    assert f"({team.deployments('basket', STAGING)[0].id})" in said


def test_a_plan_for_which_other_tools_were_asked_for(team: Team) -> None:
    """What it is asked says nothing of a dependency: `need` gets what it goes by."""
    errors = step("err", "error_summary", environment_id=ID, service="basket")
    last = step("d", "list_deployments", service="basket", environments=[ID], status="succeeded", most=1)
    plan = found(
        "production", errors, last, answer=answer("{err.summary}", "Last deployed:", "- {d.deployments[].summary}")
    )
    need = {"need": ["error_summary", "list_deployments"]}
    said = team.asks("does basket fail in production on account of its newest release? look before you say", need, plan)
    asked = team.model.asked[-1].last
    assert all(f"\n{tool}(" in asked for tool in need["need"])
    assert numbers(said)[0] == sum(recent(service("basket", LIVE)).values())
    assert f"({team.deployments('basket', LIVE, 'succeeded')[0].id})" in said


def test_an_answer_in_words_says_what_it_rests_on(team: Team) -> None:
    health = step("h", "cluster_health", environment_id=ID)
    compose = {"compose": "Say in two sentences whether production is all right.", "using": ["h"]}
    ringing = "h.alarms[?state=='ALARM']"
    worded = (
        "{h.name} runs {h.running} of the {h.wanted} tasks it should. "
        f"{{length({ringing})}} of its alarms rings, {{{ringing}.name}}: {{{ringing}.reason}}."
    )
    said = team.asks(
        "in two sentences for the management, is production all right?",
        found("production", health, answer=compose),
        worded,
    )
    first, _, rests = said.partition("\n\nRests on:\n")
    tasks = sum(one.tasks for one in environment(LIVE).places[0].clusters[0].services)
    (rings,) = (one for one in CLOUD.alarms if one.cluster == LIVE and one.state == "ALARM")
    tasks_run, alarm = f"{tasks} of the {tasks} tasks it should", f"{rings.name}: {rings.reason}"
    assert first == f"{LIVE} runs {tasks_run}. 1 of its alarms rings, {alarm} [1]"
    assert f"[1] h.name = {LIVE}; h.running = {tasks}; h.wanted = {tasks}" in rests
    assert "devops-copilot tool run cluster_health" in rests or "aws " in rests
