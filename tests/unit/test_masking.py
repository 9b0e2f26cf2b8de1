"""Secrets do not survive masking; everything else does."""

import json
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_secrets import UUID, letters, pem
from pydantic import JsonValue

from copilot.text.masking import MASK, mask, mask_text

SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "xoxb-123456789012-abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
]


@pytest.mark.parametrize("secret", SECRETS)
@given(before=st.text(alphabet="ab :\n", max_size=5), after=st.text(alphabet=" .\n,", max_size=5))
def test_tokens_are_masked_wherever_they_stand(secret: str, before: str, after: str) -> None:
    assert secret not in mask_text(f"{before} {secret}{after}")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("DB_PASSWORD=hunter22 HOST=db", f"DB_PASSWORD={MASK} HOST=db"),
        ('{"apiKey": "abcd1234"}', f'{{"apiKey": "{MASK}"}}'),
        ("postgres://app:hunter22@db:5432/x", f"postgres://app:{MASK}@db:5432/x"),
        ("Authorization: Bearer abcdefgh12345", f"Authorization: Bearer {MASK}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", MASK),
    ],
)
def test_shapes(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_values_under_a_secret_name_are_masked_at_any_depth() -> None:
    assert mask({"a": [{"client_secret": "x", "n": 1}]}) == {"a": [{"client_secret": MASK, "n": 1}]}


@pytest.mark.parametrize(
    "text",
    [
        "dev-3: stopped web 2 -> 0",
        "arn:aws:ecs:eu-west-1:123456789012:service/a/b",
        "tokens: 12",
        "token-api: development, running",
        "auth-token-errors: ringing since 9:00",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        # Under a name, whatever it is and however deep.
        ({"password": "hunter22x", "PASSWORD": "x1"}, {"password": MASK, "PASSWORD": MASK}),
        ({"apiKey": 123456789, "has_password": True}, {"apiKey": MASK, "has_password": True}),
        ({"secret": ["hunter22x", "letmein99"]}, {"secret": [MASK, MASK]}),
        ({"a": [{"b": {"client-secret": "hunter22x"}}]}, {"a": [{"b": {"client-secret": MASK}}]}),
        ({"passwords": {"app": "hunter22x", "names": ["app"]}}, {"passwords": {"app": MASK, "names": ["app"]}}),
        ({"password": {"value": "hunter22x"}}, {"password": {"value": MASK}}),
        ({"x-api-key": "hunter22x", "accept": "text/plain"}, {"x-api-key": MASK, "accept": "text/plain"}),
        ({"Authorization": "Basic YXBwOmh1bnRlcjIy"}, {"Authorization": f"Basic {MASK}"}),
        ({"cookie": f"lang=sk; sessionid={UUID}"}, {"cookie": f"lang=sk; sessionid={MASK}"}),
        ({"Authorization": "token k4zgN7pWB1vaHmT85K2x"}, {"Authorization": f"token {MASK}"}),
        ({"STRIPE_KEY": "k4zgN7pWB1vaHmT85K2x"}, {"STRIPE_KEY": MASK}),
        # Beside it.
        ({"name": "DB_PASSWORD", "value": "hunter22x"}, {"name": "DB_PASSWORD", "value": MASK}),
        ({"Value": "hunter22x", "Key": "db-password"}, {"Value": MASK, "Key": "db-password"}),
        (
            {"ParameterKey": "DbPassword", "ParameterValue": "hunter22x", "UsePreviousValue": False},
            {"ParameterKey": "DbPassword", "ParameterValue": MASK, "UsePreviousValue": False},
        ),
        (
            {"Name": "/app/url", "Type": "SecureString", "Value": "db7"},
            {"Name": "/app/url", "Type": "SecureString", "Value": MASK},
        ),
        ({"Name": "/app/password", "Value": "hunter22x"}, {"Name": "/app/password", "Value": MASK}),
        ({"kind": "Secret", "data": {"url": "dmFsdWU="}}, {"kind": "Secret", "data": {"url": MASK}}),
        (
            {"kind": "Secret", "data": None, "stringData": {"url": "hunter22x"}},
            {"kind": "Secret", "data": None, "stringData": {"url": MASK}},
        ),
        # In lists.
        (["deploy", "--password", "hunter22x", "--now"], ["deploy", "--password", MASK, "--now"]),
        (["mysql", "-u", "root", "-phunter22x"], ["mysql", "-u", "root", f"-p{MASK}"]),
        (["X-Api-Key", "hunter22x"], ["X-Api-Key", MASK]),
        (["DB_PASSWORD=hunter22x", "PATH=/usr/bin"], [f"DB_PASSWORD={MASK}", "PATH=/usr/bin"]),
        (["Authorization", "token k4zgN7pWB1vaHmT85K2x"], ["Authorization", f"token {MASK}"]),
        # In a key.
        ({"password=hunter22x": 1}, {f"password={MASK}": 1}),
    ],
)
def test_secrets_in_json_values_are_masked(value: JsonValue, masked: JsonValue) -> None:
    assert mask(value) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "value",
    [
        {"password": None, "secret": "", "token": False},
        {"password": "", "tokens": 1500, "max_tokens": 10, "token_count": 3},
        {"token": 42, "password": 7, "api_key": -1, "secret": True},
        {"usage": {"input_tokens": 1500, "cache_read_input_tokens": 120000}},
        {"bos_token": {"content": "<s>", "lstrip": False}, "monkeys": ["letmein99x"]},
        {"name": "DB_HOST", "value": "db.internal", "secret_name": "prod/db"},
        {"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"},
        {"name": "token-api", "value": 7, "state": "running"},
        {"secret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"},
        {"environment_id": "sk-kosice-checkout-preview-7", "id": UUID},
        {"secrets": [{"name": "DB", "valueFrom": "/prod/db"}], "key": "deploy", "keys": ["a", "b"]},
        ["--token-file", "/run/secrets/token", "--secret-name", "prod/db"],
        ["password", "is", "reset"],
        ["user", "password", "letmein99x"],
        ["build", "--secret", "id=npmrc", "."],
        {"password": {"type": "string", "sensitive": True}, "secret": "prod/db", "api_key": "/prod/api-key"},
        ["digest", letters(40)],
    ],
)
def test_other_json_values_are_left(value: JsonValue) -> None:
    assert mask(value) == value


