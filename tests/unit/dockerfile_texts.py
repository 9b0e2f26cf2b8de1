"""Dockerfiles nobody wrote: of the instructions people write, of faults they make, and of things no rule knows."""

from __future__ import annotations

from hypothesis import strategies as st

IMAGES = st.sampled_from(
    "python python:3.12-slim node:22 node:8 node golang:1.24-bookworm golang:1.24 golang:1.24-alpine3.21 debian:12 "
    "ubuntu:latest alpine:3.21 example.test/own/image:1 ${BASE} scratch rust:1.85 maven:3.9 build ubuntu:14.04 "
    "debian:8 debian:bullseye-slim python:2.7.8 python:${V}-bookworm alpine:3.2 node:22-alpine golang:1.22-nanoserver "
    "nvidia/cuda:12-ubuntu22.04 ubuntu:16.04 python@sha256:00 debian:stable".split()
)
NAMES = st.sampled_from("curl git make vim libpq-dev ca-certificates unheard-of=1.2 $EXTRA".split())
PACKAGES = st.lists(NAMES, max_size=3)
OPTIONS = st.sampled_from(["", " -y", " -qq", " --no-install-recommends", " -o Dpkg::Use-Pty=0", " -y --no-upgrade"])
PLACES = st.sampled_from("/srv/app /app . ./ src /opt/x/ $HOME ../up / /tmp".split())
BREAKS = st.sampled_from([" ", " \\\n    ", " \\\n# between\n    ", "  ", " \\  \n\n  "])


@st.composite
def apt(draw: st.DrawFn) -> str:
    verb = draw(st.sampled_from(["apt-get", "apt", "DEBIAN_FRONTEND=noninteractive apt-get"]))
    names = " ".join(draw(PACKAGES))
    install = f"{verb} install{draw(OPTIONS)} {names}".strip()
    others = [f"{verb} upgrade -y", f"{verb} -y full-upgrade", f"{verb} autoremove -y", f"{verb} install -y 'lib*-dev'"]
    return draw(st.sampled_from([f"{verb} update", install, *others]))


COMMANDS = st.one_of(
    apt(),
    st.sampled_from(
        [
            "pip install -r requirements.txt",
            "pip install --no-cache-dir flask==3.1.0",
            "python -m pip install flask",
            "pip3 install .",
            "npm install",
            "npm i --no-audit",
            "npm ci",
            "npm install -g serve",
            "npm run build",
            "apk update",
            "apk add curl",
            "apk add --no-cache git",
            "go mod download",
            "go build -o /usr/local/bin/it .",
            "go build -o it ./cmd",
            "cd /srv/app",
            "cd src",
            "cd /",
            "cd $HOME",
            "mkdir -p /srv/app",
            "useradd -u 1001 app",
            "chown -R app:app /srv/app",
            "chown -R node:node /srv/app",
            "curl -fsSL https://example.test/x | sh",
            "echo 'a && b' > /tmp/x",
            'echo "quoted # no comment"',
            "./setup.sh",
            "make",
            "false || true",
            "(cd /x && make)",
            "export A=1",
            "rm -rf /var/lib/apt/lists/*",
            "echo $(date)",
            "if true; then echo yes; fi",
            "cd -",
            "cd ..",
            "cd ../lib",
            'cp a "$OLDPWD/a"',
            "make PREFIX=$PWD",
            ". ./env.sh",
            "pushd src",
            "pip install --upgrade pip",
            "pip install 'pip<6'",
            "pip cache purge",
            "rm -r /root/.cache",
            "rm -r /var/lib/apt/lists/*",
            "apk add -U git",
            "apk info",
            "rm /var/cache/apk/*",
            "npm install -g npm@9",
            "rm -rf /srv/app",
            "sed -i s/main/sid/ /etc/apt/sources.list",
            "cd C:\\tools",
            "hugo --minify",
            "git describe",
        ]
    ),
)


@st.composite
def run(draw: st.DrawFn) -> str:
    commands = draw(st.lists(COMMANDS, min_size=1, max_size=4))
    flags = draw(st.sampled_from(["", "", "", " --mount=type=cache,target=/root/.cache", " --network=none"]))
    return f"RUN{flags} " + f"{draw(BREAKS)}&& ".join(commands)


