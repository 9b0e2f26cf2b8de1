"""What that tells of which a person is shown of a Run: its answer, each of its steps, what it asks to be approved, how
far it is. Pure.

Kinds of environments are where code puts them: on what a write is done to, and as `kind` in what a tool gives. Where
neither is, a step speaks of what it is aimed at, if an earlier step found that; else it may speak of production.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from copilot.domain import (
    AGAIN,
    NOT_KNOWN,
    PRIVATE,
    RETRY,
    STRICTER,
    UNDO,
    About,
    Approval,
    Arguments,
    KeptResult,
    Kind,
    OutputClass,
    Plan,
    Revision,
    Step,
    StepState,
)
from copilot.plans import references
from copilot.plans.arguments import (
    answer_steps,
    expressions,
    referred_to,
    results_in,
    results_told,
    step_of,
    written_texts,
)
from copilot.plans.classes import class_of_sources
from copilot.plans.kept import NO_RESULTS, Results, used_by
from copilot.plans.tool_types import arguments_naming
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool, WriteTool

Outputs = Callable[[str], JsonValue]
"""What a step gave, as load_outputs has it; None where that is not at hand."""
NOTHING = About(shows=PRIVATE[0], kind=None)
"""What the copilot says of itself."""
_OF_ANY = About(shows=PRIVATE[0], kind=STRICTER[-1])
"""How something is, nobody said what."""
_KINDS = {str(kind): kind for kind in STRICTER}
_NOT_KNOWN: frozenset[Kind] = frozenset({STRICTER[-1]})
_KINDLESS = frozenset({"channel", "runbook", "fact", "watch"})


def about_answer(
    revisions: Sequence[Revision], steps: Mapping[str, StepState], outputs: Outputs, registry: Registry
) -> About:
    """What it tells of: that which the steps do that it shows, the results of earlier Turns that it speaks of, and what
    a model had read in earlier Turns that wrote any of it.
    """
    if not revisions:
        return NOTHING
    told = about_steps(revisions, steps, outputs, registry)
    read = [revision.read_about for revision in revisions if revision.read_about]
    of_a_run = revisions[-1].intent in {UNDO, RETRY, AGAIN}
    what_was_done = [_OF_ANY] if of_a_run and revisions[-1].plan.only_speaks else []
    again = [kept.about for kept in _shown_again(revisions)]
    shown = [told[name] for name in shown_steps(revisions, steps, registry)]
    return About.all_of([*shown, *again, *read, *what_was_done])


def _shown_again(revisions: Sequence[Revision]) -> list[KeptResult]:
    """The results of earlier Turns of which something stands in the answer: as shown_steps has it of steps."""
    kept = used_by(revisions)
    if any(revision.kind != "first" for revision in revisions):
        return list(kept.values())
    return [kept[name] for name in sorted(results_told(revisions[-1].plan) & kept.keys())]


def shown_steps(revisions: Sequence[Revision], steps: Mapping[str, StepState], registry: Registry) -> frozenset[str]:
    """The steps of which something stands in the answer: those that it speaks of, those that change something, those
    that it accounts for, since errors quote; all there were, where a model put it into words that had seen what came of
    them.
    """
    if not revisions:
        return frozenset()
    if any(revision.kind != "first" for revision in revisions):
        return frozenset(steps)
    spoken_of = answer_steps(revisions[-1].plan)
    return frozenset(
        name
        for name, step in steps.items()
        if name in spoken_of
        or step.skipped
        or any(item.status != "done" for item in step.items)
        or issubclass(registry.find(step.tool), WriteTool)
    )


def about_steps(
    revisions: Sequence[Revision],
    steps: Mapping[str, StepState],
    outputs: Outputs,
    registry: Registry,
) -> dict[str, About]:
    """What each step that was begun gave, or failed with, tells of; what it was given too."""
    planned = {step.id: step for revision in revisions for step in revision.plan.steps}
    kept = used_by(revisions)
    kinds = _Kinds(planned, steps, outputs, registry, kept)
    return {
        name: About(
            shows=_class_of(step, outputs, planned, registry, kept),
            kind=_strictest(kinds.of(name)),
        )
        for name, step in steps.items()
    }


def about_link(plan: Plan, step: str, registry: Registry, kept: Results = NO_RESULTS) -> About:
    """What would be behind the links that a step makes. Of which kind is not known before it is made."""
    planned = {one.id: one for one in plan.steps}
    shown = (registry.find(planned[step].tool).shows, class_of_sources(planned[step], planned, registry, kept))
    return About(shows=max(shown, key=PRIVATE.index), kind=STRICTER[-1])


def about_approval(approval: Approval, plan: Plan | None, registry: Registry, kept: Results = NO_RESULTS) -> About:
    """What is asked to be approved: the status of its targets, and what its calls are given."""
    planned = {step.id: step for step in plan.steps} if plan else {}
    told = list[About]()
    for call in approval.calls:
        step = planned.get(call.step)
        if step is None:
            return NOT_KNOWN
        kinds = {one.kind or "production" for one in call.preview.targets if one.kind or one.ref.type not in _KINDLESS}
        if not kinds and referred_to(step):
            kinds = {*_NOT_KNOWN}
        told.append(About(shows=class_of_sources(step, planned, registry, kept), kind=_strictest(kinds)))
    return About.all_of(told)


def about_progress(steps: Mapping[str, StepState]) -> About:
    """How far a Run is, told by its tools and by what its plan says: the status of what is changed, as far as that was
    looked at.
    """
    kinds = [item.kind for step in steps.values() for item in step.items if item.kind]
    return About(shows=PRIVATE[0], kind=_strictest(kinds))


def _strictest(kinds: Iterable[Kind]) -> Kind | None:
    return max(kinds, key=STRICTER.index, default=None)


def _class_of(
    state: StepState, outputs: Outputs, planned: Mapping[str, Step], registry: Registry, kept: Results
) -> OutputClass:
    tool = registry.find(state.tool)
    shown = {PRIVATE[0] if state.skipped or _only_asks(state) else tool.shows}
    if tool.logs and any(_has_logs(tool, one) for one in _given(state, outputs).values()):
        shown.add("logs")
    if state.step_id in planned:
        shown.add(class_of_sources(planned[state.step_id], planned, registry, kept))
    return max(shown, key=PRIVATE.index)


def _has_logs(tool: AnyTool, output: JsonValue) -> bool:
    return any(output.get(name) for name in tool.logs) if isinstance(output, dict) else True


def _given(state: StepState, outputs: Outputs) -> dict[int, JsonValue]:
    """What its items that ended well gave, by index; None where that is not at hand."""
    done = [item.index for item in state.items if item.status == "done"]
    output = outputs(state.step_id) if done else None
    each = output if state.for_each and isinstance(output, list) else [output]
    return dict.fromkeys(done) | dict(zip(done, each, strict=False))


def _only_asks(state: StepState) -> bool:
    """Whether all that came of it is a question with names to choose from, which say nothing of how anything is."""
    return bool(state.items) and all(item.status == "failed" and item.choices for item in state.items)


@dataclass(frozen=True)
class _Kinds:
    """Of which kinds of environments steps speak; of none where there are none."""

    planned: Mapping[str, Step]
    steps: Mapping[str, StepState]
    outputs: Outputs
    registry: Registry
    kept: Results
    found: dict[str, frozenset[Kind]] = field(default_factory=dict)

    def of(self, name: str) -> frozenset[Kind]:
        """Of a step that was not begun, what is not known."""
        if name not in self.found:
            state = self.steps.get(name)
            self.found[name] = self._of(name, state) if state else _NOT_KNOWN
        return self.found[name]

    def _of(self, name: str, state: StepState) -> frozenset[Kind]:
        if _only_asks(state):
            return frozenset()
        given = {} if all(item.kind for item in state.items) else _given(state, self.outputs)
        own = [{item.kind} if item.kind else _kinds_of(given.get(item.index)) for item in state.items]
        found = frozenset(kind for kinds in own for kind in kinds)
        return found if own and all(own) else found | self._aimed(name)

    def _aimed(self, name: str) -> frozenset[Kind]:
        """Of which environments a step is given; production where that does not say all that it may speak of."""
        step, tool = self.planned.get(name), self.registry.find(self.steps[name].tool)
        if step is None:
            return _NOT_KNOWN
        if kinds := _wanted(step):
            return kinds
        ran = not self.steps[name].skipped
        if ran and tool.of_environments and not _is_aimed(step, *_called(step, tool, self.registry)):
            return _NOT_KNOWN
        sources = {step_of(path) for path in referred_to(step)} - {"", name}
        again = [self.kept[one].about.kind if one in self.kept else STRICTER[-1] for one in results_in(step)]
        return frozenset([*(kind for source in sources for kind in self.of(source)), *(kind for kind in again if kind)])


def _wanted(step: Step) -> frozenset[Kind]:
    """The kinds that a step asks for in as many words: it is given no other."""
    asked = step.arguments.get("kinds")
    kinds = [_KINDS.get(one) if isinstance(one, str) else None for one in asked] if isinstance(asked, list) else []
    return frozenset(kind for kind in kinds if kind) if all(kinds) else frozenset()


def _called(step: Step, tool: AnyTool, registry: Registry) -> tuple[AnyTool, Arguments]:
    """What a step calls, and with what: of a tool that takes another's call, that one."""
    name, arguments = step.arguments.get("tool"), step.arguments.get("arguments")
    if issubclass(tool, ReadTool) and tool.calls and isinstance(name, str) and isinstance(arguments, dict):
        return registry.find(name), arguments
    return tool, step.arguments


def _is_aimed(step: Step, tool: AnyTool, arguments: Arguments) -> bool:
    """Whether earlier steps found every environment that it is about."""
    named = [arguments[name] for name in arguments_naming(tool, "environment") if name in arguments]
    taken = [step.for_each if isinstance(one, dict) and "$item" in one else one for one in named]
    found = [[step_of(path) for one in expressions(value) for path in references.roots(one)] for value in taken]
    written = [text for value in taken for text in written_texts(value)]
    return bool(taken) and all(any(sources) for sources in found) and not written


def _kinds_of(output: JsonValue) -> set[Kind]:
    """Those that it names; production too, where it is a list that goes on."""
    found = {*_kinds_in(output)}
    if found and isinstance(output, dict) and "kind" not in output:
        found |= {kind for name, more in output.items() if name.startswith("more") and more for kind in _NOT_KNOWN}
    return found


def _kinds_in(value: JsonValue) -> Iterator[Kind]:
    """Wherever in it one stands as `kind`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "kind" and isinstance(inner, str) and inner in _KINDS:
                yield _KINDS[inner]
            else:
                yield from _kinds_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _kinds_in(inner)
