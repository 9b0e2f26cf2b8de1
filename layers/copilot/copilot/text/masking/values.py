"""What a value looks like that stands under a name that says secret: a secret, a word, a reference, a placeholder."""

from __future__ import annotations

from enum import IntEnum

from copilot.text.masking.lazily import compiled
from copilot.text.masking.names import Kind, kind_of

MASK = "[masked]"


class Sure(IntEnum):
    """How sure it is that what stands there is the value of that name, and nothing that is said of it."""

    SAID = 0
    """`token: ...`: a state, a type or prose as often."""
    GIVEN = 1
    """`TOKEN=...`, `--token ...`, `token: "..."`."""
    DATA = 2
    """A member of a JSON object."""


# Said of secrets, or what secrets are of. No password that anybody needs to keep is one of these.
_STATES = frozenset(
    """
    a absent accepted active added allowed always an and any applied are as ask asked async authenticated
    authentication authorization auto available await bad base64 basic be bearer bool boolean by byte bytes
    cached can cancelled changed char checked cleared compat configured connected const copied correct created
    custom db default defined deleted denied deprecated detected dict different digest disabled done dynamic
    empty enabled encrypted enforced env environment error exists expected expire expired expires expiring
    export exported external fail failed failing false file files for forbidden found from function generated
    github good granted has hash hashed healthy hidden if ignored in incorrect inherit inherited injected input
    int integer interactive internal invalid is issued it json jwt keyring kubernetes lambda ldap list loaded
    local locked lost malformed managed mandatory manual map masked matched matching may missing must na native
    never new next nil nis no none nonempty normal not null nullable number oauth oauth2 object obsolete of off
    ok old omitted on once ongoing opaque open optional or passthrough password pending plain present private
    prompt protected provided public read readonly ready received redacted refreshed refreshing refused
    registered rejected removed renewed replaced requested require required requires reset resolved restricted
    return returned revealed revoked rotate rotated rotating rotation running same saved see sensitive sent set
    shared short should skipped some sss stale state static stored str string strong succeeded success supplied
    sync synced systemd temporary text that the this to too true type typeof unauthorized unavailable unchanged
    undefined unencrypted unique unknown unlocked unset unsupported unused updated upper used using uuid valid
    validated value values varchar vault verified via void warning weak when where which will with write wrong
    yaml yes yield your
    """.split()
)
_PLACEHOLDER = (
    r"(?:[\[({]{1,2}[a-z][a-z ,.'/:_-]*[\])}]{1,2}|<[a-z0-9|/!][\w ,.'/:|-]*>|&lt;[\w -]*&gt;?"
    r"|[x*._?#-]{2,}|x{3,}.*|\*{3,}.*|your[a-z _-]*"
    r"|(?:my|the|some|enter|insert)[ _-][a-z _-]*|[a-z _-]*[ _-]here|change[_-]?(?:me|this)!?"
    r"|replace[_-]?(?:me|this|with.*)|placeholder|dummy|example|todo|fixme|tbd|n/a"
    r"|redacted|[a-z_-]*x{3,}[a-z_-]*|[\w-]{0,16}(?:\.{3}|…))"
)
# What stands for a value kept elsewhere: variables, templates, stores of secrets, ARNs, links, keys made public.
_REFERENCE = (
    r"^(?:\*[A-Za-z][\w.-]*$|\$[A-Za-z_]\w*(?:(?:\.|->)[A-Za-z_]\w*)+|\$[A-Za-z_]\w*/|[:@][A-Za-z_]+$"
    r"|\[[A-Za-z][\w ]*\](?!\w)|\$\$?(?:\w+|\{[^{}]*\}|\{\{.*\}\}|\(.*\)|\w+:[\w.:/-]+)$|\$\w*\{|[%@#]\{[\w.$ ]|\{\{"
    r"|\{%|<[%?]|</?[a-zA-Z][^<>]*>|%\w+%$|%(?:\d+\\?\$|\[\d+\]|\(\w+\))?[a-z]$|\{[\w.]*(?:[:!][^{}\s\"']*)?\}$|`"
    r"|!(?:[A-Z][A-Za-z:]*|vault|secret|env|reference)(?:[ \t]|$)|arn:|alias/|projects/|refs?[+/]|AQICA"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,20}://|(?:vault|ssm|secretsmanager|env|file|sops|keyring|keyvault|gcpsm|md5):"
    r"|sha(?:1|256|384|512)[-:=]|@Microsoft\.KeyVault|ENC[\[(]|\$ANSIBLE_VAULT|(?:sk-)?ssh-|ecdsa-|age1"
    r"|-----BEGIN (?!.*PRIVATE)|process\.env\b|os\.environ\b|\^.*\$$|.*\(\?[=!:])"
)
_VERSION = r"^[\^~<>=!]{0,2}v?(?:\d+:)?\d+(?:\.\d+)+(?:[-+.~:\w]*)$|^v\d+$"
_TIME = (
    r"^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?$|^\d{1,2}:\d\d(?::\d\d)?$"
    r"|^\d+(?:\.\d+)? ?(?:ms|[smhdwy%]|days?|hours?)$"
)
_CODE = (
    r"^(?:\(?(?:Read|Get|New|Import|ConvertTo|ConvertFrom|Invoke)-[A-Z]"
    r"|[@$]?[A-Za-z_$][\w$]*(?:(?:\??\.|->|::)[A-Za-z_$][\w$]*)*!?[(\[]|&?(?:\[\]|\w+\.)\w+\{|&str$|\([a-z]+$"
    r"|(?:\\{1,2}u[0-9a-fA-F]{4}){2,}|[a-z]\w*(?:\.[\w$]+)+@[0-9a-f]{5,8}$"
    r"|(?:self|this|cls|args|opts|options|config|settings|var|local|data|module|each|params|props|request|req|ctx|context"
    r"|env|event|state|user|values|process|os)(?:\??\.[A-Za-z_]\w*)+(?:[;,)].*)?$)"
)
_FILE = r"^[\w./~-]*\.(?:pem|key|crt|cer|json|ya?ml|txt|jks|p12|pfx|env|conf|cfg|ini|toml|properties|py|sh|pub|gpg)$"
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ALGORITHMS = frozenset(
    "argon2i argon2id base64url ed25519 es256 hs256 http2 oauth2 pbkdf2 rs256 sha256 sha512".split()
)


