"""What stands under, beside or behind a name that says secret is masked, and nothing around it."""

import json

import pytest
from made_up_secrets import HEX, UUID, letters

from copilot.text.masking import MASK, is_secret_name, mask_text

LONG = letters(32)
WORD = "hunter22x"

NAMES = """
    PASSWORD DB_PASSWORD db_password db-password dbPassword DbPassword db.password spring.datasource.password DB_PASS
    MYSQL_PWD MYSQL_ROOT_PASSWORD PGPASSWORD passwd userpass passphrase PASSPHRASE passcode PASSWORD_PROD password2
    SECRET_KEY SECRET_KEY_BASE secretKey clientSecret client-secret CLIENT_SECRET webhook_secret JWT_SECRET
    AWS_SECRET_KEY aws_secret_access_key SecretAccessKey secretAccessKey AWS_SESSION_TOKEN api_key API_KEY apiKey ApiKey
    apikey x-api-key access_token accessToken
    auth_token authToken refresh_token id_token bearer_token X-Vault-Token PRIVATE-TOKEN
    JOB-TOKEN encryption_key encryptionKey signing_key SIGNING_KEY private_key master_key AccountKey SharedAccessKey
    deploy_key license_key webhookSecret slack_token bindPW seed_phrase secret_room_key API_TOKEN_DEV
    TF_TOKEN_app_terraform_io BUNDLE_GEMS__EXAMPLE__COM
""".split()


@pytest.mark.parametrize("name", NAMES)
def test_names_in_every_casing_say_secret(name: str) -> None:
    for written in ("{}={}", "{}: {}", '{} = "{}"', "{}='{}'", "--{} {}", '"{}": "{}"', "export {}={} && x", "-D{}={}"):
        assert mask_text(written.format(name, LONG)) == written.format(name, MASK)
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    """
    token_count max_tokens tokens input_tokens tokenizer secret_name secretName secretArn password_policy password_file
    has_refresh_token is_secret require_password public_key publicKey cache_key sort_key partition_key primary_key
    key_id kms_key_id KeyName author compass bypass monkey oauth-callback passenger client_request_token
    idempotency_token payments-token-dev secret_version BUNDLE_GEMFILE
    """.split(),
)
def test_other_names_do_not(name: str) -> None:
    assert not is_secret_name(name)
    assert mask_text(f"{name}={LONG}") == f"{name}={LONG}"


