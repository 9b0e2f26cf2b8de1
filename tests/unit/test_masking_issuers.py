"""Tokens of known issuers are masked wherever they stand, without a name; names that begin like them are not."""

from datetime import date

import pytest
from made_up_secrets import HEX, PARTS, UUID, digits, letters

from copilot.text.masking import MASK, mask_text
from copilot.text.masking.issuers import LOOKED_AT, SOURCES, Format, formats, patterns

OF = {"U": PARTS.upper(), "H": HEX, "A": PARTS, "W": PARTS + "_-", "D": PARTS + "._", "B": PARTS + "+/", "X": PARTS}
PHRASES = ["deploy failed with {} at step 2", "{}", '{{"note": "got {}"}}', "TOKEN:\n  {}\n", "(see {}, please)"]


def token(known: Format, count: int) -> str:
    return known.begins + letters(count - 1, OF[known.characters]) + ("7" if known.characters != "U" else "K")


def identity(known: Format) -> str:
    return f"{known.issuer} {known.what} {known.begins}"


# Beside each pattern: what stands before a token, the token, and what stands behind it.
EXAMPLES = {
    ("AWS", "secret access key beside its id"): ("ASIA" + letters(16, PARTS.upper()) + ",", letters(40), "\n"),
    ("Azure", "client secret"): ("got ", "abc" + "8Q~" + letters(34), " from Entra"),
    ("Azure", "DevOps personal access token"): ("got ", letters(76) + "AZDO" + letters(4), " "),
    ("Azure", "key signed by its service"): ("got ", letters(76) + "+ASt" + letters(6) + "==", " "),
    ("HashiCorp", "Terraform token"): ("got ", letters(14) + ".atlas" + "v1." + letters(67), " "),
    ("ClickHouse", "Cloud API secret"): ("got ", "4b1d" + letters(38), " "),
    ("Slack", "webhook or workflow"): (
        "https://hooks.slack" + ".com/services/",
        f"T{letters(8, PARTS.upper())}/B{letters(8, PARTS.upper())}/{letters(24)}",
        " answers 404",
    ),
    ("Discord", "webhook"): (f"https://discord.com/api/web{'hooks'}/{digits(18)}/", letters(68), " answers 404"),
    ("Discord", "bot token"): ("got ", ".".join(("MT" + letters(22), "Gx" + letters(4), letters(38))), " "),
    ("Microsoft", "Teams webhook"): (
        "https://acme.webhook" + ".office.com/webhookb2/",
        f"{UUID}@{UUID}/IncomingWebhook/{letters(32, HEX)}/{UUID}",
        " answers 404",
    ),
    ("Telegram", "bot token"): ("https://api.telegram.org/bot" + digits(9) + ":", "AA" + letters(33), "/getMe"),
    ("Anaconda", "token in the URL of a channel"): ("https://conda.anaconda.org/t/", "ab-" + UUID, "/acme"),
    ("Zapier", "webhook"): ("https://hooks.zapier.com/hooks/catch/", digits(7) + "/" + letters(7), " answers 404"),
    ("Make", "webhook"): ("https://hook.eu1.make.com/", letters(32), " answers 404"),
    ("Tines", "webhook"): ("https://acme.tines.com/webhook/", letters(32, HEX) + "/" + letters(32, HEX), " "),
    ("Mattermost", "webhook"): ("https://chat.example.com/hooks/", letters(26, PARTS.lower()), " answers 404"),
    ("Lark", "bot webhook"): ("https://open.larksuite.com/open-apis/bot/v2/hook/", UUID, " answers 404"),
    ("WeCom", "bot webhook"): ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", UUID, " answers 404"),
    ("Healthchecks", "ping URL"): ("https://hc-ping.com/", UUID, "/fail"),
    ("PagerDuty", "integration URL"): ("https://events.pagerduty.com/integration/", letters(32, HEX), "/enqueue"),
    ("IFTTT", "webhook"): ("https://maker.ifttt.com/trigger/deployed/with/key/", letters(22), " answers 404"),
    ("Airtable", "personal access token"): ("got ", "pat" + letters(14) + "." + letters(64, HEX), " "),
    ("Asana", "personal access token"): ("2/" + digits(16) + "/" + digits(16) + ":", letters(32, HEX), " "),
    ("Adyen", "API key"): ("got ", "AQE" + letters(60), " "),
    ("ClickUp", "personal token"): ("got ", "pk_" + digits(8) + "_" + letters(32, PARTS.upper()), " "),
    ("HubSpot", "private app token"): ("got ", "pat-na1-" + UUID, " "),
    ("LaunchDarkly", "SDK key"): ("got ", "sdk-" + UUID, " "),
    ("Mailchimp", "API key"): ("got ", letters(32, HEX) + "-us12", " "),
    ("Mailgun", "API key"): ("got ", f"{letters(32, HEX)}-{HEX[:8]}-{HEX[8:]}", " "),
    ("SendGrid", "API key"): ("got ", "SG." + letters(22) + "." + letters(43), " "),
    ("Zoho", "OAuth token"): ("got ", f"1000.{letters(32, HEX)}.{letters(32, HEX)}", " "),
    ("Salesforce", "access token"): ("00D" + letters(12) + "!", letters(96), " "),
    ("MaxMind", "licence key"): ("got ", letters(6) + "_" + letters(29) + "_mmk", " "),
    ("Tableau", "personal access token"): ("got ", letters(22) + "==:" + letters(32), " "),
    ("Firebase", "Cloud Messaging server key"): ("got ", "AAAA" + letters(7) + ":" + letters(140), " "),
    ("Authress", "service client access key"): (
        "got ",
        f"sc_{letters(10)}.{letters(4)}.acc_{letters(12)}.{letters(40)}",
        " ",
    ),
    ("Plaid", "access token"): ("got ", "access-production-" + UUID, " "),
    ("New Relic", "licence key"): ("got ", letters(36, HEX) + "NRAL", " "),
    ("Rancher", "API token"): ("token-x7k2p:", letters(54, PARTS.lower()), " "),
    ("1Password", "secret key"): ("got ", "A3-" + "-".join(letters(6, PARTS.upper()) for _ in range(5)), " "),
    ("JSON web token", "token"): ("got ", "eyJ" + letters(20) + ".eyJ" + letters(40) + "." + letters(43), " "),
    ("crypt", "hash of a password"): ("app:", f"$6$rounds=5000${letters(16)}${letters(86)}", ":19000:0:99999:7:::"),
    ("LDAP", "hash of a password"): ("app {SSHA}", letters(32), "\n"),
}


