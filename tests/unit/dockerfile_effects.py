"""What a Dockerfile does, stage by stage, worked out without the product: by a port of BuildKit's parser and more.

Two files are equal where, in each stage, the same files come to the same places, the same commands run in the same
directories with the same variables, and the same program is started in the same directory, by the same user, with the
same arguments taken. What only saves room, names another spelling or asks fewer questions is no effect, as long as the
system is known to be young enough for it and nothing comes back for what is not kept. Nor is which version pip takes:
tests of their own hold that.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping

from dockerfile_ages import (
    APK_HAS_NO_CACHE,
    NPM_HAS_CI,
    PIP_HAS_NO_CACHE_DIR,
    RECOMMENDS_KNOWN,
    is_debian,
    is_windows,
    year,
)
from dockerfile_shell import bare, placed
from e2b_dockerfile_utils import DockerfileInstruction, parse_dockerfile_ast

Effect = tuple[str, ...]
APT = {"install", "update", "remove", "purge", "autoremove", "clean", "autoclean", "dist-upgrade", "upgrade"}
CLEANING = ["rm", "-rf", "/var/lib/apt/lists/*"]
ONLY_RECOMMENDED = {
    "automake",
    "ca-certificates",
    "less",
    "libc6-dev",
    "openssh-client",
    "patch",
    "psmisc",
    "unzip",
    "xxd",
}
"""What may be named beside a package that recommends it, each in Debian since 2017 at the latest."""
HISTORIANS = re.compile(
    r"\b(ant|antora|assembly|bazel|bundle|cabal|cargo|cmake|crystal|describe|docusaurus|dotnet|dune|dynver|eleventy|flit|"
    r"gatsby|git|gitbook|goreleaser|gradlew?|hatch|hexo|hugo|jekyll|lein|lerna|make|middleman|mix|mkdocs|mvnw?|nix|nx|"
    r"opam|pdm|pelican|pnpm|poetry|rake|rebar3|sbt|scons|setuptools|shards|sphinx-build|stack|swift|turbo|uv|versioneer|"
    r"vite|webpack|yarn|zig|zola)\b|\bgo (build|install|generate|run)|npm run|npx|setup\.py|[./]git\b|\.sh\b|"
    r"pip[\d.]* install (\S+ )*(-e|\.)(\s|$|/|\[)"
)
"""Programs that write a commit, a date or a version from the history into what they make."""
INSTALLERS = {"apk", "apt", "apt-get", "dnf", "microdnf", "yum", "zypper"}
UNPRIVILEGED = re.compile(
    r"python[\d.]*|node|java|ruby|perl|php|serve|uvicorn|gunicorn|flask|puma|daphne|hypercorn|streamlit"
)
BUILT_INS = {
    "echo",
    "printf",
    "test",
    "[",
    "true",
    "false",
    "kill",
    "cd",
    "source",
    ".",
    "ulimit",
    "umask",
    "export",
    "exec",
}


class Stage:
    def __init__(self, base: str, root: str, text: str, told: str) -> None:
        self.base, self.root, self.text, self.told = base, root, text, told
        """The image named, the one that it goes back to, the whole file as it came, and what of it makes this stage."""
        self.effects: list[Effect] = []
        self.settings: list[Effect] = []
        self.start: dict[str, Effect] = {}
        self.directory = "(the image's)"
        self.named: set[str] = set()
        """The packages that apt installs."""

    @property
    def year(self) -> float:
        return year(self.root) or 0


def stages(text: str, before: str = "") -> list[Stage]:
    """`before` is the file as it came, which tells what its package managers know; "" where it is this one."""
    found: list[Stage] = []
    names: dict[str, Stage] = {}
    told = _told(before or text)
    came = [each.args[0] for each in parse_dockerfile_ast(before).instructions if each.name == "FROM"] if before else []
    for each in parse_dockerfile_ast(text).instructions:
        if each.name == "FROM":
            parent = names.get(each.args[0].lower())
            root = parent.root if parent else each.args[0]
            if len(found) < len(came) and root.startswith(f"{came[len(found)]}@"):
                root = came[len(found)]  # a digest it was given tells nothing of its age, the tag it came with does
            found.append(Stage(each.args[0], root, before or text, told[len(found)] if len(found) < len(told) else ""))
            found[-1].directory = parent.directory if parent else "(the image's)"
            if len(each.args) == 3:
                names[each.args[2].lower()] = found[-1]
        elif not found:
            continue
        else:
            _apply(found[-1], each)
    return found


def _told(text: str) -> list[str]:
    """The instructions of each stage, with those of the stage it goes on from."""
    found: list[str] = []
    names: dict[str, int] = {}
    for each in parse_dockerfile_ast(text).instructions:
        if each.name == "FROM":
            parent = names.get(each.args[0].lower())
            found.append("" if parent is None else found[parent])
            if len(each.args) == 3:
                names[each.args[2].lower()] = len(found) - 1
        elif found:
            found[-1] += f"{each.original}\n"
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
        stage.start[each.name] = _started(stage, each)
    else:
        stage.settings.append((each.name, *each.flags, *each.args, each.original.split(None, 1)[-1]))


def _only_copies(sources: list[str]) -> bool:
    """No archive, address or repository, as far as a name can tell."""
    known = r".*\.(txt|json|py|go|mod|sum|js|jsx|ts|tsx|toml|lock|ya?ml|xml|cfg|ini|conf|md|mjs|html|css|sh|rs|rb|java)"
    known += r"|.*\.(sql|env|gradle|kts|properties)"
    return all(source in {".", "./"} or source.endswith("/") or re.fullmatch(known, source) for source in sources) and (
        not any(":" in source or "$" in source for source in sources)
    )


# --- what is started ---------------------------------------------------------------------------


def _started(stage: Stage, each: DockerfileInstruction) -> Effect:
    """The words of a command; of a CMD's shell line only where the kernel could start the same."""
    if each.json:
        return tuple(each.args)
    words = _simple(each.args[0])
    if each.name == "ENTRYPOINT" or not words or not _kernel_starts(words[0], stage.text):
        return ("sh -c", *each.args)
    return tuple(words)


