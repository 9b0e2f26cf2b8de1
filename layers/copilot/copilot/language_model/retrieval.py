"""The few tools that fit a request, out of however many there are: by the words of their names, summaries and
parameters (Okapi BM25), and by what the ones found need or are needed by.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import chain, zip_longest
from typing import NamedTuple

import yaml
from pydantic import BaseModel

from copilot.domain import OUTSIDE
from copilot.domain.frozen import OUR_OWN, model_in
from copilot.language_model.shares import TOOLS
from copilot.language_model.signatures import signatures
from copilot.text.tokens import count_tokens
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, WriteTool

MOST_TOOLS = 12
MOST_TOKENS = TOOLS
NEEDED_TOKENS = 1_000
"""Of the signatures besides that a model asks for."""
MOST_NAMED = 40
"""Of more tools than these a model is told the domains alone."""
BY_WORDS = 8
"""How many are looked at for their words alone; the others are there because those need them."""
SOONEST = 5
"""How many are offered, each with what best gives what it takes, before whatever else gives that: most take an
environment, which two tools give, and of two one mostly does.
"""
FITS = 1 / 3
"""What part of the best tool's score another must have, unless it is named after a word of the request."""
_SATURATION, _LENGTH = 1.2, 0.6
"""BM25's k1 and b: how soon a repeated word adds nothing more, and how far a long text counts for less."""
_NAME, _SUMMARY, _PARAMETER = 3, 1, 1
_SYNONYM, _BACKGROUND = 0.6, 0.35
"""What a word counts for that is only a synonym; what one counts for that only the talk before has."""
_FORMS = frozenset("chart csv pdf png".split())
_LOOKING = frozenset("list find get search".split())
_WHOLE = frozenset({"staging"})
"""What looks like a form of another word and is none."""
_PERIOD = re.compile(
    r"\b(?:the|this|these|last|past|next|few|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|[0-9]+)\s+"
    r"(?:second|minute|hour|day|week|month|quarter|year)s?\b"
)
_STOP_WORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had has have how i if in into is it its make me "
    "my not of on or our please so than that the their them then there these they this those to was we were what when "
    "where now right just put by most which while who why will with would you your".split()
)
_SAYS_LITTLE = frozenset(
    "again after all any anybody anything before beside both each else ever first given last look many more much new "
    "none now once one only other over own same say show since some still time until up way where whether "
    "without".split()
)
"""What says nothing of a tool that has it in its summary, however rare it is among them."""


