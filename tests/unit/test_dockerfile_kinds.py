"""What an improved file must not lose: kinds of files that look like others and are not, and their innocent neighbours.

Each kind has the case that was met in use, siblings of other tools, shells, systems and orders, and files that must go
on being improved. Whatever is changed is judged equal in its effects.
"""

from __future__ import annotations

import pytest
from dockerfile_effects import differences, ignored_though_read

from copilot.domain import Finding
from copilot.tools.dockerfiles.advice import further
from copilot.tools.dockerfiles.applying import improve, reason_to_leave
from copilot.tools.dockerfiles.ignoring import ignore_lines
from copilot.tools.dockerfiles.reading import read_dockerfile


def improved(text: str, others: dict[str, str] | None = None) -> str:
    changes = improve(text, others or {})
    after = changes[-1].after if changes else text
    assert differences(text, after, others) == []
    return after


# --- apt's upgrade is not apt-get's --------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (
            "apt update && apt upgrade -y && apt install -y --no-install-recommends nginx",
            "apt-get update && apt-get upgrade --with-new-pkgs -y && apt-get install -y --no-install-recommends nginx",
        ),
        ("apt -y upgrade", "apt-get -y upgrade --with-new-pkgs"),
        ("DEBIAN_FRONTEND=noninteractive apt -qq -y upgrade", "apt-get -qq -y upgrade --with-new-pkgs"),
        ("apt update && \\\n    # first\n    apt upgrade --yes", "apt-get upgrade --with-new-pkgs --yes"),
        ("apt upgrade -y --with-new-pkgs", "apt-get upgrade -y --with-new-pkgs"),
        ("apt upgrade -y --without-new-pkgs", "apt-get upgrade -y --without-new-pkgs"),
        ("apt dist-upgrade -y", "apt-get dist-upgrade -y"),
        ("apt install -y curl=7.88.1-10+deb12u8", "apt-get install -y curl=7.88.1-10+deb12u8"),
        ("apt install -y 'nginx=1.22.*'", "apt-get install -y 'nginx=1.22.*'"),
        ("apt autoremove --purge -y && apt clean", "apt-get autoremove --purge -y && apt-get clean"),
        ("apt-get upgrade -y", "apt-get upgrade -y"),
    ],
)
def test_apt_becomes_what_does_the_same(run: str, expected: str) -> None:
    after = improved(f"FROM ubuntu:22.04\nRUN {run}\n")
    assert expected in after and after.count("--with-new-pkgs") <= 1


@pytest.mark.parametrize(
    "run",
    [
        "apt full-upgrade -y",
        "apt upgrade -y nginx",
        "apt install -y '?installed'",
        "apt install -y '~nlibssl'",
        "apt remove -y 'python3.*'",
        "apt install -y 'linux-headers-*'",
        "apt upgrade -y | tee /var/log/upgrade",
        "apt autopurge -y",
        "apt reinstall -y curl",
        "apt list --upgradable",
    ],
)
def test_what_apt_alone_does_stays_its_own(run: str) -> None:
    assert run in improved(f"FROM ubuntu:22.04\nRUN {run}\n")


# --- a RUN that goes back ------------------------------------------------------------------------

SITE = "FROM debian:12.5-slim\nWORKDIR /srv/site\nCOPY . .\nRUN ln -s /var/cache/big /opt/current\nRUN {}\n"


