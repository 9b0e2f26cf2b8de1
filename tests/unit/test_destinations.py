"""What leaves for destinations outside the chat: what it looks like, how it is signed, and where it never goes."""

from __future__ import annotations

import base64
import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Thread
from time import sleep
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from fakes import FakeClock
from hook_receiver import HookReceiver
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks import Webhook as Judge

from copilot.adapters.destinations.configured import ConfiguredDestinations
from copilot.adapters.destinations.mail import LARGEST_PICTURE, mail_of
from copilot.adapters.destinations.topics import LARGEST, publish, subject_of
from copilot.adapters.destinations.web import Reply, is_public, post
from copilot.adapters.destinations.webhooks import id_of, post_webhook, signed
from copilot.adapters.outside_notifier import EachItsWay, OutsideNotifier
from copilot.config.configuration import checked
from copilot.config.destinations import DestinationSettings, Topic, Webhook
from copilot.config.faults import faults
from copilot.domain import Enclosed, Letter, letter_of
from copilot.errors import FatalError, NotReady, PermissionDenied, RetryableError, ToolInputError

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = f"whsec_{base64.b64encode(b'not-a-secret-but-as-long-as-one!').decode()}"
KEY = "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/status-page"
BASE = "https://abc.execute-api.eu-west-1.amazonaws.com"
LINK = f"{BASE}/r/{'a' * 22}"
LETTER = Letter(subject="Usage over 7 days", text=f"Usage over 7 days.\n\n- a: 1 h\n- b: 2 h\n\nChart: {LINK}")
ARN = "arn:aws:sns:eu-west-1:111111111111:oncall"


def told(url: str = "https://status.example.com/hooks", arn: str = ARN) -> DestinationSettings:
    return DestinationSettings.model_validate(
        {
            "mail": {
                "sender": "copilot@example.com",
                "region": "eu-west-1",
                "owner": "platform@example.com",
                "lists": {"finance": {"to": ["finance@example.com", "cfo@example.com"], "holds": "named"}},
            },
            "sns": {"oncall": {"arn": arn}},
            "webhook": {"status-page": {"url": url, "secret": KEY}},
        }
    )


class FakeAws:
    """Notes what is asked of it; raises `refuses` where it is set."""

    def __init__(self, refuses: Exception | None = None) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuses = refuses

    def _take(self, **asked: Any) -> dict[str, str]:
        if self.refuses:
            raise self.refuses
        self.asked.append(asked)
        return {"MessageId": "1"}

    send_email = publish = _take


def destinations(aws: FakeAws, settings: DestinationSettings | None = None) -> ConfiguredDestinations:
    parts = (settings or told(), lambda service, region: aws, lambda arn, name: SECRET, FakeClock(NOW), lambda: BASE)
    return ConfiguredDestinations(*parts, loopback=True)


# --- whom


