"""Secrets that commands are given without a name that says so: curl -u, mysql -p, docker login -p, htpasswd -b."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.names import Kind
from copilot.text.masking.reading import value_at, whole
from copilot.text.masking.spans import Span
from copilot.text.masking.values import Sure, is_secret

# Up to where a command goes: options and their values, over continued lines.
_ON = r"(?:[^\n|;&]|\\\r?\n){0,300}?"
_NEAR = r"[^\n|;&]{0,60}?"
_FLAG = r"(?<=[\s\"'\[,])"
_THEN = r"(?:[= ]|\\{0,15}[\"'][,\s]\s*(?=\\{0,15}[\"']))"
"""Between an option and its value, in a line or in a list of arguments."""
# What the text must have in small letters, and up to where the secret begins.
_COMMANDS = (
    ("login", rf"\b(?:docker|podman|buildah|oras|helm|az|cf|crane|skopeo)\b{_NEAR}\blogin\b{_ON}{_FLAG}-p{_THEN}?"),
    ("mysql", rf"\bmysql\w*\b{_ON}{_FLAG}-p(?=[^\s,\\\"-]|[\"']\w)"),
    ("mariadb", rf"\bmariadb[\w-]*\b{_ON}{_FLAG}-p(?=[^\s,\\\"-]|[\"']\w)"),
    ("mongo", rf"\bmongo\w*\b{_ON}{_FLAG}-p{_THEN}?(?=[^\s-])(?!\d+:\d)"),
    ("twine", rf"\btwine\b{_ON}{_FLAG}-p{_THEN}"),
    ("sshpass", rf"\bsshpass\b{_ON}{_FLAG}-p{_THEN}?"),
    ("unlock-keychain", rf"\bunlock-keychain\b{_ON}{_FLAG}-p{_THEN}"),
    ("-cli", rf"\b(?:redis|valkey)-cli\b{_ON}{_FLAG}-a{_THEN}?"),
    ("ldap", rf"\bldap(?:search|modify|add|delete|whoami|passwd)\b{_ON}{_FLAG}-w{_THEN}?"),
    ("zip", rf"\b(?:un)?zip\b{_ON}{_FLAG}-P{_THEN}?"),
    ("7z", rf"\b7za?\b{_ON}{_FLAG}-p(?=[^\s-])"),
    ("sqlcmd", rf"\bsqlcmd\b{_ON}{_FLAG}-P{_THEN}?"),
    ("bcp", rf"\bbcp\b{_ON}{_FLAG}-P{_THEN}?"),
    ("psexec", rf"\b(?i:psexec)\w*\b{_ON}{_FLAG}-p "),
    ("signtool", rf"\bsigntool\b{_ON}{_FLAG}/p "),
    ("ssh-keygen", rf"\bssh-keygen\b{_ON}{_FLAG}-[NP]{_THEN}"),
    ("doctl", rf"\bdoctl\b{_ON}{_FLAG}(?:-t|--access-token){_THEN}"),
    ("openssl", rf"\bopenssl\b{_ON}{_FLAG}-[kK]{_THEN}"),
    ("htpasswd", rf"\bhtpasswd\b{_ON}{_FLAG}-\w*b\w*[ ]+(?:\S+[ ]+)?\S+[ ]+(?=\S+[ ]*(?:\n|\Z|[;&|\"']))"),
    ("pass:", r"(?<![\w-])-(?:pass|passin|passout)[ =][\"']?pass:"),
    ("rabbitmqctl", r"\brabbitmqctl (?:change_password|add_user|authenticate_user) \S+ "),
    ("vault login", r"\bvault login (?:-\S+ )*(?=[^\s-])"),
    ("snyk auth", r"\bsnyk auth (?=[^\s-])"),
    ("sonar.login", r"sonar\.login=(?=[0-9a-f]{40})"),
    ("unseal ", r"\boperator unseal (?:-\S+ )*(?=[^\s-])"),
    ("cargo login", r"\bcargo login (?:-\S+ )*(?=[^\s-])"),
    ("secret set", rf"\b(?:gh|keyvault) secret set\b{_ON}{_FLAG}(?:--body|-b|--value){_THEN}"),
    (
        "config",
        rf"\b(?:pulumi|firebase|npm|yarn|aws|poetry)\b{_NEAR}\b(?:config|configure)(?: set)?\b{_NEAR}(?<![\w./:-])"
        r"[\w./:-]*(?:password|secret|token|_key|key|http-basic)[\w.-]*[ ]+(?=\S)",
    ),
    ("http-basic", r"\bconfig http-basic\.\S+ \S+ "),
    ("bundle config", r"\bbundle config (?:set )?(?:--\S+ )*\S+ [\w.-]+:"),
    ("--secret", r"\bpulumi config set\b[^\n]{0,80}--secret \S+ (?=\S)"),
    ("put-parameter", rf"\bput-parameter\b(?={_ON}SecureString){_ON}{_FLAG}--value{_THEN}"),
    ("put-parameter", rf"\bput-parameter\b{_NEAR}--name[= ]\S*(?i:pass|secret|token|key)\S*{_ON}{_FLAG}--value{_THEN}"),
    ("--secret-", rf"--secret-(?:string|binary){_THEN}"),
    ("from-literal", r"--from-literal[= ][\"']?(?!\w*(?:[Uu]ser|[Uu]sername|[Tt]ype|host|port|database)=)[\w.-]+="),
    ("snmp-server", r"\bsnmp-server community "),
    ("com2sec", r"\bcom2sec \S+ \S+ "),
    ("stats auth", r"\bstats auth [\w.-]+:"),
    ("auth ", r"(?m)^(?:\S+> ?)?AUTH (?:\S+ )?(?=\S+$)"),
    ("auth-user-pass>", r"<auth-user-pass>\s+\S+\s+"),
    ("add-mask::", r"::add-mask::"),
    ("requirepass", r"\brequirepass[ \t]+(?=\S+[ \t]*(?:\n|\Z|[\"'\\|;&)#-]))"),
    ("masterauth", r"\bmasterauth[ \t]+(?=\S+[ \t]*(?:\n|\Z|[\"'\\|;&)#-]))"),
    (
        "identified ",
        r"\bIDENTIFIED (?:WITH \S+ )?BY (?:PASSWORD )?|(?i:\bidentified (?:with \S+ )?by (?:password )?)(?=['\"])",
    ),
    ("sudo -s", r"\becho (?=[^|\n]{1,200}\|\s*sudo -S)"),
    (" -u", rf"\b(?:curl|wget|http|xh)\b{_ON}{_FLAG}-u{_THEN}?[\"']?[^\s:\"'$]{{0,128}}:"),
    (
        "-user",
        rf"\b(?:curl|wget|http|xh|etcdctl)\b{_ON}{_FLAG}(?:--proxy-user|--user){_THEN}[\"']?[^\s:\"'$]{{0,128}}:",
    ),
    ("smbclient", rf"\bsmbclient\b{_ON}{_FLAG}-U[= ]?[\"']?[^\s%\"']{{1,128}}%"),
    ("chpasswd", r"\b(?:echo|printf)(?: -\w+)? [\"']?[\w.-]{1,64}:(?=[^|\n]{1,200}\|\s*(?:sudo )?chpasswd)"),
    ("securestring", r"\bConvertTo-SecureString (?:-\w+ )*(?=[\"'])"),
    (".auth(", r"\bdb\.auth\(\s*[\"'][^\"'\n]{1,64}[\"']\s*,\s*(?=[\"'])"),
    ("cqlsh", rf"\bcqlsh\b{_ON}{_FLAG}-p{_THEN}"),
    ("ipmitool", rf"\bipmitool\b{_ON}{_FLAG}-P{_THEN}"),
    ("freerdp", rf"\b\w*freerdp\b{_ON}{_FLAG}/p:"),
    ("winrs", rf"\bwinrs\b{_ON}{_FLAG}[-/]p:"),
    ("lftp", rf"\blftp\b{_ON}{_FLAG}-u[ ]?[\w.@-]{{1,64}},"),
    (" login ", r"(?m)^\w{1,8} LOGIN \S+ (?=\S+$)"),
    ("net use", r"\bnet use (?:\S+ ){0,3}/u(?:ser)?:\S+ (?=[^\s/])"),
)
_NETRC = r"\b(?:machine\s+\S+|default)\s+(?:login|account)\s+\S+\s+password\s+(\S+)|\bmachine\s+\S+\s+password\s+(\S+)"


def commands(text: str, lowered: str) -> Iterator[Span]:
    """Where in commands, and in the files that commands read, secrets are. `lowered`: the text in small letters."""
    for hint, shape in _COMMANDS:
        if hint in lowered:
            for found in compiled(shape).finditer(text):
                yield from _given(text, found.end())
    if "machine" in lowered or "default login" in lowered:
        for found in compiled(_NETRC).finditer(text):
            at = found.start(1) if found[1] else found.start(2)
            yield from _given(text, at)


def _given(text: str, at: int) -> Iterator[Span]:
    value = value_at(text, at, certain=True)
    if value and is_secret(text[value.start : value.end], Kind.PASSWORD, Sure.DATA, env=True):
        value = whole(text, value)
        yield Span(value.start, value.end)