def _simple(line: str) -> list[str] | None:
    """The words of a line whose shell does nothing but start them."""
    if re.search(r"[$`*?|&;<>(){}\[\]~#!\n]", re.sub(r"'[^']*'|\"[^\"$`\\]*\"", "quoted", line)):
        return None
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    return words[1:] if words[:1] == ["exec"] else words


def _kernel_starts(program: str, text: str) -> bool:
    """No command of the shell's own, and no script that may not name its interpreter."""
    if program in BUILT_INS or "=" in program or program.endswith((".sh", ".bash")):
        return False
    name = re.escape(posixpath.basename(program))
    built = re.search(rf"go build\s(?:[^&\n]*\s)?-o\s+\S*{name}(\s|$)", text)
    if "/" in program and not program.startswith(("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")):
        return bool(built) or program.endswith((".py", ".js", ".rb", ".pl", ".php"))
    brought = re.search(rf"(?im)^\s*(?:COPY|ADD)\s.*(?<![\w.-]){name}(?:\s|\"|$)|/s?bin/{name}(?![\w.-])", text)
    return bool(built) or not brought or program.startswith("/")


# --- what a RUN does ---------------------------------------------------------------------------


def _run(stage: Stage, each: DockerfileInstruction) -> None:
    line = each.args[0] if each.args else ""
    if each.json or each.heredocs:
        content = (*each.flags, *each.args, *(heredoc.content for heredoc in each.heredocs))
        stage.effects.append(("run whole", stage.directory, *content))
        return
    replaced: set[str] = set()
    for joined, here, raw, bound, way in placed(stage.directory, line):
        words = [bare(word) for word in raw]
        if words == CLEANING and joined in {"", "&&"} and not _comes_back(stage.text, r"/var/lib/apt"):
            continue
        plain = words[next((n for n, word in enumerate(words) if not re.match(r"\w+=", word)), len(words)) :]
        setting = " ".join([*each.flags, *words[: len(words) - len(plain)]])
        called = next((manager for manager in ("pip", "npm") if re.match(rf"{manager}\d?", (plain or [""])[0])), "")
        stale = f"by the {called} of before" if called and called in replaced else ""
        replaced |= {called} if _replaces(called, plain, stage.root) else set()
        stage.effects.append(
            ("run", here, setting, *(part for part in (joined, way, stale) if part), *_spelled(stage, plain, bound))
        )