@pytest.mark.parametrize(
    "run",
    [
        "cd ui && npm run build && cd - && cp -r ui/dist public",
        "cd ui && npm run build && cd - > /dev/null && cp -r ui/dist public",
        'cd vendor && make && cp out.bin "$OLDPWD/out.bin"',
        "cd vendor && make && cp out.bin ${OLDPWD}/",
        "cd vendor && make && cp out.bin ~-/out.bin",
        "cd vendor && make PREFIX=$PWD/out",
        'cd vendor && ./configure --prefix="$(pwd)"',
        "cd vendor && pwd > /etc/where",
        "cd /opt/current && make install && cd .. && cp config.ini /etc/app.ini",
        "cd /opt/current && make && cd ../other && make",
        "cd ../shared && make",
        "cd .. && make",
        "cd a && pushd b && make && popd && make",
        "cd a && . ./env.sh && make",
        "cd a && eval $BUILD && make",
        "cd a && bash -c 'cd - && ls'",
        "cd a && cd $WHERE && make",
        "cd a && make; cd -; make",
        "set -e; cd a; make",
        "(cd a && make) && make",
        "cd a || exit 1 && make",
        "cd a && { make; cd -; } && make",
        "cd a && \\\n# and back\n    make && \\\n    cd -",
        "<<EOF\ncd a\nmake\ncd -\nEOF",
    ],
)
def test_a_run_that_asks_for_the_way_it_came_keeps_its_cd(run: str) -> None:
    text = SITE.format(run)
    assert improve(text, {}) == ()


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("cd vendor && make", "WORKDIR /srv/site/vendor\nRUN make\nWORKDIR /srv/site\n"),
        ("cd /opt/x && make && cp ../y .", "WORKDIR /opt/x\nRUN make && cp ../y .\nWORKDIR /srv/site\n"),
        ("cd a && make && cd b && make", "WORKDIR /srv/site/a\nRUN make && cd b && make\nWORKDIR /srv/site\n"),
        ("cd /srv/site && make", "RUN make\n"),
    ],
)
def test_a_run_that_only_goes_there_says_so_by_workdir(run: str, expected: str) -> None:
    assert improved(SITE.format(run)).endswith(expected)


def test_a_directory_that_a_run_removes_is_not_made_anew_after_it() -> None:
    text = 'FROM debian:12\nWORKDIR /tmp/build\nRUN cd src && make install && rm -rf /tmp/build\nCMD ["x"]\n'
    assert improve(text, {}) == ()


# --- what takes no arguments today ---------------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    [
        "ENTRYPOINT python /tool.py",
        "ENTRYPOINT exec python /tool.py",
        "ENTRYPOINT java -jar /app.jar",
        "entrypoint python /tool.py",
        "ENTRYPOINT python /tool.py\nCMD --help",
        "CMD ./start",
        "CMD /opt/app/bin/run",
        "CMD echo 'a\\nb'",
        "CMD test -f /x",
        "CMD ./run.sh",
        "COPY start-server /usr/local/bin/start-server\nCMD start-server",
        "COPY start-server /usr/sbin/start-server\nCMD /usr/sbin/start-server",
        "COPY bin/ /usr/bin/\nCMD worker --all",
        "COPY rootfs /\nCMD worker --all",
        "RUN printf 'run me' > /usr/local/bin/worker && chmod +x /usr/local/bin/worker\nCMD worker --all",
        "ENV PATH=/app/bin:$PATH\nCMD worker --all",
        'SHELL ["/bin/bash", "-lc"]\nCMD python /tool.py',
    ],
)
def test_what_would_start_in_another_way_is_left_to_a_person(rest: str) -> None:
    assert improve(f"FROM python:3.12-slim\nCOPY tool.py /tool.py\n{rest}\n", {}) == ()


def test_an_entry_point_left_alone_is_said_with_what_it_would_take() -> None:
    text = "FROM python:3.12-slim\nCOPY tool.py /tool.py\nENTRYPOINT python /tool.py\n"
    found = [Finding(code="DL3025", level="warning", line=3, message="use a JSON array")]
    (line,) = [line for line in further(read_dockerfile(text), found, {}) if line.startswith("DL3025, line 3:")]
    assert "arguments" in line and "docker run" in line and "stop signal" in line


@pytest.mark.parametrize(
    ("line", "array"),
    [
        ("CMD python app.py", '["python", "app.py"]'),
        ("CMD exec gunicorn -w 2 app:app", '["gunicorn", "-w", "2", "app:app"]'),
        ("CMD /usr/bin/python3 /srv/app.py", '["/usr/bin/python3", "/srv/app.py"]'),
        ("CMD ./app.py", '["./app.py"]'),
        ("CMD celery -A app worker", '["celery", "-A", "app", "worker"]'),
        ("CMD tail -f /dev/null", '["tail", "-f", "/dev/null"]'),
        ("CMD nginx -g 'daemon off;'", '["nginx", "-g", "daemon off;"]'),
    ],
)
def test_a_command_that_the_kernel_starts_alike_loses_its_shell(line: str, array: str) -> None:
    assert f"CMD {array}" in improved(f"FROM python:3.12-slim\nWORKDIR /srv\nCOPY . .\n{line}\n")


