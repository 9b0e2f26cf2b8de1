"""What a Dockerfile does, stage by stage, worked out without the product: by a port of BuildKit's parser and shlex.

Two files are equal where, in each stage, the same files come to the same places, the same commands run in the same
directories with the same variables, and the same program is started in the same directory. What only saves room, names
another spelling or asks fewer questions is no effect. Nor is which version pip takes: tests of their own hold that.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from itertools import dropwhile

from e2b_dockerfile_utils import DockerfileInstruction, parse_dockerfile_ast

NO_EFFECT = {"--no-install-recommends", "--no-cache-dir", "--no-cache", "-y"}
CLEANING = ["rm", "-rf", "/var/lib/apt/lists/*"]
Effect = tuple[str, ...]


class Stage:
    def __init__(self, base: str) -> None:
        self.base = base
        self.effects: list[Effect] = []
        self.settings: list[Effect] = []
        self.start: dict[str, Effect] = {}
        self.directory = "(the image's)"

    @property
    def packages(self) -> set[str]:
        """What apt installs."""
        return {
            word
            for effect in self.effects
            if effect[0] == "run" and effect[3:5] == ("apt-get", "install")
            for word in effect[5:]
            if not word.startswith("-")
        }


def stages(text: str) -> list[Stage]:
    found: list[Stage] = []
    for each in parse_dockerfile_ast(text).instructions:
        if each.name == "FROM":
            found.append(Stage(each.args[0]))
        elif not found:
            continue
        else:
            _apply(found[-1], each)
    return found


def _apply(stage: Stage, each: DockerfileInstruction) -> None:
    if each.name == "WORKDIR":
        path = each.args[0].strip("\"'")
        stage.directory = posixpath.normpath(posixpath.join(stage.directory, path))
    elif each.name in {"COPY", "ADD"}:
        *sources, target = each.args
        into = posixpath.normpath(posixpath.join(stage.directory, target))
        kind = "copy" if each.name == "COPY" or _only_copies(sources) else "add"
        stage.effects.append((kind, *sorted(each.flags), *sources, "to", into, *(h.content for h in each.heredocs)))
    elif each.name == "RUN":
        _run(stage, each)
    elif each.name == "USER":
        stage.effects.append(("user", *each.args))
    elif each.name in {"CMD", "ENTRYPOINT"}:
        argv = each.args if each.json else _simple(each.args[0]) or ["sh -c", *each.args]
        stage.start[each.name] = tuple(argv)
    else:
        stage.settings.append((each.name, *each.flags, *each.args, each.original.split(None, 1)[-1]))


def _only_copies(sources: list[str]) -> bool:
    """No archive, address or repository, as far as a name can tell."""
    known = r".*\.(txt|json|py|go|mod|sum|js|ts|toml|lock|ya?ml|xml|cfg|ini|conf|md|html|css|sh|rs|rb|java)"
    return all(source in {".", "./"} or source.endswith("/") or re.fullmatch(known, source) for source in sources) and (
        not any(":" in source for source in sources)
    )


def _simple(line: str) -> list[str] | None:
    """The words of a line whose shell does nothing but start them."""
    if re.search(r"[$`*?|&;<>(){}\[\]~#!\n]", line):
        return None
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    return words[1:] if words[:1] == ["exec"] else words


QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
WHOLE = re.compile(r"[`;(){}#\n]|\$\(|\|\||<<|(?<!&)&(?!&)")


def _run(stage: Stage, each: DockerfileInstruction) -> None:
    line = each.args[0] if each.args else ""
    commands = [] if each.json or each.heredocs or WHOLE.search(QUOTED.sub("quoted", line)) else _commands(line)
    if not commands:
        content = (*each.flags, *each.args, *(heredoc.content for heredoc in each.heredocs))
        stage.effects.append(("run whole", stage.directory, *content))
        return
    directory = stage.directory
    for words in commands:
        if words[:1] == ["cd"] and len(words) == 2 and "$" not in words[1]:
            directory = posixpath.normpath(posixpath.join(directory, words[1]))
        elif words != CLEANING:
            plain = list(dropwhile(lambda word: re.match(r"\w+=", word), words))
            setting = " ".join([*each.flags, *words[: len(words) - len(plain)]])
            stage.effects.append(("run", directory, setting, *_spelled(plain)))


def _commands(line: str) -> list[list[str]]:
    """The words of each command between &&; [] where quotes do not close."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&")
    lexer.whitespace_split, lexer.commenters = True, ""
    commands: list[list[str]] = [[]]
    try:
        for word in lexer:
            commands = [*commands, []] if word == "&&" else [*commands[:-1], [*commands[-1], word]]
    except ValueError:
        return []
    return commands


def _spelled(words: list[str]) -> list[str]:
    if words[:1] == ["apt"]:
        words = ["apt-get", *words[1:]]
    if words[:2] in (["npm", "i"], ["npm", "install"], ["npm", "ci"]):
        words = ["npm", "install", *words[2:]]
    if words[:1] == ["pip"] or "pip" in words[1:3]:
        words = [re.sub(r"==[\w.]+$", "", word) for word in words]
    return [word for word in words if word not in NO_EFFECT]


def differences(before: str, after: str) -> list[str]:
    """What one does and the other does not, in words; [] where they do the same.

    Beside the effects above three things may differ: a recommended package may be named, a manifest with what installs
    from it may come before everything else is copied, and where nobody was named before, the program alone may be
    started as a user who was given its directory.
    """
    old, new = stages(before), stages(after)
    if len(old) != len(new):
        return [f"{len(old)} stages, then {len(new)}"]
    found = []
    for one, two in zip(old, new, strict=True):
        if lost := one.packages - two.packages:
            found.append(f"not installed any more: {lost}")
        given = any("chown" in word or word.startswith("--chown") for effect in one.effects for word in effect)
        if two.effects[-1:] and two.effects[-1][0] == "user" and given and not any(e[0] == "user" for e in one.effects):
            two.effects.pop()
        one.effects, two.effects = _in_order(one.effects), _in_order(two.effects)
        for name in ("base", "effects", "settings", "start", "directory"):
            was, is_now = getattr(one, name), getattr(two, name)
            if was != is_now:
                found.append(f"{name}: {json.dumps(was)} -> {json.dumps(is_now)}")
    return found


def _in_order(effects: list[Effect]) -> list[Effect]:
    """The effects with a manifest that is copied alone, then installed, put back behind the copy of everything."""
    ordered: list[Effect] = []
    for effect in effects:
        ordered.append(_packages_aside(effect))
    for place, effect in enumerate(ordered):
        if effect[0] == "copy" and effect[-3:-2] == (".",) and effect[-2] == "to":
            first = place
            while first and ordered[first - 1][0] == "run" and ordered[first - 1][3] in {"pip", "npm", "go"}:
                first -= 1
            manifests = ordered[first - 1] if first else ("",)
            if first < place and manifests[0] == "copy" and manifests[-1] == effect[-1] and "." not in manifests[1:-2]:
                return [*ordered[: first - 1], effect, *ordered[first:place], *_in_order(ordered[place + 1 :])]
    return ordered


def _packages_aside(effect: Effect) -> Effect:
    if effect[0] == "run" and effect[3:5] == ("apt-get", "install"):
        return (*effect[:5], *(word for word in effect[5:] if word.startswith("-")))
    return effect
