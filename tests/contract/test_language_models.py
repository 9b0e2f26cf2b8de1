"""Both model adapters against a server of our own, over real HTTP: what models answer, and how they fail."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from anthropic.lib.aws._auth import _get_session as boto_sessions
from model_askers import BEGAN, KEY, PLAN, PROMPT, PROVIDERS, SCHEMA, Asker, Time, failing
from scripted_model import (
    Asked,
    Reply,
    Script,
    ScriptedModel,
    ToolCall,
    calls,
    cut,
    document,
    fenced,
    in_order,
    raw,
    refusal,
    silence,
    status,
    surrounded,
    text,
    trickle,
    when,
)

from copilot.adapters.language_models.anthropic_messages import AnthropicMessages, messages_client
from copilot.adapters.language_models.openai_compatible import OpenAiCompatible, completions_client
from copilot.config.configuration import ModelSettings
from copilot.domain import Prompt, TokenUsage
from copilot.errors import FatalError, RetryableError
from copilot.ports import LanguageModel


@pytest.fixture(params=PROVIDERS)
def asker(request: pytest.FixtureRequest) -> Asker:
    return Asker(request.param)


class Kept(logging.Handler):
    """All that is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def nothing_secret_is_logged() -> Iterator[None]:
    """Even where everybody may say everything."""
    kept, root = Kept(), logging.getLogger()
    before = root.level
    for library in ("anthropic", "httpx", "httpcore", "httpx2", "httpcore2", "botocore.auth"):
        logging.getLogger(library).setLevel(logging.NOTSET)
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield
    root.removeHandler(kept)
    root.setLevel(before)
    said = "\n".join(kept.lines)
    assert KEY not in said and PROMPT.user not in said and "127.0.0.1" not in said and "/v1/" not in said


# --- what is asked and answered ------------------------------------------------------------------


def test_a_document_is_asked_for_by_its_schema_and_given_as_json(asker: Asker) -> None:
    completion = asker.complete(document(PLAN))
    assert json.loads(completion.text) == PLAN
    assert (completion.stop, completion.model) == ("end", "m-1")
    (asked,) = asker.asked
    assert asked.schema == SCHEMA and (asked.system, asked.last) == (PROMPT.system, PROMPT.user)
    assert asked.max_tokens == 200 and asked.model == "m-1" and asked.key == KEY and not asked.stream


def test_text_is_asked_for_without_tools(asker: Asker) -> None:
    completion = asker.complete(text("Three."), prompt=Prompt(system="s", user="u", max_tokens=9))
    assert (completion.text, completion.stop) == ("Three.", "end")
    assert asker.asked[0].tools == () and asker.asked[0].schema is None


@pytest.mark.parametrize("reply", [fenced(PLAN), surrounded(PLAN), text("no idea"), text("")])
def test_text_where_a_document_was_asked_for_is_given_as_it_came(asker: Asker, reply: Reply) -> None:
    assert asker.complete(reply).text == reply.text


def test_a_call_of_a_tool_nobody_offered_is_given_as_json(asker: Asker) -> None:
    given = json.loads(asker.complete(calls(ToolCall("invented", {"id": 1}))).text)
    assert given["tool"] == "invented" and "1" in str(given["arguments"])


def test_what_was_cached_is_counted_apart(asker: Asker) -> None:
    with asker.serve(when(otherwise=document(PLAN))) as server:
        model = asker.model(server.url)
        usages = [model.complete(PROMPT).usage for _ in range(2)]
        billed = [call.tokens for call in server.calls]
    assert all(tokens.output == usage.output > 0 for tokens, usage in zip(billed, usages, strict=True))
    assert usages[1].cached == billed[1].cached > 1024 and usages[0].cached == 0
    if asker.provider == "openai_compatible":
        assert usages[0].input == billed[0].cache_written + billed[0].input and usages[1].input == billed[1].input
    else:
        assert usages[0].cache_written == billed[0].cache_written > 1024 and usages[1].cache_written == 0
        assert usages[0].input == usages[1].input < 20


def test_an_answer_cut_off_at_max_tokens_says_so(asker: Asker) -> None:
    completion = asker.complete(document({"say": "word " * 500}))
    assert completion.stop == "length" and completion.usage.output == 200