# {} is where the secret stands.
WRITTEN = {
    # pairs
    "connection": "Server=db;Uid=root;Pwd={};Encrypt=true",
    "braces": "Driver={{ODBC}};UID=sa;PWD={{{}}};",
    "JDBC": "jdbc:sqlserver://db:1433;user=sa;password={};encrypt=true",
    "libpq": "host=db user=app password={} dbname=app",
    "Java": "java -Djavax.net.ssl.keyStorePassword={} -jar app.jar",
    "make": "DB_PASSWORD ?= {}",
    "Lisp": '(password . "{}")',
    "attribute": '<user name="app" password="{}" roles="admin"/>',
    "element": "<server><username>app</username><password>{}</password></server>",
    "element with attributes": '<w:Password Type="x#PasswordText">{}</w:Password>',
    "CDATA": "<password><![CDATA[{}]]></password>",
    "PHP": "define('DB_PASSWORD', '{}');",
    "Ruby": '{{:user=>"app", :password=>"{}"}}',
    "Go": "{{User:app Password:{} Host:db}}",
    "repr": "Config(user='app', password='{}', port=5432)",
    "Terraform": 'db_password = "{}" # rotate',
    "variable of Terraform": 'variable "db_password" {{\n  type = string\n  default = "{}"\n}}',
    "plan of Terraform": '~ password = "{}" -> (known after apply)',
    "heredoc": "password = <<EOT\n{}\nEOT",
    "default": "password: ${{DB_PASSWORD:-{}}}",
    "fallback": 'password = os.getenv("DB_PASSWORD", "{}")',
    "fallback of PHP": "'password' => env('DB_PASSWORD', '{}'),",
    "fallback of JavaScript": "const s = process.env.DB_PASSWORD || '{}';",
    "Perl": "my $password = '{}';",
    "PowerShell": '$env:DB_PASSWORD = "{}"',
    "systemd": 'Environment="DB_PASSWORD={}"',
    "Dockerfile": "ENV DB_PASSWORD {}",
    "list of Compose": "    environment:\n      - DB_PASSWORD={}\n",
    "markdown": "**Password:** `{}`",
    "prompt": "AWS Secret Access Key [None]: {}",
    "sentence": "the new password: {}.",
    "flow of YAML": "{{user: app, password: {}}}",
    "behind an escape": '{{"log": "user: app\\npass: {}"}}',
    "said": "the database password is {} for now",
    "said of something": "the pw for staging is {}",
    "line below": "Your new password is:\n\n{}\n",
    "block of YAML": "password: |\n  {}\nuser: app",
    "aside in YAML": "password: !!str {}",
    "query": "https://app.example.com/reset?user=7&token={}&lang=sk",
    "form": "grant_type=refresh_token&client_secret={}&scope=a",
    "escaped": "q=1%26password%3D{}%26x=2",
    "HTML": "password=&quot;{}&quot; host",
    "colours": "\x1b[32mDB_PASSWORD\x1b[0m={}",
    # apart
    "YAML apart": "- name: DB_PASSWORD\n  value: {}\n- name: X\n  value: y\n",
    "YAML apart, other way": "- value: {}\n  name: DB_PASSWORD\n",
    "ECS": '{{"name": "DB_PASSWORD", "value": "{}"}}',
    "ECS, other way": '{{"value": "{}", "name": "DB_PASSWORD"}}',
    "tag": '{{"Key": "db-password", "Value": "{}"}}',
    "CloudFormation": '{{"ParameterKey": "DbPassword", "ParameterValue": "{}"}}',
    "CloudFormation's command": "ParameterKey=DbPassword,ParameterValue={}",
    "entry of XML": '<entry key="db.password">{}</entry>',
    "XML apart": '<add key="DbPassword" value="{}" />',
    "YAML in a line": "[{{name: DB_PASSWORD, value: {}}}]",
    # columns
    "CSV": "user,password,city\napp,{},Kosice\n",
    "markdown table": "| user | password |\n|---|---|\n| app | {} |\n",
    "CSV to its end": "user,password\napp,{}",
    "row": "| DB_PASSWORD | {} |",
    "INSERT": "INSERT INTO users (name, password, city) VALUES ('app', '{}', 'Kosice')",
    # SQL
    "IDENTIFIED": "CREATE USER 'app'@'%' IDENTIFIED BY '{}';",
    "ROLE": "ALTER ROLE app WITH LOGIN PASSWORD '{}';",
    "SET PASSWORD": "SET PASSWORD FOR 'app'@'%' = '{}';",
    # commands
    "option": "mysql -u root --password {} app",
    "continued": "deploy --password \\\n  {} \\\n  --now",
    "arguments": '["deploy", "--password", "{}", "--now"]',
    "arguments of YAML": "args:\n  - --db-password\n  - {}\n  - --now\n",
    "mysql": "mysql -u root -p{} app",
    "docker login": "docker login -u app -p {} registry.example.com",
    "curl": "curl -u app:{} https://example.com",
    "sshpass": "sshpass -p {} ssh app@db",
    "sshpass, quoted": "sshpass -p '{}' ssh app@db",
    "redis-cli": "redis-cli -h cache -a {} ping",
    "AUTH": "AUTH {}",
    "htpasswd": "htpasswd -b .htpasswd app {}",
    "openssl": "openssl enc -d -k {} -in a",
    "get-parameter": "PARAMETER\ttext\t/app/url\tSecureString\t{}\t3",
    "create-secret": 'aws secretsmanager create-secret --name a --secret-string \'{{"password":"{}"}}\'',
    "kubectl": "kubectl create secret generic db --from-literal=url={}",
    "put-parameter": "aws ssm put-parameter --name /a --type SecureString --value {} --overwrite",
    "secret set": "gh secret set DEPLOY --body {}",
    "vault": "vault kv put secret/app password={}",
    "snyk": "snyk auth {}",
    "netrc": "machine example.com login app password {}",
    "netrc of lines": "machine example.com\n  login app\n  password {}\n",
    # links
    "login": "postgres://app:{}@db:5432/app",
    "login without a user": "redis://:{}@cache:6379/0",
    "login of SQLAlchemy": "mysql+pymysql://root:{}@db/app",
    "login named token": "https://x-access-token:{}@example.com/a.git",
    "Oracle": "jdbc:oracle:thin:app/{}@//db:1521/a",
    "Go's MySQL": "app:{}@tcp(db:3306)/app",
    "pgpass": "db.example.com:5432:app:app:{}",
    # headers
    "cookie named token": "Set-Cookie: token={}; Secure",
    "Artifactory": 'curl -H "X-JFrog-Art-Api: {}" https://example.com',
    "Yarn": 'npmAuthIdent: "{}"',
    "Basic, escaped": 'H: \\"X-Api-Key: {}\\"',
    "colour": "\\u001b[32mDB_PASSWORD\\u001b[0m={}",
    "cookie": "Set-Cookie: session={}; Path=/; HttpOnly",
    "cookies": "Cookie: lang=sk; sessionid={}; theme=dark",
}
RANDOM = {
    "user of a link alone": "git clone https://{}@example.com/a.git",
    "Bearer": "Authorization: Bearer {}",
    "token": "Authorization: token {}",
    "ApiKey": "authorization: ApiKey {}",
    "Basic": "Authorization: Basic {}",
    "nginx": 'proxy_set_header Authorization "Bearer {}";',
    "Bearer in a command": "curl -H 'Authorization: Bearer {}' https://example.com",
    "Bearer alone": "sent Bearer {} to the upstream",
    "Digest": 'Authorization: Digest username="app", realm="a", response="{}"',
    "AWS4": "Authorization: AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature={}",
    "signature in a form": '{{"fields": {{"X-Amz-Signature": "{}"}}}}',
    "signature in a cookie": "CloudFront-Signature={}; CloudFront-Key-Pair-Id=K2",
    "pre-signed": "https://a.s3.example.com/b?X-Amz-Date=20261128T000000Z&X-Amz-Signature={}&X-Amz-Expires=60",
    "session of a pre-signed": "https://a.s3.example.com/b?X-Amz-Security-Token={}&x=1",
    "SAS": "https://a.blob.example.net/b?sv=2022-11-02&sig={}&se=2027",
    "code": "https://app.example.com/callback?code={}&state=7",
    "docker config": '{{"auths": {{"example.com": {{"auth": "{}"}}}}}}',
    "npm": "//registry.example.com/:_auth={}",
    "npm's token": "//registry.example.com/:_authToken={}",
    "AccountKey": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=example.net",
    "Composer": '{{"github-oauth": {{"github.com": "{}"}}}}',
    "WordPress": "define('AUTH_KEY', '{}');",
    "key and a blank": "shared_key {}",
    "salt": "salt: {}",
    "WireGuard": "[Interface]\nPrivateKey = {}\n",
    "function's key": "https://a.example.net/api/b?code={}",
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_secret_is_masked_where_it_is_written(written: str) -> None:
    for secret in (LONG, WORD):
        assert mask_text(written.format(secret)) == written.format(MASK)


@pytest.mark.parametrize("written", RANDOM.values(), ids=RANDOM)
def test_what_is_made_by_a_program_is_masked_where_words_may_stand(written: str) -> None:
    secret = letters(40, HEX + "kLmN")
    assert mask_text(written.format(secret)) == written.format(MASK)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('password: "correct horse battery"', f'password: "{MASK}"'),
        ("password='it\\'s mine' user=x", f"password='{MASK}' user=x"),
        ('{"password": "a\\"b\\\\c", "n": 1}', f'{{"password": "{MASK}", "n": 1}}'),
        ("const password = `correct horse`", f"const password = `{MASK}`"),
        ('password = """\nline of it\nanother\n"""', f'password = """{MASK}"""'),
    ],
)
def test_a_quoted_value_is_masked_whole(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"pin": 1, "api_key": 123456789}', f'{{"pin": 1, "api_key": "{MASK}"}}'),
        ('{"passwords": ["hunter22x", "letmein99"]}', f'{{"passwords": ["{MASK}", "{MASK}"]}}'),
        ('{"a": "{\\"password\\": \\"hunter22x\\"}"}', f'{{"a": "{{\\"password\\": \\"{MASK}\\"}}"}}'),
        ('{"log": "password=hunter22x"}', f'{{"log": "password={MASK}"}}'),
        ('{"log": "password: hunter22x\\nnext"}', f'{{"log": "password: {MASK}\\nnext"}}'),
        (
            '{"db_password": {"sensitive": true, "type": "string", "value": "hunter22x"}}',
            f'{{"db_password": {{"sensitive": true, "type": "string", "value": "{MASK}"}}}}',
        ),
        ('["password=hunter22x", "x"]', f'["password={MASK}", "x"]'),
    ],
)
def test_a_text_of_json_stays_one(text: str, masked: str) -> None:
    json.loads(text)
    assert mask_text(text) == masked
    json.loads(masked)