def test_a_program_that_the_file_compiles_loses_its_shell() -> None:
    build = "FROM golang:1.22-bookworm AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /out/it ./cmd\n"
    last = "FROM debian:12-slim\nCOPY --from=build /out/it /usr/local/bin/\nCMD /usr/local/bin/it --listen :80\n"
    assert 'CMD ["/usr/local/bin/it", "--listen", ":80"]' in improved(build + last)
    other = last.replace("it --listen", "other --listen")
    assert "CMD /usr/local/bin/other" in improved(build + other)


# --- the history that a build reads --------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "rest"),
    [
        ("debian:12.5-slim", "RUN hugo --minify"),
        ("debian:12.5-slim", 'CMD ["hugo", "server", "--bind", "0.0.0.0"]'),
        ("sbtscala/scala-sbt:eclipse-temurin-17.0.10_7_1.9.9_2.13.13", "RUN sbt assembly"),
        ("ruby:3.3", "RUN jekyll build"),
        ("node:20", "RUN lerna run build"),
        ("node:20", "RUN npx lerna version"),
        ("node:20", "RUN gatsby build"),
        ("node:20", "RUN ng build"),
        ("golang:1.22", "RUN goreleaser build --snapshot"),
        ("golang:1.22", "RUN go install ./..."),
        ("golang:1.22", "RUN mage build"),
        ("maven:3.9", "RUN mvn -q package"),
        ("gradle:8", "RUN gradle build"),
        ("clojure:latest", "RUN lein uberjar"),
        ("python:3.12", "RUN python -m build"),
        ("python:3.12", "RUN python setup.py install"),
        ("python:3.12", "RUN pip install ."),
        ("python:3.12", "RUN pip install ./service[all]"),
        ("python:3.12", "RUN pip install -r requirements.txt -e ."),
        ("python:3.12", "RUN pip install -e."),
        ("python:3.12", "RUN pip install --editable=src"),
        ("python:3.12", "RUN pdm install"),
        ("python:3.12", "RUN mkdocs build"),
        ("python:3.12", "RUN sphinx-build docs out"),
        ("debian:12", "RUN cmake -B out && cmake --build out"),
        ("debian:12", "RUN ./configure && make"),
        ("debian:12", "RUN tools/stamp"),
        ("debian:12", 'RUN ["tools/stamp"]'),
        ("debian:12", "RUN <<EOF\nhugo\nEOF"),
        ("debian:12", "RUN --mount=type=bind,target=/src cp /src/a /a"),
        ("debian:12", "ONBUILD RUN hugo"),
        ("debian:12", 'ENTRYPOINT ["/usr/bin/tini", "--", "zola", "serve"]'),
        ("debian:12", "CMD sbt run"),
        ("haskell:9", "RUN stack build"),
        ("swift:5.10", "RUN swift build"),
        ("elixir:1.16", "RUN mix release"),
        ("klakegg/hugo:0.111.3-ext", 'CMD ["server"]'),
        ("hugomods/hugo:exts", ""),
        ("jekyll/jekyll", ""),
        ("squidfunk/mkdocs-material:9", 'CMD ["serve"]'),
        ("${BUILDER}", ""),
        ("node:20", "RUN for app in a b; do hugo -s $app; done"),
    ],
)
def test_the_history_is_not_kept_from_what_may_read_it(image: str, rest: str) -> None:
    text = f"FROM {image} AS build\nWORKDIR /site\nCOPY . .\n{rest}\n"
    lines = ignore_lines(read_dockerfile(text))
    assert ".git" not in lines and "**/.DS_Store" in lines
    assert ignored_though_read(text, lines) == []


@pytest.mark.parametrize(
    ("others", "proposed"),
    [
        ({}, True),
        ({"requirements.txt": "flask==3.1.0\n"}, True),
        ({"requirements.txt": "flask\n-e .\n"}, False),
        ({"requirements.txt": ".[all]\n"}, False),
        ({".dockerignore": "*\n!.git\n"}, False),
        ({".dockerignore": ".git\n"}, False),
    ],
)
def test_of_requirements_it_is_known_where_they_are_at_hand(others: dict[str, str], proposed: bool) -> None:
    text = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["python", "app.py"]\n'
    assert (".git" in ignore_lines(read_dockerfile(text), others)) is proposed