@pytest.mark.parametrize("known", formats(), ids=identity)
def test_a_token_of_every_known_issuer_is_masked(known: Format) -> None:
    secret = token(known, known.length)
    for phrase in PHRASES:
        assert mask_text(phrase.format(secret)) == phrase.format(MASK)


def test_a_token_that_a_log_cut_off_is_masked() -> None:
    long = [known for known in formats() if known.length >= 40 and len(known.begins) > 2]
    cut = {identity(known): f"deploy failed with {token(known, known.length * 2 // 3)}" for known in long}
    assert {name: mask_text(text) for name, text in cut.items()} == dict.fromkeys(cut, f"deploy failed with {MASK}")


@pytest.mark.parametrize(
    "name",
    ["kosice-checkout-preview-7", "bratislava-payments-worker-01", "kosice_checkout_preview_service_of_may", ""],
)
def test_a_name_that_begins_as_tokens_do_is_left(name: str) -> None:
    some = [known for known in formats() if known.ordinary or not name]
    texts = {identity(known): f"service {known.begins}{name} is down" for known in some}
    assert {begins: mask_text(text) for begins, text in texts.items()} == texts


def test_every_pattern_has_an_example() -> None:
    assert set(EXAMPLES) == {(pattern.issuer, pattern.what) for pattern in patterns()}


@pytest.mark.parametrize(("before", "secret", "after"), EXAMPLES.values(), ids=map(" ".join, EXAMPLES))
def test_a_token_that_is_known_by_its_midst_or_its_place_is_masked(before: str, secret: str, after: str) -> None:
    assert mask_text(before + secret + after) == mask_text(before) + MASK + after


def test_a_token_is_masked_behind_what_escapes_or_colours_it() -> None:
    secret = "glpat-" + letters(20)
    for before in ("\\n", "\\t", "\\u003d", "%3D", "%20", "\x1b[32m", "=", "/", "'", "“", "["):
        assert mask_text(before + secret) == before + MASK


def test_what_goes_on_from_a_word_is_no_token() -> None:
    text = "the model flashes " + "mask-" + letters(40).lower() + ", on disk-" + "eu-central-1-volume-of-checkout"
    assert "disk-eu-central-1-volume-of-checkout" in mask_text(text)
    assert mask_text("xAKIA" + letters(16, PARTS.upper())) == "xAKIA" + letters(16, PARTS.upper())


def test_every_format_says_where_and_when_it_was_found() -> None:
    assert date.fromisoformat(LOOKED_AT) >= date(2026, 1, 1)
    told = [(known.issuer, known.what, known.source) for known in formats()]
    told += [(known.issuer, known.what, known.source) for known in patterns()]
    for issuer, what, source in told:
        assert issuer and what and source in SOURCES
    assert {source for _, _, source in told} == set(SOURCES)


def test_no_format_is_told_twice() -> None:
    assert len({(known.issuer, known.begins) for known in formats()}) == len(formats())
