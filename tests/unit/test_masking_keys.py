"""Private keys of every kind are masked, whole or cut off; public keys and certificates are left."""

import base64
import json

import pytest
from made_up_secrets import letters, pem
from pydantic import JsonValue

from copilot.text.masking import MASK, mask, mask_text

LINE = letters(64)
PRIVATE = "PRIVATE " + "KEY"
LABELS = [
    *(f"{kind} {PRIVATE}".strip() for kind in ("", "RSA", "EC", "DSA", "OPENSSH", "ENCRYPTED", "SSH2 ENCRYPTED")),
    f"PGP {PRIVATE} BLOCK",
    "PGP SECRET " + "KEY BLOCK",
    f"ENCRYPTED SIGSTORE {PRIVATE}",
    "OpenVPN Static key V1",
]


@pytest.mark.parametrize("label", LABELS)
def test_a_block_of_every_label_is_masked_whole(label: str) -> None:
    assert mask_text(f"before\n{pem(label)}\nafter") == f"before\n{MASK}\nafter"


@pytest.mark.parametrize("label", LABELS)
def test_a_block_without_an_end_is_masked(label: str) -> None:
    cut = pem(label, f"{LINE}\n{LINE}\n{LINE[:40]}", ended=False)
    assert mask_text(f"before\n{cut}") == f"before\n{MASK}"


def test_a_block_without_a_beginning_is_masked() -> None:
    cut = f"{LINE}\n{LINE}\n-----END RSA {PRIVATE}-----"
    assert LINE not in mask_text(cut)
    assert LINE not in mask_text(f"{cut}\n{pem(PRIVATE)}\n")


@pytest.mark.parametrize("end", ["\\n", "\\\\n", "\\r\\n", "\n    ", " ", "\r\n", "%0A", '\\n" +\n  "'])
def test_lines_of_a_block_may_be_joined_in_any_way(end: str) -> None:
    block = pem(f"RSA {PRIVATE}", f"{LINE}\n{LINE}").replace("\n", end)
    assert LINE not in mask_text(f'tls: "{block}"')


def test_headers_of_an_encrypted_block_do_not_end_it() -> None:
    block = pem(f"RSA {PRIVATE}", f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,{LINE[:32]}\n\n{LINE}")
    assert mask_text(f"{block}\n") == f"{MASK}\n"


def test_a_block_in_json_is_masked_and_the_json_stays_one() -> None:
    text = json.dumps({"type": "service_account", "data": pem(PRIVATE) + "\n", "client": "a@example.com"})
    assert json.loads(mask_text(text)) == {"type": "service_account", "data": MASK + "\n", "client": "a@example.com"}


def test_lines_of_a_block_in_a_list_are_masked() -> None:
    lines = ["before", *pem(f"EC {PRIVATE}", f"{LINE}\n{LINE}").splitlines(), "after"]
    assert mask(list(lines)) == ["before", MASK, MASK, MASK, MASK, "after"]
    assert LINE not in mask_text(json.dumps(lines))


def test_lines_of_a_block_in_a_log_are_masked() -> None:
    log = "\n".join(f"12:00:01 app: {line}" for line in pem(PRIVATE, f"{LINE}\n{LINE}").splitlines())
    assert LINE not in mask_text(log) and mask_text(log).count("12:00:01 app: ") == 4
    quoted = "\n".join(f"> {line}" for line in pem(PRIVATE, f"{LINE}\n{LINE}").splitlines())
    assert LINE not in mask_text(quoted) and mask_text(quoted).count("> ") == 4


@pytest.mark.parametrize("label", [f"RSA {PRIVATE}", PRIVATE, f"OPENSSH {PRIVATE}", f"EC {PRIVATE}"])
def test_a_block_in_base64_is_masked(label: str) -> None:
    coded = base64.b64encode(pem(label).encode()).decode()
    assert mask_text(f"client-key-data: {coded}\n") == f"client-key-data: {MASK}\n"
    folded = "\n    ".join(coded[at : at + 60] for at in range(0, len(coded), 60))
    assert coded[62:110] not in mask_text(f"tls.key: |\n    {folded}\n")
    bundle = base64.b64encode((pem("CERTIFICATE") + "\n" + pem(label)).encode()).decode()
    assert mask_text(f"got {bundle}") == f"got {MASK}"


def test_der_without_those_lines_is_masked() -> None:
    for begins in ("MIIEpAIBAAKCAQEA", "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC", "MHcCAQEEI", "MC4CAQAwBQYDK2VwBCIEI"):
        assert mask_text(f"key: got {begins}{LINE} back") == f"key: got {MASK} back"


def test_keys_of_putty_age_and_xml_are_masked() -> None:
    putty = f"PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: 1\n{LINE[::-1]}\nPrivate-Lines: 2\n{LINE}\n{LINE}\n"
    assert LINE not in mask_text(putty) and LINE[::-1] in mask_text(putty)
    age = "AGE-SECRET-" + "KEY-1" + letters(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")
    assert mask_text(f"# public key: age1abc\n{age}\n") == f"# public key: age1abc\n{MASK}\n"
    written = "<RSAKeyValue><Modulus>{}</Modulus><Exponent>AQAB</Exponent><D>{}</D></RSAKeyValue>"
    assert mask_text(written.format(LINE, LINE)) == written.format(LINE, MASK)


def test_private_members_of_a_json_web_key_are_masked() -> None:
    key: dict[str, JsonValue] = {
        "kty": "EC",
        "crv": "P-256",
        "x": LINE[:43],
        "y": LINE[1:44],
        "d": LINE[2:45],
        "kid": "1",
    }
    masked = {**key, "d": MASK}
    assert mask({"keys": [key]}) == {"keys": [masked]}
    assert json.loads(mask_text(json.dumps(key))) == masked
    cut = json.dumps(key)
    assert str(key["d"]) not in mask_text(cut[: cut.index(', "kid"')])
    other = {"crv": "P-256", "d": "2026-11-28", "k": "name"}
    assert mask(dict(other)) == other


@pytest.mark.parametrize(
    "text",
    [
        pem("CERTIFICATE"),
        pem("PUBLIC KEY"),
        pem("RSA PUBLIC KEY"),
        pem("CERTIFICATE REQUEST"),
        pem("PGP PUBLIC KEY BLOCK"),
        pem("PGP SIGNATURE"),
        f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{LINE[:43]} app@example",
        f"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{LINE}",
        f"certificate-authority-data: {base64.b64encode(pem('CERTIFICATE').encode()).decode()}",
        f"<KeyInfo>{LINE}</KeyInfo>",
        f"data:image/png;base64,iVBORw0KGgo{LINE}{LINE}",
        f"the file holds a {PRIVATE} in PEM",
        f"grep -l 'BEGIN RSA {PRIVATE}' *",
    ],
)
def test_what_is_public_is_left(text: str) -> None:
    assert mask_text(text) == text