def _replaces(called: str, words: list[str], root: str) -> bool:
    """Whether a package manager is installed by itself, to another place than where the shell has found it."""
    own = {"pip": "python", "npm": "node"}.get(called, "")
    itself = any(
        re.match(rf"{called}([@=<>~!]|$)", word) or word in {"-r", "--requirement"} or "$" in word for word in words[1:]
    )
    return bool(own) and words[1:2] in (["install"], ["i"]) and itself and not root.startswith(own)


def _comes_back(text: str, left: str) -> bool:
    """Whether anything in the file names what was left behind, but to remove it by force."""
    return bool(re.search(left, re.sub(r"rm\s+(-\w+\s+)*-\w*f\w*\s+([^;&|\n\\]|\\\n)+", "", text)))


def _spelled(stage: Stage, words: list[str], bound: bool) -> list[str]:
    """A command in one spelling, without the options that change nothing on this stage's system."""
    if words[:1] in (["apt"], ["apt-get"]):
        return _spelled_apt(stage, words, bound)
    if words[:2] in (["npm", "i"], ["npm", "install"], ["npm", "ci"]):
        young = stage.root.startswith("node") and stage.year >= NPM_HAS_CI
        return ["npm", "install" if young or words[1] != "ci" else "ci", *words[2:]]
    if words[:1] and (re.fullmatch(r"pip[\d.]*", words[0]) or words[1:3] == ["-m", "pip"]):
        words = [re.sub(r"^([\w.-]+)==[\w.!+]+$", r"\1", word) for word in words]
        young = stage.year >= PIP_HAS_NO_CACHE_DIR or "--no-cache-dir" in stage.told
        kept = _comes_back(stage.text, r"\.cache\b|pip cache|pip\.conf|pip config|PIP_")
        older = re.search(r"\bpip\s*[=<~]|easy_install|pip2\b", stage.told)
        return [word for word in words if word != "--no-cache-dir" or not young or kept or older]
    if words[:1] == ["apk"]:
        young = stage.year >= APK_HAS_NO_CACHE or "--no-cache" in stage.told
        kept = _comes_back(stage.text, r"/var/cache/apk|/etc/apk/cache")
        return [word for word in words if word != "--no-cache" or not young or kept]
    return words


def _spelled_apt(stage: Stage, words: list[str], bound: bool) -> list[str]:
    verb = next((word for word in words[1:] if not word.startswith("-")), "")
    rest = words[words.index(verb) + 1 :] if verb else []
    name = words[0]
    if (
        name == "apt"
        and verb in APT
        and not bound
        and not any(re.match(r"[~?]|.*[*^]", re.split("[=/]", w)[0]) for w in rest)
    ):
        name = "apt-get"
        words = [*words, "--with-new-pkgs"] if verb == "upgrade" and "--without-new-pkgs" not in words else words
    known = is_debian(stage.root) and RECOMMENDS_KNOWN[0] <= stage.year and not bound
    no_effect = {"-y", "--no-install-recommends"} if known else {"-y"}
    if verb == "install":
        packages = {re.split("[=/:]", word)[0] for word in rest if not word.startswith("-")}
        stage.named |= packages
        words = [word for word in words if not known or word not in ONLY_RECOMMENDED]
    kept = sorted(set(words[1:]) - no_effect - {verb}, key=words.index)
    options = [word for word in kept if word.startswith("-")]
    if not {"-o", "-t", "-c", "-a"} & set(options):
        kept = [*sorted(options), *(word for word in kept if not word.startswith("-"))]
    return [name, verb, *kept]


# --- two files ---------------------------------------------------------------------------------