def test_data_of_a_secret_of_kubernetes_is_masked_under_any_name() -> None:
    manifest = "apiVersion: v1\nkind: {}\nmetadata:\n  name: db\ndata:\n  url: {}\nstringData:\n  a: {}\n"
    coded = "cG9zdGdyZXM6Ly8="
    assert mask_text(manifest.format("Secret", coded, WORD)) == manifest.format("Secret", MASK, MASK)
    assert mask_text(manifest.format("ConfigMap", coded, WORD)) == manifest.format("ConfigMap", coded, WORD)


def test_an_object_says_nothing_of_the_next() -> None:
    written = (
        '[{{"Name": "/a", "Type": "SecureString", "Value": "{}"}}, {{"Name": "/b", "Type": "String", "Value": "{}"}}]'
    )
    assert mask_text(written.format(WORD, WORD)) == written.format(MASK, WORD)
    written = (
        '{{"items": [{{"kind": "Secret", "data": {{"a": "{}"}}}}, {{"kind": "ConfigMap", "data": {{"a": "{}"}}}}]}}'
    )
    assert mask_text(written.format(WORD, WORD)) == written.format(MASK, WORD)
    written = '[{{"Name": "/a", "Type": "String", "Value": "{}"}}, {{"Type": "SecureString", "Value": "{}"}}]'
    assert mask_text(written.format(WORD, WORD)) == written.format(WORD, MASK)
    written = "kind: Secret\ndata:\n  a: {}\n---\nkind: ConfigMap\ndata:\n  a: {}\n"
    assert mask_text(written.format(WORD, WORD)) == written.format(MASK, WORD)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=1234", f"password={MASK}"),
        ("password=123", "password=123"),
        ("token: 123456", f"token: {MASK}"),
        ("token: 12345", "token: 12345"),
        ("password=abc", f"password={MASK}"),
        ("api_key=abc", "api_key=abc"),
        ("SECRET_KEY='d)j4@9!k2#x8$z7%y6^w5&v3*u1'", f"SECRET_KEY='{MASK}'"),
        ('secret = "payments-db"', 'secret = "payments-db"'),
        ('{"secret": "payments-db"}', f'{{"secret": "{MASK}"}}'),
        ("SECRET=payments-db-of-may", "SECRET=payments-db-of-may"),
        ("license_key: ABCD-1234-EFGH-5678", f"license_key: {MASK}"),
        ("APP_SECRET=swordfish", f"APP_SECRET={MASK}"),
        ("token=swordfish", f"token={MASK}"),
        ("token: swordfish", "token: swordfish"),
        ("token: swordfishandtwentymore", f"token: {MASK}"),
        ("DB_PASSWORD=password", "DB_PASSWORD=password"),
        ('{"password": "swordfish\\\\cod"}', f'{{"password": "{MASK}"}}'),
        ("DB_PASSWORD=secret", f"DB_PASSWORD={MASK}"),
        ("creds are app:hunter22x", f"creds are {MASK}"),
        ("password=password", "password=password"),
    ],
)
def test_how_sure_the_name_and_its_sign_are_says_what_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_a_secure_string_is_masked_and_a_string_is_not() -> None:
    written = '{{"Name": "/app/url", "Type": "{}", "Value": "{}", "Version": 3}}'
    assert mask_text(written.format("SecureString", WORD)) == written.format("SecureString", MASK)
    assert mask_text(written.format("String", WORD)) == written.format("String", WORD)