@dataclass(frozen=True)
class ToolIndex:
    """The newest version of each tool of a registry, by words. Made when it is first asked."""

    registry: Registry

    @cached_property
    def entries(self) -> Mapping[str, Indexed]:
        tools = {name: self.registry.find(name) for name in self.registry.names()}
        return {name: _entry(tool) for name, tool in tools.items() if not tool.by_code}

    @cached_property
    def there_are(self) -> str:
        """All there are by name, in a line; of many the domains."""
        names = sorted(self.entries)
        if len(names) <= MOST_NAMED:
            return f"All tools: {', '.join(names)}"
        return f"Domains of all tools: {', '.join(sorted({self.registry.entry(name).domain for name in names}))}"

    @cached_property
    def rarity(self) -> Mapping[str, float]:
        """BM25's inverse document frequency of each stem."""
        count, found = len(self.entries), Counter(stem for entry in self.entries.values() for stem in entry.stems)
        return {stem: math.log(1 + (count - having + 0.5) / (having + 0.5)) for stem, having in found.items()}

    @cached_property
    def _typical_length(self) -> float:
        return sum(entry.length for entry in self.entries.values()) / max(1, len(self.entries))

    @cached_property
    def _synonyms(self) -> Mapping[str, frozenset[str]]:
        """The stems of tools' words by the stem of what people say for them."""
        found: dict[str, set[str]] = {}
        data = yaml.safe_load(files("copilot").joinpath("language_model/prompts/words.yaml").read_text())
        for word, others in data.items():
            for other in others:
                found.setdefault(stem(str(other)), set()).add(stem(word))
        return {said: frozenset(meant) for said, meant in found.items()}

    @cached_property
    def givers(self) -> Mapping[str | type[BaseModel], list[str]]:
        """The reads that give something, by its path or type."""
        found: dict[str | type[BaseModel], list[str]] = {}
        for name, entry in self.entries.items():
            for given in entry.gives if entry.tool.effect == "read" else ():
                found.setdefault(given, []).append(name)
        return found

    @cached_property
    def readers(self) -> Mapping[str, list[str]]:
        """The reads that need a parameter, by its name."""
        found: dict[str, list[str]] = {}
        for name, entry in self.entries.items():
            for needed in entry.needs if entry.tool.effect == "read" else ():
                found.setdefault(needed, []).append(name)
        return found

    def wanted(self, text: str, background: str = "") -> dict[str, float]:
        """The stems that a request is about, and how much each of them counts."""
        before = {word: weight * _BACKGROUND for word, weight in self._weights(background).items()}
        return before | self._weights(text)

    def scores(self, wanted: Mapping[str, float]) -> dict[str, float]:
        """By name, of the tools that have anything to do with it."""
        scored = {name: self._score(entry, wanted) for name, entry in self.entries.items()}
        return {name: score for name, score in scored.items() if score > 0}

    def size(self, names: Sequence[str]) -> int:
        """The tokens of their signatures."""
        return count_tokens(signatures([self.entries[name].tool for name in names]))

    def _weights(self, text: str) -> dict[str, float]:
        said = set(stems(re.sub(rf"#[\w-]*|{OUTSIDE}", " channel ", text)))
        weights = {word: _SYNONYM for spoken in said for word in self._synonyms.get(spoken, ())}
        return weights | {word: 1.0 for word in said}

    def _score(self, entry: Indexed, wanted: Mapping[str, float]) -> float:
        drag = _SATURATION * (1 - _LENGTH + _LENGTH * entry.length / self._typical_length)
        return math.fsum(  # the same in whichever order a set of words comes
            weight * self.rarity[word] * entry.stems[word] * (_SATURATION + 1) / (entry.stems[word] + drag)
            for word, weight in wanted.items()
            if word in entry.stems
        )


class Indexed(NamedTuple):
    """A tool with what is looked for in it. `needs` are its required parameters with the type of each (None for a
    plain one), `takes_ids` the ids that it may be given besides, by whatever name; `gives` is what its output
    holds: paths two names deep, and types.
    """

    tool: AnyTool
    stems: Mapping[str, float]
    name: frozenset[str]
    length: float
    needs: Mapping[str, type[BaseModel] | None]
    gives: frozenset[str | type[BaseModel]]
    takes_ids: tuple[str, ...] = ()

    @property
    def inverse(self) -> str:
        return self.tool.inverse if issubclass(self.tool, WriteTool) else ""


def fitting_tools(
    text: str, index: ToolIndex, limit: int = MOST_TOOLS, background: str = "", used: Iterable[str] = ()
) -> list[AnyTool]:
    """At most `limit` tools for a request, and no more than MOST_TOKENS of signatures; always in the same order.

    `background` is the talk before, which the request may be about; `used` are the tools of the plan at hand, which
    come first, and then those that the request names as they are called.
    """
    chosen = list(dict.fromkeys(name for one in used if (name := one.partition("@")[0]) in index.entries))
    called = [word for word in re.findall(r"[a-z0-9_]+", text) if word in index.entries]
    for name in (*called, *_in_order(index, index.wanted(text, background))):
        if len(chosen) < limit and name not in chosen and index.size([*chosen, name]) <= MOST_TOKENS:
            chosen.append(name)
    return [index.entries[name].tool for name in chosen]