@pytest.mark.parametrize(
    ("name", "near"),
    [("mail:finanse", "mail:finance"), ("mail:mallory@evil.example", ""), ("sns:status-page", "webhook:status-page")],
)
def test_nobody_is_sent_anything_who_is_not_named(name: str, near: str) -> None:
    aws = FakeAws()
    with pytest.raises(ToolInputError, match="is none of the `destinations`") as wrong:
        destinations(aws).send(name, LETTER, "k")
    assert not aws.asked and (not near or near in wrong.value.nearest)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mail": {"sender": "me"}}, "a mail address is like"),
        ({"mail": {"owner": "a..b@example.com"}}, "a mail address is like"),
        ({"mail": {"owner": "a.@example.com"}}, "a mail address is like"),
        ({"webhook": {"p": {"url": "https://a.example:99999/x", "secret": KEY}}}, "https://host:8443/path"),
        ({"webhook": {"p": {"url": "https://a.example:abc/x", "secret": KEY}}}, "https://host:8443/path"),
        ({"webhook": {"p": {"url": "https://:443/x", "secret": KEY}}}, "https://host:8443/path"),
        ({"webhook": {"p": {"url": "https://a.example/\u00e9", "secret": KEY}}}, "of plain letters alone"),
        ({"sns": {"oncall": {"topic": ARN}}}, "'topic' is no key here"),
        ({"sns": {"On Call": {"arn": ARN}}}, "the name of a destination has small letters"),
        ({"webhook": {"p": {"url": "http://status.example.com", "secret": KEY}}}, "http:// would send everything"),
        ({"webhook": {"p": {"url": "https://u:p@a.example/x", "secret": KEY}}}, "holds no user and no password"),
        ({"webhook": {"p": {"url": "https://a.example/x", "secret": SECRET}}}, "this says where the key is kept"),
    ],
)
def test_a_destination_that_is_written_wrong_says_how(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as error:
        DestinationSettings.model_validate(wrong)
    found = [fault.said for fault in faults(error.value, DestinationSettings)]
    assert any(said in one for one in found) and SECRET not in str(found)


def test_who_is_told_by_itself_outside_is_one_that_is_named() -> None:
    reaction = {"name": "look", "event": "alarm", "request": "is it well?", "person": "on-alarm", "tells": "sns:oncal"}
    person = {"id": "on-alarm", "name": "On alarm", "roles": ["reader"], "service": True}
    given = {"accounts": [], "people": [person], "destinations": told().model_dump(mode="json")}
    right = {
        "reports_to": "mail:finance",
        "channels": ["mail:finance"],
        "reactions": [reaction | {"tells": "sns:oncall"}],
    }
    assert checked(given | right).may_be_told == ("mail:finance", "sns:oncall", "webhook:status-page")
    with pytest.raises(ValidationError) as wrong:
        checked(given | {"reports_to": "mail:finanse", "channels": ["webhook:x"], "reactions": [reaction]})
    assert [(fault.where, fault.said) for fault in faults(wrong.value)] == [
        ("channels.0", "webhook:x is none of `destinations`; nearest: webhook:status-page"),
        ("reports_to", "mail:finanse is none of `destinations`; nearest: mail:finance"),
        ("reactions.0.tells", "sns:oncal is none of `destinations`; nearest: sns:oncall"),
    ]


def test_outside_and_inside_each_take_what_is_theirs() -> None:
    aws = FakeAws()
    outside = OutsideNotifier(destinations(aws), lambda text: Letter(subject="s", text=text), sends=True)
    inside = OutsideNotifier(destinations(FakeAws(FatalError())), lambda text: LETTER, sends=False)
    both = EachItsWay(lambda: inside, lambda: outside)
    both.check("sns:oncall")
    assert both.send("sns:oncall", "x", "k") == "SNS, sns:oncall" and both.permissions("sns:oncall", "k") == ()
    with pytest.raises(PermissionDenied):
        both.send("#platform", "x", "k")


# --- mail


def mail(letter: Letter = LETTER, key: str = "k") -> Any:
    settings = told().mail
    assert settings is not None
    return mail_of(settings, "finance", letter, key, BASE)


def test_a_mail_has_text_and_a_page_that_loads_and_leads_nowhere_else() -> None:
    evil = "<script>alert(1)</script> see https://evil.example/x?a=1&b=2 or www.evil.example <img src=x>"
    made = mail(LETTER.model_copy(update={"text": f"{LETTER.text}\n{evil}", "asker": "Dana"}))
    page, plain = made.get_body(("html",)).get_content(), made.get_body(("plain",)).get_content()
    assert evil in plain and "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
    assert re.findall(r'(?:href|src)="([^"]*)"', page) == [LINK]
    assert "as Dana asked. Answers go to platform@example.com." in plain and made["List-Unsubscribe"] is None
    assert made["To"] == "finance@example.com, cfo@example.com" and made["Reply-To"] == "platform@example.com"
    assert made["From"] == "DevOps Copilot <copilot@example.com>" and made["Auto-Submitted"] == "auto-generated"


@given(text=st.text(min_size=1, max_size=80).filter(str.strip), subject=st.text(max_size=80))
@example(text="x", subject="=?utf-8?q?all=0D=0ABcc:_mallory@evil.example=0D=0A=0D=0Asee?=")
@example(text="x", subject="all\r\nBcc: mallory@evil.example\u2028Cc: mallory@evil.example")
@settings(max_examples=8)
def test_whatever_it_says_its_headers_are_ours_and_its_page_has_our_elements_alone(text: str, subject: str) -> None:
    made = mail(Letter(subject=subject, text=text))
    read = made.as_bytes().partition(b"\r\n\r\n")[0]
    wanted = {"from", "to", "reply-to", "subject", "message-id", "references", "auto-submitted", "content-type"}
    names = {line.partition(b":")[0].decode().lower() for line in read.split(b"\r\n") if line[:1].strip()}
    assert names <= wanted | {"mime-version"}
    elements = set(re.findall(r"<([a-z0-9]+)", made.get_body(("html",)).get_content()))
    assert elements <= set("html head meta title body div p br pre ul li a".split())


def test_a_line_of_a_list_keeps_its_signs() -> None:
    page = mail(Letter(subject="s", text="Costs:\n- -12% of staging\n  - --all")).get_body(("html",)).get_content()
    assert "<li>-12% of staging</li><li>--all</li>" in page


def test_nothing_is_hidden_in_a_mail_or_put_into_its_subject_by_a_code() -> None:
    made = mail(Letter(subject="=?utf-8?b?aGVsbG8=?= \u202egro", text="all\u202e is\r\nwell"))
    assert "hello" not in made["Subject"] and "[U+202E]gro" in made["Subject"]
    for kind in ("plain", "html"):
        said = made.get_body((kind,)).get_content()
        assert "all[U+202E] is" in said and "\u202e" not in said and "U+000D" not in said


def test_what_is_sent_again_is_the_same_mail_and_another_is_not() -> None:
    assert mail()["Message-ID"] == mail()["Message-ID"] == mail()["References"] != mail(key="other")["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.com>", mail()["Message-ID"])


def test_what_a_schedule_sends_says_how_to_have_no_more_of_it() -> None:
    made = mail(LETTER.model_copy(update={"recurring": "on a schedule", "asker": "Dana"}))
    assert made["List-Unsubscribe"].startswith("<mailto:platform@example.com?subject=No%20more")
    assert "on a schedule of Dana. To have no more of it, write to" in made.get_body(("plain",)).get_content()
    assert made["List-Unsubscribe-Post"] is None  # nothing here could take anybody off by itself


@pytest.mark.parametrize(("size", "shown"), [(LARGEST_PICTURE, True), (LARGEST_PICTURE + 1, False)])
def test_a_picture_goes_along_where_it_is_not_too_large(size: int, shown: bool) -> None:
    picture = Enclosed(name="usage.png", content=b"\x89PNG" + bytes(size - 4), link=LINK)
    made = mail(LETTER.model_copy(update={"pictures": (picture,)}))
    found = [one for one in made.walk() if one.get_content_type() == "image/png"]
    assert bool(found) == shown == ("cid:picture0" in made.get_body(("html",)).get_content())
    assert not found or (found[0]["Content-ID"], found[0].get_content()) == ("<picture0>", picture.content)


def test_a_message_is_called_what_its_first_line_says_and_takes_its_pictures_along() -> None:
    letter = letter_of(f"{'word ' * 40}\nChart: {LINK}\nAgain: {LINK}", BASE, lambda link: ("a.png", link.encode()))
    assert len(letter.subject) <= 101 and letter.subject.endswith("word…") and letter.kind == "report"
    assert [one.link for one in letter.pictures] == [LINK]
    assert letter_of("Fine.", BASE, lambda link: None).kind == "message"


# --- topics


def published(letter: Letter, arn: str = ARN) -> dict[str, Any]:
    aws = FakeAws()
    publish(aws, Topic(arn=arn), "sns:oncall", letter, "k")
    return aws.asked[0]


@pytest.mark.parametrize("sign", ["x", "é", "🙂"])
def test_a_message_is_cut_at_what_a_topic_takes(sign: str) -> None:
    letter = Letter.model_construct(subject="s", text=sign * (LARGEST + 10), kind="message", data={"run": "r1"})
    asked = published(letter)
    size = len(asked["Message"].encode()) + sum(
        len(name) + len(one["StringValue"]) + len(one["DataType"]) for name, one in asked["MessageAttributes"].items()
    )
    assert LARGEST - 8 < size <= LARGEST and asked["Message"].endswith("this message was cut")
    assert published(LETTER)["Message"] == LETTER.text


@given(st.text(max_size=200))
@example("=?utf-8?q?all=0D=0ABcc:?=")
@settings(max_examples=20)
def test_a_subject_is_one_that_a_topic_takes(text: str) -> None:
    assert re.fullmatch(r"(?:[!-~][ -~]{0,98})?", subject_of(text)) and "=?" not in subject_of(text)


def test_a_topic_in_order_is_told_the_same_once() -> None:
    first, again = published(LETTER, f"{ARN}.fifo"), published(LETTER, f"{ARN}.fifo")
    assert first["MessageDeduplicationId"] == again["MessageDeduplicationId"] and first["MessageGroupId"] == "message"
    assert "MessageGroupId" not in published(LETTER)
    assert first["MessageAttributes"]["kind"] == {"DataType": "String", "StringValue": "message"}


def refused(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "x")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("failing", "raised"),
    [
        (EndpointConnectionError(endpoint_url="x"), NotReady),
        (refused("Throttling"), NotReady),
        (refused("TooManyRequestsException", 429), NotReady),
        (ReadTimeoutError(endpoint_url="x"), RetryableError),
        (refused("InternalFailure", 500), RetryableError),
        (refused("AccessDenied", 403), PermissionDenied),
        (refused("MessageRejected"), FatalError),
    ],
)
@pytest.mark.parametrize("destination", ["mail:finance", "sns:oncall"])
def test_whether_it_left_is_said_by_how_it_failed(destination: str, failing: Exception, raised: type) -> None:
    with pytest.raises(raised) as error:
        destinations(FakeAws(failing)).send(destination, LETTER, "k")
    assert type(error.value) is raised and destination in str(error.value)


