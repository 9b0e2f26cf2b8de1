"""Each rule where it is sure, and where it is not."""

from __future__ import annotations

from pathlib import Path

import dockerfile_texts as texts
import pytest
from dockerfile_effects import differences, stages

from copilot.domain import Finding
from copilot.tools.dockerfiles.advice import further
from copilot.tools.dockerfiles.applying import improve
from copilot.tools.dockerfiles.reading import read_dockerfile
from copilot.tools.dockerfiles.rules import RULES

SAMPLES = Path(__file__).parents[2] / "samplefiles/dockerfiles"
BY_NAME = {rule.name: rule for rule in RULES}


def follow(name: str, text: str, others: dict[str, str] | None = None) -> str:
    """The text after one rule alone."""
    changes = improve(text, others or {}, [BY_NAME[name]])
    return changes[-1].after if changes else text


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("apt-get", "RUN apt update && apt install -y curl", "RUN apt-get update && apt-get install -y curl"),
        ("assume-yes", "RUN apt-get install curl", "RUN apt-get install -y curl"),
        (
            "no-recommends",
            "RUN apt-get install -y git \\\n    # why\n    make",
            "RUN apt-get install --no-install-recommends -y git \\\n    # why\n    make "
            "ca-certificates less openssh-client patch",
        ),
        ("combine", "RUN pip install a\nRUN pip install b", "RUN pip install a \\\n    && pip install b"),
        (
            "combine",
            "RUN npm ci\n# then\n\nRUN npm run build",
            "RUN npm ci \\\n# then\n    && npm run build",
        ),
        (
            "clean-lists",
            'RUN apt-get update && apt-get install -y x\nRUN pip install a\nCMD ["x"]',
            "RUN apt-get update && apt-get install -y x \\\n    && rm -rf /var/lib/apt/lists/*\nRUN pip install a\n"
            'CMD ["x"]',
        ),
        ("pip-no-cache", "RUN python3 -m pip install -r r.txt", "RUN python3 -m pip install --no-cache-dir -r r.txt"),
        ("copy-not-add", "add . /app", "copy . /app"),
        ("copy-not-add", "ADD --chown=1 a.json b.txt ./", "COPY --chown=1 a.json b.txt ./"),
        ("workdir-not-cd", "WORKDIR /a\nRUN cd /a && make x", "WORKDIR /a\nRUN make x"),
        (
            "workdir-not-cd",
            "WORKDIR /a\nRUN cd b && make x\nCOPY . .",
            "WORKDIR /a\nWORKDIR /a/b\nRUN make x\nWORKDIR /a\nCOPY . .",
        ),
        ("workdir-not-cd", "RUN cd /b && make x\nWORKDIR /a", "WORKDIR /b\nRUN make x\nWORKDIR /a"),
        ("exec-form", "CMD exec python 'my app.py'", 'CMD ["python", "my app.py"]'),
        ("exec-form", "CMD /usr/sbin/nginx -q", 'CMD ["/usr/sbin/nginx", "-q"]'),
        (
            "manifest-first",
            "WORKDIR /a\nCOPY . .\nRUN pip install -r requirements.txt",
            "WORKDIR /a\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .",
        ),
    ],
)
def test_where_a_rule_is_sure(rule: str, before: str, after: str) -> None:
    before, after = f"FROM python:3\n{before}\n", f"FROM python:3\n{after}\n"
    assert follow(rule, before, texts.MANIFESTS) == after
    assert differences(before, after) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("apt-get", "RUN apt list --installed"),
        ("assume-yes", "RUN apt-get install -qqy curl"),
        ("assume-yes", "RUN apt-get -o A=b install curl"),
        ("no-recommends", "RUN apt-get install -y curl unheard-of"),
        ("no-recommends", "RUN apt-get install -y $PACKAGES"),
        ("combine", "RUN pip install a\nENV A=1\nRUN pip install b"),
        ("combine", "RUN cd x && pip install a\nRUN pip install b"),
        ("combine", "RUN export A=1\nRUN export B=1"),
        ("combine", "RUN --mount=type=cache,target=/x pip install a\nRUN pip install b"),
        ("combine", "RUN pip install a\n# hadolint ignore=DL3013\nRUN pip install b"),
        ("combine", "RUN pip install a\nRUN npm ci"),
        ("clean-lists", "RUN apt-get install -y x"),
        ("clean-lists", 'RUN apt-get update && apt-get install -y x\nRUN apt-get install -y y\nCMD ["x"]'),
        ("clean-lists", 'RUN apt-get update && apt-get install -y x\nRUN ./setup.sh\nCMD ["x"]'),
        (
            "clean-lists",
            'FROM debian:12 AS a\nRUN apt-get update && apt-get install -y x\nFROM a\nRUN true | sh\nCMD ["x"]',
        ),
        ("pip-no-cache", "ENV PIP_CACHE_DIR=/x\nRUN pip install a"),
        ("pip-no-cache", "RUN --mount=type=cache,target=/root/.cache pip install a"),
        ("copy-not-add", "ADD app.tar.gz /app"),
        ("copy-not-add", "ADD app /app"),
        ("copy-not-add", "ADD https://example.test/x.json /app"),
        ("workdir-not-cd", "RUN cd /b && make x\nCOPY . ."),
        ("workdir-not-cd", "RUN cd /b && make x\nFROM debian:12"),
        ("workdir-not-cd", "RUN cd $HOME && make x\nWORKDIR /a"),
        ("exec-form", "CMD python $APP"),
        ("exec-form", "CMD cd /a && python app.py"),
        ("exec-form", "CMD A=1 python app.py"),
        ("exec-form", "CMD source x"),
        ("exec-form", "CMD ./start.sh"),
        ("exec-form", 'ENTRYPOINT ["/init"]\nCMD python app.py'),
        ("exec-form", 'SHELL ["/bin/bash", "-lc"]\nCMD python app.py'),
        ("manifest-first", "COPY . .\nRUN pip install -r requirements.txt"),
        ("manifest-first", "WORKDIR /a\nCOPY . .\nRUN pip install -e ."),
        ("manifest-first", "WORKDIR /a\nCOPY . .\nRUN pip install -r other.txt"),
        ("manifest-first", "WORKDIR /a\nCOPY . /b\nRUN pip install -r requirements.txt"),
        ("manifest-first", "WORKDIR /a\nCOPY . .\nRUN npm ci && npm run build"),
        ("user", 'WORKDIR /a\nCOPY . .\nCMD ["python", "app.py"]'),
    ],
)
def test_where_it_is_not(rule: str, text: str) -> None:
    text = f"FROM python:3\n{text}\n"
    assert follow(rule, text, texts.MANIFESTS) == text


