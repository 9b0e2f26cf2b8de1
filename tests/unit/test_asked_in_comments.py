"""What people ask in issues and requests to merge, over a GitHub and a GitLab of our own (small_code_hosts.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from chat_world import HOME, FakeChat, user
from fakes_logs import FakeLogs
from fakes_platform import FakePlatform, service
from fakes_releases import FakeReleases
from hook_events import BY_ENVIRONMENT, PROJECT, SHOP, TOKEN, Change, hook
from memory_deployments import MemoryDeployments
from small_code_hosts import COMMENTS, GITLAB_JOB, JOB, READS, CodeHosts, small_code_hosts
from test_firing import Setting
from test_tools_services import state

from copilot.adapters.code_hosts.comments import CodeHostReader, Comments
from copilot.adapters.code_hosts.hosts import Host, host_of
from copilot.adapters.code_hosts.releases import WithCodeHosts
from copilot.adapters.memory_chat import MemoryDeliveries, MemoryQueue
from copilot.adapters.memory_chat_links import MemoryChatLinks
from copilot.bootstrap.in_process import InProcess
from copilot.bootstrap.installation import Installation
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import CodeHost, Configuration, KnownPerson
from copilot.domain import CODE_HOSTS, ChatPerson, Kind, Person, Run, Trigger
from copilot.domain.deployments import DeploymentFact
from copilot.errors import RetryableError
from copilot.triggers.taking_hooks import GREETING, NOT_IN_PUBLIC

COMMENT = {"github": "github_issue_comment", "gitlab": "gitlab_note"}
LOG = b"""2026-11-30T15:22:27.0000000Z ##[group]Run ./roll-out
2026-11-30T15:22:28.0000000Z \x1b[36;1mrolling out\x1b[0m
2026-11-30T15:26:35.0000000Z password=hunter2hunter2
2026-11-30T15:26:36.0000000Z ##[error]Process completed with exit code 1.
2026-11-30T15:26:37.0000000Z Post job cleanup.
"""
TRACE = (
    b"2026-11-30T15:22:27.000000Z 00O \x1b[0Ksection_start:1796052147:step_script\r\x1b[0K\x1b[36;1mrolling out"
    b"\x1b[0;m\n"
    b"2026-11-30T15:26:36.000000Z 01E \x1b[31;1mERROR: Job failed: exit status 1\x1b[0;m\n"
)


class World(Setting):
    """ana may change everything, and is octocat on GitHub and user 42 on GitLab."""

    def __init__(self, hosts: CodeHosts, kind: Kind = "staging") -> None:
        super().__init__()
        self.hosts = hosts
        self.roles: tuple[str, ...] = ("developer", "operator", "approver")
        hosts.logs = {JOB: LOG, GITLAB_JOB: TRACE}
        self.clock.at = datetime(2026, 11, 30, 15, 31, 30, tzinfo=UTC)
        self.deployments, self.queue, self.kept = MemoryDeployments(), MemoryQueue(), MemoryDeliveries()
        self.platform = FakePlatform(
            [service("pricing-prod", "pricing", 2)],
            kinds={"pricing-prod": kind},
            serving={"pricing": state("web:1.4", definition="web:4", rollouts=())},
        )
        self.process = InProcess(
            self.clients,
            config=self.config,
            store=self.store,
            clock=self.clock,
            sleep=self.clock.sleep,
            workers=2,
            person=Person(id="nobody", name="nobody"),
        )
        vars(self.process.use_cases).update(
            deployments=self.deployments,
            delivery_queue=self.queue,
            hand_on=lambda event: None,
            deliveries=self.kept,
            code_hosts=CodeHostReader(self.config.code_hosts, self.reads),
            comments=Comments(
                CodeHostReader(self.config.code_hosts, lambda one: host_of(one.platform, one.endpoint, COMMENTS))
            ),
            pause=lambda seconds: None,
        )
        vars(self.process.use_cases.installation).update(told={"API_URL": "https://api.example"})

    def comments(self, settings: CodeHost) -> Host:
        return host_of(settings.platform, settings.endpoint, COMMENTS)

    def reads(self, settings: CodeHost) -> Host:
        return host_of(settings.platform, settings.endpoint, READS)

    @property
    def config(self) -> Configuration:
        tokens = {"token": TOKEN.format("reads"), "comment_token": TOKEN.format("comments")}
        both = {"github": ("", SHOP), "gitlab": ("/api/v4", PROJECT)}
        code = ("github:583231", "gitlab:42")
        return Configuration(
            accounts=(),
            people=(KnownPerson(id="ana", name="Ana", principals=(), roles=self.roles, code=code),),
            code_hosts=tuple(
                CodeHost.model_validate(
                    {"platform": name, "endpoint": self.hosts.url + path, "repositories": (one,), **tokens}
                )
                for name, (path, one) in both.items()
            ),
        )

    def clients(self, run: Run, call_id: str, permissions: Any = None) -> Any:
        given: Any = super().clients(run, call_id, permissions)
        given.deployments, given.logs, given.facts = self.deployments, FakeLogs(), self.facts
        given.releases = WithCodeHosts(FakeReleases(), self.config, self.reads)
        given.asked_at = run.trigger.answer_to
        return given

    def came(self, name: str, change: Change = lambda payload: None, **more: Any) -> str:
        return self.process.use_cases.take_hook(hook(name, change, **more))

    def asked(self, host: str, text: str | None = None, change: Change = lambda payload: None, **more: Any) -> str:
        def said(payload: Any) -> None:
            place, key = (payload["comment"], "body") if host == "github" else (payload["object_attributes"], "note")
            place[key] = text if text is not None else place[key]
            change(payload)

        came = self.came(COMMENT[host], said, **more)
        self.work()
        return came

    def work(self) -> None:
        """Every run goes as far as it goes, and is shown as the machine has it shown."""
        for run in self.store.recent_runs("main"):
            if run.status != "answered":
                self.process.go_on(run)
            of = {"tenant": "main", "conversation": run.conversation, "run_id": run.run_id}
            kinds: tuple[Literal["progress", "answer"], ...] = ("progress", "answer")
            for kind in kinds:
                self.process.use_cases.show(kind, of)
        while self.queue.waiting:
            delivery, _ = self.queue.waiting.pop(0)
            self.process.use_cases.deliver(delivery)

    def facts_kept(self) -> list[DeploymentFact]:
        found = self.deployments.between(self.clock.at - timedelta(days=1), self.clock.at).deployments
        return [fact for one in found for fact in one.facts]

    @property
    def runs(self) -> list[Run]:
        return list(self.store.recent_runs("main"))

    @property
    def said(self) -> str:
        (only,) = self.hosts.comments
        return only[1]


@pytest.fixture
def hosts() -> Iterator[CodeHosts]:
    with small_code_hosts() as made:
        yield made


@pytest.fixture
def world(hosts: CodeHosts) -> World:
    return World(hosts)


FAILED = {"github": ("github_workflow_run", "github_workflow_job"), "gitlab": ("gitlab_pipeline",)}
PLACE = {"github": "41", "gitlab": "merge_requests/9"}


@pytest.mark.parametrize("host", CODE_HOSTS)
def test_why_a_deployment_failed_is_answered_once_where_it_was_asked(world: World, host: str) -> None:
    for name in FAILED[host]:
        world.came(name)
    assert world.asked(host) == "comment"
    ((place, said),) = world.hosts.comments
    assert place == PLACE[host] and said.startswith("```text\n")
    assert {"github": "step 'Roll out'", "gitlab": "script_failure"}[host] in said
    assert "exit code 1" not in said and "rolling out" not in said, "logs are not for all who read there"
    link = {"github": "octo-org/shop/actions/runs/9404632551/job/28328535552", "gitlab": "octo/shop/-/jobs/5520"}[host]
    assert said.endswith(f"```\n\n- <{world.hosts.url}/{link}>")
    (run,) = world.runs
    assert (run.trigger.person.id, run.trigger.read_only, run.outcome) == ("ana", True, "succeeded")
    assert ("POST", COMMENTS) in {(method, token) for method, _, token in world.hosts.asked}
    assert {token for method, _, token in world.hosts.asked if method == "POST"} == {COMMENTS}


@pytest.mark.parametrize("host", CODE_HOSTS)
def test_a_comment_that_comes_again_says_nothing_twice(world: World, host: str) -> None:
    for _ in range(3):
        assert world.asked(host, "/copilot help") == "comment"
    assert len(world.hosts.comments) == len(world.runs) == 1
    world.asked(host, "/copilot which environments are there?")  # the same comment with other words is none
    assert len(world.hosts.comments) == len(world.runs) == 1
    assert world.asked(host, received_at="2026-11-30T16:31:00+00:00") == "nothing", "sent again by somebody, late"


def test_without_a_name_it_is_about_what_the_repository_deploys(world: World) -> None:
    for name in FAILED["github"]:
        world.came(name)
    later = {
        fact.model_copy(update={"service": "another", "at": world.clock.at - timedelta(minutes=1)})
        for fact in world.facts_kept()
    }
    world.deployments.record(later)
    world.asked("github")
    assert "pricing" in world.said and "another" not in world.said


# who


def by_another(payload: Any) -> None:
    for one in (payload.get("comment", {}), payload):
        for key in ("user", "sender"):
            if key in one:
                one[key]["id"] = 99
    payload.get("object_attributes", {})["author_id"] = 99


def by_a_bot(payload: Any) -> None:
    payload["comment"]["user"]["type"] = "Bot"


def by_an_app(payload: Any) -> None:
    payload["comment"]["performed_via_github_app"] = {"id": 1}


def sent_by_another(payload: Any) -> None:
    payload["sender"]["id"] = 99


def edited(payload: Any) -> None:
    payload["action" if "action" in payload else "object_attributes"] = (
        "edited" if "action" in payload else payload["object_attributes"] | {"action": "update"}
    )


def of_the_system(payload: Any) -> None:
    payload["object_attributes"]["system"] = True


def internal(payload: Any) -> None:
    payload["object_attributes"]["internal"] = True


def confidential(payload: Any) -> None:
    payload["event_type"] = "confidential_note"


def of_a_commit(payload: Any) -> None:
    payload["object_attributes"]["noteable_type"] = "Commit"


def written_by_another(payload: Any) -> None:
    payload["object_attributes"]["author_id"] = 99


@pytest.mark.parametrize(
    ("host", "change"),
    [
        *(("github", one) for one in (by_another, by_a_bot, by_an_app, sent_by_another, edited)),
        *(
            ("gitlab", one)
            for one in (by_another, edited, of_the_system, internal, confidential, of_a_commit, written_by_another)
        ),
    ],
)
def test_nobody_else_hears_anything(world: World, host: str, change: Change) -> None:
    assert world.asked(host, change=change) == "nothing"
    assert world.hosts.comments == [] and world.runs == []


@pytest.mark.parametrize("host", CODE_HOSTS)
@pytest.mark.parametrize(
    "text",
    ["why did the last deployment fail?", "see /copilot help", " /copilot help", "/copilothelp", "> /copilot help", ""],
)
def test_only_what_begins_with_the_command_is_for_the_copilot(world: World, host: str, text: str) -> None:
    assert world.asked(host, text) == "nothing" and world.hosts.asked == []


@pytest.mark.parametrize("host", CODE_HOSTS)
def test_who_may_not_write_there_at_this_moment_hears_nothing(world: World, host: str) -> None:
    world.hosts.permissions, world.hosts.levels = {"octocat": "read"}, {42: 20}
    assert world.asked(host) == "nothing"
    world.hosts.ids, world.hosts.levels = {}, {}
    assert world.asked(host) == "nothing"
    assert world.hosts.comments == [] and world.runs == []
    world.hosts.ids, world.hosts.permissions = {"octocat": 583231}, {"octocat": "admin"}
    world.hosts.levels = {42: 50}
    assert world.asked(host) == "comment" and len(world.runs) == 1


def test_a_name_that_is_another_users_by_now_counts_for_nothing(world: World) -> None:
    world.hosts.ids = {"octocat": 99}
    assert world.asked("github") == "nothing" and world.runs == []


def test_a_person_without_a_role_hears_nothing(hosts: CodeHosts) -> None:
    world = World(hosts)
    world.roles = ()
    world.process.config = world.config
    assert world.asked("github") == "nothing" and hosts.asked == []


@pytest.mark.parametrize("host", CODE_HOSTS)
def test_whether_somebody_may_is_asked_again_where_the_host_does_not_answer(world: World, host: str) -> None:
    world.hosts.fails = [(503, {})]
    with pytest.raises(RetryableError):
        world.asked(host)
    assert world.asked(host) == "comment" and len(world.hosts.comments) == 1


# where


@pytest.mark.parametrize("host", CODE_HOSTS)
@pytest.mark.parametrize("visibility", ["public", "internal"])
def test_where_others_read_along_nothing_is_said_of_anything(world: World, host: str, visibility: str) -> None:
    world.hosts.visibility = visibility
    for _ in range(2):
        assert world.asked(host) == "comment"
    assert NOT_IN_PUBLIC[:40] in world.said.replace("\n", " ") and world.runs == []


def test_a_repository_of_another_number_is_none_of_ours(world: World) -> None:
    world.hosts.repository = 5
    assert world.asked("github") == "comment"
    assert "Others may read along" in world.said and world.runs == []


def test_a_repository_that_became_public_meanwhile_is_told_nothing(world: World) -> None:
    for name in FAILED["github"]:
        world.came(name)
    world.came(COMMENT["github"])
    world.hosts.visibility = "public"
    world.work()
    assert "not said in a comment" in world.said and "Roll out" not in world.said


@pytest.mark.parametrize("host", CODE_HOSTS)
def test_what_is_of_production_is_not_for_all_who_read_there(hosts: CodeHosts, host: str) -> None:
    world = World(hosts, "production")
    for name in FAILED[host]:
        world.came(name)
    world.asked(host)
    assert "not said in a comment" in world.said.replace("\n", " ") and "pricing" not in world.said


def test_who_is_in_the_chat_too_is_answered_there_where_it_is_not_for_the_comment(hosts: CodeHosts) -> None:
    world, chat = World(hosts, "production"), FakeChat(people={user("UANA"): ChatPerson(name="Ana")})
    for name in FAILED["github"]:
        world.came(name)
    (ana, nobody), key = world.process.config.people, TOKEN.format("chat")
    in_chat = ana.model_copy(update={"chat": (user("UANA").address,)})
    settings = ChatSettings(workspaces=(ChatWorkspace(id=HOME, name="home", token=key),))
    world.process.config = world.process.config.model_copy(update={"people": (in_chat, nobody), "chat": settings})
    cases = world.process.use_cases
    on = {"slack": chat, "github": cases.comments}
    vars(cases).update(chat_on=lambda platform: on[platform], chat_links=MemoryChatLinks())
    for _ in range(2):
        world.asked("github")
    (message,) = chat.messages
    assert message.where.place == "DUANA" and "Roll out" in message.text
    assert "I sent it to you in the chat" in world.said.replace("\n", " ") and "pricing" not in world.said


# what


@pytest.mark.parametrize(
    "text",
    [
        "stop pricing-prod",
        "freeze everything",
        "remember that pricing-prod is off limits",
        "undo that",
        "help me stop it",
    ],
)
def test_nothing_is_changed_by_a_comment_whoever_asks(world: World, text: str) -> None:
    size = world.platform.resources[0].size
    world.asked("github", f"/copilot {text}")
    (run,) = world.runs
    assert not world.store.freezes("main")
    assert world.platform.resources[0].size == size and run.status == "answered" and run.approval_id is None
    assert not world.store.effects("main", run.run_id)
    assert world.queue.waiting == [] and len(world.hosts.comments) == 1


def test_it_is_said_where_to_ask_for_a_change(world: World) -> None:
    world.asked("github", "/copilot stop pricing-prod")
    assert "ask in the chat, or with the devops-copilot command" in world.said.replace("\n", " ")


@pytest.mark.parametrize("text", ["freeze everything", "thaw pricing-prod", "freeze all of production!"])
def test_a_freeze_is_not_taken_for_something_unknown(world: World, text: str) -> None:
    world.asked("github", f"/copilot {text}")
    assert "Nothing is frozen or thawed" in world.said and not world.store.freezes("main")


def test_the_bare_command_and_what_is_too_long_are_answered(world: World) -> None:
    world.asked("github", "/copilot")
    assert GREETING in world.said and world.runs == []
    world.hosts.comments.clear()
    world.asked("gitlab", "/copilot " + "a" * 4001)
    assert "4,001 characters" in world.said


def test_a_remark_stands_once_however_often_it_is_delivered(world: World) -> None:
    world.came(COMMENT["github"], lambda payload: payload["comment"].update(body="/copilot"))
    ((remark, _),) = world.queue.waiting
    for _ in range(2):
        assert world.process.use_cases.deliver(remark) == ""
    assert len(world.hosts.comments) == 1


def test_no_progress_is_shown_in_a_comment(world: World) -> None:
    world.came(COMMENT["github"])
    (run,) = world.runs
    of = {"tenant": "main", "conversation": run.conversation, "run_id": run.run_id}
    world.process.use_cases.show("progress", of)
    world.process.use_cases.show("approval", of, approval_id="a")
    assert world.queue.waiting == []


def test_a_repository_that_was_renamed_is_answered_with_silence(world: World) -> None:
    world.hosts.fails = [(301, {"location": f"{world.hosts.url}/repositories/5"})]
    assert world.asked("github") == "nothing" and world.hosts.comments == []


def test_a_log_is_read_by_who_asks_directly_masked_and_up_to_the_error(world: World) -> None:
    for name in (*FAILED["github"], *FAILED["gitlab"]):
        world.came(name)
    ana = world.process.config.people[0].person
    world.process.person = ana
    said = str(world.process.run("why did the last deployment of pricing fail?")["answer"])
    assert ("rolling out" in said and "exit code 1" in said) or "exit status 1" in said
    assert "hunter2hunter2" not in said and "cleanup" not in said and "\x1b" not in said
    assert "section_start" not in said and "job" in said
    assert "actions/runs/9404632551/job/28328535552" in said or "octo/shop/-/jobs/5520" in said


def test_a_trigger_says_so_itself(world: World) -> None:
    world.came(COMMENT["github"])
    trigger: Trigger = world.runs[0].trigger
    assert trigger.conversation == "github:376034443/41" and trigger.asked_as == "github:583231"


def test_without_a_token_that_comments_nobody_is_answered(hosts: CodeHosts) -> None:
    world = World(hosts)
    some = tuple(one.model_copy(update={"comment_token": None}) for one in world.config.code_hosts)
    world.process.config = world.process.config.model_copy(update={"code_hosts": some})
    assert world.asked("github") == "not ours"


def test_a_comment_that_may_not_be_written_is_noted_and_not_tried_again(world: World) -> None:
    world.came(COMMENT["github"])
    (run,) = world.runs
    world.process.go_on(run)
    of = {"tenant": "main", "conversation": run.conversation, "run_id": run.run_id}
    world.process.use_cases.show("answer", of)
    delivery, _ = world.queue.waiting.pop()
    world.hosts.fails = [(403, {})]
    assert "token" in world.process.use_cases.deliver(delivery)
    (noted,) = world.kept.of_run(run.run_id)
    assert (noted.key, noted.state) == ("answer", "failed")


def test_a_host_is_made_once_whatever_its_repositories_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    by_environment = world.config.code_hosts[0].model_copy(update={"repositories": (BY_ENVIRONMENT,)})
    keys = {TOKEN.format("reads"): "reads", TOKEN.format("comments"): "comments"}
    monkeypatch.setattr("copilot.adapters.aws.keys.read_key", lambda arn, name, client: keys.pop(arn))
    installation = Installation()
    vars(installation).update(told={}, factory=SimpleNamespace(own=None))
    made = [installation.code_host(by_environment, comments=comments) for comments in (False, True, False, True)]
    assert made[:2] == made[2:] and None not in made and made[0] is not made[1]
    without = by_environment.model_copy(update={"token": None})
    assert installation.code_host(without) is None