@pytest.mark.parametrize(
    ("image", "rest"),
    [
        ("node:22", 'RUN npm ci\nCMD ["npm", "start"]'),
        ("node:22", 'RUN npm ci --omit=dev && chown -R node:node /app\nUSER node\nCMD ["node", "server.js"]'),
        ("debian:12", "RUN apt-get update && apt-get install -y make cmake && rm -rf /var/lib/apt/lists/*"),
        ("python:3.12", 'RUN pip install --no-cache-dir -r requirements.txt\nCMD ["gunicorn", "app:app"]'),
        ("golang:1.22", "RUN go mod download"),
    ],
)
def test_the_history_is_left_out_where_nothing_asks_for_it(image: str, rest: str) -> None:
    text = f"FROM {image}\nWORKDIR /app\nCOPY . .\n{rest}\n"
    assert ".git" in ignore_lines(read_dockerfile(text))


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN cd client && npm ci\n",
        "FROM node:22 AS tools\nWORKDIR /t\nCOPY t/package.json .\nRUN npm ci\nFROM node:22\nWORKDIR /app\nCOPY . .\n",
        'FROM python:3.12\nCOPY . /app\nCMD ["python", "app.pyc"]\n',
        "FROM node:22\nWORKDIR /app\nCOPY . .\nCOPY node_mod* /app/\nRUN npm ci\n",
    ],
)
def test_what_the_build_takes_from_beside_the_source_is_not_left_out(text: str) -> None:
    lines = ignore_lines(read_dockerfile(text))
    assert "node_modules" not in lines and "**/*.pyc" not in lines


# --- how old a package manager is ----------------------------------------------------------------

PIP = (
    "FROM {}\nRUN apt-get update && apt-get install -y --no-install-recommends python-pip "
    "&& rm -rf /var/lib/apt/lists/*\n"
)


@pytest.mark.parametrize(
    "image",
    [
        "ubuntu:14.04",
        "ubuntu:trusty",
        "ubuntu:12.04",
        "library/ubuntu:trusty-20190425",
        "debian:8",
        "debian:jessie-slim",
        "debian:7.11",
        "buildpack-deps:jessie",
        "node:6-jessie",
        "amd64/debian:jessie",
        "nvidia/cuda:8.0-runtime-ubuntu14.04",
        "python:2.7.8",
        "python:3.4.2",
        "alpine:3.1",
        "centos:6",
        "example.test/corp/base:2",
        "debian@sha256:" + "ab" * 32,
        "python@sha256:" + "ab" * 32,
        "ubuntu:${RELEASE}",
        "${BASE}",
        "debian:oldoldoldstable",
    ],
)
def test_a_pip_that_may_be_older_than_the_option_is_left(image: str) -> None:
    text = PIP.format(image) + "RUN pip install flask==0.10.1\n"
    assert "--no-cache-dir" not in improved(text)


@pytest.mark.parametrize(
    "image",
    [
        "python:3.12-slim",
        "python",
        "python:2.7",
        "python:3.5.1",
        "python:3.3",
        "public.example.test/docker/library/python:3.11",
        "debian:12",
        "debian:stretch",
        "ubuntu:16.04",
        "ubuntu:jammy",
        "ubuntu",
        "nvidia/cuda:12.1.0-runtime-ubuntu22.04",
        "python:${PYTHON}-slim-bookworm",
        "node:22",
        "alpine:3.19",
        "centos:7",
        "amazonlinux:2",
    ],
)
def test_a_pip_that_surely_has_the_option_is_given_it(image: str) -> None:
    assert "pip install --no-cache-dir flask" in improved(f"FROM {image}\nRUN pip install flask\n")