# --- web hooks


@pytest.fixture
def receiver() -> Iterator[HookReceiver]:
    with HookReceiver(SECRET) as one:
        yield one


def test_the_signature_is_the_schemes_own() -> None:
    # The example of the scheme's specification and of its libraries.
    secret, id, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
    headers = signed(base64.b64decode(secret.removeprefix("whsec_")), id, datetime.fromtimestamp(1614265330, UTC), body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    now = datetime.now(UTC)
    Judge(secret).verify(body, signed(base64.b64decode(secret.removeprefix("whsec_")), id, now, body))


def test_a_web_hook_is_taken_by_who_verifies_it_and_has_the_same_id_again(receiver: HookReceiver) -> None:
    clock = FakeClock(datetime.now(UTC))
    parts = (told(receiver.url), lambda *_: FakeAws(), lambda arn, name: SECRET, clock)
    sends = ConfiguredDestinations(*parts, loopback=True)
    letter = LETTER.model_copy(update={"data": {"run": "r1", "text": "no"}})
    for _ in range(2):
        assert sends.send("webhook:status-page", letter, "k") == "the web hook, webhook:status-page"
    (first, body), (again, _) = receiver.taken
    assert first == again == id_of("k") != id_of("other") and receiver.asked[0] == "/hooks?of=status"
    assert body["type"] == "message" and datetime.fromisoformat(body["timestamp"]) == clock.now().replace(microsecond=0)
    assert body["data"] == {"run": "r1", "subject": LETTER.subject, "text": LETTER.text}
    with pytest.raises(FatalError, match="not https"):
        ConfiguredDestinations(*parts).send("webhook:status-page", LETTER, "k")


@pytest.mark.parametrize(
    ("status", "raised", "said"),
    [
        (301, FatalError, "sends elsewhere"),
        (400, FatalError, "refused this"),
        (401, PermissionDenied, "`secret`"),
        (410, FatalError, "gone for good"),
        (429, NotReady, "takes nothing at the moment"),
        (500, NotReady, "takes nothing at the moment"),
        (503, NotReady, "takes nothing at the moment"),
    ],
)
def test_what_is_not_taken_says_what_is_to_be_done(status: int, raised: type, said: str) -> None:
    hook = told().webhook["status-page"]
    with pytest.raises(raised, match=said):
        post_webhook(hook, "webhook:status-page", SECRET, LETTER, "k", NOW, lambda *_: Reply(status, b""))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%", "whsec_c2hvcnQ=", SECRET.removeprefix("whsec_")])
def test_a_secret_that_signs_nothing_sends_nothing_and_is_not_said(secret: str) -> None:
    def never(*_: object) -> Reply:
        raise AssertionError("it was sent")

    with pytest.raises(FatalError, match="nothing was sent") as error:
        post_webhook(Webhook(url="https://a.example", secret=KEY), "webhook:a", secret, LETTER, "k", NOW, never)
    assert not secret or secret == "whsec_" or secret not in str(error.value)


def test_no_redirect_is_followed(receiver: HookReceiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": f"{receiver.url}&again"}
    headers = signed(b"not-a-secret-but-as-long-as-one!", "msg_1", datetime.now(UTC), b"{}")
    assert post("x", receiver.url, b"{}", headers, loopback=True).status == 307 and len(receiver.asked) == 1


PRIVATE = (
    "10.0.0.1 172.16.0.1 192.168.1.1 127.0.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 240.0.0.1 "
    "::1 fe80::1 fd00:ec2::254 fc00::1 :: ff02::1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe "
    "2002:a9fe:a9fe::1 2001:0:a9fe:a9fe::1 fec0::1 ::a9fe:a9fe"
).split()


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_inside_a_network_is_asked(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(FatalError, match="inside a network"):
        post("x", "https://status.example.com/", b"", {}, resolve=lambda host, port: ["93.184.216.34", address])


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_may_be_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url", ["http://status.example.com/", "http://127.0.0.1:1/", "https://127.0.0.1/", "https://[::1]/"]
)
def test_what_is_no_https_to_the_internet_is_not_asked(url: str) -> None:
    with pytest.raises(FatalError):
        post("x", url, b"", {})


def test_a_host_without_an_address_is_sent_nothing_yet() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(NotReady, match="has no address at the moment"):
        post("x", "https://status.example.com/", b"", {}, resolve=nowhere)


@contextmanager
def listening(answer: bytes) -> Iterator[str]:
    """Somebody on this machine who takes what comes, and answers with these bytes without an end."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                taken, _ = server.accept()
                with taken:
                    taken.sendall(answer)
                    while taken.recv(65_536):
                        pass
            except OSError:
                return

        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_who_does_not_answer_in_time_may_have_it_or_not() -> None:
    with listening(b"HTTP/1.1 2") as url, pytest.raises(RetryableError, match="did not answer within"):
        post("x", url, b"{}", {}, loopback=True, seconds=0.2)


def proving_nothing(side: int) -> ssl.SSLContext:
    """TLS between two who prove nothing, so that it needs no certificate."""
    context = ssl.SSLContext(side)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH-AES128-SHA:@SECLEVEL=0")
    return context


def test_what_trickles_in_by_tls_is_over_in_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes soon enough, and there are many."""
    monkeypatch.setattr("copilot.adapters.destinations.web.is_public", lambda address: True)
    answer, told = b"HTTP/1.1 2" + b"0" * 500, list[int]()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            taken = proving_nothing(ssl.PROTOCOL_TLS_SERVER).wrap_socket(server.accept()[0], server_side=True)
            with taken, suppress(OSError):
                taken.recv(65_536)
                for byte in answer:
                    taken.sendall(bytes([byte]))
                    told.append(byte)
                    sleep(0.02)

        Thread(target=trickle, daemon=True).start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(RetryableError, match="did not answer within"):
            post("x", url, b"{}", {}, seconds=0.3, trusted=proving_nothing(ssl.PROTOCOL_TLS_CLIENT))
        assert len(told) < len(answer)


@pytest.mark.parametrize("url", ["https://a.example:99999/", f"https://{'a' * 64}.example/", "https://a.example:x/"])
def test_an_address_that_is_none_is_sent_nothing(url: str) -> None:
    with pytest.raises(FatalError, match="its address is none, and nothing was sent"):
        post("x", url, b"{}", {})


@pytest.mark.parametrize(("more", "after"), [("\u00e9", ""), ("", "\nX-Also: y"), ("", "\u2028"), ("\x01", "")])
def test_what_no_request_may_have_in_it_is_sent_nothing_and_the_key_is_not_said(more: str, after: str) -> None:
    with listening(b"") as url, pytest.raises(FatalError, match="nothing was sent") as refused:
        post("x", f"{url}{more}", b"{}", {"Authorization": f"GenieKey not-told{after}"}, loopback=True)
    assert "not-told" not in str(refused.value)


def test_an_answer_is_read_as_far_as_it_says_something() -> None:
    with listening(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000) as url:
        assert len(post("x", url, b"{}", {}, loopback=True).body) == 10_000


def test_who_cannot_be_reached_is_sent_nothing_yet() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotReady, match="could not be reached"):
        post("x", f"http://127.0.0.1:{port}/", b"{}", {}, loopback=True)


def test_who_does_not_prove_who_they_are_is_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context()

    def unproven(*_: object, **named: object) -> None:
        assert named["server_hostname"] == "status.example.com"
        raise ssl.SSLCertVerificationError

    monkeypatch.setattr(context, "wrap_socket", unproven)
    with listening(b"") as url:
        port = int(url.rpartition(":")[2].strip("/"))
        monkeypatch.setattr("copilot.adapters.destinations.web.is_public", lambda address: True)
        where = {"resolve": lambda host, port: ["127.0.0.1"], "trusted": context}
        with pytest.raises(FatalError, match="does not prove"):
            post("x", f"https://status.example.com:{port}/", b"{}", {}, **where)  # type: ignore[arg-type]


def test_a_body_is_json_whatever_it_says() -> None:
    taken: list[bytes] = []

    def take(what: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        taken.append(body)
        return Reply(204, b"")

    letter = Letter(subject="“s”", text='"},{\n\u2028🙂', kind="report")
    post_webhook(told().webhook["status-page"], "webhook:status-page", SECRET, letter, "k", NOW, take)
    assert json.loads(taken[0])["data"]["text"] == letter.text and taken[0].isascii()