NPM = "FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("package.json", '{"name": "x", "scripts": {"postinstall": "node x.js"}}'),
        ("package.json", '{"workspaces": ["a"]}'),
        ("package-lock.json", '{"packages": {"node_modules/p": {"hasInstallScript": true}}}'),
        ("package-lock.json", '{"packages": {"node_modules/p": {"resolved": "file:../p"}}}'),
        ("package-lock.json", '{"packages": [1]}'),
        ("package-lock.json", "no json"),
        (".dockerignore", "dist\n"),
        (".dockerignore", "node_modules\n!node_modules/kept\n"),
    ],
)
def test_npm_comes_first_only_where_nothing_of_the_source_is_asked_for(name: str, content: str) -> None:
    sure = follow("manifest-first", NPM, texts.MANIFESTS)
    assert "COPY package.json package-lock.json .npmrc* ./\nRUN npm ci\nCOPY . ." in sure
    assert follow("manifest-first", NPM, texts.MANIFESTS | {name: content}) == NPM


@pytest.mark.parametrize(
    "line", ["-r base.txt", "-e .", "./vendor/x.whl", "x-1.whl", "x @ file:///x", "--find-links ."]
)
def test_pip_comes_first_only_where_nothing_of_the_source_is_asked_for(line: str) -> None:
    text = "FROM python:3\nWORKDIR /a\nCOPY . .\nRUN pip install -r requirements.txt\n"
    assert follow("manifest-first", text, {"requirements.txt": f"flask\n{line}\n"}) == text