def needed_tools(need: Iterable[str], index: ToolIndex, offered: Sequence[AnyTool]) -> list[AnyTool]:
    """What is offered, and after it what a model needs besides: by name, by domain or in words, each with what it needs
    next to it, and no more than NEEDED_TOKENS of signatures. The first of each comes before the second of any.
    """
    chosen = [tool.name for tool in offered if tool.name in index.entries]
    most = index.size(chosen) + NEEDED_TOKENS
    for name in chain.from_iterable(zip_longest(*(_meant_by(one, index) for one in need))):
        if name is not None and name not in chosen and index.size([*chosen, name]) <= most:
            chosen.append(name)
    return [index.entries[name].tool for name in chosen]


def _meant_by(needed: str, index: ToolIndex) -> Iterator[str]:
    name = "_".join(needed.partition("@")[0].split())
    if name in index.entries:
        yield name
        yield from chain.from_iterable(_producers(name, index, {}))
        yield from _inverse(name, index)
        yield from _readers(name, index, {})
    elif domain := [one for one in index.entries if index.registry.entry(one).domain == needed]:
        yield from domain
    else:
        yield from _in_order(index, index.wanted(needed))


def _in_order(index: ToolIndex, wanted: Mapping[str, float]) -> Iterator[str]:
    """The best tool of all, then for each word, the rarest first, the best that is named after it, the second best of
    all, what lists such things and the best that speaks of each word, each with what it needs; then what tells how that
    is which they write to, where the request has to do with that, and what is nearly as good. Where a form is asked
    for, the best that gives one comes second, and its words say nothing of what it is to be of.
    """
    forms = {word: weight for word, weight in wanted.items() if word in _FORMS}
    renders = sorted(index.scores(forms).items(), key=lambda one: (-one[1], one[0]))[:1]
    wanted = {word: weight for word, weight in wanted.items() if not renders or not _says_form(word, weight)}
    scores = index.scores(wanted)
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    by_name = sorted(
        ranked, key=lambda name: (-_named(index.entries[name], wanted), not _begins(index.entries[name], wanted))
    )
    called = {word: next((name for name in by_name if word in index.entries[name].name), "") for word in wanted}
    rarest = sorted(
        wanted, key=lambda word: (-wanted[word] * index.rarity.get(word, 0), -scores.get(called[word], 0), word)
    )
    named = dict.fromkeys(name for word in rarest if (name := called[word]))
    lists = [next((name for name in ranked if index.entries[name].name <= {word, *_LOOKING}), "") for word in rarest]
    alike = [name for name in ranked if scores[name] >= FITS * scores[ranked[0]]]
    told = [
        next((name for name in (ranked if wanted[word] == 1 else alike) if word in index.entries[name].stems), "")
        for word in rarest
    ]
    first = [*ranked[:1], *(name for name, _ in renders), *[*named][:BY_WORDS], *ranked[1:2], *lists, *told[:BY_WORDS]]
    found = [name for name in dict.fromkeys(first) if name]
    yield from _with_producers(found[:SOONEST], index, scores)
    yield from _with_producers(found[SOONEST:], index, scores)
    for name in found:
        yield from _inverse(name, index)
        yield from (reader for reader in _readers(name, index, scores) if reader in scores)
    yield from _with_producers(alike[:BY_WORDS], index, scores)


def _with_producers(names: Sequence[str], index: ToolIndex, scores: Mapping[str, float]) -> Iterator[str]:
    """Each with what best gives what it needs, and after them all what else gives that."""
    others: list[str] = []
    for name in names:
        yield name
        for best, *rest in _producers(name, index, scores):
            yield best
            others += rest
    yield from others


def _says_form(word: str, weight: float) -> bool:
    """A form, or "report" where that was not said: "chart" and the like mean it too."""
    return word in _FORMS or (word == "report" and weight < 1)


def _inverse(name: str, index: ToolIndex) -> list[str]:
    """What takes back what the tool does: who speaks of the one may mean the other."""
    inverse = index.entries[name].inverse
    return [inverse] if inverse in index.entries else []


def _named(entry: Indexed, wanted: Mapping[str, float]) -> float:
    """How much of a tool's name is spoken of."""
    return math.fsum(wanted.get(word, 0) for word in entry.name) / len(entry.name)