@st.composite
def copy(draw: st.DrawFn) -> str:
    everything = (
        ". ./ requirements.txt package.json package-lock.json package*.json go.mod main.go *.go src/ x.tar.gz d"
    )
    source = st.sampled_from(everything.split())
    keyword = draw(st.sampled_from(["COPY", "ADD", "copy", "Add"]))
    flags = draw(st.sampled_from(["", "", "", " --chown=node:node", " --from=build", " --chown=app"]))
    sources = " ".join(draw(st.lists(source, min_size=1, max_size=2, unique=True)))
    return f"{keyword}{flags} {sources} {draw(PLACES)}"


OTHERS = st.sampled_from(
    [
        "WORKDIR /srv/app",
        "WORKDIR src",
        "WORKDIR $HOME",
        "ENV A=1 B=two",
        "ENV PIP_NO_CACHE_DIR=1",
        "ENV CGO_ENABLED=0",
        "ARG VERSION=1",
        "EXPOSE 8080",
        "EXPOSE 80/tcp",
        "EXPOSE 3000",
        "USER node",
        "VOLUME /data",
        "LABEL a=b",
        "CMD python app.py",
        "CMD exec npm start",
        "CMD cd /srv/app && python app.py",
        'CMD ["python", "app.py"]',
        "CMD /usr/local/bin/it --port 1",
        "ENTRYPOINT ./it",
        'ENTRYPOINT ["/bin/it"]',
        "ENTRYPOINT python app.py",
        'ENTRYPOINT ["/entrypoint.sh"]',
        'CMD ["gosu", "app", "python", "app.py"]',
        'CMD ["node", "server.js"]',
        "CMD bash",
        "CMD ./start.sh",
        "CMD echo hello",
        "CMD C:\\it.exe",
        "WORKDIR C:\\it",
        "HEALTHCHECK CMD curl -f http://127.0.0.1/ || exit 1",
        'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
        'SHELL ["powershell", "-Command"]',
        'SHELL ["/bin/bash", "-lc"]',
        "RUN useradd -u 1001 app && chown -R app:app /srv/app",
        "ONBUILD RUN apt-get install curl",
        "STOPSIGNAL SIGINT",
        "RUN <<EOF\napt-get update\n# inside\napt-get install curl\nEOF",
        "COPY <<-'THE-END' /etc/x\n\tvalue # kept\n\tTHE-END",
        'RUN ["apt-get", "install", "curl"]',
    ]
)
GAPS = st.sampled_from(
    ["", "", "\n", "# a comment\n", "#a comment\\\n", "  # indented\n\n", "# hadolint ignore=DL3008\n"]
)
HEADS = st.sampled_from(
    [
        "",
        "",
        "",
        "# syntax=docker/dockerfile:1\n",
        "# syntax=example.test/other\n",
        "# escape=`\n",
        "ARG BASE=python\n",
        "# hello\n",
    ]
)
STRANGE = st.sampled_from(["FROBNICATE all the things", "INCLUDE+ x", "run2 apt-get install curl", "{{ template }}"])


@st.composite
def dockerfiles(draw: st.DrawFn, strange: bool = False) -> str:
    """Files a builder would read; with `strange` also instructions that no builder has."""
    instructions = st.one_of(run(), run(), copy(), OTHERS, *([STRANGE] if strange else []))
    text = draw(HEADS)
    for number in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(["", " AS build", " as Final"])) if number == 0 else ""
        text += f"FROM {draw(IMAGES)}{name}\n"
        for instruction in draw(st.lists(instructions, max_size=9)):
            text += f"{draw(GAPS)}{instruction}\n"
    text = text.replace("\\", "`") if "escape=" in text else text
    return text if draw(st.booleans()) else text.rstrip("\n")


REQUIREMENTS = "flask==3.1.0\n# a remark\nrequests[socks]>=2 ; python_version > '3'\n"
PACKAGE = '{"name": "x", "dependencies": {"left-pad": "^1.3.0"}}'
LOCK = (
    '{"lockfileVersion": 3, "packages": {"": {"name": "x", "dependencies": {"left-pad": "^1.3.0"}}, '
    '"node_modules/left-pad": {"version": "1.3.0"}}}'
)
MANIFESTS = {
    "requirements.txt": REQUIREMENTS,
    "package.json": PACKAGE,
    "package-lock.json": LOCK,
    ".dockerignore": "node_modules\n",
    "go.mod": "module example.test/it\n\ngo 1.24\n",
}
