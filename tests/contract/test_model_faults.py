"""What model servers say instead of an answer, in the words that they and their users have published: what passes is
asked again, what is the account's or the configuration's is said at once, what a filter refused is a refusal.
"""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

import pytest
from model_askers import BEGAN, PLAN, PROMPT, Asker, failing
from scripted_model import Reply, document, in_order, raw, status

from copilot.errors import FatalError, RetryableError

PROTOCOLS = ("openai_compatible", "anthropic")


class Said(NamedTuple):
    """A reply that is no answer: its status, its body (JSON, or text as it is) and what else stands in its head."""

    name: str
    status: int
    body: Any
    headers: dict[str, str] | None = None

    @property
    def reply(self) -> Reply:
        if isinstance(self.body, str):
            return raw(self.body.encode(), "text/html", self.status, self.headers)
        return raw(json.dumps(self.body).encode(), code=self.status, headers=self.headers)


def named(said: object) -> str:
    return said.name.replace(" ", "-") if isinstance(said, Said) else ""


@pytest.fixture(params=PROTOCOLS)
def asker(request: pytest.FixtureRequest) -> Asker:
    return Asker(request.param)


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": ""}} | fields]}


# --- what passes by itself -------------------------------------------------------------------------

PER_MINUTE = "You exceeded your current quota, please check your plan and billing details. Quota exceeded per minute."
STATUSES = (408, 409, 424, 425, 498, 499, 500, 502, 503, 504, 520, 521, 524, 529)
PASSING = [
    Said("Gemini's limit per minute", 429, error(PER_MINUTE, code=429, status="RESOURCE_EXHAUSTED")),
    Said("Gemini's, as a list", 429, [error("check your plan and billing details", status="RESOURCE_EXHAUSTED")]),
    Said("OpenAI's, of a free account", 429, error("Rate limit reached (RPM). Add a payment method.", type="requests")),
    Said("Azure's tier", 429, error("You exceeded the token rate limit of your pricing tier: upgrade", code="429")),
    Said("Azure's quota", 429, error("Exceeded rate limit. Please retry after 6 seconds", type="insufficient_quota")),
    Said("Anthropic's, with a link", 429, error("tokens per minute; see billing settings", type="rate_limit_error")),
    Said("Bedrock's tokens", 429, {"message": "Too many tokens, please wait before trying again."}),
    Said("Mistral's capacity", 429, error("Service tier capacity exceeded for this model.", code="3505")),
    Said("requests per day", 429, error("You exceeded your quota of 50 requests per day")),
    Said("429 without a word", 429, ""),
    Said("limit under another status", 403, error("Quota exceeded", code="rate_limit_exceeded")),
    Said("429 inside of 200", 200, error("Rate limit exceeded", code=429)),
    Said("429 as text inside of 200", 200, error("Rate limit exceeded", code="429")),
    Said("502 inside of 200, choices null", 200, {"choices": None, **error("Provider returned error", code=502)}),
    Said("overloaded inside of 200", 200, {"type": "error", **error("Overloaded", type="overloaded_error")}),
    Said("unavailable, only named", 200, error("try later", status="UNAVAILABLE")),
    Said("error as a text", 200, {"error": "upstream request failed"}),
    Said("error as a list", 200, {"errors": [{"message": "internal", "code": 5006}]}),
    Said("detail", 200, {"detail": "Internal Server Error"}),
    Said("vLLM's object", 200, {"object": "error", "message": "engine is dead", "type": "InternalServerError"}),
    Said("a message and a type", 200, {"message": "something broke", "type": "error"}),
    Said("MiniMax's limit", 200, {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}, "choices": None}),
    Said("event of a stream", 200, 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'),
    Said("page of a gateway", 200, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
    Said("page of upkeep", 200, "<html><h1>We are down for maintenance</h1></html>"),
    Said("text of a gateway", 200, "upstream connect error or disconnect/reset before headers"),
    Said("page with its status", 502, "<html><title>502 Bad Gateway</title><p>see the billing page</p></html>"),
    Said("a page at Cloudflare", 522, "<html><title>x | 522: Connection timed out</title></html>"),
    Said("quotes the prompt", 500, {**error("oops"), "request": "my credit balance, prompt is too long"}),
    *(Said(f"status {code}", code, error("x")) for code in STATUSES),
]
BROKEN_OFF = [
    Said("error inside of a choice", 200, choice(error={"code": 502, "message": "upstream"}, finish_reason="error")),
    Said("half an answer and an error", 200, choice(message={"content": '{"say": "half"}'}, finish_reason="error")),
    Said("error of a choice with nothing in it", 200, choice(error={"message": "lost", "code": 500})),
    Said("given up for want of resources", 200, choice(finish_reason="insufficient_system_resource")),
    Said("aborted", 200, choice(message={"content": "{"}, finish_reason="abort")),
    Said("no choices", 200, {"choices": []}),
    Said("choices null", 200, {"id": "x", "choices": None}),
]


@pytest.mark.parametrize("said", PASSING, ids=named)
def test_what_passes_is_asked_again(asker: Asker, said: Said) -> None:
    assert json.loads(asker.complete(said.reply, document(PLAN)).text) == PLAN
    assert len(asker.asked) == 2


@pytest.mark.parametrize("said", BROKEN_OFF, ids=named)
def test_an_answer_that_was_broken_off_is_asked_for_again(said: Said) -> None:
    asker = Asker("openai_compatible")
    assert json.loads(asker.complete(said.reply, document(PLAN)).text) == PLAN


def test_a_limit_that_does_not_pass_is_said_to_pass_later(asker: Asker) -> None:
    said = error("Rate limit exceeded: check your plan and billing details", code=429)
    for reply in (Said("", 429, said).reply, Said("", 200, said).reply):
        words = failing(asker, RetryableError, *[reply] * 3)
        assert "takes no more requests for now (429) (asked 3 times" in words and "ask again later" in words


LATER = [
    ("seconds", {"retry-after": "7"}, "", 7),
    ("part of a second", {"retry-after": "1.5"}, "", 1.5),
    ("a date", {"retry-after": format_datetime(BEGAN + timedelta(seconds=11))}, "", 11),
    ("milliseconds", {"retry-after-ms": "2500", "retry-after": "3"}, "", 2.5),
    ("Azure's milliseconds", {"x-ms-retry-after-ms": "800"}, "", 0.8),
    ("in words", {}, "Please try again in 6s. Visit the page", 6),
    ("in words, parts of a second", {}, "Please try again in 250ms.", 0.25),
    ("in words, minutes", {}, "Please retry after 1m5.5s", None),
    ("in words, seconds", {}, "Please retry after 9 seconds.", 9),
    ("none", {}, "slow down", 0.5),
    ("nothing to wait for", {"retry-after": "0"}, "", 0.5),
    ("before now", {"retry-after": format_datetime(BEGAN - timedelta(days=3))}, "", 0.5),
    ("less than nothing", {"retry-after": "-5"}, "", 0.5),
    ("no number", {"retry-after": "nan"}, "", 0.5),
    ("no end", {"retry-after": "inf"}, "", 0.5),
    ("too large a number", {"retry-after": "9" * 400}, "", 0.5),
    ("longer than there is time", {"retry-after": "9" * 30}, "", None),
]


@pytest.mark.parametrize("headers, words, pause", [one[1:] for one in LATER], ids=[one[0] for one in LATER])
def test_a_server_is_asked_again_when_it_says(
    asker: Asker, headers: dict[str, str], words: str, pause: float | None
) -> None:
    limited = Said("", 429, error(words), headers).reply
    if pause is None:
        assert "asked once" in failing(asker, RetryableError, limited)
    else:
        asker.complete(limited, document(PLAN))
        assert asker.time.pauses == [pause]


def test_when_to_ask_again_may_stand_among_the_details(asker: Asker) -> None:
    told = [error("quota", status="RESOURCE_EXHAUSTED", details=[{"@type": "RetryInfo", "retryDelay": "4s"}])]
    asker.complete(Said("", 429, told).reply, document(PLAN))
    assert asker.time.pauses == [4]


LOADING = [
    Said("llama.cpp", 503, error("Loading model", type="unavailable_error", code=503)),
    Said("inside of 200", 200, {"error": "model is loading, try again"}),
    Said("Ollama", 503, {"error": "llm server is loading model"}),
    Said("not ready", 503, error("The model is not ready for inference")),
]


@pytest.mark.parametrize("said", LOADING, ids=named)
def test_a_model_that_is_being_loaded_is_waited_for_until_the_deadline(asker: Asker, said: Said) -> None:
    asker.complete(*[said.reply] * 5, document(PLAN))
    assert asker.time.pauses == [0.5, 1, 2, 4, 8]
    asker = Asker(asker.provider)
    words = failing(asker, RetryableError, *[said.reply] * 9)
    assert "is still being loaded" in words and "asked 8 times within 60 s" in words


def test_a_model_says_how_long_it_loads(asker: Asker) -> None:
    loading = Said("", 503, {"error": "Model x is currently loading", "estimated_time": 20.5}).reply
    asker.complete(loading, document(PLAN))
    assert asker.time.pauses == [20.5]


def test_a_model_that_cannot_be_loaded_is_not_waited_for(asker: Asker) -> None:
    broken = Said("", 503, error("error loading model: unable to allocate memory")).reply
    assert "asked 3 times" in failing(asker, RetryableError, *[broken] * 3)


# --- what is the account's, or the configuration's ---------------------------------------------------

QUOTA = "You exceeded your current quota, please check your plan and billing details."
ACCOUNTS = [
    (Said("insufficient quota", 429, error(QUOTA, code="insufficient_quota"), {"retry-after": "1"}), "no credit left"),
    (Said("quota, no code", 429, error(QUOTA)), "no credit left"),
    (Said("quota as 401", 401, error("insufficient_quota", type="insufficient_quota")), "no credit left"),
    (Said("quota inside of 200", 200, error(QUOTA, code="insufficient_quota")), "no credit left"),
    (Said("balance", 402, error("Insufficient Balance", code="invalid_request_error")), "no credit left"),
    (Said("402 without a word", 402, ""), "no credit left"),
    (Said("fewer tokens or more credits", 402, error("requires more credits, or fewer max_tokens")), "no credit left"),
    (Said("Anthropic's", 400, error("Your credit balance is too low to access the Anthropic API.")), "no credit left"),
    (Said("usage limits", 400, error("You have reached your specified API usage limits.")), "no credit left"),
    (Said("budget of a gateway", 400, error("Budget has been exceeded! Current cost: 10.1")), "no credit left"),
    (Said("xAI's", 429, {"error": "used all available credits or reached its monthly spending limit"}), "no credit"),
    (Said("key's limit", 403, error("Key limit exceeded (monthly limit).", code=403)), "no credit left"),
    (Said("plan's window", 429, error("The usage limit has been reached", type="usage_limit_reached")), "no credit"),
    (Said("Zhipu's", 429, error("\u4f59\u989d\u4e0d\u8db3", code="1113")), "no credit left"),
    (Said("MiniMax's", 200, {"base_resp": {"status_code": 1008, "status_msg": "balance"}, "choices": None}), "credit"),
    (Said("no way to pay", 403, {"message": "INVALID_PAYMENT_INSTRUMENT: A valid payment instrument"}), "no credit"),
    (Said("not active", 429, error("Your account is not active", code="billing_not_active")), "no credit left"),
    (Said("suspended", 403, error("Your account has been suspended")), "closed to this account"),
    (Said("deactivated", 401, error("x", code="account_deactivated")), "closed to this account"),
    (Said("key", 401, error("Incorrect API key provided", code="invalid_api_key")), "model.key"),
    (Said("key as 400", 400, [error("API key not valid. Please pass a valid API key.")]), "model.key"),
    (Said("key inside of 200", 200, error("Invalid API key", code=401)), "model.key"),
    (Said("token expired", 403, {"message": "The security token included in the request is expired"}), "model.key"),
    (Said("country", 403, error("x", code="unsupported_country_region_territory")), "region or country"),
    (Said("location", 400, error("User location is not supported for the API use.")), "region or country"),
    (Said("not authorized", 403, {"message": "not authorized to perform: bedrock:InvokeModel"}), "BedrockModelArns"),
    (Said("form not filled in", 400, {"message": "Model use case details have not been submitted"}), "refused access"),
    (Said("a page in front", 403, "<html><title>Attention Required! | Cloudflare</title></html>"), "refused access"),
]
CONFIGURATIONS = [
    (Said("model", 404, error("The model `m-1` does not exist or you do not have access to it.")), "model.name"),
    (Said("model inside of 200", 200, {"error": 'model "m-1" not found, try pulling it first'}), "model.name"),
    (Said("LM Studio's path", 200, {"error": "Unexpected endpoint or method. (POST /chat)"}), "model.endpoint"),
    (Said("LM Studio's model", 400, error("No models loaded. Please load a model")), "model.name"),
    (Said("model by code", 400, error("x", code="model_not_found")), "model.name"),
    (Said("deployment", 404, error("The API deployment does not exist.", code="DeploymentNotFound")), "model.name"),
    (Said("gone", 410, error("x")), "model.name"),
    (Said("OpenAI's length", 400, error("x", code="context_length_exceeded")), "a request this long"),
    (Said("vLLM's", 400, error("This model's maximum context length is 4096 tokens.")), "a request this long"),
    (
        Said("vLLM's limit", 400, error("'max_tokens' is too large: 9. This model's maximum context length is 4")),
        "long",
    ),
    (Said("llama.cpp's", 400, error("request (9 tokens) exceeds the available context size (4 tokens)")), "this long"),
    (Said("llama.cpp's, as 500", 500, error("the request exceeds the available context size")), "a request this long"),
    (Said("LM Studio's", 400, {"error": "Trying to keep the first 9 tokens when context the overflows"}), "this long"),
    (Said("generation's", 422, {"error": "`inputs` tokens + `max_new_tokens` must be <= 4"}), "a request this long"),
    (Said("Anthropic's length", 400, error("input length and `max_tokens` exceed context limit")), "this long"),
    (Said("Gemini's", 400, error("input token count (9) exceeds the maximum number of tokens allowed")), "this long"),
    (Said("Groq's at once", 413, error("Request too large on tokens per minute", code="rate_limit_exceeded")), "long"),
    (Said("OpenAI's at once", 429, error("Request too large: tokens must be reduced", type="tokens")), "this long"),
    (Said("Kimi's", 400, error("Your request exceeded model token limit: 8192")), "a request this long"),
    (Said("inside of 200", 200, error("prompt is too long: 9 tokens > 4 maximum", code=400)), "a request this long"),
    (Said("a proxy's", 413, "<html><title>413 Request Entity Too Large</title></html>"), "a request this long"),
    (
        Said("output", 400, error("max_tokens is too large: 9. This model supports at most 4 completion tokens")),
        "output",
    ),
    (Said("Anthropic's output", 400, error("max_tokens: 9 > 4, which is the maximum allowed")), "max_output_tokens"),
    (Said("Bedrock's output", 400, {"message": "The maximum tokens you requested exceeds the model limit"}), "output"),
    (Said("no such path", 405, error("Method Not Allowed")), "refused the request (405)"),
    (
        Said("quotes the prompt", 400, {"detail": [{"msg": "Field required", "input": "credit balance"}]}),
        "the request (",
    ),
    (Said("has it in it", 400, {"detail": [{"msg": "odd", "input": {"message": "credit balance"}}]}), "request ("),
    (Said("speaks of billing", 400, error("messages.0 'why is our billing service down' is odd")), "request ("),
    (Said("in pieces", 200, 'data: {"choices":[{"delta":{}}]}\n\ndata: {"choices":[{"delta":{}}]}\n\n'), "in pieces"),
    (Said("sign in", 200, "<html><title>Sign in to use your upstanding account</title></html>"), "not JSON"),
    (Said("another protocol", 200, {"models": []}), "JSON of another kind"),
]


@pytest.mark.parametrize("said, words", ACCOUNTS, ids=named)
def test_what_is_the_accounts_is_said_to_be_the_accounts(asker: Asker, said: Said, words: str) -> None:
    found = failing(asker, FatalError, said.reply)
    assert words in found and "asking again will not help" in found
    assert len(asker.asked) == 1, "not in another form either"


@pytest.mark.parametrize("said, words", CONFIGURATIONS, ids=named)
def test_what_the_configuration_has_to_be_changed_for_is_said_with_what_to_change(
    asker: Asker, said: Said, words: str
) -> None:
    found = failing(asker, FatalError, *[said.reply] * 3)
    assert words in found and "asking again will not help" in found and asker.time.pauses == []


def test_a_form_that_is_not_known_is_no_cause_of_its_own() -> None:
    """Though its words are those of others: what is too large or unknown here is the schema."""
    for words in ("response_format: schema is too large for this model", "unknown model parameter response_format"):
        asker = Asker("openai_compatible")
        with asker.serve(in_order(status(400, message=words), document(PLAN))) as server:
            assert json.loads(asker.model(server.url).complete(PROMPT).text) == PLAN


def test_a_grammar_that_a_server_breaks_at_is_done_without() -> None:
    asker = Asker("openai_compatible")
    broken = Said("", 500, error("Failed to initialize samplers: failed to parse grammar", type="server_error")).reply
    assert json.loads(asker.complete(broken, document(PLAN)).text) == PLAN
    assert asker.asked[1].body["response_format"] == {"type": "json_object"} and asker.time.pauses == []


# --- what is the content's -------------------------------------------------------------------------

FILTERED = [
    Said("Azure's", 400, error("The response was filtered: please modify your prompt", code="content_filter")),
    Said("Azure's inner", 400, error("x", innererror={"code": "ResponsibleAIPolicyViolation"})),
    Said("OpenAI's prompt", 400, error("Invalid prompt: flagged as potentially violating our usage policy.")),
    Said("OpenAI's policy", 400, error("x", code="content_policy_violation")),
    Said("Anthropic's output", 400, error("Output blocked by content filtering policy", type="invalid_request_error")),
    Said("OpenRouter's", 403, error("Your input was flagged", metadata={"flagged_input": "billing", "reasons": ["x"]})),
    Said("xAI's", 403, {"code": "does not have permission", "error": "Content violates usage guidelines. Team: x"}),
    Said("DeepSeek's", 400, error("Content Exists Risk", code="invalid_request_error")),
    Said("DashScope's", 400, error("Input data may contain inappropriate content.", code="data_inspection_failed")),
    Said("Moonshot's", 400, error("rejected because it was considered high risk", type="content_filter")),
    Said("a gateway's guardrail", 400, error("Violated guardrail policy")),
    Said("inside of 200", 200, error("The prompt was blocked", code="content_filter")),
    Said("Gemini's prompt", 200, {"choices": None, "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
]
ENDED = [
    "content_filter",
    "SAFETY",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "RECITATION",
    "content_filter: RECITATION",
    "sensitive",
    "guardrail_intervened",
    "refusal",
]


@pytest.mark.parametrize("said", FILTERED, ids=named)
def test_what_a_filter_refused_is_a_refusal_and_asked_once(asker: Asker, said: Said) -> None:
    completion = asker.complete(said.reply)
    assert (completion.stop, completion.text) == ("refusal", "")
    assert len(asker.asked) == 1


@pytest.mark.parametrize("reason", ENDED)
def test_an_answer_that_a_filter_ended_is_a_refusal(reason: str) -> None:
    bodies = {
        "openai_compatible": choice(message={"content": None}, finish_reason=reason),
        "anthropic": {"content": [{"type": "text", "text": ""}], "stop_reason": reason},
    }
    for provider, body in bodies.items():
        assert Asker(provider).complete(Said("", 200, body).reply).stop == "refusal"


def test_a_guardrail_of_bedrock_is_a_refusal() -> None:
    blocked = {"content": [{"type": "text", "text": "Blocked."}], "stop_reason": "end_turn"}
    reply = Said("", 200, blocked | {"amazon-bedrock-guardrailAction": "INTERVENED"}).reply
    assert Asker("bedrock").complete(reply).stop == "refusal"
    passed = Said("", 200, blocked | {"amazon-bedrock-guardrailAction": "NONE"}).reply
    assert Asker("bedrock").complete(passed).stop == "end"


def test_a_guardrail_that_is_not_there_is_the_configurations(asker: Asker) -> None:
    message = "The guardrail identifier or version provided in the request does not exist."
    assert "refused the request (400)" in failing(asker, FatalError, *[status(400, message=message)] * 3)
