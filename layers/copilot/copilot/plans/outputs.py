"""What earlier steps gave, as references see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress

from pydantic import JsonValue

from copilot.domain import ANSWER, EffectPlace, Item, KeptResult, Preview, Run, StepState
from copilot.errors import NoData, NotFound
from copilot.plans.arguments import ATTACHMENTS, MEMORY, in_words
from copilot.plans.kept import NO_RESULTS, Results
from copilot.ports import ResultKey, Runs, Store
from copilot.text.outside import calm_lines, indented, inert, inert_lines, plain
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, WriteTool


def load_outputs(
    store: Store,
    registry: Registry,
    run: Run,
    steps: Mapping[str, StepState],
    names: Iterable[str],
    kept: Iterable[KeptResult] = (),
) -> dict[str, JsonValue]:
    """Outputs by step id, under `failures` what went wrong in each step that was run, the request's `attachments`, and
    under `memory` the `kept` results by name.

    A for_each step's output is the list of its items' outputs, in order, without those that failed. A step that was
    skipped, or whose only item failed, has no output. Raises NoData where a result is no longer kept: the rest of them
    would be taken for all.
    """
    wanted = [steps[name] for name in names if name in steps]
    writes = {step.step_id for step in wanted if issubclass(registry.find(step.tool), WriteTool)}
    reads = [
        ResultKey(step.step_id, item.index)
        for step in wanted
        if step.step_id not in writes
        for item in step.items
        if item.status == "done"
    ]
    found = {
        (key.step, key.item): result.output for key, result in store.results(run.tenant, run.run_id, reads).items()
    }
    if writes:
        found |= {(entry.step, entry.item): entry.output for entry in store.effects(run.tenant, run.run_id)}
        found |= _kept_elsewhere(store, run, [step for step in wanted if step.step_id in writes])
    outputs: dict[str, JsonValue] = {
        "failures": {step.step_id: _failures(step) for step in wanted},
        ATTACHMENTS: [attachment.model_dump(mode="json") for attachment in run.trigger.attachments],
    }
    if again := {one.name: _kept(store, registry, run.tenant, one) for one in kept}:
        outputs[MEMORY] = again
    for step in wanted:
        keys = [(step.step_id, item.index) for item in step.items if item.status == "done"]
        if not found.keys() >= set(keys):
            raise NoData(f"what {step.step_id} gave is no longer kept")
        done = [found[key] for key in keys]
        if step.for_each and not step.skipped:
            outputs[step.step_id] = done
        elif done:
            outputs[step.step_id] = done[0]
    return outputs


def output_of(store: Store, registry: Registry, run: Run, steps: Mapping[str, StepState], name: str) -> JsonValue:
    """What a step gave, as load_outputs has it; None of one that gave nothing, or whose results are no longer kept."""
    with suppress(NoData):
        return load_outputs(store, registry, run, steps, [name]).get(name)
    return None


def _kept(store: Store, registry: Registry, tenant: str, kept: KeptResult) -> JsonValue:
    """What the Run that read it has of it. Raises NoData."""
    if kept.name == ANSWER:
        return _answer(store, registry, tenant, kept)
    keys = [ResultKey(kept.step, index) for index in range(kept.items)]
    found = store.results(tenant, kept.run_id, keys)
    if not found.keys() >= set(keys):
        raise NoData(f"what was read at {kept.at:%H:%M} UTC on {kept.at:%d %b} is no longer kept: ask for it again")
    each = [found[key].output for key in keys]
    return each if kept.for_each else each[0]


def _answer(store: Store, registry: Registry, tenant: str, kept: KeptResult) -> JsonValue:
    """As it was said, with the links in it that tools had made."""
    gone = NoData(f"what was answered at {kept.at:%H:%M} UTC on {kept.at:%d %b} is no longer kept: ask for it again")
    try:
        record = store.load_run(tenant, kept.run_id)
    except NotFound:
        raise gone from None
    if record.run.answer is None:
        raise gone
    linking = {name: registry.find(step.tool).links for name, step in record.steps.items()}
    made = [name for name, fields in linking.items() if fields]
    outputs = load_outputs(store, registry, record.run, record.steps, made) if made else {}
    links = [link for name in made if name in outputs for link in _under(outputs[name], linking[name])]
    return {"text": record.run.answer, "links": list(dict.fromkeys(links))}


def _kept_elsewhere(store: Store, run: Run, steps: Iterable[StepState]) -> dict[tuple[str, int], JsonValue]:
    """What writes gave that another Run made, by step and index here."""
    items = [(step.step_id, item.index, item.kept_in) for step in steps for item in step.items]
    made = {(step, index): place for step, index, place in items if place is not None}
    entries = {
        EffectPlace(run_id=run_id, step=entry.step, item=entry.item): entry
        for run_id in sorted({place.run_id for place in made.values()})
        for entry in store.effects(run.tenant, run_id)
    }
    return {here: entries[place].output for here, place in made.items() if place in entries}


def load_previews(store: Runs, run: Run, items: Iterable[tuple[StepState, Item]]) -> dict[tuple[str, int], Preview]:
    """What these writes would do, as it was looked at; by step id and index."""
    keys = [ResultKey(step.step_id, item.index, preview=True) for step, item in items]
    found = store.results(run.tenant, run.run_id, keys)
    return {(key.step, key.item): Preview.model_validate(result.output) for key, result in found.items()}


def spared_texts(
    registry: Registry,
    steps: Mapping[str, StepState],
    outputs: Mapping[str, JsonValue],
    kept: Results = NO_RESULTS,
    *,
    sent: bool,
) -> dict[str, str]:
    """The texts in these outputs that keep their lines, or do something, each as it is shown: links that tools made,
    lines of files, and the copilot's last answer. In what is `sent` to others these can do nothing: a link in them is
    none of the copilot's, but for those that tools had made for that answer.
    """
    found: dict[str, str] = {}
    for name, output in outputs.items():
        if name in steps:
            found |= _spared(registry.find(steps[name].tool), output, sent=sent)
        elif name == MEMORY and isinstance(output, dict):
            for of, value in output.items():
                if of == ANSWER:
                    found |= _said_again(value, sent=sent)
                elif of in kept:
                    found |= _spared(registry.find(kept[of].tool), value, sent=sent)
        elif name == ATTACHMENTS:
            # A file of one line is said as any other word, in the middle of a sentence.
            lines = [text for text in _under(output, {"text"}) if "\n" in text]
            found |= {text: inert_lines(text) if sent else indented(plain(text)) for text in lines}
    return found


def _spared(tool: AnyTool, output: JsonValue, *, sent: bool) -> dict[str, str]:
    found = {text: inert_lines(text) if sent else plain(text) for text in _under(output, tool.laid_out)}
    found |= {text: text for text in _under(output, tool.links)}
    return found | {text: inert_lines(text) if sent else indented(plain(text)) for text in _under(output, tool.lines)}


def _said_again(answer: JsonValue, *, sent: bool) -> dict[str, str]:
    """An answer as it was said: to others without what could do anything in it, but for links that tools had made."""
    found: dict[str, str] = {}
    given = answer.get("links") if isinstance(answer, dict) else None
    links = sorted(map(str, given), key=len, reverse=True) if isinstance(given, list) else []
    for text in _under(answer, {"text"}):
        found[text] = calm_lines(text) if sent else text
        for link in links if sent else ():
            found[text] = found[text].replace(inert(link), link)
    return found | {link: link for link in links}


def _under(value: JsonValue, fields: Collection[str]) -> Iterator[str]:
    """The texts under fields of these names, wherever in the value they are."""
    if isinstance(value, list):
        for inner in value:
            yield from _under(inner, fields)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in fields and isinstance(inner, str):
                yield inner
            else:
                yield from _under(inner, fields)


def _failures(step: StepState) -> JsonValue:
    return [
        {
            "item": item.index,
            "status": item.status,
            "reason": item.reason,
            "arguments": dict(item.arguments),
            "summary": f"{in_words(item.arguments)}: {item.reason or item.status}",
        }
        for item in step.items
        if item.is_settled and item.status not in {"done", "left_out"}
    ]
