"""Which names say that their value is a secret, in every casing: DB_PASSWORD, clientSecret, x-api-key, db.password."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from copilot.text.masking.lazily import compiled


class Kind(Enum):
    """How much a name says. What it takes for a value to be hidden is decided by these."""

    PASSWORD = "password"
    """People make these up: words and numbers are some too."""
    SECRET = "secret"
    """Made by people or programs; as often the name of where a secret is kept."""
    TOKEN = "token"
    """Made by programs: a word is none."""
    WEAK = "weak"
    """May be one: only a value that looks random is."""
    ID = "id"
    """Of Vault's, Consul's and Nomad's secret ids, which are UUIDs. AWS calls the names of secrets so."""


_PASSWORDS = frozenset(
    """
    contrasena contraseña heslo kennwort mnemonic pass passcode passphrase passwd password passwort psk psw pw pwd
    senha wachtwoord
    """.split()
)
_SECRETS = frozenset("cred credential credentials creds secret".split())
_TOKENS = frozenset(
    """
    accesskey accesstoken accountkey apikey apisecret apitoken authkey authtoken deploykey encryptionkey jwt
    licensekey masterkey privatekey secretkey secretstring sessionkey sharedkey signingkey token
    """.split()
)
_WEAK = frozenset("bearer cookie otp pepper salt sas".split())
# Of the names of keys: those of secrets, those that may be, and those that name, sort or find something.
_SECRET_KEYS = frozenset(
    """
    access account admin aes api app application auth authentication cipher client_secret cookie crypto decryption
    deploy encrypt encryption fernet functions hmac ingest ingestion insert instrumentation jwt licence license
    master password preshared private recovery root seal secret session shared sign signing ssh storage
    subscription symmetric token unseal webhook wireguard write
    """.split()
)
_PERHAPS_KEYS = frozenset("bot client consumer device integration routing server service".split())
_OTHER_KEYS = frozenset(
    """
    cache column composite dedup dedupe dictionary encoding fact foreign gpg group hash host hot idempotency index
    issue item kms lock lookup map message natural object order parent partition pgp primary project public
    publishable range record registry row s3 search shard shortcut sort surrogate tag tenant translation trusted
    unique
    """.split()
)
# After the word that says secret, these leave it one: password2, API_KEY_PROD, SecretString, password_confirmation.
_SAME = frozenset(
    """
    again b64 backup base base64 binary bytes confirm confirmation current decrypted default encoded hash hashed
    hex live new old override pem plain plaintext prev previous primary raw readonly readwrite repeat ro rw
    secondary str string temp text tmp val value write
    """.split()
)
_STAGES = frozenset("dev development prod production qa sandbox stage staging stg test testing uat".split())
# Before it, these make a switch, a deed or a number of it.
_NOT = frozenset(
    """
    ask change count create delete disable disabled empty enable forgot generate get has is list max min missing
    need needs no num per print prompt public require requires reset revoke rotate show skip total update use uses
    validate with without
    """.split()
)
# Of words written as one, how they end, and what may stand before `pass`: compass and bypass are words.
_GLUED = tuple(
    """
    accesskey accountkey apikey authkey credential credentials encryptionkey masterkey passphrase passwd password
    passwort privatekey secret secretkey sharedkey signingkey token
    """.split()
)
_GLUED_PASS = frozenset(
    """
    admin become bind db enable ftp http key keystore ldap login mail mongo my mysql new old pg postgres proxy
    rabbit redis root sa smtp sql ssh store sudo svc truststore user usr wifi
    """.split()
)
_OTHERS = frozenset(
    {"x-honeycomb-team", "x-jfrog-art-api", "masterauth", "requirepass", "bindpw", "rootpw", "npmauthident"}
)
# Members that tell a name, and those with the value that belongs to it: {"name": "DB_PASSWORD", "value": "x"}.
TELLING = tuple(
    """
    name key parameterkey parametername variable variablename env envvar option optionname property field setting
    header param parameter attribute n k
    """.split()
)
TOLD = tuple(
    """
    value parametervalue variablevalue optionvalue val stringvalue paramvalue secretvalue v
    """.split()
)
_KINDS = {
    **dict.fromkeys(_PASSWORDS, Kind.PASSWORD),
    **dict.fromkeys(_SECRETS, Kind.SECRET),
    **dict.fromkeys(_TOKENS, Kind.TOKEN),
    **dict.fromkeys(_WEAK, Kind.WEAK),
}
_KINDS_AFTER = {
    ("pass", "phrase"): Kind.PASSWORD,
    ("seed", "phrase"): Kind.PASSWORD,
    ("recovery", "phrase"): Kind.PASSWORD,
    ("secret", "id"): Kind.ID,
    ("amz", "signature"): Kind.TOKEN,
    ("goog", "signature"): Kind.TOKEN,
    ("front", "signature"): Kind.TOKEN,
}
"""What two words together say of which the last alone says nothing."""
_OPENS_NOTHING = ("idempotency", "request", "cancellation", "fencing")
"""A token of these makes a call the same as an earlier one, or calls it off."""
_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+"


