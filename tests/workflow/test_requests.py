"""The requests of a first day, whole, over a random cloud, against what was put there and what is there afterwards."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import clouds
from conftest import System


def test_the_production_cluster_is_described_as_it_is(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    view = system.ask("How is the production cluster?")
    assert view["outcome"] == "succeeded"
    wanted = clouds.tasks(production)
    assert f"{wanted} of {wanted} tasks running" in view["answer"]
    for service in production.places[0].clusters[0].services:
        assert f"- {service.name}: {service.tasks} of {service.tasks} running" in view["answer"]
    assert system.cloud.alarms[0].name in view["answer"]
    assert "closed (222222222222)" in view["answer"], "an account that cannot be read must be named"


def test_what_is_in_production_and_what_its_services_run_is_what_was_put_there(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    place = production.places[0]
    view = system.ask(f"What is in the {production.name} environment?", conversation="contents")
    assert view["outcome"] == "succeeded"
    for service in place.clusters[0].services:
        assert f"- service {service.name}: running, {service.tasks} of {service.tasks} tasks" in view["answer"]
    for noun, some in (("instance", place.instances), ("database", place.databases), ("instance group", place.groups)):
        assert all(f"- {noun} {one.name}: running" in view["answer"] for one in some)
    (queue,) = place.queues
    assert re.search(rf"^- queue {queue.name}: {queue.waiting} messages? waiting, the oldest for", view["answer"], re.M)
    service = place.clusters[0].services[0]
    view = system.ask(f"Which image does {service.name} run?", conversation="contents")
    assert view["outcome"] == "succeeded"
    assert f"{service.name}:{service.version}, {service.tasks} of {service.tasks} tasks running" in view["answer"]
    assert f"task definition {production.name}-{service.name}:1" in view["answer"]
    assert f"{service.tasks - service.ill} of {service.tasks} targets healthy" in view["answer"]
    assert "closed (222222222222)" in view["answer"], "it may be in the account that could not be read as well"


def test_what_is_only_looked_at_is_as_it_was_put_there(system: System) -> None:
    """By the read role, with IAM enforced; the health of targets is a stand-in's."""
    (production,) = clouds.of_kind(system.cloud, "production")
    place = production.places[0]
    view = system.ask(f"What is in the {production.name} environment?", conversation="fixtures")
    assert view["outcome"] == "succeeded"
    said = view["answer"]
    (function,), (table,), (cache,), (cluster,) = place.functions, place.tables, place.caches, place.kubernetes
    (nodes,) = cluster.node_groups
    assert f"- Lambda function {function.name}: {function.runtime}, {function.memory} MB, times out after 30 s" in said
    assert re.search(rf"^- DynamoDB table {table.name}: {table.items} items?, [\d.]+ K?B, on demand$", said, re.M)
    assert f"- cache {cache.name}: available, memcached 1.6.22, cache.t4g.micro, {cache.nodes} node" in said
    assert f"- EKS cluster {cluster.name}: active, Kubernetes 1.33" in said
    assert f"- node group {nodes.name}: active, {nodes.size} node" in said
    assert "Also tagged, not looked at: 2 SNS topics" in said
    service = place.clusters[0].services[0]
    ill = f"{service.tasks - 1} of {service.tasks} targets healthy (1 unhealthy Target.Timeout)"
    view = system.ask("Which targets are unhealthy?", conversation="fixtures")
    assert view["outcome"] == "succeeded" and ill in view["answer"]
    view = system.ask(f"Which resources in {production.name} are unused?", conversation="fixtures")
    assert f"- DynamoDB table {table.name}: " in view["answer"]
    assert "no units read and written in 14 days" in view["answer"]
    assert f"- Lambda function {function.name}: " not in view["answer"]