@pytest.mark.parametrize(
    "rest",
    [
        "RUN pip install 'pip<6'\nRUN pip install flask",
        "RUN easy_install pip==1.5.6\nRUN pip install flask",
        "RUN pip install flask && rm -r /root/.cache/pip",
        "RUN pip install flask && pip cache purge",
        "RUN pip install --no-cache flask",
        "RUN pip config set global.cache-dir /c\nRUN pip install flask",
        "ENV PIP_CACHE_DIR=/c\nRUN pip install flask",
        "RUN pip install flask\nFROM python:3.12-slim\nCOPY --from=0 /root/.cache /root/.cache",
        "RUN --mount=type=cache,target=/root/.cache/pip pip install flask",
        "COPY pip.conf /etc/pip.conf\nRUN pip install flask",
        "RUN pip2 install flask",
        "RUN echo deb http://archive.ubuntu.test/ubuntu precise main > /etc/apt/sources.list\nRUN pip install flask",
    ],
)
def test_what_pip_keeps_is_kept_where_something_comes_back_for_it(rest: str) -> None:
    text = f"FROM {'ubuntu:22.04' if 'sources' in rest else 'python:3.12'} AS a\n{rest}\n"
    assert "--no-cache-dir" not in improved(text)


def test_an_option_that_the_file_uses_already_is_known() -> None:
    text = "FROM example.test/base\nRUN pip install --no-cache-dir wheel && pip install flask\nRUN true\n"
    assert "pip install --no-cache-dir flask" in improved(text)


@pytest.mark.parametrize("image", ["alpine:3.2", "alpine:2.7", "python:2.7.11-alpine", "alpine:${V}", "example.test/a"])
def test_an_apk_that_may_be_older_than_the_option_is_left(image: str) -> None:
    assert "--no-cache" not in improved(f"FROM {image}\nRUN apk add --update curl\n")


@pytest.mark.parametrize(
    "image", ["alpine", "alpine:3.3", "alpine:edge", "node:22-alpine", "python:3.12-alpine3.20", "golang:1.22-alpine"]
)
def test_an_apk_that_surely_has_the_option_is_given_it(image: str) -> None:
    assert "apk add --no-cache curl" in improved(f"FROM {image}\nRUN apk add curl\n")


@pytest.mark.parametrize(
    "run",
    [
        "apk add --update curl && rm /var/cache/apk/*",
        "apk add -U curl && apk info -v",
        "apk add -U curl\nRUN ./more.sh",
        "apk add -U curl\nRUN if true; then apk add git; fi",
        "ln -s /var/cache/apk /etc/apk/cache && apk add curl",
        "--mount=type=cache,target=/var/cache/apk apk add curl",
    ],
)
def test_apk_s_index_stays_where_something_comes_back_for_it(run: str) -> None:
    assert "--no-cache" not in improved(f"FROM alpine:3.19\nRUN {run}\n")


def test_a_removal_by_force_minds_nothing() -> None:
    text = "FROM alpine:3.19\nRUN apk add --update curl && rm -rf /var/cache/apk/*\n"
    assert "apk add --no-cache --update curl" in improved(text)


# --- packages that a release does not have -------------------------------------------------------


@pytest.mark.parametrize(
    "image",
    [
        "ubuntu:16.04",
        "ubuntu:14.04",
        "debian:jessie",
        "debian:8-slim",
        "debian:9",
        "debian:10",
        "debian:buster",
        "buildpack-deps:jessie",
        "node:8",
        "node:16",
        "python:3.6",
        "golang:1.9",
        "ubuntu:22.04",
        "debian:sid",
        "debian:${RELEASE}",
        "${BASE}",
        "example.test/base:1",
        "eclipse-temurin:17",
    ],
)
@pytest.mark.parametrize("names", ["vim curl git", "vim", "zip", "procps"])
def test_nothing_is_named_that_a_release_may_not_have(image: str, names: str) -> None:
    text = f"FROM {image}\nRUN apt-get update && apt-get install -y {names} && rm -rf /var/lib/apt/lists/*\n"
    assert improved(text) == text


@pytest.mark.parametrize(
    "image",
    ["debian:12", "debian:bookworm-slim", "debian:11.9", "debian", "python:3.12-slim", "node:22", "postgres:16-trixie"],
)
def test_on_the_releases_that_are_known_what_is_used_is_named(image: str) -> None:
    text = f"FROM {image}\nRUN apt-get update && apt-get install -y vim && rm -rf /var/lib/apt/lists/*\n"
    assert "apt-get install --no-install-recommends -y vim xxd" in improved(text)