@pytest.mark.parametrize(
    ("image", "copied", "command", "is_sure"),
    [
        ("node:22", "package.json package-lock.json ./", "npm install --omit=dev", True),
        ("node:8", "package.json package-lock.json ./", "npm install", False),
        ("example.test/node:22", "package.json package-lock.json ./", "npm install", False),
        ("node:22", "package*.json ./", "npm install", False),
        ("node:22", "package-lock.json /elsewhere/", "npm install", False),
        ("node:22", "package.json package-lock.json ./", "npm install left-pad", False),
        ("node:22", "package.json package-lock.json ./", "npm run x && npm install", False),
        ("node:22", "package.json package-lock.json .npmrc ./", "npm install", False),
        ("node:22", "package-lock.json ./\nCOPY . .", "npm install", False),
        ("node:10", "package.json package-lock.json ./", "npm install", False),
        ("node:16", "package.json package-lock.json ./", "npm install", True),
        ("node:22", "package.json package-lock.json ./\nRUN npm install -g npm@4", "npm install", False),
        ("node:22", "package.json package-lock.json ./\nENV NPM_CONFIG_PACKAGE_LOCK=false", "npm install", False),
    ],
)
def test_npm_ci_needs_the_lock_file_where_npm_runs(image: str, copied: str, command: str, is_sure: bool) -> None:
    text = f"FROM {image}\nWORKDIR /a\nCOPY {copied}\nRUN {command}\n"
    assert ("npm ci" in follow("npm-ci", text, texts.MANIFESTS)) is is_sure


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("package.json", None),
        ("package-lock.json", None),
        ("package.json", '{"name": "x", "dependencies": {"left-pad": "^1.3.0", "other": "1"}}'),
        ("package.json", '{"name": "x", "dependencies": {"left-pad": "^1.4.0"}}'),
        ("package.json", '{"name": "x", "dependencies": {"left-pad": "^1.3.0"}, "workspaces": ["a"]}'),
        ("package-lock.json", '{"lockfileVersion": 1, "dependencies": {"left-pad": {"version": "1.3.0"}}}'),
        ("package-lock.json", '{"lockfileVersion": 3, "packages": {"": {"dependencies": {"left-pad": "^1.3.0"}}}}'),
    ],
)
def test_npm_ci_needs_both_files_at_hand_and_in_agreement(name: str, content: str | None) -> None:
    """It ends the build where they disagree; npm install does not."""
    text = "FROM node:22\nWORKDIR /a\nCOPY package.json package-lock.json ./\nRUN npm install\n"
    assert "npm ci" in follow("npm-ci", text, texts.MANIFESTS)
    others = {key: value for key, value in (texts.MANIFESTS | {name: content}).items() if value is not None}
    assert follow("npm-ci", text, others) == text


def test_where_npm_ci_is_not_sure_it_is_said_what_it_takes() -> None:
    text = "FROM node:22\nWORKDIR /a\nCOPY package.json package-lock.json ./\nRUN npm install\n"
    (line,) = [line for line in further(read_dockerfile(text), (), {}) if "npm ci" in line]
    assert line.startswith("line 4: ") and "attach package.json and package-lock.json" in line
    other = texts.MANIFESTS | {"package.json": "{}"}
    (line,) = [line for line in further(read_dockerfile(text), (), other) if "npm ci" in line]
    assert "do not agree" in line
    assert not any("npm ci" in line for line in further(read_dockerfile(text.replace("install", "ci")), (), {}))


GO = (SAMPLES / "go/Dockerfile").read_text()
GO_SOURCES = {name: (SAMPLES / "go" / name).read_text() for name in ("go.mod", "main.go", "store.go")}