def is_secret(value: str, kind: Kind, sure: Sure, env: bool = False) -> bool:
    """Whether this value of such a name is a secret. `env`: the name is written as variables of the environment are."""
    value = value.strip()
    if not value or is_elsewhere(value):
        return False
    core = value.strip(".,;:!?()[]{}\"'`").lower()
    if core in _STATES or compiled(_VERSION).match(value) or compiled(_TIME).match(value):
        return False
    if compiled(r"(?=.*[0-9])[A-Z0-9]{4,8}(?:-[A-Z0-9]{4,8}){2,}").fullmatch(value):
        return True  # as licences are written
    if value.isdecimal():
        return len(value) >= (4 if kind == Kind.PASSWORD else 6)
    if kind != Kind.PASSWORD and compiled("0x[0-9a-fA-F]{1,16}").fullmatch(value):
        return False  # an address in memory
    if kind in (Kind.WEAK, Kind.ID):
        identifies = compiled(UUID).fullmatch(value) is not None
        return identifies if kind == Kind.ID else not identifies and _is_one_random_piece(value)
    if (sure < Sure.DATA and is_code(value)) or _is_path(value, slash=sure == Sure.DATA):
        return False
    if value.isascii() and compiled(r"^[A-Za-z_][A-Za-z_.-]*$").match(value):
        return _word_is_secret(value, kind, sure, env)
    return kind == Kind.PASSWORD or sure == Sure.DATA or env or not _is_wordy(value)


def _is_one_random_piece(value: str) -> bool:
    return is_random(value) and compiled(r"[\w+/~-]+={0,2}").fullmatch(value) is not None


def _word_is_secret(value: str, kind: Kind, sure: Sure, env: bool) -> bool:
    """Of a value of letters alone, with `_`, `-` or `.` in between: a word, a name, or a password somebody made up."""
    if kind_of(value) is not None:  # password=password, token: github_token: a name again, or a mere default
        return env and value.islower() and value.isalpha()
    if value.isalpha():
        if value.isupper() and len(value) <= 10 and kind != Kind.PASSWORD and sure < Sure.DATA:
            return False  # --api-key KEY
        if kind == Kind.PASSWORD or sure == Sure.DATA or env:
            return True
        long = len(value) > 20 and value.islower()
        return sure == Sure.GIVEN or (kind == Kind.TOKEN and (long or not _is_wordy(value)))
    if "." in value and _is_wordy(value) and sure < Sure.DATA:
        return False
    if kind == Kind.PASSWORD:
        return sure > Sure.SAID or "_" not in value
    return env or sure == Sure.DATA or not _is_wordy(value)