@pytest.mark.parametrize(
    ("image", "names", "named"),
    [
        ("debian:13", "libpq-dev", " libpq-dev ca-certificates"),
        ("debian:12", "libpq-dev", " libpq-dev"),
        ("python:3.12-slim", "libpq5", " libpq5 ca-certificates"),
        ("debian:13", "gcc", " gcc libc6-dev"),
        ("debian:12", "gcc", None),
        ("python:3.12-slim", "gcc", None),
        ("debian:11", "pkg-config", None),
        ("debian:12", "libgl1", " libgl1"),
    ],
)
def test_what_one_release_recommends_another_may_not(image: str, names: str, named: str | None) -> None:
    text = f"FROM {image}\nRUN apt-get update && apt-get install -y {names} && rm -rf /var/lib/apt/lists/*\n"
    expected = text if named is None else text.replace(f" -y {names}", f" --no-install-recommends -y{named}")
    assert improved(text) == expected


@pytest.mark.parametrize(
    "run",
    [
        "sed -i s/bookworm/sid/ /etc/apt/sources.list && apt-get update && apt-get install -y vim",
        "echo 'deb http://deb.example.test/debian sid main' > /etc/apt/sources.list && apt-get update "
        "&& apt-get install -y vim",
        "apt-get update && apt-get install -t bookworm-backports -y vim",
        "apt-get update && apt-get install -y vim && apt-get autoremove -y",
        "apt-get update && apt-get install -y build-essential",
    ],
)
def test_packages_of_another_release_and_their_marks_are_left(run: str) -> None:
    assert "--no-install-recommends" not in improved(f"FROM debian:12\nRUN {run}\n")


# --- who has to be root --------------------------------------------------------------------------

APP = (
    "FROM python:3.11-slim-bookworm\nRUN useradd -u 1001 -m worker\nWORKDIR /srv/app\nCOPY . .\n"
    "RUN pip install --no-cache-dir -r requirements.txt && chown -R worker:worker /srv/app\nEXPOSE 8000\n"
)


@pytest.mark.parametrize(
    "started",
    [
        'CMD ["gosu", "worker", "python", "main.py"]',
        'CMD ["su-exec", "worker", "python", "main.py"]',
        'CMD ["su", "worker", "-c", "python main.py"]',
        'CMD ["su", "-s", "/bin/sh", "worker", "-c", "python main.py"]',
        'CMD ["runuser", "-u", "worker", "--", "python", "main.py"]',
        'CMD ["setpriv", "--reuid=worker", "python", "main.py"]',
        'CMD ["sudo", "-u", "worker", "python", "main.py"]',
        'CMD ["chpst", "-u", "worker", "python", "main.py"]',
        'CMD ["s6-setuidgid", "worker", "python", "main.py"]',
        'CMD ["start-stop-daemon", "--start", "--chuid", "worker", "--exec", "main.py"]',
        'CMD ["supervisord", "-n", "-c", "/srv/app/supervisord.conf"]',
        'CMD ["cron", "-f"]',
        'CMD ["crond", "-f"]',
        'CMD ["/usr/sbin/sshd", "-D"]',
        'CMD ["nginx", "-g", "daemon off;"]',
        'CMD ["apache2-foreground"]',
        'CMD ["php-fpm"]',
        'CMD ["postgres"]',
        'CMD ["uwsgi", "--uid", "worker", "--ini", "app.ini"]',
        'CMD ["gunicorn", "--user", "worker", "app:app"]',
        'CMD ["gunicorn", "-u", "worker", "app:app"]',
        'CMD ["celery", "-A", "app", "worker", "--uid=worker"]',
        'CMD ["python", "-m", "supervisor.supervisord"]',
        'CMD ["python", "main.py", "--user=worker"]',
        'ENV GUNICORN_CMD_ARGS="--user=worker"\nCMD ["gunicorn", "app:app"]',
        'CMD ["bash", "start.sh"]',
        'CMD ["./start.sh"]',
        'CMD ["./server"]',
        'CMD ["sh", "-c", "chown worker /data && exec python main.py"]',
        "CMD chown worker /data && exec gosu worker python main.py",
        'ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]\nCMD ["python", "main.py"]',
        'ENTRYPOINT ["./entrypoint.sh"]\nCMD ["python", "main.py"]',
        'ENTRYPOINT ["tini", "--", "gosu", "worker"]\nCMD ["python", "main.py"]',
        'ENTRYPOINT ["/init"]\nCMD ["python", "main.py"]',
        'ENTRYPOINT ["dumb-init", "--"]\nCMD ["./start.sh"]',
        "ENTRYPOINT python main.py",
    ],
)
def test_what_may_become_the_user_by_itself_starts_as_root(started: str) -> None:
    assert "USER" not in improved(APP + started + "\n").replace("USERS", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("EXPOSE 8000\n", ""),
        ("EXPOSE 8000", "EXPOSE 80"),
        ("EXPOSE 8000", "EXPOSE $PORT"),
        ("pip install", "pip install --user"),
        ("COPY . .", "COPY . .\nCOPY entrypoint.sh /usr/local/bin/"),
        ("COPY . .", "COPY . .\nCOPY settings.ini /etc/app/settings.ini"),
        ("RUN pip", "RUN mkdir /data && pip"),
        ("RUN pip", "RUN python -m nltk.downloader punkt && pip"),
        ("RUN pip", "RUN playwright install chromium && pip"),
        ("RUN pip", "RUN ./setup.sh && pip"),
        ("WORKDIR", "ENV HOME=/root\nWORKDIR"),
        ("WORKDIR", "ENV PATH=/root/.local/bin:$PATH\nWORKDIR"),
        ("FROM python:3.11-slim-bookworm", "FROM example.test/python:3.11"),
        ("COPY . .", "COPY . .\nVOLUME /srv/app/data"),
        ("COPY . .", 'COPY . .\nSHELL ["/bin/bash", "-lc"]'),
    ],
)
def test_what_root_may_have_kept_to_itself_keeps_root(old: str, new: str) -> None:
    text = APP + 'CMD ["python", "main.py"]\n'
    assert old in text and "USER" not in improved(text.replace(old, new))