def test_one_go_program_moves_to_a_stage_of_its_own() -> None:
    (before,) = stages(GO)
    build, last = stages(improve(GO, GO_SOURCES)[-1].after)
    assert (build.base, build.effects, build.directory) == (before.base, before.effects, before.directory)
    assert (last.base, last.start, last.directory) == ("debian:bookworm-slim", before.start, before.directory)
    assert set(last.settings) >= set(before.settings)
    assert last.effects[-1] == ("copy", "--from=build", "/usr/local/bin/ledger", "to", "/usr/local/bin/ledger")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.24-bookworm", "1.24"),
        ("main.go store.go", "main.go templates/"),
        ("main.go store.go", "."),
        ("RUN go build", "RUN apt-get install -y git\nRUN go build"),
        ("CMD /usr/local/bin/ledger", "CMD /usr/local/bin/other"),
        ("-o /usr/local/bin/ledger .", "-o /usr/local/bin/ ./..."),
        ("EXPOSE 9090", "VOLUME /data"),
        ("ENV CGO_ENABLED=0", "ARG V\nENV CGO_ENABLED=$V"),
    ],
)
def test_anything_else_beside_the_go_program_keeps_it_where_it_is(old: str, new: str) -> None:
    assert old in GO
    after = improve(GO.replace(old, new), GO_SOURCES)[-1].after
    assert after.count("FROM ") == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("main.go", '"fmt"', '"fmt"\n\t"os/exec"'),
        ("main.go", '"fmt"', '"fmt"\n\t"syscall"'),
        ("store.go", 'import "sync"', 'import "C"\nimport "sync"'),
        ("store.go", "type store", 'var shell = "/bin/sh"\n\ntype store'),
        ("go.mod", "go 1.24\n", "go 1.24\n\nrequire example.test/git v1.0.0\n"),
        ("go.mod", None, None),
        ("store.go", None, None),
    ],
)
def test_a_go_program_that_may_run_or_read_what_the_image_has_stays_where_it_is(
    name: str, old: str | None, new: str | None
) -> None:
    sources = dict(GO_SOURCES)
    text = sources.pop(name)
    if old is not None and new is not None:
        assert old in text
        sources[name] = text.replace(old, new)
    after = improve(GO, sources)[-1].after
    assert after.count("FROM ") == 1
    (line,) = [line for line in further(read_dockerfile(after), (), sources) if "second stage" in line]
    assert "(git, a shell)" in line and "attach go.mod and its sources too" in line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RUN chown -R node:node /a\n", ""),
        ("EXPOSE 3000", "EXPOSE 80"),
        ("EXPOSE 3000", "VOLUME /a/data"),
        ("EXPOSE 3000", "USER root"),
        ('"x.js"', '"x.js", "--listen", "0.0.0.0:80"'),
        ('"x.js"', '"x.js", "--port", "443"'),
        ('"x.js"', '"x.js", "--data=/var/lib/x"'),
        ("EXPOSE 3000", "ENV PORT=80"),
        ("EXPOSE 3000", "ENV LOGS /var/log/x"),
        ("node:22", "example.test/node"),
    ],
)
def test_a_user_is_taken_only_where_the_file_has_prepared_it(old: str, new: str) -> None:
    text = 'FROM node:22\nWORKDIR /a\nCOPY . .\nRUN chown -R node:node /a\nEXPOSE 3000\nCMD ["node", "x.js"]\n'
    assert 'USER 1000\nCMD ["node"' in follow("user", text)
    assert old in text and follow("user", text.replace(old, new)) == text.replace(old, new)


def test_a_user_that_the_file_makes_is_taken_by_its_number() -> None:
    text = (
        "FROM debian:12\nWORKDIR /a\nCOPY . .\nRUN useradd -u 1007 app && chown -R app:app /a\nEXPOSE 8080\n"
        'CMD ["perl", "x.pl"]\n'
    )
    assert "USER 1007\nCMD" in follow("user", text)
    assert follow("user", text.replace("-u 1007 ", "")) == text.replace("-u 1007 ", "")