def test_links_made_to_be_opened_are_left_and_only_these() -> None:
    link = f"https://a.example.com/b?X-Amz-Signature={letters(64)}"
    assert mask({"link": link, "other": link}, frozenset({"link"})) == {
        "link": link,
        "other": f"https://a.example.com/b?X-Amz-Signature={MASK}",
    }


@pytest.mark.parametrize("depth", range(4))
def test_json_in_json_stays_json_at_every_depth(depth: int) -> None:
    """What a model says stands in texts within texts."""
    secret = 'hunter2"\\2x'
    text, masked = (
        json.dumps({"password": value, "apiKey": value, "note": f"TOKEN={told}\nnext", "n": [1]})
        for value, told in ((secret, "hunter22x"), (MASK, MASK))
    )
    for _ in range(depth):
        text, masked = json.dumps({"text": text}), json.dumps({"text": masked})
    assert json.loads(mask_text(text)) == json.loads(masked)


PIECES = [
    *("password", "DB_PASSWORD", "secretKey: ", "token=", "--password ", "Authorization: ", "Bearer ", "Basic "),
    *('"name": "API_KEY", "value": ', "Cookie: ", "curl -u app:", "mysql -p", "docker login -p ", "https://app:"),
    *("@db:5432/a", "?sig=", "user,password\n", "a,b\n", "| password |", "IDENTIFIED BY ", "SecureString"),
    *("kind: Secret\ndata:\n  a: ", "hunter22x", letters(20), letters(64), UUID, "ghp_" + letters(36)),
    *("eyJ" + letters(20) + ".eyJ" + letters(30) + ".", pem("PRIVATE " + "KEY"), MASK, "[mask", "ed]"),
    *("-----BEGIN RSA PRIVATE " + "KEY-----", "-----END PRIVATE " + "KEY-----", "&quot;", "%3D", "\u0130", "é"),
    *("'", '"', "`", "\\", '\\"', "\\n", "\n", "\t", " ", "=", ":", ": ", ",", ";", "&", "{", "}", "[", "]", "("),
    *(")", "<", ">", "$", "${", "$(", "{{", "}}", "|", "#", "the", "is", "null", "0", "123456"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "value", "password", "secrets", "data", "kind", "cookie", "a"]), inner
        )
    ),
    max_leaves=10,
)


@given(TEXTS)
@settings(deadline=None, max_examples=400)
def test_masking_a_text_twice_changes_nothing(text: str) -> None:
    masked = mask_text(text)
    assert mask_text(masked) == masked