@lru_cache(maxsize=2048)
def kind_of(name: str) -> Kind | None:
    """How much this name says, without what quotes it; None for a name that says nothing of a secret.

    What goes on after the word that says secret is the name of something else: token_count, secret-santa, TokenUrl.
    """
    if name.startswith(("TF_TOKEN_", "BUNDLE_")) and name.count("_") > 2:
        return Kind.TOKEN  # for the host that the name goes on with
    words = [word.lower() for word in compiled(_WORD).findall(name)]
    if not words or len(name) > 128:
        return None
    kebab = "-" in name and name.islower()
    while len(words) > 1 and (words[-1].isdecimal() or words[-1] in _SAME or (words[-1] in _STAGES and not kebab)):
        words.pop()
    if (words[0] in _NOT and len(words) > 1) or words == ["nopasswd"]:
        return None  # the latter is of sudoers
    return _kind_of_words(name, words)


def is_secret_name(name: str) -> bool:
    """Whether `mask` hides the text under a key of this name."""
    return kind_of(name) not in (None, Kind.WEAK, Kind.ID)


def holds_secrets(name: str) -> bool:
    """Whether it names several secrets: passwords, api_keys, secrets. Names and numbers stand under these as well."""
    return (
        name in ("github-oauth", "gitlab-oauth")  # of Composer
        or (name[-1:] in ("s", "S") and kind_of(name[:-1]) is not None and kind_of(name) is None)
    )


def is_header(name: str) -> bool:
    """Whether it is the name of a header of which a part is secret: the scheme and other names stand there as well."""
    return name.lower() in ("authorization", "proxy-authorization", "cookie", "set-cookie", "x-authorization")


def _kind_of_words(name: str, words: list[str]) -> Kind | None:
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "key":
        return _kind_of_key(name, words)
    if last == "pw" and not before and not name.islower():
        return None
    kind = _KINDS.get(last)
    if kind == Kind.TOKEN and before in _OPENS_NOTHING:
        return None
    return kind or _KINDS_AFTER.get((before, last)) or _kind_of_glued(name, last)


def _kind_of_key(name: str, words: list[str]) -> Kind | None:
    qualifiers = words[:-1]
    if not qualifiers:
        return None
    if qualifiers[-1] in _PERHAPS_KEYS:
        return Kind.WEAK
    if qualifiers[-1] in _OTHER_KEYS or "public" in qualifiers:
        return None
    if qualifiers[-1] in _SECRET_KEYS or "secret" in qualifiers:
        return Kind.TOKEN
    return Kind.WEAK if name.isupper() else None


def _kind_of_glued(name: str, last: str) -> Kind | None:
    """Of words written as one: dbpassword, mysqlpwd, userpass, myapikey."""
    if name.lower() in _OTHERS:
        return Kind.TOKEN if name[0] in "xX" else Kind.PASSWORD
    for end in _GLUED:
        if last.endswith(end):
            return kind_of(end)
    if last.endswith("pwd") or (last.endswith("pass") and last[:-4] in _GLUED_PASS):
        return Kind.PASSWORD
    return None
