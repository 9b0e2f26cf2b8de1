"""What only looks like a secret, or speaks of one, is left as it is."""

import json

import pytest
from made_up_secrets import HEX, UUID, letters

from copilot.text.masking import MASK, mask, mask_text

DIGEST = letters(64, HEX)
KINDS = {
    "states": """
        token: expired
        secret: false
        password: YES
        access denied for user app (using password: YES)
        NextToken=None
        passwd: files systemd
        passwd: winbind files
        password VARCHAR(64)
        password_hash CHAR(64)
        api_key: null
        password = undefined
        Password: required
        "token_type": "Bearer", "expires_in": 3600
        PasswordAuthentication no
    """,
    "prose": """
        reset your password now
        the token was rejected
        password must be 12 characters
        Basic monitoring is enabled for this instance
        Basic authentication is required by the upstream
        Use bearer authentication instead
        Bearer tokens are used, Basic auth is off
        the Basic B4zgN7pWB1 is billed by the hour
        sent Bearer $CI4zgN7pW_TOKEN on
        The security token included in the request is expired
        FATAL: password authentication failed for user "app"
        Failed to pull image: secret "regcred" not found
        error: couldn't find key DB_PASSWORD in Secret prod/db
        Missing required environment variable: DB_PASSWORD
        password for bob: Login incorrect
        Warning: Using a password on the command line interface can be insecure.
        :param password: admin's password
        pass: GET /carts/1 duration: 141ms
        --- PASS: TestLogin2Tokens (0.00s)
        PASS src/App2.test.tsx (5.2 s)
        unexpected token '<' in JSON at position 0
        the token 'foo' was not found; unexpected token: '}' at line 3
        parse error near token 'fi' on line 12
        use --passphrase or --password-file
        WWW-Authenticate: Bearer realm="https://auth.example.com/token",service="registry.example.com"
    """,
    "names": """
        service sk-bratislava-payments-worker-01 is down
        token-api-dev secret-santa-preview keycloak-staging passport-service compass-dev monkey
        bypass=true author=bob oauth-callback=/cb authority=example
        https://token-api-dev.example.com/health
        http://secret-santa.example.com:8080/password/reset
        https://forum.example.com/t/drone-server-changing-ports-protocol/4144
        DB_HOST=password-db.internal
        kube-root-ca.crt default-token-x7k2p kubernetes.io/service-account-token
        aws-auth-token-refresh-5d4f8c7b9d-x2x9q 1/1 Running
        tokenizers==0.15.0
        pip install python-jose tokenizers
        apt-get install passwd=1:4.13+dfsg1-1+b1
        cache_key: deps-4f4f4f4f sort_key=user_id partition_key: user_id
        max_tokens: 1500, token_count=12, input_tokens: 1234
        password_min_length: 12
        idempotency_token=7f3a91c2d4e6b8a0
        pk_live_7pWB7pWB7pWB7pWB7pWB7pWB
        BUNDLE_GEMFILE=gemfiles/rails7x BUNDLE_JOBS=4
        ciphers HIGH:!PSK:!aNULL
        https://maps.example.com/?key=home&code=404&s=search-term-of-many-words
    """,
    "references": """
        password=$DB_PASSWORD
        ENV TOKEN=${TOKEN:-}
        echo "//registry.example.com/:_authToken=${NPM_TOKEN:-none}"
        token: ${{ secrets.GITHUB_TOKEN }}
        password: {{ .Values.password }}
        password: "{{ vault_db_password }}"
        password: {{ .Values.auth.password | b64enc | quote }}
        Password: !Ref DbPassword
        Password: !Sub "{{resolve:secretsmanager:prod/db:SecretString:password}}"
        MasterUserPassword: '{{resolve:ssm-secure:/prod/db/password:3}}'
        secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf
        password: vault:secret/data/app#password
        GET /auth/token -> token-api:8080/v1/token
        curl -u https://example.com
        POSTGRES_PASSWORD_FILE=/run/secrets/db
        password: /run/secrets/db_password
        password: C:\\secrets\\db
        token = var.token
        password = random_password.db.result
        password = data.aws_ssm_parameter.db.value
        curl -H "Authorization: Bearer $TOKEN" https://example.com
        curl -u "$USER:$PASS" https://example.com
        https://$USER:$TOKEN@example.com/a
        mysqldump -u root -p$PW app
        export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id prod/db --query SecretString)
        DB_PASSWORD=%DB_PASSWORD%
        password = "%s"
        error!("token: {e:?}")
        deploy --secret-access-key \\
    """,
    "Dockerfile": """
        ARG TOKEN
        ARG NPM_TOKEN=
        ENV PASSWORD=""
        ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D
        docker build --secret id=token,env=TOKEN .
        RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
        RUN --mount=type=secret,id=token TOKEN=$(cat /run/secrets/token) make
        COPY secrets.txt /app/
    """,
    "code": """
        password = getpass()
        def login(user: str, password: str) -> Token:
        token: str | None = None
        token = os.environ["TOKEN"]
        if password is None:
        secret_name = "prod/db"
        const token = await getToken()
        const apiKey = options?.apiKey || getEnvApiKey(model.provider)
        password := os.Getenv("DB_PASSWORD")
        secret := &api.Secret{
        String password = System.getenv("DB_PASSWORD");
        token = request.headers.get("Authorization")
        cert, key, ca, err := s.certsFromBootstrapForReady()
        this.password = password;
        password = getS3Client2(name)
        password=\\u53e3\\u4ee4\\u5df2
        client("secretsmanager").get_secret_value(SecretId=name)
        creds: creds,
        pub struct C { password: Option<String>, token: String }
        <token>IDENT</token><key>name</key>
        docker run -v $(pwd):/app -v $PWD:/srv/app image
        <input type="password" name="password" placeholder="Password">
        -rw-r--r-- 1 root root 42 password.txt
    """,
    "placeholders": """
        token=<your-token>
        Authorization: Bearer <token>
        password=xxxx
        password: ****
        password=changeme
        api_key=YOUR_API_KEY
        password: [masked]
        password=REDACTED
        password: •••••••
        password=...
    """,
    "manifests": """
        secretName: web-tls
        imagePullSecrets: [{name: regcred}]
        secretKeyRef: {name: db, key: password}
        {"name": "DB_PASSWORD", "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/db"}
        {"name": "SECRET_NAME", "value": "prod/db"}
        permissions: {id-token: write, contents: read}
        uses: actions/create-github-app-token@v1
        secrets: inherit
        cookie: consent
        {"properties": {"password": {"type": "string"}, "token": {"type": "string", "description": "A token"}}}
        {"tokenizer_class": "X", "model_max_length": 2048, "bos_token": {"content": "<s>", "lstrip": false}}
    """,
    "ids": f"""
        sha256:{DIGEST}
        commit {DIGEST[:40]}
        etag: "{DIGEST[:32]}"
        integrity sha512-{letters(86)}==
        request id: {UUID}
        arn:aws:kms:eu-central-1:123456789012:key/{UUID}
        KeyId: {UUID}
        i-0123456789abcdef0 sg-0123456789abcdef0
        api@sha256:{DIGEST}
        task {DIGEST[:32]} stopped
        git@github.com:acme/shop.git
        postgres://app@db:5432/app
        snap-{letters(17, HEX)} eni-{letters(17, HEX)}
        Token: 0x7ffee4c0
        Bad activity token: android.os.BinderProxy@2bd79ce
    """,
}
TEXTS = [line.strip() for kind in KINDS.values() for line in kind.splitlines() if line.strip()]