def is_elsewhere(value: str) -> bool:
    """Whether this only stands for a secret: a reference to where it is kept, a placeholder, what masking left."""
    value = value.strip("'\"")
    return (
        value.startswith(MASK)
        or (
            (not value.isalnum() or value[:4] in ("AQIC", "age1"))
            and compiled(_REFERENCE).match(value) is not None
            and not (compiled(r"[$*]\w+").fullmatch(value) and is_random(value, 12))
        )
        or compiled(_PLACEHOLDER).fullmatch(value.lower()) is not None
        or not value.strip("•●\\")
    )


def is_code(value: str) -> bool:
    """Whether it calls or reads something: get_token("x"), self.password, process.env.TOKEN."""
    found = compiled(_CODE).match(value)
    if found is None:
        return value.startswith(("process.env", "os.environ"))
    if found[0][-1] not in "([" or "()" in value or value.endswith(")"):
        return True
    # A password may have a bracket in it: what is called has a name made of words.
    return not any(_turns(piece) > 2 for piece in compiled("[A-Za-z0-9]+").findall(found[0]))


def default_of(value: str) -> tuple[int, int] | None:
    """From where to where in `${NAME:-default}` the default is."""
    found = compiled(r"^\$\{[\w.]+(?::?[-=]|:(?![?+=-]))([^}\"']*)\}$").match(value)
    return found.span(1) if found else None


def is_random(value: str, least: int = 16) -> bool:
    """Whether at least so many characters of it stand in pieces that are no words, numbers or names with a number."""
    return sum(len(piece) for piece in compiled("[A-Za-z0-9]+").findall(value) if not _is_word(piece)) >= least


def is_odd(value: str) -> bool:
    """Whether it is one word such as people make passwords of, and nothing that prose says: Spring2024, hunter22x!"""
    if (
        len(value) < 6
        or value[0] in "([{<`"
        or "://" in value
        or compiled(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+").fullmatch(value)
    ):
        return False
    if is_elsewhere(value) or value.lower().strip(".,;:!?") in _ALGORITHMS | _STATES:
        return False
    if compiled(_VERSION).match(value) or compiled(_TIME).match(value) or is_code(value):
        return False
    if is_random(value):
        return not compiled(UUID).fullmatch(value)
    if ":" in value and compiled(r"[\w.@-]{1,64}:[^/:\s].*").fullmatch(value):
        return is_odd(value.partition(":")[2])
    if compiled(r"[/\\:-]|\.\w|^[(\[{]|=").search(value):
        return False
    core = value.strip(".,;:?)\"'`")
    turns = _turns(core)
    if not compiled("[A-Za-z].*[0-9]|[0-9].*[A-Za-z]").search(core):
        return compiled(r"[A-Za-z]").search(core) is not None and compiled(r"[$%^&*@#]\w").search(core) is not None
    return len(core) >= 8 or turns > 1 or compiled(r"[!$%^&*@#]").search(core) is not None


def is_told(value: str, kind: Kind) -> bool:
    """Whether it is a secret where words may stand as well: behind a blank, in a call, in a column."""
    return is_odd(value) and (kind == Kind.PASSWORD or is_random(value, 12) or len(value) >= 20 or ":" in value)


def _is_path(value: str, *, slash: bool) -> bool:
    """Whether it is a path or a file's name. With `slash`, any words with slashes between them are one: prod/db."""
    if compiled(_FILE).match(value):
        return not is_random(value)
    if compiled(r"[A-Za-z]:\\").match(value):
        value = value.replace("\\", "/")
    begins = (
        value[:1] == "/" or value[:2] in ("./", "~/") or value[:3] == "../" or compiled(r"^[A-Za-z]:/").match(value)
    )
    return ("/" in value if slash else bool(begins)) and "+" not in value and "=" not in value and _is_wordy(value)


def _is_wordy(value: str) -> bool:
    """Whether words and numbers are all it is made of."""
    allowed = r"[\w./:@# -]*" if "/" in value else r"[\w. -]*"
    return compiled(allowed).fullmatch(value) is not None and not is_random(value, 1)


def _is_word(piece: str) -> bool:
    """Whether letters and digits in a row are a word, a number, or a word with a number before or after it."""
    if len(piece) <= 4:
        return True
    turns = _turns(piece)
    if turns > 1:
        return False
    letters = piece.strip("0123456789")
    if turns == 1 and piece[0].isdigit() and len(piece) > 8:
        return False
    if len(letters) > 24:
        return False
    if letters.islower() or letters.isupper() or letters[1:].islower() or not letters:
        return True
    return len(compiled("[A-Z]?[a-z]+|[A-Z]+").findall(letters)) * 2.5 <= len(letters)


def _turns(piece: str) -> int:
    """How often letters turn to digits or digits to letters."""
    return len(compiled("(?<=[0-9])[A-Za-z]|(?<=[A-Za-z])[0-9]").findall(piece))