def differences(before: str, after: str, others: Mapping[str, str] | None = None) -> list[str]:
    """What one does and the other does not, in words; [] where they do the same.

    Beside the effects above four things may differ: a recommended package may be named, a manifest with what installs
    from it may come before everything else is copied, an image may get the digest it has in another FROM, and where
    nobody was named before, a program that needs no root may be started as a user who was given its directory.
    """
    if before != after and is_windows(before):
        return ["a file for Windows is changed"]
    old, new = stages(before), stages(after, before)
    if len(old) != len(new):
        return [f"{len(old)} stages, then {len(new)}"]
    found = [] if _locks_agree(before, after, others or {}) else ["npm ci though no lock file at hand agrees"]
    for one, two in zip(old, new, strict=True):
        if lost := one.named - two.named:
            found.append(f"not installed any more: {lost}")
        added = two.effects[-1:] and two.effects[-1][0] == "user" and not any(e[0] == "user" for e in one.effects)
        if added and _needs_no_root(one):
            two.effects.pop()
        one.effects, two.effects = _in_order(one.effects), _in_order(two.effects)
        if f"{one.base}@" in before and two.base.startswith(f"{one.base}@") and two.base in before:
            two.base = one.base
        for name in ("base", "effects", "settings", "start", "directory"):
            was, is_now = getattr(one, name), getattr(two, name)
            if was != is_now:
                found.append(f"{name}: {_first_difference(was, is_now)}")
    return found


def _first_difference(was: object, is_now: object) -> str:
    if isinstance(was, list) and isinstance(is_now, list):
        pairs = [pair for pair in zip([*was, None], [*is_now, None], strict=False) if pair[0] != pair[1]]
        return f"{json.dumps(pairs[0][0])} -> {json.dumps(pairs[0][1])}"
    return f"{json.dumps(was)} -> {json.dumps(is_now)}"


def _needs_no_root(stage: Stage) -> bool:
    """Whether what is started can be started by a user who has its directory: nothing there changes who it is."""
    given = any("chown" in word or word.startswith("--chown") for effect in stage.effects for word in effect)
    argv = [*stage.start.get("ENTRYPOINT", ()), *stage.start.get("CMD", ())]
    becomes = any(re.match(r"--?(user|uid|group|gid)\b", word) for word in argv[1:])
    roots = re.search(r"/root\b|~/", stage.text)
    return given and bool(argv) and bool(UNPRIVILEGED.fullmatch(argv[0])) and not becomes and not roots


def _locks_agree(before: str, after: str, others: Mapping[str, str]) -> bool:
    if len(re.findall(r"\bnpm\b[^&|;]*?\sci\b", after)) <= len(re.findall(r"\bnpm\b[^&|;]*?\sci\b", before)):
        return True
    try:
        package, lock = json.loads(others["package.json"]), json.loads(others["package-lock.json"])
        root = lock["packages"][""]
    except (KeyError, ValueError, TypeError):
        return False
    return all(package.get(kind, {}) == root.get(kind, {}) for kind in ("dependencies", "devDependencies"))


def _in_order(effects: list[Effect]) -> list[Effect]:
    """The effects with a manifest that is copied alone, then installed, put back behind the copy of everything."""
    for place, effect in enumerate(effects):
        if effect[0] == "copy" and effect[-3:-2] == (".",) and effect[-2] == "to":
            first = place
            while first and effects[first - 1][0] == "run" and effects[first - 1][3] in {"pip", "npm", "go"}:
                first -= 1
            manifests = effects[first - 1] if first else ("",)
            if first < place and manifests[0] == "copy" and manifests[-1] == effect[-1] and "." not in manifests[1:-2]:
                return [*effects[: first - 1], effect, *effects[first:place], *_in_order(effects[place + 1 :])]
    return list(effects)


def ignored_though_read(text: str, lines: Iterable[str]) -> list[str]:
    """The lines proposed for .dockerignore that take something from the build which it may read."""
    said = []
    for stage in stages(text):
        said += [(stage.root.replace("/", " "),), *stage.start.values()]
        said += [effect[2:] for effect in stage.effects if effect[0].startswith("run") and not INSTALLERS & set(effect)]
    ran = "\n".join(" ".join(words).replace("\\\n", " ").lower() for words in said)
    found = []
    if ".git" in lines and (told := HISTORIANS.search(ran)):
        found.append(f".git, which {told[0].strip()} may read")
    if "node_modules" in lines and not re.search(r"\bnpm (?:\S+ )*?(ci|i|install)\b", ran):
        found.append("node_modules, which nothing installs")
    return found