def test_a_refusal_says_so(asker: Asker) -> None:
    completion = asker.complete(refusal("I cannot help with that."))
    assert (completion.stop, completion.text) == ("refusal", "I cannot help with that.")


def test_an_answer_without_usage_costs_nothing_known() -> None:
    asker = Asker("openai_compatible")
    bare = raw(json.dumps({"choices": [{"message": {"role": "assistant", "content": "{}"}}]}).encode())
    assert asker.complete(bare).usage == TokenUsage()
    asker = Asker("anthropic")
    assert asker.complete(raw(b'{"content": [{"type": "thinking"}, {"type": "text", "text": "{}"}]}')).text == "{}"


# --- what passes ---------------------------------------------------------------------------------


def test_a_busy_server_is_asked_again_when_it_says(asker: Asker) -> None:
    at = format_datetime(BEGAN + timedelta(seconds=2 + 11))
    completion = asker.complete(status(429, retry_after=2), status(529, retry_after=at), document(PLAN))
    assert json.loads(completion.text) == PLAN and asker.time.pauses == [2, 11]
    assert completion.seconds == 13


@pytest.mark.parametrize(
    "fault", [status(503), status(500), raw(b""), raw(b'{"id": "msg'), cut(document(PLAN), 3), status(429, "soon")]
)
def test_what_may_pass_is_tried_again_with_growing_pauses(asker: Asker, fault: Reply) -> None:
    completion = asker.complete(fault, fault, document(PLAN))
    assert json.loads(completion.text) == PLAN and asker.time.pauses == [0.5, 1]
    assert len(asker.asked) == 3


def test_three_attempts_are_all(asker: Asker) -> None:
    words = failing(asker, RetryableError, status(529), status(529), status(529))
    assert "is overloaded (529) (asked 3 times" in words and "ask again later" in words
    assert asker.time.pauses == [0.5, 1]


def test_a_server_that_wants_a_longer_pause_than_there_is_time_is_not_waited_for(asker: Asker) -> None:
    words = failing(asker, RetryableError, status(429, retry_after=61))
    assert "asked once" in words and "again in 61 s" in words and asker.time.pauses == []


def test_a_server_that_does_not_answer_is_given_up_at_the_deadline(asker: Asker) -> None:
    asker.changes = {"timeout_seconds": 1}
    asker.time.step = 0.2  # the socket waits in real time, for what the clock says is left
    assert "did not answer in time (asked once" in failing(asker, RetryableError, silence())


def test_a_server_that_always_sends_something_does_not_outlast_the_deadline(asker: Asker) -> None:
    asker.time.step = 7
    assert "did not finish its answer in time" in failing(asker, RetryableError, trickle())


def test_a_server_that_is_not_there_is_asked_three_times(asker: Asker) -> None:
    with asker.serve(in_order()) as server:
        url = server.url
    with pytest.raises(RetryableError, match=r"could not be reached.*asked 3 times"):
        asker.model(url).complete(PROMPT)


# --- what does not pass --------------------------------------------------------------------------

FATAL = [
    (status(401, message=f"Incorrect API key provided: {KEY}"), "model.key"),
    (status(403, message="no access"), "BedrockModelArns"),
    (status(404, message="model: m-1"), "model.name"),
    (status(400, message="The provided model identifier is invalid."), "model.name"),
    (status(400, message="Invocation with on-demand throughput isn't supported"), "inference profile"),
    (status(400, message=f"prompt is too long: {PROMPT.user}"), "cannot read a request this long"),
    (status(413), "cannot read a request this long"),
    (status(400, message=f"messages.0: {PROMPT.user} is odd"), "refused the request (400)"),
    (status(400, message="Your credit balance is too low"), "no credit left"),
    (status(429, message="You exceeded your quota: insufficient_quota"), "no credit left"),
    (status(302), "sends elsewhere"),
    (raw(b"<html>Sign in</html>", "text/html"), "not JSON"),
    (raw(b'{"models": []}'), "JSON of another kind"),
    (raw(b"plain text", "text/plain"), "not JSON"),
]


@pytest.mark.parametrize("reply, words", FATAL, ids=[words.replace(" ", "-") for _, words in FATAL])
def test_what_will_not_pass_is_said_once_with_what_to_do(asker: Asker, reply: Reply, words: str) -> None:
    found = failing(asker, FatalError, lambda _: reply, *[lambda _: reply] * 2)
    assert words in found and "asking again will not help" in found and asker.time.pauses == []