@pytest.mark.parametrize("text", TEXTS)
def test_an_innocent_text_is_left(text: str) -> None:
    assert mask_text(text) == text
    assert mask_text(f"12:00 [app] {text}\n") == f"12:00 [app] {text}\n"


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_left_in_a_value_of_json_as_well(text: str) -> None:
    assert mask({"note": text}) == {"note": text}
    assert json.loads(mask_text(json.dumps({"note": text, "more": [text]}))) == {"note": text, "more": [text]}


@pytest.mark.parametrize("kind", KINDS)
def test_innocent_texts_together_are_left(kind: str) -> None:
    assert mask_text(KINDS[kind]) == KINDS[kind]


@pytest.mark.parametrize(
    ("innocent", "secret"),
    [
        ("token: expired", "token: " + letters(32)),
        ("https://app@db/a", "https://app:hunter22x@db/a"),
        ("Basic monitoring", "Basic " + "YXBwOmh1bnRlcjIyeA=="),
        ("password: [masked]", "password: [mask]ed-1"),
        ("passwd=1:4.13+dfsg1", "passwd=1:4.13x9!kQ"),
        ("password: /run/secrets/db", "password: /9sYE+4zgN/7pWB1vaH"),
        ("secret: prod/db", "secret: " + letters(20) + "/" + letters(19)),
    ],
)
def test_a_secret_that_looks_almost_like_one_of_these_is_masked(innocent: str, secret: str) -> None:
    assert mask_text(innocent) == innocent
    assert mask_text(secret).endswith(MASK) or mask_text(secret).endswith(MASK + "@db/a")