def test_a_uuid_is_masked_under_a_name_alone() -> None:
    assert mask_text(f"RAILWAY_TOKEN={UUID}") == f"RAILWAY_TOKEN={MASK}"
    assert mask_text(f"secret_version: {UUID}") == f"secret_version: {UUID}"
    assert mask_text(f"secret_id: {UUID}") == f"secret_id: {MASK}"
    assert mask_text(f"request_id: {UUID}") == f"request_id: {UUID}"


def test_a_short_token_behind_bearer_is_masked() -> None:
    assert mask_text("sent Bearer k4zN7pWB1v to the upstream") == f"sent Bearer {MASK} to the upstream"


@pytest.mark.parametrize("mark", [*list("#@!%&*=/+.:^~?|()[]{}>-_"), "ž"])
def test_a_password_may_hold_any_sign(mark: str) -> None:
    for secret in ("k4zgN7pWB" + mark + "1vaHmT85K2x", "k4zgN7pWB1vaHmT85K2x" + mark):
        for written in ("password: '{}'", '"password": "{}"', "DB_PASSWORD='{}' make", "password: {}\n"):
            assert "7pWB" not in mask_text(written.format(secret)), written.format(secret)
            assert "mT85" not in mask_text(written.format(secret)), written.format(secret)


@pytest.mark.parametrize("mark", list("$*#@!%&=/+.-_~^"))
def test_a_password_may_begin_with_a_sign(mark: str) -> None:
    for written in ("password: '{}'", '"password": "{}"', "DB_PASSWORD={}\n"):
        assert "7pWB" not in mask_text(written.format(mark + "k4zgN7pWB1vaHmT85K2x"))


@pytest.mark.parametrize("secret", ["p@ss22x", "p/ss22x", "p:ss22x", "p%4022x"])
def test_a_password_of_a_link_may_hold_what_ends_it(secret: str) -> None:
    for written in ("postgres://app:{}@db:5432/app", "app:{}@tcp(db:3306)/app", "jdbc:oracle:thin:app/{}@//db:1521/a"):
        assert mask_text(written.format(secret)) == written.format(MASK)