# --- servers that take less ----------------------------------------------------------------------


def refusing(field: Callable[[dict[str, Any]], bool], message: str) -> Script:
    """A server that knows a field it does not take."""
    return lambda asked: status(400, message=message) if field(asked.body) else document(PLAN)


@pytest.mark.parametrize("provider", ["anthropic", "bedrock"])
def test_a_model_that_cannot_be_forced_is_asked_without_and_remembered(provider: str) -> None:
    asker = Asker(provider)
    message = "tool_choice: forced tool use is not supported for this model."
    script = refusing(lambda body: "tool_choice" in body, message)

    def answering(asked: Asked) -> Reply:
        reply = script(asked)
        return reply if reply.fault else calls(ToolCall("answer", PLAN))

    with asker.serve(answering) as server:
        model = asker.model(server.url)
        assert [json.loads(model.complete(PROMPT).text) for _ in range(2)] == [PLAN, PLAN]
    assert ["tool_choice" in asked.body for asked in asker.asked] == [True, False, False]
    assert all(asked.tools for asked in asker.asked)


def test_a_model_that_thinks_is_given_the_room_that_is_configured_for_it(asker: Asker) -> None:
    asker.changes = {"max_output_tokens": 5_000}
    asker.complete(document(PLAN))
    assert asker.asked[0].max_tokens == 5_000


def test_effort_is_asked_for_where_it_is_taken(asker: Asker) -> None:
    asker.changes = {"effort": "low"}
    field = "reasoning_effort" if asker.provider == "openai_compatible" else "output_config"
    with asker.serve(refusing(lambda body: field in body, "this model does not support effort")) as server:
        model = asker.model(server.url)
        assert [json.loads(model.complete(PROMPT).text) for _ in range(2)] == [PLAN, PLAN]
    assert [asked.body.get(field) for asked in asker.asked] == [
        "low" if field == "reasoning_effort" else {"effort": "low"},
        None,
        None,
    ]


@pytest.mark.parametrize("taken", ["json_object", None])
def test_a_server_without_schemas_is_asked_for_less_and_remembered(taken: str | None) -> None:
    asker = Asker("openai_compatible")

    def format_of(body: dict[str, Any]) -> str | None:
        kind: str | None = body.get("response_format", {}).get("type")
        return kind

    with asker.serve(refusing(lambda body: format_of(body) not in (taken, None), "unsupported grammar")) as server:
        model = asker.model(server.url)
        assert [json.loads(model.complete(PROMPT).text) for _ in range(2)] == [PLAN, PLAN]
    tried = ["json_schema", "json_object"] + ([None] if taken is None else [])
    assert [format_of(asked.body) for asked in asker.asked] == [*tried, taken]


def test_a_server_that_refuses_everything_is_asked_for_a_schema_again_the_next_time() -> None:
    asker = Asker("openai_compatible")
    with asker.serve(in_order(*[status(400)] * 3, document(PLAN))) as server:
        model = asker.model(server.url)
        with pytest.raises(FatalError):
            model.complete(PROMPT)
        model.complete(PROMPT)
    assert "response_format" not in asker.asked[2].body
    assert asker.asked[3].body["response_format"]["type"] == "json_schema"


def test_the_limit_has_another_name_where_a_server_says_so() -> None:
    asker = Asker("openai_compatible")
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    with asker.serve(refusing(lambda body: "max_tokens" in body, message)) as server:
        model = asker.model(server.url)
        for _ in range(2):
            model.complete(PROMPT)
    assert [asked.body.get("max_completion_tokens") for asked in asker.asked] == [None, 200, 200]


@pytest.mark.parametrize("provider", ["anthropic", "openai_compatible"])
@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_an_endpoint_may_end_in_its_version_or_not(provider: str, path: str) -> None:
    asker = Asker(provider)
    with asker.serve(in_order(document(PLAN))) as server:
        assert asker.model(server.url + path).complete(PROMPT).stop == "end"


