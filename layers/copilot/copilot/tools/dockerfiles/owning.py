"""The rule about users: only where the file itself has prepared one that it then forgets to become.

And only where all that the file does is known to leave this user able to run what is started: a program that becomes
the user by itself (gosu, supervisord, cron, an entry point of one's own) needs root for it, and what root installed
into its home, made elsewhere or told to listen below port 1024 is out of the user's reach.
"""

from __future__ import annotations

import re

from copilot.tools.dockerfiles.commands import plain_runs, program, verb
from copilot.tools.dockerfiles.editing import rewritten
from copilot.tools.dockerfiles.manifests import Others, json_object, runs_own_scripts
from copilot.tools.dockerfiles.reading import Dockerfile, Instruction
from copilot.tools.dockerfiles.shell import Command, commands_of
from copilot.tools.dockerfiles.stages import Stage, ancestor_image, directory_at, has_plain_shell, resolved, stages_of
from copilot.tools.dockerfiles.starting import INTERPRETERS, PASSING_ON, argv_of

BUILT_IN = {"node": ("node", "1000")}
"""Users that an image of Docker's library comes with, and their numbers."""
_SERVERS = frozenset("daphne flask gunicorn hypercorn puma rackup serve streamlit uvicorn waitress-serve".split())
"""Those that listen as the user who starts them, as long as no option names another."""
_OTHER_USER = re.compile(r"--?(?:u|g|c|C|user|uid|gid|group|chuid|config|umask|initgroups|daemon|pid|bind-unix)(?:=|$)")
_SCRIPTS = (".jar", ".js", ".mjs", ".php", ".pl", ".py", ".rb")
_FROM_ROOT_HOME = re.compile(r"/root\b|(?:^|[\s=:\"'])~|\$\{?HOME\b")
_ACCOUNTS = frozenset("adduser addgroup groupadd useradd chown mkdir rm true".split())


def user(dockerfile: Dockerfile, others: Others) -> str:
    stages = stages_of(dockerfile)
    if not stages:
        return dockerfile.text
    stage = stages[-1]
    started = stage.of("CMD", "ENTRYPOINT")
    unsure = stage.of("USER", "VOLUME", "ONBUILD", "HEALTHCHECK", "SHELL") or stage.parent is not None or not started
    ports = [port for each in stage.of("EXPOSE") for port in each.value.split()]
    if unsure or not ports or not all(_high_port(port) for port in ports):
        return dockerfile.text
    if any(each.number > started[0].number for each in stage.of("RUN", "COPY", "ADD", "WORKDIR")):
        return dockerfile.text
    directory = directory_at(stage, None, stages)
    if not directory or directory == "/" or _goes_elsewhere(stage, directory):
        return dockerfile.text
    if not _starts_as_anybody(stage, stages) or not _all_in_reach(dockerfile, stage, stages, directory, others):
        return dockerfile.text
    for name, number in _users(dockerfile, stage, stages).items():
        if _owns(dockerfile, stage, stages, name, directory):
            first = started[0]
            return rewritten(dockerfile, {first.number: f"USER {number}\n{first.raw}"})
    return dockerfile.text


def _high_port(text: str) -> bool:
    found = re.fullmatch(r"(\d+)(?:/(?:tcp|udp))?", text)
    return found is not None and int(found.group(1)) >= 1024


def _starts_as_anybody(stage: Stage, stages: tuple[Stage, ...]) -> bool:
    """Whether one program is started that is known not to become another user, and is told nothing about one."""
    if ancestor_image(stage, stages).official not in PASSING_ON:
        return False
    argv: list[str] = []
    for keyword in ("ENTRYPOINT", "CMD"):
        for each in stage.of(keyword)[-1:]:
            words = argv_of(each, commands_of(each)) if has_plain_shell(stage, each, stages) else None
            if words is None or (keyword == "ENTRYPOINT" and each.exec_form is None):
                return False
            argv += words
    name, rest = (argv[0], argv[1:]) if argv else ("", [])
    if re.fullmatch(r"python[\d.]*", name) or name in INTERPRETERS:
        script = next((place for place, word in enumerate(rest) if not word.startswith("-")), len(rest))
        # `-m gunicorn` and `-c code` are no script in the directory.
        return script < len(rest) and rest[script].endswith(_SCRIPTS) and not _told(rest[script:])
    return name in _SERVERS and not _told(rest)


def _told(words: list[str]) -> bool:
    return any(_OTHER_USER.match(word) for word in words)


