"""How the configuration of two environments, or of two services, differs: names, versions, whether it is equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from copilot.domain import EnvironmentId, Frozen, Made, ServiceName, Setting, SettingKind
from copilot.errors import ToolInputError
from copilot.text.outside import quoted
from copilot.tools.by_hand import FOR_COMMANDS, ByHand
from copilot.tools.configuration.names_by_hand import SHOWN_BY, Configured, configured, names_by_hand
from copilot.tools.configuration.scope import Scope, scope_of, settings_of
from copilot.tools.configuration.showing import is_of, type_words, version_words
from copilot.tools.environments.inventory import UnreachableSummary, unreachable
from copilot.tools.tool import ReadTool

SHOWN_AT_MOST = 200
Verdict = Literal["only_first", "only_second", "different", "unknown", "equal"]
ORDER: tuple[Verdict, ...] = ("only_first", "only_second", "different", "unknown", "equal")


class CompareConfigurationInput(Frozen):
    environment_id: EnvironmentId = Field(min_length=1, max_length=256, description="an environment's id")
    other_environment_id: EnvironmentId | None = Field(
        default=None, min_length=1, max_length=256, description="else the same"
    )
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description="only this service")
    other_service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description="else the same")
    kinds: tuple[SettingKind, ...] = Field(default=(), description="else all")


class Compared(Frozen):
    name: str = Field(description="its name, without what names the environment")
    kind: SettingKind = Field(description="parameter, secret, or variable of a container")
    service: ServiceName | None = Field(description="of a variable, the service that has it")
    verdict: Verdict = Field(description="only_first, only_second, different, unknown or equal")
    summary: Made = Field(description="one line about it")


class CompareConfigurationOutput(Frozen):
    first: Made = Field(description="what is compared")
    second: Made = Field(description="what it is compared with")
    compared: tuple[Compared, ...] = Field(description="each name, those that differ first; values are never given")
    more: int = Field(description="how many are not among these")
    same: bool = Field(description="whether all was read, and all of it is known to be equal")
    notes: tuple[Made, ...] = Field(description="what was not looked at, and of what is not known whether it is equal")
    unreachable: tuple[UnreachableSummary, ...] = Field(description="what could not be read; more may be there")
    summary: Made = Field(description="how many names there are of each verdict, in a line")
    by_hand: tuple[Configured, ...] = Field(default=(), description=FOR_COMMANDS)


class CompareConfiguration(ReadTool[CompareConfigurationInput, CompareConfigurationOutput]):
    """Values are compared in code, and dropped. Of what is encrypted nothing is read: it is equal where it is the same
    parameter or secret in the same version, and else that is not known.
    """

    name = "compare_configuration"
    summary = "Compare two environments' or services' parameters, secrets and variables: what is missing or different."
    Input = CompareConfigurationInput
    Output = CompareConfigurationOutput
    shows = "configuration"
    shown_by = SHOWN_BY

    @classmethod
    def by_hand(cls, input: CompareConfigurationInput, output: CompareConfigurationOutput) -> Sequence[ByHand]:
        return names_by_hand(output.by_hand)

    def run(self, input: CompareConfigurationInput) -> CompareConfigurationOutput:
        second_id, second_service = input.other_environment_id or input.environment_id, input.other_service
        first = scope_of(self.clients, input.environment_id, input.service)
        second = scope_of(self.clients, second_id, second_service or input.service)
        if (first.environment, first.service) == (second.environment, second.service):
            raise ToolInputError(f"{first.words} would be compared with itself; name another", ours=True)
        found = [settings_of(self.clients, scope, values=True) for scope in (first, second)]
        wanted = [[one for one in side.settings if not input.kinds or is_of(one, input.kinds)] for side in found]
        here, there = found
        rows = _compared(
            _Side(first, _by_key(wanted[0], first, second), here.hidden),
            _Side(second, _by_key(wanted[1], first, second), there.hidden),
        )
        hidden = {(one.account, one.region, one.reason): one for one in (*here.unreachable, *there.unreachable)}
        notes = [f"{note}." for note in dict.fromkeys((*here.notes, *there.notes))]
        if any(row.verdict == "unknown" for row in rows):
            notes.append(
                "Whether what is encrypted is equal is not known: nothing is decrypted, and no secret is read. It is "
                "equal where both have the same one in the same version."
            )
        all_read = not (hidden or here.notes or there.notes)
        return CompareConfigurationOutput(
            first=first.words,
            second=second.words,
            compared=tuple(rows[:SHOWN_AT_MOST]),
            more=max(0, len(rows) - SHOWN_AT_MOST),
            same=all_read and {row.verdict for row in rows} == {"equal"},
            notes=tuple(notes),
            unreachable=unreachable(hidden.values()),
            summary=_summary(rows, first, second),
            by_hand=configured(one for side in wanted for one in side),
        )


class _Key(NamedTuple):
    """What two have in common that are the same thing. A variable may be plain here and filled from a secret there."""

    kind: SettingKind
    service: str
    container: str
    name: str


def _by_key(settings: Iterable[Setting], first: Scope, second: Scope) -> Mapping[_Key, list[Setting]]:
    """Two services are compared whatever they are called."""
    are_services = first.service != second.service
    found: dict[_Key, list[Setting]] = defaultdict(list)
    for one in settings:
        name = one.name
        if are_services and one.kind != "variable":
            name = name.partition("/")[2] or name
        found[_Key(one.kind, "" if are_services else one.service, one.container, name)].append(one)
    return found


class _Side(NamedTuple):
    scope: Scope
    settings: Mapping[_Key, Sequence[Setting]]
    hidden: frozenset[SettingKind]


def _compared(first: _Side, second: _Side) -> list[Compared]:
    rows = [_row(key, first, second) for key in {*first.settings, *second.settings}]
    return sorted(rows, key=lambda row: (ORDER.index(row.verdict), row.kind, row.service or "", row.name, row.summary))


def _row(key: _Key, first: _Side, second: _Side) -> Compared:
    verdict = _verdict(key, first, second)
    container = f", container {quoted(key.container)}" if key.container else ""
    of = f" of {quoted(key.service)}{container}" if key.service else container
    return Compared(
        name=key.name,
        kind=key.kind,
        service=key.service or None,
        verdict=verdict,
        summary=f"{key.kind} {quoted(key.name)}{of}: {_words(key, verdict, first, second)}",
    )


def _verdict(key: _Key, first: _Side, second: _Side) -> Verdict:
    """Of what is in several places: equal where it is everywhere, different where it anywhere is known to be. What is
    not found where not all could be read may be there.
    """
    here, there = first.settings.get(key, ()), second.settings.get(key, ())
    if not here:
        return "unknown" if key.kind in first.hidden else "only_second"
    if not there:
        return "unknown" if key.kind in second.hidden else "only_first"
    pairs = [_equal(one, other) for one in here for other in there]
    if False in pairs:
        return "different"
    return "unknown" if None in pairs else "equal"


def _equal(one: Setting, other: Setting) -> bool | None:
    """None where that is not known."""
    if one.same_as and one.same_as == other.same_as:
        return True
    if (one.type, bool(one.points_to)) != (other.type, bool(other.points_to)):
        return False
    if one.value is None or other.value is None:
        return None
    return one.value == other.value


def _words(key: _Key, verdict: Verdict, first: _Side, second: _Side) -> str:
    here, there = first.settings.get(key, ()), second.settings.get(key, ())
    if not here or not there:
        found, other = (first, second) if here else (second, first)
        seen = verdict == "unknown"
        return (
            f"seen in {found.scope.words} alone; not all of {other.scope.words} could be read"
            if seen
            else (f"only in {found.scope.words}")
        )
    types = [" and ".join(sorted({type_words(one) for one in some})) for some in (here, there)]
    if types[0] != types[1]:
        return f"not the same type, {types[0]} in the first and {types[1]} in the second"
    said = {"different": "not equal", "unknown": "not known whether equal", "equal": "equal"}[verdict]
    versions = [" and ".join(sorted({version_words(one) for one in some if one.version})) for some in (here, there)]
    if not all(versions):
        return said
    return f"{said}, {versions[0]} and {versions[1]}" if versions[0] != versions[1] else f"{said}, both {versions[0]}"


def _summary(rows: Sequence[Compared], first: Scope, second: Scope) -> str:
    numbers = {verdict: sum(row.verdict == verdict for row in rows) for verdict in ORDER}
    said = {
        "only_first": f"only in {first.words}",
        "only_second": f"only in {second.words}",
        "different": "not equal",
        "unknown": "not known whether equal",
        "equal": "equal",
    }
    parts = [f"{number} {said[verdict]}" for verdict, number in numbers.items() if number]
    return f"{first.words} and {second.words}: {', '.join(parts) or 'nothing is configured in either'}"