@pytest.mark.parametrize(
    "started",
    [
        'CMD ["python", "main.py"]',
        'CMD ["python", "-u", "main.py"]',
        "CMD python main.py",
        'ENTRYPOINT ["python3", "main.py"]',
        'CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]',
        'CMD ["uvicorn", "app:app", "--port", "8000"]',
    ],
)
def test_a_program_that_needs_no_root_is_started_without(started: str) -> None:
    assert "\nUSER 1001\n" in improved(APP + started + "\n")


# --- files for Windows ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FROM golang:1.22-nanoserver-ltsc2022\nWORKDIR /src\nRUN cd cmd\\server && go build -o C:\\out\\server.exe\n",
        "FROM python:3.12-windowsservercore-ltsc2022\nWORKDIR C:/app\nCMD python C:\\app\\main.py\n",
        "FROM python:3.12-windowsservercore-ltsc2022\nWORKDIR /app\nRUN cd C:\\tools && pip install flask\n",
        "FROM python:3.12-windowsservercore\nADD app.py /\nCMD python /app.py\n",
        "FROM example.test/windows/servercore:ltsc2022\nADD app.py C:/\n",
        "FROM example.test/windows/nanoserver:1809\nCMD app\n",
        "FROM microsoft/iis\nADD x.html /inetpub/\n",
        "FROM microsoft/dotnet-framework:4.7\nADD x.json /x/\n",
        "FROM example.test/dotnet/framework/aspnet:4.8\nADD x.json /x/\n",
        "FROM winamd64/golang:1.22\nADD x.go /x/\n",
        "FROM --platform=windows/amd64 golang:1.22\nADD x.go /x/\n",
        "ARG BASE=example.test/windows/nanoserver:ltsc2022\nFROM ${BASE}\nADD x.json /x/\n",
        "FROM ${BASE:-example.test/windows/nanoserver:ltsc2022}\nADD x.json /x/\n",
        "FROM golang:1.22\nWORKDIR C:\\src\nADD go.mod .\n",
        'FROM golang:1.22\nSHELL ["powershell", "-Command"]\nADD x.go /x/\n',
        'FROM example.test/base\nSHELL ["cmd", "/S", "/C"]\nADD x.go /x/\n',
        "FROM example.test/base\nRUN powershell -Command Write-Host x\nADD x.go /x/\n",
        "FROM golang:1.22\nADD x.go /x/\nCMD C:\\out\\server.exe\n",
        'FROM golang:1.22\nADD x.go /x/\nENTRYPOINT ["C:\\\\app\\\\x.exe"]\n',
        "FROM golang:1.22 AS b\nADD x.go /x/\nFROM example.test/windows/nanoserver:ltsc2022\nCOPY --from=b /x /x\n",
        "# escape=`\nFROM example.test/windows/servercore:ltsc2019\nADD x.json C:/x/\n",
    ],
)
def test_a_file_for_windows_is_left_alone(text: str) -> None:
    assert improve(text, {}) == ()
    assert "whose commands the rules do not know" in reason_to_leave(read_dockerfile(text))