def _all_in_reach(
    dockerfile: Dockerfile, stage: Stage, stages: tuple[Stage, ...], directory: str, others: Others
) -> bool:
    """Whether the stage copies into the directory alone, and root runs nothing in it that may keep things to itself."""
    if any(_FROM_ROOT_HOME.search(each.raw) for each in stage.body):
        return False
    if any(re.search(r"--(?:user|uid|gid|group)\b", each.value) for each in stage.of("ENV")):
        return False
    plain = {run.number: commands for run, _, commands in plain_runs(dockerfile)}
    for each in stage.body:
        if each.keyword in {"COPY", "ADD"}:
            words = each.exec_form or tuple(each.value.split()) or ("",)
            if not _is_inside(resolved(directory_at(stage, each, stages), words[-1]), directory):
                return False
        elif each.keyword == "RUN":
            here = directory_at(stage, each, stages)
            if each.flags or not all(
                _keeps_nothing(command, here, directory, others) for command in plain.get(each.number, (Command(()),))
            ):
                return False
    return True


def _is_inside(path: str | None, directory: str) -> bool:
    return path is not None and f"{path}/".startswith(f"{directory}/")


def _keeps_nothing(command: Command, here: str | None, directory: str, others: Others) -> bool:
    """Whether a command run by root leaves nothing that only root can use, and makes nothing elsewhere."""
    name, words = program(command)
    options = {word.text for word in words if word.text.startswith("-")}
    if not command.plain:
        return False
    if name in {"apt", "apt-get", "apk"}:
        return True
    if name == "pip":
        return not options & {"--user", "--target", "-t", "--prefix", "--root", "-e", "--editable"}
    if name == "npm":
        found = verb(command, "npm")
        modules = json_object(others.get("package-lock.json")).get("packages")
        scripts = not isinstance(modules, dict) or any(
            not isinstance(module, dict) or "hasInstallScript" in module for module in modules.values()
        )
        asked = found is not None and found.text in {"ci", "i", "install"} and not options & {"-g", "--global"}
        return asked and ("--ignore-scripts" in options or not (scripts or runs_own_scripts(others)))
    if name == "mkdir":
        return all(word.text in options or _is_inside(resolved(here, word.text), directory) for word in words)
    return name in _ACCOUNTS and (command.literal or name == "rm")


def _goes_elsewhere(stage: Stage, directory: str) -> bool:
    """Whether the program is told of a port that not every user may open, or of a place that may be root's."""
    told = [word for each in stage.of("CMD", "ENTRYPOINT") for word in _words(each)[1:]]
    told += [word for each in stage.of("ENV") for word in _words(each) if not re.match(r"\w*PATH=|VIRTUAL_ENV=", word)]
    places = [place for word in told for place in re.findall(r"(?:^|[=:])(/[^:,]*)", word)]
    ports = re.findall(r"(?i)(?::|\bport[= ])([0-9]{1,4})(?!\S)", " ".join(told))
    inside = (directory.rstrip("/") + "/", "/dev/")
    return any(int(port) < 1024 for port in ports) or not all(f"{place}/".startswith(inside) for place in places)


def _words(each: Instruction) -> tuple[str, ...]:
    return each.exec_form or tuple(each.value.replace('"', " ").replace("'", " ").split())


def _users(dockerfile: Dockerfile, stage: Stage, stages: tuple[Stage, ...]) -> dict[str, str]:
    """The number of each user the stage has, by name; hosts that run containers know users by number alone."""
    image = ancestor_image(stage, stages).official
    users = dict([BUILT_IN[image]]) if image in BUILT_IN else {}
    for _, of, commands in plain_runs(dockerfile):
        for command in commands:
            called, words = program(command)
            argv = [word.text for word in words]
            given = [argv[place + 1] for place, word in enumerate(argv[:-1]) if word in {"-u", "--uid"}]
            if of.number == stage.number and called in {"useradd", "adduser"} and command.literal and len(given) == 1:
                users[argv[-1]] = given[0]
    return {
        name: number
        for name, number in users.items()
        if re.fullmatch(r"[a-z_][a-z0-9_-]*", name) and re.fullmatch(r"[1-9]\d*", number)
    }


def _owns(dockerfile: Dockerfile, stage: Stage, stages: tuple[Stage, ...], name: str, directory: str) -> bool:
    """Whether the last thing that happens to the directory gives all of it to the user."""
    given = False
    plain = {run.number: commands for run, _, commands in plain_runs(dockerfile)}
    for each in stage.body:
        if each.keyword in {"COPY", "ADD"}:
            given = given and any(re.match(rf"--chown={re.escape(name)}(:|$)", flag) for flag in each.flags)
        elif each.keyword == "RUN":
            given = _given_by(each, plain, name, directory, directory_at(stage, each, stages)) or False
    return given


def _given_by(
    run: Instruction, plain: dict[int, tuple[Command, ...]], name: str, directory: str, here: str | None
) -> bool:
    commands = plain.get(run.number)
    last: tuple[str, ...] = commands[-1].argv if commands else ()
    if len(last) != 4 or last[:2] not in {("chown", "-R"), ("chown", "--recursive")}:
        return False
    return bool(re.match(rf"{re.escape(name)}(:[\w-]*)?$", last[2])) and resolved(here, last[3]) == directory
