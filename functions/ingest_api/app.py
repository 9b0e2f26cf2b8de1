"""Runs, schedules, runbooks, facts and freezes over HTTP: start, look, list, cancel, resume, freeze, thaw, add; what is
kept of a person; their page; a look at approvals; what it all cost; and who the caller is in chats.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import ChatUser, Person, Run, Trigger, Whose, conversation_of_person
from copilot.edges import (
    approval_views,
    delivery_views,
    fact_views,
    home_views,
    http,
    kept_views,
    run_views,
    runbook_views,
    schedule_views,
    spend_views,
)
from copilot.edges.escalation_views import view_escalated
from copilot.edges.observing import count, name_run, observed
from copilot.edges.withholding import Seer
from copilot.errors import CopilotError, NotAllowed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> http.Response:
    person = None
    try:
        person = http.caller(event, use_cases.configuration())
        answer = ROUTES[event["routeKey"]](event, person, use_cases)
    except CopilotError as error:
        answer = http.refusal(error)
    return http.noted(answer, use_cases.configuration_note(in_full=person is not None))


def start_run(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.RunRequest, http.LARGEST_RUN_BODY)
    trigger = Trigger.asked(request, tenant(use_cases), person, datetime.now(UTC))
    run, new = use_cases.ingest(trigger)
    name_run(run.run_id, run.conversation)
    count("Runs" if new else "RepeatedTriggers")
    status = {"run_id": run.run_id, "status": run.status, "conversation": request.conversation, "repeated": not new}
    return http.answer(202, status)


def show_run(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    config = use_cases.configuration()
    now = datetime.now(UTC)
    store, seer = use_cases.store, Seer(person, use_cases.policy, use_cases.registry)
    shown = run_views.view_run(store, config.tenant, path_id(event), now, config.account_names, seer)
    asked, whole = event.get("queryStringParameters") or {}, not shown["withheld"]
    if asked.get("reasoning"):
        shown |= run_views.view_reasoning(store, config.tenant, path_id(event), whole=whole)
    if asked.get("sent") and whole:
        shown["shown"] = delivery_views.view_left(use_cases.deliveries, store, config.tenant, path_id(event), seer)
    else:
        shown["shown"] = delivery_views.view_shown(use_cases.deliveries, path_id(event))
    if asked.get("job"):
        others = seer._replace(into=config.job_summaries)
        shown["for_others"] = run_views.view_run(
            store, config.tenant, path_id(event), now, config.account_names, others
        )
    return http.answer(200, shown)


def list_runs(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    asked = event.get("queryStringParameters") or {}
    if asked.get("all"):
        if use_cases.policy.may(person, "list_all_runs").outcome != "allow":
            roles = ", ".join(person.roles)
            raise NotAllowed(
                f"the runs of everybody are not yours to list: policy lets no {roles} do that. Those of your own "
                "conversations are listed without asking for all"
            )
        return http.answer(200, {"runs": run_views.view_all_runs(use_cases.store, tenant(use_cases))})
    name = asked.get("conversation", "default")
    own = conversation_of_person(person.id, name)
    return http.answer(200, {"runs": run_views.view_runs(use_cases.store, tenant(use_cases), own)})


def cancel_run(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    run = use_cases.interfere.cancel(tenant(use_cases), path_id(event), person)
    return http.answer(202, {"run_id": run.run_id, "status": run.status})


def resume_run(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    run = use_cases.interfere.resume(tenant(use_cases), path_id(event), person)
    return http.answer(202, {"run_id": run.run_id, "status": run.status})


def show_approval(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    config, store, now = use_cases.configuration(), use_cases.store, datetime.now(UTC)
    seer = Seer(person, use_cases.policy, use_cases.registry)
    shown = run_views.view_approval(store, config.tenant, path_id(event), now, config.account_names, seer)
    return http.answer(200, shown)


def list_approvals(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    after = (event.get("queryStringParameters") or {}).get("after", "")
    store, policy, now = use_cases.store, use_cases.policy, datetime.now(UTC)
    told = approval_views.nobody_told
    if use_cases.configuration().escalate_to:
        told = partial(view_escalated, use_cases.deliveries)
    return http.answer(200, approval_views.view_approvals(store, policy, tenant(use_cases), person, now, after, told))


def list_schedules(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    shown = schedule_views.view_schedules(use_cases.schedules, use_cases.store, tenant(use_cases), datetime.now(UTC))
    return http.answer(200, shown)


def show_schedule(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    schedules, store, now = use_cases.schedules, use_cases.store, datetime.now(UTC)
    return http.answer(200, schedule_views.view_schedule(schedules, store, tenant(use_cases), path_id(event), now))


def run_schedule(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.RunScheduleRequest)
    run = use_cases.fire.now(path_id(event), request.action, person, request.dedupe_key)
    return begun(run)


def show_home(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    return http.answer(200, home_views.view_home(use_cases.home, use_cases.policy, person))


def list_freezes(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    kept = use_cases.store.freezes(tenant(use_cases))
    return http.answer(200, {"freezes": [one.model_dump(mode="json") for one in kept]})


def list_standing(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    kept, now = use_cases.store.standings(tenant(use_cases)), use_cases.clock.now()
    return http.answer(200, {"standing": [one.model_dump(mode="json") for one in kept if one.expires_at > now]})


def test_reactions(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.TestReactionsRequest)
    return http.answer(200, use_cases.would_react(request.event, own=request.own))


def freeze(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.FreezeRequest)
    frozen = use_cases.freezing.freeze(person, request.scope, request.name, request.reason, unseen=request.unseen)
    count("Frozen")
    return http.answer(200, frozen.model_dump(mode="json"))


def thaw(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.ThawRequest)
    thawed = use_cases.freezing.thaw(person, request.scope, request.name)
    count("Thawed")
    return http.answer(200, thawed.model_dump(mode="json"))


def list_runbooks(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    return http.answer(200, runbook_views.view_runbooks(use_cases.runbooks))


def show_runbook(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    version = (event.get("queryStringParameters") or {}).get("version", "")
    which = int(version) if version.isdecimal() else None
    return http.answer(200, runbook_views.view_runbook(use_cases.runbooks, path_id(event), which))


def add_runbook(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.AddRunbookRequest, http.LARGEST_RUNBOOK_BODY)
    return begun(use_cases.use_runbooks.add(person, request.document, request.dedupe_key))


def run_runbook(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.RunRunbookRequest)
    return begun(
        use_cases.use_runbooks.run(
            person, path_id(event), request.version, request.arguments, request.conversation, request.dedupe_key
        )
    )


def list_facts(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    return http.answer(200, fact_views.view_facts(use_cases.facts, person, use_cases.clock.now()))


def export(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    """What is kept of a person or a conversation, some runs at a time from the `after` of the page before on."""
    asked, of = event.get("queryStringParameters") or {}, use_cases.of_whom
    whose = Whose.named(person.id, asked.get("person"), asked.get("conversation"))
    runs, after = of.runs(person, whose, "export_of_others"), asked.get("after", "")
    behind = [run for run in runs if run.place > after]
    page = behind[: kept_views.PAGE]
    seer = Seer(person, use_cases.policy, use_cases.registry)
    shown = kept_views.view_kept_runs(
        page, of.kept, use_cases.store, use_cases.deliveries, seer, tenant(use_cases), use_cases.clock
    )
    of.note_export(person, whose, [run.run_id for run in page], use_cases.clock.now())
    if not after:
        parts = (use_cases.facts, use_cases.learned, use_cases.watches, use_cases.schedules, use_cases.chat_links)
        shown |= kept_views.view_own(whose, *parts)
        shown |= spend_views.view_spent(whose, use_cases.spending, use_cases.retention, use_cases.clock.now())
    more = page[-1].place if len(behind) > len(page) else None
    return http.answer(200, {"of": whose.in_words, "next": more} | shown)


def show_spend(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    """What the copilot itself cost; from a day on, split by what is asked for."""
    asked = event.get("queryStringParameters") or {}
    zone = use_cases.configuration().time_zone
    sheet = use_cases.sheets(person)(*spend_views.asked_for(asked, zone))
    return http.answer(200, sheet.model_dump(mode="json"))


def list_links(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    links = [link.model_dump(mode="json") for link in use_cases.chat_links.links_of(person.id)]
    known = use_cases.configuration().known(person.id)
    return http.answer(200, {"links": links, "configured": known.chat if known else ()})


def link(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.LinkRequest)
    made = use_cases.link.make_code(person, http.principal(event), request.platform, another=request.another)
    return http.answer(200, made.model_dump(mode="json"))


def unlink(event: dict[str, Any], person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.UnlinkRequest)
    removed = use_cases.link.unlink(person, ChatUser.at(request.user))
    return http.answer(200, removed.model_dump(mode="json"))


def begun(run: Run) -> http.Response:
    name_run(run.run_id, run.conversation)
    count("Runs")
    return http.answer(202, {"run_id": run.run_id, "status": run.status, "conversation": run.conversation})


def tenant(use_cases: UseCases) -> str:
    return use_cases.configuration().tenant


def path_id(event: dict[str, Any]) -> str:
    return str(event["pathParameters"]["id"])


ROUTES = {
    "POST /v1/runs": start_run,
    "GET /v1/runs": list_runs,
    "GET /v1/runs/{id}": show_run,
    "POST /v1/runs/{id}/cancel": cancel_run,
    "POST /v1/runs/{id}/resume": resume_run,
    "GET /v1/approvals": list_approvals,
    "GET /v1/approvals/{id}": show_approval,
    "GET /v1/home": show_home,
    "GET /v1/freezes": list_freezes,
    "POST /v1/freezes": freeze,
    "GET /v1/standing": list_standing,
    "POST /v1/reactions/test": test_reactions,
    "POST /v1/freezes/thaw": thaw,
    "GET /v1/chat/links": list_links,
    "POST /v1/chat/links": link,
    "POST /v1/chat/links/unlink": unlink,
    "GET /v1/facts": list_facts,
    "GET /v1/kept": export,
    "GET /v1/runbooks": list_runbooks,
    "POST /v1/runbooks": add_runbook,
    "GET /v1/runbooks/{id}": show_runbook,
    "POST /v1/runbooks/{id}/run": run_runbook,
    "GET /v1/spend": show_spend,
    "GET /v1/schedules": list_schedules,
    "GET /v1/schedules/{id}": show_schedule,
    "POST /v1/schedules/{id}/run": run_schedule,
}