@pytest.mark.parametrize(
    "text",
    [
        "FROM golang:1.22\nADD x.go /x/\n",
        "FROM example.test/dotnet/sdk:8.0\nADD x.json /x/\n",
        "FROM debian:12\nADD x.json /x/\nRUN sed -i s:/usr/local:/opt: /etc/profile\n",
        "FROM dockcross/windows-static-x64\nADD x.json /x/\n",
        'FROM example.test/powershell:7-debian-12\nSHELL ["pwsh", "-Command"]\nADD x.json /x/\n',
        "FROM debian:12\nADD x.json /x/\nENV URL=http://example.test/ A=b:/c\n",
        "FROM debian:12 AS windows\nADD x.json /x/\n",
    ],
)
def test_a_file_that_only_sounds_like_windows_is_improved(text: str) -> None:
    assert "\nCOPY x." in improved(text)


# --- the rest of what a RUN is part of -----------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    [
        "RUN rm -r /var/lib/apt/lists/*",
        "FROM debian:12\nCOPY --from=0 /var/lib/apt/lists /lists",
        "CMD apt-get install -y more && server",
        "ONBUILD RUN apt-get install -y more",
        'CMD ["bash"]',
        "",
    ],
)
def test_package_lists_stay_where_somebody_may_come_back_for_them(rest: str) -> None:
    text = f"FROM debian:12\nRUN apt-get update && apt-get install -y nginx\n{rest}\n"
    assert "rm -rf" not in improved(text)


@pytest.mark.parametrize("end", ["\\\n", "\\\n    # and nothing more\n", "\\"])
def test_nothing_is_put_behind_a_line_that_goes_on(end: str) -> None:
    text = f'FROM debian:12\nCMD ["nginx"]\nRUN apt-get update && apt-get install -y nginx {end}'
    assert improved(text) == text


def test_package_lists_go_where_a_service_is_started() -> None:
    text = 'FROM debian:12\nRUN apt-get update && apt-get install -y nginx\nCMD ["nginx", "-g", "daemon off;"]\n'
    assert "&& rm -rf /var/lib/apt/lists/*\n" in improved(text)


@pytest.mark.parametrize(
    "runs",
    [
        "RUN pip install --upgrade pip\nRUN pip install flask",
        "RUN pip3 install -U pip setuptools\nRUN pip3 install flask",
        "RUN pip install -r requirements.txt\nRUN pip install flask",
        "RUN npm install -g npm@9\nRUN npm ci",
    ],
)
def test_a_manager_that_replaces_itself_is_called_anew(runs: str) -> None:
    """A shell goes on calling the old one, whose library is the new one's (pypa/pip#5240)."""
    assert improved(f"FROM example.test/base\n{runs}\n").count("RUN ") == 2
    assert improved(f"FROM {'node:22' if 'npm' in runs else 'python:3.12'}\n{runs}\n").count("RUN ") == 1


@pytest.mark.parametrize("line", ["INCLUDE+ common.docker", "{{ template }}", "IMPORT x", "FROBNICATE all"])
def test_a_file_that_something_else_reads_first_is_left_alone(line: str) -> None:
    text = f"FROM debian:12\n{line}\nADD x.json /x/\n"
    assert improve(text, {}) == () and ignore_lines(read_dockerfile(text + "COPY . .\n")) == ()