def _begins(entry: Indexed, wanted: Mapping[str, float]) -> bool:
    """Whether what it does first of all is spoken of, or is to look for what its name says besides."""
    first = stem(entry.tool.name.partition("_")[0])
    return first in wanted or first in _LOOKING


def _producers(name: str, index: ToolIndex, scores: Mapping[str, float]) -> list[list[str]]:
    """For each required parameter, and for ids that may be left out, where any tool gives it, the two that most plainly
    do and do not need it themselves.
    """
    found: list[list[str]] = []
    needs = index.entries[name].needs
    for parameter, type in [*needs.items(), *((one, None) for one in index.entries[name].takes_ids)]:
        offers = [
            (-_plainness(other, parameter), -scores.get(other, 0), other)
            for other in _givers(index, parameter, type)
            if other != name and parameter not in index.entries[other].needs
        ]
        found.append([other for *_, other in sorted(offers)[:2]])
    return [givers for givers in found if givers]


def _givers(index: ToolIndex, parameter: str, type: type[BaseModel] | None) -> set[str]:
    """environment_id is given by environments[].id and by environment.id; a typed parameter by what has its type."""
    if type is not None:
        return set(index.givers.get(type, ()))
    noun, _, last = parameter.rpartition("_")
    paths = [f"{form}.{last}" for form in (noun, f"{noun}s", f"{noun}es")] if noun else []
    return {name for path in paths for name in index.givers.get(path, ())}


def _plainness(name: str, parameter: str) -> float:
    """How little else a tool is about than to look for what the parameter names: 1 for list_environments."""
    words, noun = set(stems(name)), set(stems(parameter.removesuffix("_id")))
    return len(words & (noun | _LOOKING)) / len(words | noun)


def _readers(name: str, index: ToolIndex, scores: Mapping[str, float]) -> list[str]:
    """For a write, the one tool that best tells how what was written to is."""
    if index.entries[name].tool.effect == "read":
        return []
    ids = {one for one in index.entries[name].needs if one.endswith("_id")}
    readers = [other for one in ids for other in index.readers.get(one, ())]
    return sorted(readers, key=lambda other: (-scores.get(other, 0), other))[:1]


def stem(word: str) -> str:
    """A word in lower case without the ending that grammar gives it: stopping, stopped and stops are stop."""
    if word in _WHOLE:
        return word
    for ending in ("ies", "ing", "ers", "er", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            root = word[: -len(ending)]
            if ending == "ies":
                return root + "y"
            if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
                root = root[:-1]
            return root.removesuffix("e") if len(root) > 3 else root
    return word.removesuffix("e") if len(word) > 3 else word


def stems(text: str) -> list[str]:
    """Of its words, but of those that say nothing."""
    return [stem(word) for word in _words(text)]


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z0-9]{2,}", _PERIOD.sub(" ", text.lower())) if word not in _STOP_WORDS]


def _entry(tool: AnyTool) -> Indexed:
    given = {name: one for name, one in tool.Input.model_fields.items() if one.json_schema_extra != OUR_OWN}
    gives = tool.Output.model_fields
    weights = Counter[str]()
    for text, weight in ((tool.name, _NAME), (tool.summary, _SUMMARY), (" ".join(given), _PARAMETER)):
        for word in {stem(word) for word in _words(text) if word not in _SAYS_LITTLE}:
            weights[word] += weight
    needs = {name: model_in(field.annotation) for name, field in given.items() if field.is_required()}
    models = {name: model_in(field.annotation) for name, field in gives.items()}
    paths = [f"{name}.{below}" for name, model in models.items() if model for below in model.model_fields]
    types = {tool.Output, *(model for model in models.values() if model)}
    gives_all = frozenset({*gives, *paths} | types)
    may_be_given = any(name in given and not given[name].is_required() for name in ("environment_id", "environments"))
    ids = ("environment_id",) if may_be_given else ()
    return Indexed(tool, weights, frozenset(stems(tool.name)), weights.total(), needs, gives_all, ids)