def test_exactly_the_idle_environments_are_stopped_and_told_about(system: System) -> None:
    developments = clouds.of_kind(system.cloud, "development")
    idle = {environment.name for environment in developments if clouds.is_idle(environment)}
    before = system.look()
    view = system.ask("Stop all idle dev environments and tell #platform")
    after = system.look()
    stopped = {seen.environment for arn, seen in before.items() if seen.on and not after[arn].on}
    assert (view["outcome"], stopped) == ("succeeded", idle)
    assert all(not seen.on for seen in after.values() if seen.environment in idle)
    assert all(after[arn].on == seen.on for arn, seen in before.items() if seen.environment not in idle)
    for environment in developments:
        assert len(re.findall(rf"^- {environment.name}:", view["answer"], re.M)) == 1, "each accounted for, once"
    assert "closed (222222222222)" in view["answer"]
    (message,) = messages(system)
    assert message["channel"] == "#platform"
    assert all(name in message["text"] for name in idle)
    assert not any(environment.name in message["text"] for environment in developments if environment.name not in idle)
    again = system.ask("Stop all idle dev environments")
    assert again["outcome"] == "succeeded"
    assert {arn: seen.on for arn, seen in system.look().items()} == {arn: seen.on for arn, seen in after.items()}


def test_production_asks_denied_it_stays_approved_it_stops_and_starts_as_it_was(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    before = system.sizes(production.name)
    asked = system.ask("Stop the production environment")
    assert asked["status"] == "parked"
    (call,) = asked["approval"]["calls"]
    assert {change["name"] for change in call["preview"]["changes"]} >= {
        service.name for service in production.places[0].clusters[0].services
    }
    assert call["undo"]["tool"] == "start_environment"
    changed = {one["ref"]["id"] for one in call["preview"]["changes"] if one["action"] != "skip"}
    undone = call["undo"]["arguments"]
    assert (undone["environment_id"], set(undone["only"])) == (production.name, changed)
    denied = system.decide(asked, "deny")
    assert (denied["outcome"], system.sizes(production.name)) == ("denied", before)

    parked = system.ask("Stop the production environment")
    (name,) = [account.name for account in clouds.configuration().accounts if account.id == clouds.LIVE]
    assert f"1 production environment; account {name} (\u2026{clouds.LIVE[-4:]}) " in parked["approval"]["counts"]
    assert parked["approval"]["approvers"] == ["olga"]
    path = f"/v1/approvals/{parked['approval']['id']}"
    status, refused = system.http("POST", path, {"decision": "approve"}, "you")
    assert (status, "Those who may: olga." in refused["error"]["message"]) == (403, True), "it is their own"
    assert system.http("POST", path, {"decision": "deny", "leave_out": [production.name]}, "olga")[0] == 400
    approved = system.decide(parked, "approve")
    assert approved["outcome"] == "succeeded"
    assert set(system.sizes(production.name).values()) == {0}

    started = system.decide(system.ask("Start it again"), "approve")
    assert (started["outcome"], system.sizes(production.name)) == ("succeeded", before)


def test_one_dedupe_key_is_one_run_and_one_effect(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    service = staging.places[0].clusters[0].services[0]
    before = system.gateway.calls("UpdateService", service.name)
    with ThreadPoolExecutor(4) as pool:
        starts = [
            pool.submit(system.start, "stop the staging environment", dedupe_key="same", conversation="d")
            for _ in range(4)
        ]
        run_ids = {start.result() for start in starts}
    assert len(run_ids) == 1
    (run_id,) = run_ids
    view = system.until(run_id, "answered")
    assert view["outcome"] == "succeeded"
    assert system.gateway.calls("UpdateService", service.name) == before + 1
    assert len(system.http("GET", "/v1/runs?conversation=d")[1]["runs"]) == 1
    assert system.ask("start staging")["outcome"] == "succeeded"


def test_a_dedupe_key_of_another_request_starts_nothing(system: System) -> None:
    first = system.ask("How is the staging cluster?", dedupe_key="key", conversation="key")
    for another in ({"text": "How is the production cluster?"}, {"text": "How is the staging cluster?", "kind": "api"}):
        sent = {"dedupe_key": "key", "conversation": "key"} | another
        status, body = system.http("POST", "/v1/runs", sent)
        if another["text"] == first["request"]:
            assert (status, body["run_id"]) == (202, first["run_id"])
        else:
            assert (status, body["error"]["earlier"]["run_id"]) == (409, first["run_id"])
            assert body["error"]["earlier"]["outcome"] == first["outcome"]
    assert len(system.http("GET", "/v1/runs?conversation=key")[1]["runs"]) == 1


def test_what_waits_is_listed_for_who_may_decide_it_and_who_asked_until_it_is_decided(system: System) -> None:
    def waiting(person: str) -> dict[str, list[str]]:
        status, page = system.http("GET", "/v1/approvals", person=person)
        assert status == 200
        return {one["id"]: one["may"] for one in page["approvals"]}

    parked = system.ask("Stop the production environment", person="dana", conversation="waits")
    (id, run_id) = parked["approval"]["id"], parked["run_id"]
    assert (waiting("you")[id], waiting("dana")) == (["approve", "deny"], {id: ["deny"]})
    assert system.http("GET", "/v1/runs?all=1", person="dana")[0] == 403
    (line,) = [one for one in system.http("GET", "/v1/runs?all=1")[1]["runs"] if one["run_id"] == run_id]
    assert (line["person"], line["conversation"], line["status"]) == ("dana", "waits", "parked")
    assert system.decide(parked, "deny")["outcome"] == "denied"
    assert id not in waiting("you") and waiting("dana") == {}


def test_a_kind_of_which_there_are_several_is_asked_about(system: System) -> None:
    names = [environment.name for environment in clouds.of_kind(system.cloud, "development")]
    assert len(names) > 1
    before = system.look()
    view = system.ask("Stop the development environment")
    assert (view["outcome"], sorted(view["question"]["choices"])) == ("asked", sorted(names)[:10])
    assert system.look() == before


def test_what_about_another_cluster_means_the_same_question(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    assert system.ask("How is the production cluster?", conversation="about")["outcome"] == "succeeded"
    view = system.ask("What about the staging cluster?", conversation="about")
    wanted = clouds.tasks(staging)
    assert view["outcome"] == "succeeded"
    assert f"{staging.name} (staging)" in view["answer"] and f"{wanted} of {wanted} tasks" in view["answer"]


def test_what_no_intent_knows_is_told_plainly_and_changes_nothing(system: System) -> None:
    before = system.look()
    view = system.ask("Stop all dev environments but the busy ones")
    assert view["outcome"] == "not_understood"
    assert "needs a model" in view["answer"]
    assert system.look() == before


def test_a_name_nearly_right_is_asked_about_and_yes_is_enough(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    view = system.ask(f"How is the {staging.name[:-1]}x cluster?", conversation="nearly")
    assert view["outcome"] == "asked" and staging.name in view["answer"]
    assert f"{staging.name} (staging)" in system.ask("yes", conversation="nearly")["answer"]


def test_an_unknown_name_is_answered_with_where_it_may_be(system: System) -> None:
    view = system.ask("How is the quarry-no-9 cluster?")
    assert view["outcome"] == "failed"
    assert "closed (222222222222)" in view["answer"], "it may be in the account that could not be read"


def test_turns_of_a_conversation_wait_for_one_another(system: System) -> None:
    first = system.start("How is production?", conversation="queue")
    second = system.start("How is staging?", conversation="queue")
    views = [system.until(run_id, "answered") for run_id in (first, second)]
    assert views[0]["answered_at"] <= views[1]["answered_at"]
    assert [view["outcome"] for view in views] == ["succeeded", "succeeded"]


def test_a_parked_run_lets_the_conversation_go_on(system: System) -> None:
    parked = system.ask("Stop the production environment", conversation="go-on")
    assert parked["status"] == "parked"
    assert system.ask("How is staging?", conversation="go-on")["outcome"] == "succeeded"
    assert system.decide(parked, "deny")["outcome"] == "denied"


def test_a_parked_run_can_be_cancelled(system: System) -> None:
    parked = system.ask("Stop the production environment", conversation="cancel")
    assert system.http("POST", f"/v1/runs/{parked['run_id']}/cancel")[0] == 202
    assert system.until(parked["run_id"], "answered")["outcome"] == "cancelled"


def test_rights_are_the_callers_own(system: System) -> None:
    assert system.http("POST", "/v1/runs", {"text": "How is prod?"}, person=None)[0] == 403
    status, body = system.http("POST", "/v1/runs", {"text": "How is production?"}, "stranger")
    assert (status, "no role" in body["error"]["message"]) == (403, True)
    parked = system.ask("Stop the production environment", person="dana")
    status, body = system.http("POST", f"/v1/approvals/{parked['approval']['id']}", {"decision": "approve"}, "dana")
    assert (status, "Nothing was changed" in body["error"]["message"]) == (403, True)
    assert system.decide(parked, "deny")["outcome"] == "denied"


def test_what_is_frozen_is_not_changed_though_it_was_approved_until_it_is_thawed(system: System) -> None:
    (live,), (staging,) = clouds.of_kind(system.cloud, "production"), clouds.of_kind(system.cloud, "staging")
    before = system.look()
    parked = system.ask(f"stop {live.name}")
    frozen = {"scope": "environment", "name": live.name, "reason": "payments are down"}
    assert system.http("POST", "/v1/freezes", frozen, "dana")[0] == 403
    assert system.http("POST", "/v1/freezes", frozen | {"name": f"{live.name}x"})[0] == 404
    assert system.http("POST", "/v1/freezes", frozen)[0] == 200
    view = system.decide(parked, "approve")
    assert view["outcome"] == "denied"
    assert f"environment {live.name} is frozen by You since " in view["answer"]
    assert "payments are down" in view["answer"]
    assert system.ask(f"How is {live.name}?")["outcome"] == "succeeded"
    assert system.look() == before

    assert "may not freeze" in system.ask("freeze everything", conversation="frozen", person="dana")["answer"]
    said = system.ask("freeze everything, all of it", conversation="frozen")
    assert said["answer"].startswith("Everything is frozen: from ten seconds on no change begins anywhere"), said
    assert "everything is frozen by You" in system.ask(f"stop {staging.name}", conversation="frozen")["answer"]
    assert system.look() == before
    assert [one["scope"]["of"] for one in system.http("GET", "/v1/freezes")[1]["freezes"]] == ["environment", "all"]
    assert f"environment {live.name}" in system.ask("lift the freeze", conversation="frozen")["answer"]
    assert system.ask("the first one", conversation="frozen")["outcome"] == "succeeded"
    assert system.http("POST", "/v1/freezes/thaw", {"scope": "all"})[0] == 200
    assert system.http("GET", "/v1/freezes")[1]["freezes"] == []
    assert system.ask(f"stop {staging.name}", conversation="frozen")["outcome"] == "succeeded"
    assert system.ask(f"start {staging.name}", conversation="frozen")["outcome"] == "succeeded"


def test_who_is_in_no_chat_is_nobodys_user_and_gets_no_code_for_one(system: System) -> None:
    assert system.http("GET", "/v1/chat/links")[1] == {"links": [], "configured": []}
    status, body = system.http("POST", "/v1/chat/links", {"platform": "slack"})
    assert (status, "not reached in Slack" in body["error"]["message"]) == (409, True)
    assert system.http("POST", "/v1/chat/links/unlink", {"user": "slack:T024BE7LD/U1234"})[0] == 404
    assert system.http("GET", "/v1/chat/links", person=None)[0] == 403


def test_bad_input_names_its_field(system: System) -> None:
    status, body = system.http("POST", "/v1/runs", {"text": ""})
    assert (status, body["error"]["field"]) == (400, "text")
    assert system.http("GET", "/v1/runs/rnothing")[0] == 404


def messages(system: System) -> list[dict[str, str]]:
    s3, bucket = system.client("s3"), system.laptop.outputs["Bucket"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="outbox/").get("Contents", [])
    return [json.loads(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()) for entry in listed]


def test_who_changed_one_is_told_with_where_others_were_not_looked_for(system: System) -> None:
    (staging,) = clouds.of_kind(system.cloud, "staging")
    assert system.ask(f"stop {staging.name}", conversation="who")["outcome"] == "succeeded"
    assert system.ask(f"start {staging.name}", conversation="who")["outcome"] == "succeeded"
    answer = system.ask(f"Who changed {staging.name}?", conversation="who")["answer"]
    told = answer.partition("Changed by the copilot:")[2]
    assert told.index(f"you started {staging.name}") < told.index(f"you stopped {staging.name}")
    # The emulator keeps no events: none is told, and no account is one that could not be asked.
    assert "what others did in home" not in answer
    about = system.ask(f"Is the alarm in {staging.name} our own doing?", conversation="who")["answer"]
    assert f"{staging.name}: no alarm rings" in about
