"""Every rule, in the order they are applied, each with what it buys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from copilot.tools.dockerfiles import apt, caches, combining, npm, ordering, owning, pinning, splitting, wording
from copilot.tools.dockerfiles.manifests import Others
from copilot.tools.dockerfiles.reading import Dockerfile


@dataclass(frozen=True)
class Rule:
    """`apply` gives the text with the rule followed: the same text where it has nothing to say or is not sure."""

    name: str
    title: str
    buys: str
    apply: Callable[[Dockerfile, Others], str]


def alone(apply: Callable[[Dockerfile], str]) -> Callable[[Dockerfile, Others], str]:
    return lambda dockerfile, others: apply(dockerfile)


RULES = (
    Rule(
        "apt-get",
        "apt-get instead of apt",
        "apt is made for people at a terminal and may change what it prints and asks; apt-get is stable",
        alone(apt.apt_get),
    ),
    Rule(
        "assume-yes",
        "apt-get install -y",
        "a build has nobody to answer its questions and stops at the first",
        alone(apt.assume_yes),
    ),
    Rule(
        "no-recommends",
        "install without recommended packages",
        "a smaller image and fewer packages to patch; what these packages really use is named",
        alone(apt.no_recommends),
    ),
    Rule(
        "copy-not-add",
        "COPY instead of ADD",
        "COPY only copies; ADD also unpacks and fetches, by surprise",
        alone(wording.copy_not_add),
    ),
    Rule(
        "workdir-not-cd",
        "WORKDIR instead of cd",
        "the directory is stated once and readable; a RUN no longer depends on how it begins",
        alone(wording.workdir_not_cd),
    ),
    Rule(
        "combine",
        "one RUN for one package manager",
        "fewer layers, and a package list that is never older than what is installed from it",
        alone(combining.combine),
    ),
    Rule(
        "clean-lists",
        "remove apt's package lists in the layer that fetched them",
        "about 20 MB less in the image; who installs more in it later has to run apt-get update first",
        alone(apt.clean_lists),
    ),
    Rule(
        "apk-no-cache",
        "apk add --no-cache",
        "the package index is not kept in the image",
        alone(caches.apk_without_cache),
    ),
    Rule(
        "pip-no-cache",
        "pip install --no-cache-dir",
        "the downloaded archives are not kept in the image",
        alone(caches.pip_without_cache),
    ),
    Rule(
        "pin",
        "pin what is pinned elsewhere",
        "the same version at every build: the one that this file, or the requirements it installs, names already",
        pinning.pin,
    ),
    Rule(
        "npm-ci",
        "npm ci instead of npm install",
        "exactly what the copied lock file names is installed; once package.json disagrees with it, the build stops",
        npm.npm_ci,
    ),
    Rule(
        "manifest-first",
        "install before the source is copied",
        "a change of the source no longer installs everything again: that layer comes from the cache",
        ordering.manifest_first,
    ),
    Rule(
        "exec-form",
        "start the program itself, not a shell",
        "what is named there is process 1 in place of a shell and gets the stop signal, so that it can end properly; "
        "what only starts the program, as npm does, has to pass the signal on",
        alone(wording.exec_form),
    ),
    Rule(
        "run-stage",
        "a last stage with the program alone",
        "the compiler, the sources and their packages stay out of the image: hundreds of MB less, and less to attack",
        splitting.run_stage,
    ),
    Rule(
        "user",
        "run as the user that was made for it",
        "the file gives its directory to this user but never becomes it, so a break-in has root's rights; a volume "
        "that root has written to must be given to the user once",
        owning.user,
    ),
)