@pytest.mark.parametrize(
    "word", ["Bearer", "Basic", "Authorization", "password", "cookie", "mysql -p", "curl -u a", "kty"]
)
def test_a_text_may_end_anywhere(word: str) -> None:
    """What is cut off where a secret would stand is no reason to fail."""
    marks = ["", " ", "=", ":", '"', "'", "\\", "`", "$", "{", "-", "."]
    for text in (f"{word}{one}{two}{three}" for one in marks for two in marks for three in marks):
        masked = mask_text(text)
        assert mask_text(masked) == masked


@given(VALUES)
@settings(deadline=None, max_examples=200)
def test_masking_json_twice_changes_nothing_and_it_stays_json(value: JsonValue) -> None:
    masked = mask(value)
    assert mask(masked) == masked
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1), json.dumps(json.dumps(value))):
        masked_text = mask_text(text)
        json.loads(masked_text)
        assert mask_text(masked_text) == masked_text


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "q1", "\\", '\\"', " ", "\n", "=", "[", "(((", "{{", "🔑", "0123456789abcdef", "q" * 19 + " "),
        *("password", "password=", 'password="', 'password="\\\\', "password:\n ", "password: |\n ", "token,"),
        *("| password ", '{"name":"password","value":', "password=<<X\n", "${password:-", "<password>"),
        *("--password ", "the password is ", "LS0t", "eyJ", "%3DeyJ", "eyJhbGciOi.eyJ", "ghp_", "sk-", "$2b$"),
        *("-----BEGIN PRIVATE " + "KEY-----", "-----BEGIN PRIVATE " + "KEY-----\nMIIE"),
        *("-----END PRIVATE " + "KEY-----", "AAAA", "a://b:", "http://a@", "?code=", "1:2:3:4:5", "authorization: "),
        *("bearer ", "cookie: a=b; ", "docker login ", "mysql -p", "curl -u ", "machine a login b password c "),
        *('"kty" ', '"SecureString" {', "kind: Secret\ndata:\n a: b\n", "(password) values ('a'),"),
        "identified by ",
    ],
)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    """Eight times the text: about eight times as long. Where it grew with the square it would be sixty-four."""

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        taken = []
        for _ in range(3):
            before = time.process_time()
            mask_text(text)
            taken.append(time.process_time() - before)
        return max(min(taken), 0.0005)

    assert seconds(32_000) < 32 * seconds(4_000)


def test_what_is_rarely_needed_is_imported_when_it_is() -> None:
    """Masking is in nearly every function: what it costs when nothing secret is said is paid each time one starts."""
    program = """
import sys
from copilot.text.masking import mask_text
mask_text("12:00 web: started in 3 s")
print(*(name for name in sys.modules if name.startswith("copilot.text.masking.")))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    parts = {name.rpartition(".")[2] for name in ran.stdout.split()}
    assert "texts" in parts
    assert not parts & {"issuers", "tokens", "keys", "links", "headers", "commands", "manifests", "loosely", "tables"}


QUOTED = [
    ("\u00ab", "\u00bb"),
    ("\u2039", "\u203a"),
    ("\u201c", "\u201d"),
    ("\u201e", "\u201c"),
    ("\u2018", "\u2019"),
    ("\u300c", "\u300d"),
]


@pytest.mark.parametrize(("opens", "closes"), QUOTED, ids=lambda mark: mark)
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("no route to amqp://user:hunter22@mq.internal", "no route to amqp://user:[masked]@mq.internal"),
        ("password=hunter22", "password=[masked]"),
        ("Authorization: Bearer k4zgN7pWB1vaHmT85K2x", "Authorization: Bearer [masked]"),
        ("psql postgres://app:Spring2024@db/app", "psql postgres://app:[masked]@db/app"),
    ],
)
def test_a_secret_in_quotation_marks_is_masked_and_the_marks_stay(
    opens: str, closes: str, text: str, masked: str
) -> None:
    assert mask_text(f"it said {opens}{text}{closes}.") == f"it said {opens}{masked}{closes}."


@pytest.mark.parametrize(
    "text", ["the \u00abpassword\u00bb is wrong", "they don\u2019t rotate the token", "\u00abstaging\u00bb: 3 of 5"]
)
def test_quotation_marks_alone_make_no_secret(text: str) -> None:
    assert mask_text(text) == text


def test_json_stays_json_where_text_in_it_is_quoted() -> None:
    text = json.dumps(
        {"note": "the \u201cold\u201d password", "password": "hunter22", "z": "\u00ab"}, ensure_ascii=False
    )
    assert json.loads(mask_text(text)) == {
        "note": "the \u201cold\u201d password",
        "password": "[masked]",
        "z": "\u00ab",
    }