@pytest.mark.parametrize("head", ["# escape=`\n", "# syntax=example.test/other\n"])
def test_files_of_another_kind_are_left_alone(head: str) -> None:
    assert improve(f"{head}FROM python:3\nRUN apt-get install curl\n", {}) == ()


@pytest.mark.parametrize("language", ["python", "node", "go"])
def test_each_sample_improves_and_does_the_same(language: str) -> None:
    folder = SAMPLES / language
    others = {file.name: file.read_text() for file in folder.iterdir() if file.name != "Dockerfile"}
    text = (folder / "Dockerfile").read_text()
    rules = [rule for rule in RULES if rule.name != "run-stage"]
    after = improve(text, others, rules)[-1].after
    assert after != text and differences(text, after) == []


D = "sha256:" + "ab" * 32


def test_an_image_gets_the_digest_it_has_in_another_stage() -> None:
    text = f"FROM python:3.12-slim@{D} AS build\nFROM python:3.12-slim  AS run\nFROM python:3.12\nFROM build\n"
    assert follow("pin", text) == text.replace("slim  AS run", f"slim@{D}  AS run")
    two = text.replace("FROM python:3.12\n", f"FROM python:3.12-slim@{D.replace('ab', 'cd')}\n")
    assert follow("pin", two) == two


@pytest.mark.parametrize(
    ("runs", "after"),
    [
        ("RUN pip install flask\nRUN pip install -r requirements.txt", "RUN pip install flask==3.1.0\n"),
        ("RUN pip install -r requirements.txt Flask curl_cffi", "requirements.txt Flask==3.1.0 curl_cffi==0.7\n"),
        ("RUN pip install flask==3.0.0 && pip install -q flask gunicorn", "-q flask==3.0.0 gunicorn\n"),
        ("RUN pip install flask", None),
        ("RUN pip install -U flask\nRUN pip install -r requirements.txt", None),
        ("RUN pip install --target=/x flask\nRUN pip install -r requirements.txt", None),
        ("RUN pip3.9 install flask\nRUN pip install -r requirements.txt", None),
        ("RUN pip install requests\nRUN pip install -r requirements.txt", None),
        ("RUN pip install flask==1.0 && pip install flask\nRUN pip install -r requirements.txt", None),
        ("RUN pip install flask\nFROM python:3\nRUN pip install -r requirements.txt", None),
    ],
)
def test_a_package_gets_the_version_it_has_elsewhere_in_the_stage(runs: str, after: str | None) -> None:
    text = f"FROM python:3.12\nCOPY requirements.txt .\n{runs}\n"
    requirements = "flask==3.1.0  \ncurl-cffi==0.7\nrequests>=2\nx==1 ; python_version > '3'\n"
    new = follow("pin", text, {"requirements.txt": requirements})
    assert (after in new) if after else new == text


def test_what_only_a_registry_knows_is_advised_by_its_line_and_name() -> None:
    text = (
        "FROM python:3\nRUN apt-get update && apt-get install -y curl=7.88 git jq\n"
        "RUN pip install flask -r requirements.txt\nFROM node:22.11\nRUN npm i -g serve@14 @scope/left\n"
    )
    codes = [("DL3008", 2), ("DL3013", 3), ("DL3016", 5)]
    found = [Finding(code=code, level="warning", line=line, message="pin") for code, line in codes]
    lines = further(read_dockerfile(text), found, {})
    assert lines[0].startswith("line 1: python:3 can be another image at every build; pin it to the version you run")
    assert not any("node:22.11 can be" in line for line in lines)
    for start in ("DL3008, line 2 (git, jq): pin", "DL3013, line 3 (flask): pin", "DL3016, line 5 (@scope/left): pin"):
        assert any(line.startswith(start) for line in lines), (start, lines)
