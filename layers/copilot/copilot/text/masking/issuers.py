"""The formats of tokens as their issuers made them, dated, with where each was found. Data: `tokens` looks for them.

A format is a fact about an issuer's tokens: how they begin, of which characters they are, how long they are. Issuers
change them and others come: compile them anew from the sources, and set the date. A text and not objects, for it is
imported by nearly every handler and read only where there is something that may be a token.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

LOOKED_AT: Final = "2026-11-28"
SOURCES: Final = {
    "gitleaks": "gitleaks, config/gitleaks.toml at b58d3f1 of 2026-07-22",
    "betterleaks": "betterleaks, config/betterleaks.toml at 6381fa4 of 2026-07-23",
    "trufflehog": "trufflehog, pkg/detectors at 3ab759f of 2026-08-21",
    "titus": "titus, pkg/rule/rules at 369d8dc of 2026-04-10",
    "kingfisher": "kingfisher, data/rules at ee7c0db of 2025-06-20 and later versions of single rules",
    "detect-secrets": "detect-secrets, detect_secrets/plugins as of 2026-04-02",
    "github-blog": "GitHub changelog of 2021-03-31: authentication token format updates are generally available",
    "gitlab": "GitLab issues 342327, 371396, 376752 and 388379: prefixes of tokens; routable tokens since",
    "slack": "Slack developer documentation: tokens",
    "buildkite": "Buildkite documentation: token security",
    "cloudflare": "Cloudflare fundamentals documentation: token formats",
    "vercel": "Vercel changelog: new token formats and secret scanning",
    "datadog": "Datadog documentation: personal access tokens",
    "anaconda": "Anaconda.org documentation: private packages, their channels' URLs",
    "rfc8959": "RFC 8959: the secret-token URI scheme",
    "rfc7519": "RFC 7515, 7516 and 7519: JSON web signatures, encryption and tokens",
    "public": "public code that uses such tokens; GitHub's list of secret scanning patterns names the kind",
    "recalled": "the issuer's documentation as it was known, not looked up again",
}
"""Where formats were found. Facts were taken, no expressions."""


class Format(NamedTuple):
    """Tokens that begin with a text of their own."""

    issuer: str
    what: str
    begins: str
    characters: str
    """Of what follows: U capitals and digits, H hexadecimal digits, A letters and digits, W those with `_` and `-`, D
    those with dots, B those of base64, X anything a token may be made of. U and H are looked for as A."""
    length: int
    """Of what follows, as documented, the least where it varies. Half of it is enough: logs cut, and formats change."""
    source: str
    ordinary: bool
    """Whether names begin so as well (sk-kosice-checkout): then only what goes on at random is a token."""


class Pattern(NamedTuple):
    """Tokens that say who made them in their midst, or by where they stand."""

    issuer: str
    what: str
    hints: tuple[str, ...]
    """One of these is in every such token."""
    source: str
    ordinary: bool
    shape: str
    """As an expression; where only a part is secret, that is its group 1."""


@cache
def formats() -> tuple[Format, ...]:
    found = []
    for line in _FORMATS.splitlines():
        if line and line[0] != "#":
            issuer, what, begins, characters, length, source, *ordinary = line.split(" | ")
            found.append(Format(issuer, what, begins, characters, int(length), source, bool(ordinary)))
    return tuple(found)


@cache
def patterns() -> tuple[Pattern, ...]:
    found = []
    for line in _PATTERNS.replace(" |\n  ", " | ").replace("\n  ", "").replace("{UUID}", _UUID).splitlines():
        if line and line[0] != "#":
            issuer, what, hints, source, shape = line.split(" | ", 4)
            name, _, ordinary = source.partition(" ")
            found.append(Pattern(issuer, what, tuple(hints.split()), name, bool(ordinary), shape))
    return tuple(found)


# issuer | what | how it begins | characters that follow | how many | source | ordinary
_FORMATS = """
# clouds
AWS | access key id, long-term | AKIA | U | 16 | trufflehog
AWS | access key id, temporary | ASIA | U | 16 | trufflehog
AWS | bearer token of a service | ABIA | U | 16 | gitleaks
AWS | context-specific credential | ACCA | U | 16 | gitleaks
AWS | session token | IQoJb3JpZ2luX2 | B | 200 | recalled
AWS | session token, older | FwoGZXIvYXdz | B | 200 | recalled
AWS | session token, older still | FQoGZXIvYXdz | B | 200 | recalled
AWS | Bedrock API key, long-term | ABSK | B | 110 | gitleaks
AWS | Bedrock API key, short-term | bedrock-api-key- | B | 30 | gitleaks
AWS | AppSync API key | da2- | A | 26 | titus | ordinary
AWS | Marketplace web service token | amzn.mws. | W | 36 | titus
Alibaba Cloud | AccessKey id | LTAI | A | 20 | gitleaks
Alibaba Cloud | temporary AccessKey id | STS. | A | 24 | betterleaks | ordinary
Tencent Cloud | SecretId | AKID | A | 32 | recalled
Volcano Engine | access key id | AKLT | A | 43 | recalled
Google | API key | AIza | W | 35 | gitleaks
Google | API key bound to a service account | AQ.Ab | W | 48 | betterleaks
Google | OAuth client secret | GOCSPX- | W | 28 | kingfisher
Google | OAuth access token | ya29. | D | 60 | trufflehog
Google | OAuth refresh token | 1//0 | W | 60 | recalled | ordinary
Google | Cloud Storage HMAC key id | GOOG1E | U | 55 | recalled
Google | Cloud Storage HMAC key id, older | GOOG | U | 20 | recalled | ordinary
DigitalOcean | personal access token | dop_v1_ | H | 64 | trufflehog
DigitalOcean | OAuth token | doo_v1_ | H | 64 | trufflehog
DigitalOcean | refresh token | dor_v1_ | H | 64 | trufflehog
Heroku | API key | HRKU- | W | 36 | gitleaks
Fly.io | access token | fo1_ | W | 43 | gitleaks
Fly.io | macaroon | fm1a_ | B | 100 | gitleaks
Fly.io | macaroon | fm1r_ | B | 100 | gitleaks
Fly.io | macaroon | fm2_ | B | 100 | gitleaks
Cloudflare | global API key | cfk_ | A | 48 | cloudflare
Cloudflare | user API token | cfut_ | A | 48 | cloudflare
Cloudflare | account API token | cfat_ | A | 48 | cloudflare
Cloudflare | origin CA key | v1.0- | W | 171 | gitleaks | ordinary
Vercel | personal access token | vcp_ | W | 56 | vercel
Vercel | integration token | vci_ | W | 56 | vercel
Vercel | app access token | vca_ | W | 56 | vercel
Vercel | app refresh token | vcr_ | W | 56 | vercel
Vercel | API key | vck_ | W | 56 | vercel
Netlify | personal access token | nfp_ | W | 36 | recalled
Netlify | function and other tokens | nfc_ | W | 36 | recalled
Netlify | build token | nfb_ | W | 36 | recalled
Netlify | OAuth token | nfo_ | W | 36 | recalled
Netlify | user token | nfu_ | W | 36 | recalled
Render | API key | rnd_ | A | 28 | betterleaks | ordinary
Supabase | personal access token | sbp_ | A | 40 | betterleaks
Supabase | OAuth token | sbp_oauth_ | A | 40 | public
Supabase | secret key | sb_secret_ | W | 31 | betterleaks
PlanetScale | service token | pscale_tkn_ | D | 43 | gitleaks
PlanetScale | database password | pscale_pw_ | D | 43 | gitleaks
PlanetScale | OAuth token | pscale_oauth_ | D | 43 | gitleaks
Scaleway | access key | SCW | U | 17 | recalled | ordinary
Exoscale | API key | EXO | A | 26 | betterleaks | ordinary
UpCloud | API token | ucat_ | A | 26 | betterleaks
Scalingo | API token | tk-us- | W | 48 | gitleaks
Aiven | service password | AVNS_ | W | 19 | public
Neon | API key | napi_ | A | 64 | betterleaks
CockroachDB | Cloud API key | CCDB1_ | W | 63 | betterleaks
DataStax | Astra token | AstraCS: | X | 89 | betterleaks
MongoDB | Atlas service account secret | mdb_sa_sk_ | W | 40 | betterleaks
Elastic | Cloud API key | essu_ | B | 60 | betterleaks
Yandex Cloud | API key | AQVN | W | 36 | gitleaks | ordinary
Yandex Cloud | static access secret | YC | W | 38 | gitleaks | ordinary
Yandex Cloud | OAuth token | y0_ | W | 55 | recalled | ordinary
Yandex Cloud | IAM token | t1. | D | 100 | gitleaks | ordinary
Databricks | personal access token | dapi | W | 32 | gitleaks | ordinary
Databricks | OAuth secret | dose | W | 32 | kingfisher | ordinary
Deno Deploy | account token | ddp_ | A | 36 | betterleaks
Deno Deploy | workspace token | ddw_ | A | 36 | trufflehog
# code and CI
GitHub | personal access token | ghp_ | A | 36 | github-blog
GitHub | OAuth access token | gho_ | A | 36 | github-blog
GitHub | user-to-server token of an app | ghu_ | A | 36 | github-blog
GitHub | installation token of an app | ghs_ | W | 36 | github-blog
GitHub | refresh token | ghr_ | A | 76 | github-blog
GitHub | fine-grained personal access token | github_pat_ | W | 82 | gitleaks
GitLab | personal access token | glpat- | D | 20 | gitlab
GitLab | deploy token | gldt- | D | 20 | gitlab
GitLab | runner authentication token | glrt- | D | 20 | gitlab
GitLab | runner registration token | glrtr- | D | 20 | gitlab
GitLab | runner registration token, older | GR1348941 | W | 20 | gitleaks
GitLab | CI job token | glcbt- | D | 20 | gitlab
GitLab | pipeline trigger token | glptt- | D | 40 | gitlab
GitLab | feed token | glft- | D | 20 | gitlab
GitLab | incoming mail token | glimt- | D | 25 | gitlab
GitLab | agent for Kubernetes token | glagent- | D | 50 | gitlab
GitLab | OAuth application secret | gloas- | D | 64 | gitlab
GitLab | SCIM token | glsoat- | D | 20 | gitlab
GitLab | feature flags client token | glffct- | D | 20 | gitlab
GitLab | workspace token | glwt- | D | 20 | gitlab
Atlassian | API token | ATATT3 | B | 186 | trufflehog
Atlassian | connect and access token | ATCTT3 | B | 186 | trufflehog
Atlassian | Bitbucket app password | ATBB | B | 32 | trufflehog
Atlassian | Bitbucket Data Center token | BBDC- | B | 44 | trufflehog
CircleCI | personal access token | CCIPAT_ | W | 63 | trufflehog
CircleCI | project token | CCIPRJ_ | W | 63 | public
Buildkite | API access token | bkua_ | A | 40 | buildkite
Buildkite | agent session token | bkaa_ | W | 75 | buildkite
Buildkite | agent job token | bkaj_ | W | 333 | buildkite
Buildkite | agent registration token | bkar_ | W | 73 | buildkite
Buildkite | cluster token | bkct_ | W | 73 | buildkite
Buildkite | cluster queue token | bkcq_ | W | 73 | buildkite
Buildkite | packages token | bkpt_ | W | 199 | buildkite
Buildkite | packages registry token | bkpat_ | W | 54 | buildkite
Buildkite | portal secret | bkps_ | W | 54 | buildkite
CodeRabbit | API key | cr- | H | 58 | titus | ordinary
Mergify | application key | mergify_application_key_ | W | 40 | betterleaks
Octopus Deploy | API key | API- | U | 26 | gitleaks | ordinary
Sourcegraph | access token | sgp_ | W | 40 | gitleaks | ordinary
Sourcegraph | license key token | slk_ | H | 64 | trufflehog
SonarQube | user token | squ_ | A | 40 | gitleaks
SonarQube | project token | sqp_ | A | 40 | gitleaks
SonarQube | global analysis token | sqa_ | A | 40 | gitleaks
SonarQube | Cloud token | sqco_ | A | 59 | trufflehog
Infracost | API key | ico- | A | 32 | gitleaks | ordinary
Snyk | access token | snyk_uat. | D | 40 | recalled
Snyk | service account token | snyk_sat. | D | 40 | recalled
StackHawk | API key | hawk. | D | 41 | titus | ordinary
Endor Labs | API key | endr+ | W | 16 | trufflehog
Val Town | API token | vtwn_ | W | 30 | betterleaks
# registries of packages and images
npm | access token | npm_ | A | 36 | gitleaks
PyPI | API token | pypi-AgEIcHlwaS5vcmc | W | 70 | gitleaks
PyPI | API token of the test index | pypi-AgENdGVzdC5weXBpLm9yZw | W | 70 | detect-secrets
Docker | personal access token | dckr_pat_ | W | 27 | trufflehog
Docker | organization access token | dckr_oat_ | W | 32 | trufflehog
Docker | Swarm join token | SWMTKN- | W | 70 | betterleaks
Docker | Swarm unlock key | SWMKEY- | B | 43 | betterleaks
RubyGems | API key | rubygems_ | H | 48 | gitleaks
crates.io | API token | cio | A | 32 | kingfisher | ordinary
NuGet | API key | oy2 | A | 43 | kingfisher | ordinary
JFrog | API key | AKCp | A | 69 | gitleaks
JFrog | reference token | cmVmdGtu | A | 56 | trufflehog
Clojars | deploy token | CLOJARS_ | A | 60 | gitleaks
Cloudsmith | API key | csa_ | A | 36 | betterleaks | ordinary
Packagist | API token | packagist_ | W | 60 | public | ordinary
OpenVSX | access token | ovsxat_ | W | 36 | public
# chat
Slack | bot token | xoxb- | W | 24 | slack
Slack | user token | xoxp- | W | 24 | slack
Slack | workspace token | xoxa- | W | 24 | slack
Slack | refresh token | xoxr- | W | 24 | slack
Slack | legacy token | xoxo- | W | 30 | gitleaks
Slack | legacy token | xoxs- | W | 30 | gitleaks
Slack | session token | xoxc- | W | 24 | betterleaks
Slack | session cookie | xoxd- | B | 24 | betterleaks
Slack | configuration token | xoxe- | W | 24 | gitleaks
Slack | rotated token | xoxe.xox | W | 24 | gitleaks
Slack | app-level token | xapp- | W | 24 | slack
Slack | workflow token | xwfp- | W | 24 | slack
# models
Anthropic | API key | sk-ant- | W | 95 | gitleaks
OpenAI | project key | sk-proj- | W | 100 | gitleaks | ordinary
OpenAI | service account key | sk-svcacct- | W | 100 | gitleaks | ordinary
OpenAI | admin key | sk-admin- | W | 100 | gitleaks | ordinary
OpenAI, DeepSeek, LiteLLM, Stability AI and others | API key | sk- | W | 20 | gitleaks | ordinary
OpenRouter | API key | sk-or- | W | 64 | betterleaks
Langfuse | secret key | sk-lf- | W | 36 | trufflehog
Groq | API key | gsk_ | A | 52 | betterleaks
xAI | API key | xai- | W | 80 | betterleaks | ordinary
Replicate | API token | r8_ | W | 37 | gitleaks | ordinary
Perplexity | API key | pplx- | A | 48 | gitleaks
NVIDIA | API key | nvapi- | W | 64 | betterleaks
Hugging Face | user access token | hf_ | A | 34 | gitleaks
Hugging Face | organization token | api_org_ | A | 34 | gitleaks
Pinecone | API key | pcsk_ | W | 69 | betterleaks
LangChain | LangSmith personal token | lsv2_pt_ | W | 43 | betterleaks
LangChain | LangSmith service key | lsv2_sk_ | W | 43 | betterleaks
Voyage AI | API key | pa- | W | 43 | titus | ordinary
Together AI | API key | tgp_v1_ | W | 43 | betterleaks
Fireworks AI | API key | fw_ | A | 22 | titus | ordinary
ElevenLabs, Paystack, Clerk, WorkOS | API key | sk_ | W | 40 | trufflehog | ordinary
Cerebras | API key | csk- | A | 48 | betterleaks
Tavily | API key | tvly- | W | 32 | titus
Jina AI | API key | jina_ | W | 60 | titus
E2B | API key | e2b_ | H | 40 | recalled
RunPod | API key | rpa_ | A | 30 | betterleaks | ordinary
Firecrawl | API key | fc- | H | 32 | titus | ordinary
Friendli | token | flp_ | A | 46 | titus | ordinary
Weights & Biases | API key | wandb_v1_ | W | 77 | betterleaks
Devin | API key | apk_ | B | 80 | betterleaks | ordinary
Devin | service user token | cog_ | A | 52 | betterleaks | ordinary
Cursor | API key | key_ | H | 64 | titus | ordinary
Brave Search | API key | BSA | W | 24 | betterleaks | ordinary
Zuplo | API key | zpka_ | W | 41 | betterleaks
# payment
Stripe | secret key | sk_live_ | W | 24 | gitleaks
Stripe | test secret key | sk_test_ | W | 24 | gitleaks
Stripe | production secret key | sk_prod_ | W | 24 | gitleaks
Stripe | organization key | sk_org_ | W | 24 | recalled
Stripe | restricted key | rk_live_ | W | 24 | gitleaks
Stripe | test restricted key | rk_test_ | W | 24 | gitleaks
Stripe | production restricted key | rk_prod_ | W | 24 | gitleaks
Stripe | webhook signing secret | whsec_ | B | 32 | recalled
Square | access token | EAAA | W | 60 | gitleaks | ordinary
Square | access token, older | sq0atp- | W | 22 | gitleaks
Square | OAuth secret | sq0csp- | W | 43 | detect-secrets
PayPal, Braintree | access token | access_token$ | X | 50 | titus
Razorpay | key | rzp_live_ | A | 14 | trufflehog
Razorpay | test key | rzp_test_ | A | 14 | titus
Paddle | API key | pdl_live_apikey_ | W | 53 | betterleaks
Paddle | sandbox API key | pdl_sdbx_apikey_ | W | 53 | recalled
Flutterwave | secret key | FLWSECK- | W | 34 | trufflehog
Flutterwave | test secret key | FLWSECK_TEST- | W | 12 | gitleaks
Lob, Mollie, GoCardless, Scale | live key | live_ | W | 30 | gitleaks | ordinary
Lob, Mollie, GoCardless, Scale | test key | test_ | W | 30 | gitleaks | ordinary
Pagar.me | API key | ak_live_ | A | 30 | trufflehog
Mercury | API token | mercury_ | W | 40 | betterleaks | ordinary
Asaas | API token | $aact_ | B | 40 | betterleaks
Ramp | client secret | ramp_sec_ | A | 48 | trufflehog
Polar | organization token | polar_oat_ | W | 40 | betterleaks
Polar | access token | polar_at_ | W | 40 | betterleaks
Polar | personal token | polar_pat_ | W | 40 | betterleaks
Polar | other tokens and secrets | polar_ | W | 40 | recalled | ordinary
Midtrans | server key | Mid-server- | W | 24 | public
Midtrans | sandbox server key | SB-Mid-server- | W | 24 | public
# monitoring
New Relic | user key | NRAK- | A | 27 | trufflehog
New Relic | browser key | NRJS- | A | 19 | gitleaks
New Relic | insert key | NRII- | W | 32 | titus
New Relic | query key | NRIQ- | W | 32 | titus
New Relic | admin key | NRAA- | A | 27 | titus
New Relic | REST API key | NRRA- | A | 42 | titus
New Relic | mobile and browser keys | NRBR- | A | 19 | trufflehog
Grafana | service account token | glsa_ | W | 41 | gitleaks
Grafana | Cloud access policy token | glc_ | B | 60 | gitleaks
Grafana | API key, older | eyJrIjoi | B | 70 | gitleaks
Dynatrace | token | dt0 | D | 90 | kingfisher | ordinary
Datadog | personal access token | ddpat_ | W | 40 | datadog
Datadog | service access token | ddsat_ | W | 40 | datadog
Datadog | application key | ddapp_ | A | 34 | datadog
Sentry | organization token | sntrys_ | B | 100 | gitleaks
Sentry | user token | sntryu_ | H | 64 | gitleaks
Sentry | app token | sntrya_ | H | 64 | public
Sentry | integration token | sntryi_ | H | 64 | public
Honeycomb | ingest key | hcaik_ | A | 58 | public
Honeycomb | configuration key | hcaic_ | A | 58 | public
Honeycomb | management key | hcamk_ | A | 58 | public
PostHog | personal API key | phx_ | W | 43 | betterleaks | ordinary
PostHog | secure API key | phs_ | W | 43 | kingfisher | ordinary
PostHog | OAuth token | pha_ | W | 40 | kingfisher | ordinary
PostHog | refresh token | phr_ | W | 40 | kingfisher | ordinary
Rootly | API key | rootly_ | H | 64 | trufflehog
incident.io | API key | inc_ | H | 64 | recalled | ordinary
OneSignal | API key | os_v2_ | W | 103 | betterleaks
# infrastructure
HashiCorp | Vault service token | hvs. | W | 90 | gitleaks
HashiCorp | Vault batch token | hvb. | W | 138 | gitleaks
HashiCorp | Vault recovery token | hvr. | W | 90 | titus
HashiCorp | Vault token, older | s. | A | 24 | gitleaks | ordinary
HashiCorp | Vault batch token, older | b. | W | 100 | titus | ordinary
Doppler | personal token | dp.pt. | D | 40 | trufflehog
Doppler | service token | dp.st. | D | 40 | trufflehog
Doppler | CLI token | dp.ct. | D | 40 | trufflehog
Doppler | service account token | dp.sa. | D | 40 | trufflehog
Doppler | SCIM token | dp.scim. | D | 40 | trufflehog
Doppler | audit token | dp.audit. | D | 40 | trufflehog
Pulumi | access token | pul- | A | 40 | gitleaks | ordinary
1Password | service account token | ops_eyJ | B | 250 | gitleaks
Infisical | service token | st. | D | 80 | recalled | ordinary
Confluent | API secret | cflt | B | 60 | titus | ordinary
Tailscale | key | tskey- | W | 20 | betterleaks
Prefect | user key | pnu_ | A | 36 | gitleaks
Prefect | service account key | pnb_ | A | 36 | recalled
OpenShift | OAuth token | sha256~ | W | 43 | gitleaks
Defined Networking | API key | dnkey- | W | 79 | gitleaks
ConfigCat | SDK key | configcat-sdk- | B | 44 | betterleaks
DevCycle | server key | dvc_server_ | W | 20 | betterleaks
Unkey | root key | unkey_ | A | 20 | betterleaks
Okta, Netflix and others | token by RFC 8959 | secret-token: | X | 20 | rfc8959
LocalStack | auth token | ls- | W | 36 | recalled | ordinary
Meraki, Samsara | API token | samsara_api_ | A | 28 | betterleaks
Thunderstore | token | tss_ | W | 32 | betterleaks | ordinary
# work
Postman | API key | PMAK- | W | 59 | gitleaks
Postman | collection key | PMAT- | A | 26 | public
Linear | API key | lin_api_ | A | 40 | gitleaks
Linear | OAuth token | lin_oauth_ | A | 64 | recalled
Linear | webhook secret | lin_wh_ | A | 40 | public
Notion | API token | ntn_ | A | 46 | gitleaks
Notion | integration token, older | secret_ | A | 43 | trufflehog | ordinary
Figma | personal access token | figd_ | W | 40 | betterleaks
Figma | plan and SCIM token | figp_ | W | 40 | trufflehog
Figma | other token | figu_ | W | 40 | public
Shopify | access token | shpat_ | A | 32 | gitleaks
Shopify | custom app token | shpca_ | A | 32 | gitleaks
Shopify | private app password | shppa_ | A | 32 | gitleaks
Shopify | shared secret | shpss_ | A | 32 | gitleaks
Shopify | user token | shpua_ | A | 32 | recalled
Shopify | partner token | prtapi_ | A | 32 | public
Shopify | logistics token | shltm_ | W | 40 | kingfisher
Mailgun | API key | key- | A | 32 | trufflehog | ordinary
Mailchimp | Mandrill API key | md- | W | 22 | recalled | ordinary
Mailersend | API token | mlsn. | W | 64 | betterleaks
Brevo | API key | xkeysib- | W | 81 | gitleaks
Brevo | SMTP key | xsmtpsib- | W | 81 | public
Resend | API key | re_ | W | 33 | titus | ordinary
Typeform | personal access token | tfp_ | D | 40 | trufflehog
Contentful | personal access token | CFPAT- | W | 43 | gitleaks
Duffel | access token | duffel_live_ | W | 43 | gitleaks
Duffel | test access token | duffel_test_ | W | 43 | gitleaks
Frame.io | developer token | fio-u- | W | 64 | gitleaks
EasyPost | API key | EZAK | A | 54 | gitleaks
EasyPost | test API key | EZTK | A | 54 | gitleaks
Shippo | live token | shippo_live_ | A | 40 | gitleaks
Shippo | test token | shippo_test_ | A | 40 | gitleaks
ReadMe | API key | rdme_ | A | 70 | gitleaks
Dropbox | access token | sl. | D | 130 | gitleaks | ordinary
Facebook | page token | EAAM | A | 100 | gitleaks
Facebook | page token | EAAC | A | 60 | gitleaks
Instagram | access token | IGQ | W | 100 | titus | ordinary
Pinterest | access token | pina_ | W | 64 | betterleaks
Pinterest | refresh token | pinr_ | W | 64 | recalled
Twitter | bearer token | AAAAAAAAAAAAAAAAAAAAA | X | 80 | gitleaks
Mapbox | secret token | sk.eyJ | D | 80 | kingfisher
Lichess | personal access token | lip_ | A | 20 | betterleaks | ordinary
Adafruit | IO key | aio_ | A | 28 | trufflehog | ordinary
Adobe | client secret | p8e- | W | 32 | gitleaks
Apify | API token | apify_api_ | A | 36 | trufflehog
Iterative | DVC Studio token | isat_ | W | 40 | recalled | ordinary
FullStory | API key | na1. | B | 100 | trufflehog | ordinary
Ionic | token | ion_ | A | 42 | betterleaks | ordinary
Wakatime | API key | waka_ | W | 36 | betterleaks
Wakatime | app secret | waka_sec_ | W | 40 | public
Canva | app secret | cnvca | W | 51 | betterleaks
42 | client secret | s-s4t2 | W | 64 | gitleaks
SettleMint | application token | sm_aat_ | A | 16 | gitleaks
SettleMint | personal token | sm_pat_ | A | 16 | gitleaks
SettleMint | service token | sm_sat_ | A | 16 | gitleaks
Telnyx | API key | KEY0 | W | 50 | recalled | ordinary
HOP | personal token | ptk_ | W | 40 | recalled | ordinary
Chief Tools | token | ctp_ | W | 40 | recalled | ordinary
Persona | production key | persona_production_ | W | 36 | betterleaks
Persona | sandbox key | persona_sandbox_ | W | 36 | recalled
Onfido | live token | api_live | D | 32 | betterleaks | ordinary
Onfido | sandbox token | api_sandbox | D | 32 | recalled | ordinary
Proof | API key | prf_ | W | 32 | betterleaks | ordinary
Aikido | CI token | AIK_CI_ | A | 32 | betterleaks
Aikido | client secret | AIK_SECRET_ | A | 64 | betterleaks
Workato | API token | wrka | D | 100 | betterleaks | ordinary
Riot Games | API key | RGAPI- | W | 36 | titus
Branch | live key | key_live_ | A | 32 | titus
PubNub | secret key | sec-c- | B | 48 | recalled
Dependency-Track | API key | odt_ | A | 32 | kingfisher
Segment | public API token | sgp_ | A | 64 | titus | ordinary
Ubidots | token | BBFF- | A | 30 | trufflehog
Nightfall | API key | NF- | A | 32 | trufflehog | ordinary
Fleetbase | API key | flb_live_ | A | 20 | titus
Voiceflow | API key | VF. | D | 41 | trufflehog | ordinary
Salad Cloud | API key | salad_cloud_ | W | 40 | trufflehog
# others, and the same in base64
Google | service account, base64 | ewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCI | B | 40 | titus
Google | service account, base64 | eyJ0eXBlIjoic2VydmljZV9hY2NvdW50Ii | B | 40 | titus
Google | API key, base64 | QUl6YVN | B | 45 | titus
Docker | configuration with credentials, base64 | eyJhdXRocyI6 | B | 24 | titus
Docker | configuration with credentials, base64 | ewogICJhdXRocyI6 | B | 24 | titus
Docker | configuration with credentials, base64 | ewoJImF1dGhzIj | B | 24 | titus
Twilio | API key | SK | A | 32 | gitleaks | ordinary
Twilio | account id | AC | A | 32 | trufflehog | ordinary
Harness | personal access token | pat. | D | 66 | betterleaks | ordinary
Harness | service account token | sat. | D | 66 | betterleaks | ordinary
# keys that stand alone
age | identity | AGE-SECRET-KEY-1 | U | 58 | gitleaks
age | post-quantum identity | AGE-SECRET-KEY-PQ-1 | U | 58 | recalled
age | identity of a plugin | AGE-PLUGIN- | W | 20 | recalled
"""

_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# issuer | what | hints | source, and whether it is ordinary | shape, which goes on where a line begins with blanks
_PATTERNS = r"""
AWS | secret access key beside its id | AKIA ASIA | recalled |
  (?:AKIA|ASIA)[A-Z0-9]{16}(?:\t[\d:TZ+-]{10,30})?[\"' \t]{0,3}[,:;|\t ]
  [\"' \t]{0,3}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])
Azure | client secret | Q~ | gitleaks | (?<![\w~.])[\w~.]{3}\dQ~[\w~.-]{24,40}
Azure | DevOps personal access token | AZDO | titus | (?<![A-Za-z0-9])[^\W_]{70,80}AZDO\w{4,5}
Azure | key signed by its service | ASt ABa AMC ARm ASb AEh ACR AIoT AZEG ACDb AzFu AzSe AzCa APIM | trufflehog |
  (?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40,78}(?:\+?A(?:St|Ba|MC|Rm|Sb|Eh|CR|IoT|ZEG)|ACDb|AzFu|AzSe|AzCa|APIM)
  [A-Za-z0-9/+]{4,8}={1,2}(?![A-Za-z0-9/+=])
HashiCorp | Terraform token | .atlasv1. | gitleaks | [A-Za-z0-9]{14}\.atlasv1\.[\w=-]{24,}
ClickHouse | Cloud API secret | 4b1d | gitleaks | (?<!\w)4b1d(?=[0-9a-f]*[g-zA-Z])\w{38}(?!\w)
Slack | webhook or workflow | hooks.slack | gitleaks |
  hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/((?=[A-Za-z/]*\d)[\w/+%-]{8,})
Discord | webhook | /webhooks/ | trufflehog | /api/(?:v\d+/)?webhooks/\d{15,}/([\w-]{20,})
Discord | bot token | MT MD Mz ND NT Nj Nz OD OT | detect-secrets |
  (?<![\w.-])[MNO][\w-]{22,28}\.[\w-]{6}\.[\w-]{27,40}(?![\w.-])
Microsoft | Teams webhook | webhook.office.com/ outlook.office.com/ | gitleaks |
  office\.com/webhook(?:b2)?/([\w@/-]{32,})
Telegram | bot token | :AA | titus | (?<![\w-])(?:bot)?\d{6,12}:(AA[\w-]{28,40})
Anaconda | token in the URL of a channel | /t/ | anaconda ordinary | /t/((?:[a-z]{2}-)?[\w-]{32,})(?=/)
Zapier | webhook | hooks.zapier.com/ | trufflehog | hooks\.zapier\.com/hooks/catch/([\w/]{8,})
Make | webhook | .make.com/ | recalled | hook\.[\w.]{2,12}\.make\.com/(\w{20,})
Tines | webhook | .tines.com/ | trufflehog | \.tines\.com/webhook/(\w{32}/\w{32})
Mattermost | webhook | /hooks/ | titus | /hooks/([a-z0-9]{26})(?!\w)
Lark | bot webhook | /bot/v2/hook/ | recalled | /bot/v2/hook/({UUID})
WeCom | bot webhook | /webhook/send?key= | recalled | /webhook/send\?key=({UUID})
Healthchecks | ping URL | hc-ping.com/ | recalled | hc-ping\.com/({UUID})
PagerDuty | integration URL | .pagerduty.com/integration/ | recalled | /integration/(\w{32})/
IFTTT | webhook | maker.ifttt.com/ | recalled | /with/key/([\w-]{16,})
Airtable | personal access token | pat | gitleaks | (?<![A-Za-z0-9])pat\w{14}\.\w{32,}
Asana | personal access token | 1/ 2/ | recalled | (?<![\w/])[12](?:/\d{13,}){1,2}:(\w{32})(?!\w)
Adyen | API key | AQE | recalled ordinary | (?<![A-Za-z0-9+/])AQE(?!B)[A-Za-z0-9+/]{30,}={0,2}
ClickUp | personal token | pk_ | kingfisher | (?<!\w)pk_\d{5,9}_[A-Z0-9]{20,}
HubSpot | private app token | pat- | trufflehog | (?<![\w-])pat-[a-z]{2}\d-{UUID}
LaunchDarkly | SDK key | sdk- | trufflehog | (?<![\w-])sdk-{UUID}
Mailchimp | API key | -us | detect-secrets | (?<!\w)[A-Za-z0-9]{32}-us\d{1,2}(?!\w)
Mailgun | API key | - | trufflehog | (?<![\w-])[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![\w-])
SendGrid | API key | SG. | detect-secrets ordinary | (?<![A-Za-z0-9])SG\.[\w-]{16,}(?:\.[\w-]{16,})?
Zoho | OAuth token | 1000. | trufflehog | (?<![\w.])1000\.[0-9a-f]{32}\.[0-9a-f]{32}
Salesforce | access token | 00D | trufflehog | (?<!\w)00D\w{12}!([\w.]{40,})
MaxMind | licence key | _mmk | gitleaks | (?<!\w)\w{6}_\w{29}_mmk
Tableau | personal access token | ==: | betterleaks | (?<![\w/+])[\w/+]{22}==:\w{32}(?!\w)
Firebase | Cloud Messaging server key | AAAA | titus | (?<![\w/+])AAAA[\w-]{7}:[\w-]{100,}
Authress | service client access key | .acc_ .acc- | gitleaks |
  (?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][\w-]{10,32}\.[\w+/=-]{24,}
Plaid | access token | access- | titus | (?<![\w-])access-[a-z]{7,11}-{UUID}
New Relic | licence key | NRAL NRMA | trufflehog | (?<!\w)\w{32,42}-?NR(?:AL|MA)(?!\w)
Rancher | API token | token- kubeconfig- | recalled | (?:token|config)-[\w-]{5,40}:([a-z0-9]{54})
1Password | secret key | A3- | gitleaks | (?<![\w-])A3(?:-[A-Z0-9]{5,11}){4,6}(?![\w-])
JSON web token | token | eyJ | rfc7519 |
  (?:(?<![\w-])|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})|(?<=[\[;]\dm)|(?<=[\[;]\d\dm))
  eyJ[\w-]{8,8000}+\.(?:(?:[\w-]{0,16000}+\.){1,3}[\w-]{0,8000}+|eyJ[\w-]{8,8000}+)
crypt | hash of a password | $1$ $2 $5$ $6$ $y$ $apr1$ $argon2 $pbkdf2 $scrypt$ | titus |
  \$(?:[156y]|2[abxy]|apr1|scrypt|argon2\w{1,2}|pbkdf2[\w-]{0,10})\$[\w./$=,+-]{20,400}
LDAP | hash of a password | {S {s | recalled | \{(?i:s?sha(?:256|512)?|smd5)\}([\w+/=]{24,})
"""