@pytest.mark.parametrize(
    "endpoint, base",
    [
        ("https://api.example.com/openai/v1", "https://api.example.com/openai/v1/"),
        ("https://api.example.com/v1beta/openai/", "https://api.example.com/v1beta/openai/"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1/"),
        ("https://api.example.com/gateway", "https://api.example.com/gateway/v1/"),
        (None, "https://api.openai.com/v1/"),
    ],
)
def test_the_address_of_chat_completions(endpoint: str | None, base: str) -> None:
    key = "arn:aws:ssm:eu-west-1:000000000000:parameter/k"
    settings = ModelSettings(provider="openai_compatible", name="m", endpoint=endpoint, key=key)
    with completions_client(settings, KEY) as client:
        assert str(client.base_url) == base


def test_nothing_in_the_environment_changes_where_the_key_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "another")
    key = "arn:aws:ssm:eu-west-1:000000000000:parameter/k"
    client = messages_client(ModelSettings(provider="anthropic", name="m", key=key), KEY)
    assert (str(client.base_url), client.api_key, client.max_retries) == ("https://api.anthropic.com", KEY, 0)


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("credentials", [True, False])
def test_bedrock_without_a_key_is_asked_with_the_roles_credentials(
    no_aws: None, credentials: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto_sessions.cache_clear()  # type: ignore[attr-defined]  # the SDK keeps what it found, and hides it in its types
    if credentials:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    time = Time()
    with ScriptedModel(when(otherwise=text("Yes.")), latency=None) as server:
        settings = ModelSettings(provider="bedrock", name="eu.m:1", endpoint=server.url, region="eu-west-1")
        model = AnthropicMessages(messages_client(settings, None), settings, settings.name, time, time.sleep)
        if credentials:
            assert model.complete(PROMPT).text == "Yes."
            assert server.asked[0].key.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
            assert server.asked[0].model == "eu.m:1"
        else:
            with pytest.raises(FatalError, match="there are no credentials for it"):
                model.complete(PROMPT)
            assert not server.asked


# --- a real one ----------------------------------------------------------------------------------


def live() -> ModelSettings | None:
    """COPILOT_LIVE_PROVIDER (anthropic, bedrock or openai_compatible) and COPILOT_LIVE_MODEL name a real model;
    COPILOT_LIVE_ENDPOINT and COPILOT_LIVE_KEY say where it is and with which key, where it needs them.

    What was tried on 2026-11-22, on two cores: llama.cpp's server (xllamacpp 2026.10) with Gemma 3 270M (Q4_K_M) and
    with SmolLM2 135M Instruct (Q4_1), as openai_compatible. Both pass. Asked with the schema of a whole Plan they keep
    to it without falling back, and the server says what it read from its cache; but such small ones choose wrong tools.
    Under the schema SmolLM2 takes 1-3 s a plan and Gemma, with its large vocabulary, 15-29 s. As anthropic the same
    server took the request, but did not force the tool: SmolLM2 answered in prose, Gemma not within a minute.
    """
    name = os.environ.get("COPILOT_LIVE_MODEL")
    if not name:
        return None
    found = {
        "provider": os.environ.get("COPILOT_LIVE_PROVIDER", "anthropic"),
        "name": name,
        "endpoint": os.environ.get("COPILOT_LIVE_ENDPOINT"),
        "region": os.environ.get("AWS_REGION"),
        "key": "arn:aws:ssm:eu-west-1:000000000000:parameter/in-the-environment",
    }
    return ModelSettings.model_validate(found)


@pytest.mark.skipif(live() is None, reason="no real model: set COPILOT_LIVE_MODEL, and what live() says beside it")
def test_a_real_model_gives_a_document() -> None:
    settings, key = live(), os.environ.get("COPILOT_LIVE_KEY")
    assert settings
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    time = RealTime()
    model: LanguageModel
    if settings.provider == "openai_compatible":
        model = OpenAiCompatible(completions_client(settings, key), settings, settings.name, time)
    else:
        model = AnthropicMessages(messages_client(settings, key), settings, settings.name, time)
    prompt = Prompt(
        system='Answer with one JSON document, {"city": NAME}, and with nothing else.',
        user="What is the capital of France?",
        answer_schema=schema,
        max_tokens=2000,
    )
    completion = model.complete(prompt)
    assert json.loads(completion.text) == {"city": "Paris"}
    assert completion.stop == "end" and completion.usage.input > 0 and completion.usage.output > 0


class RealTime:
    def now(self) -> datetime:
        return datetime.now(UTC)
