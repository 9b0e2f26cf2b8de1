"""Consulting a model for a Run: within its budgets, every call recorded, none made twice for the same place."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from copilot.config.configuration import Budgets
from copilot.domain import JournalEntry, ModelCall, Prompt, Purpose, Run, TokenUsage
from copilot.errors import Capped, CopilotError
from copilot.language_model.reading import UNFINISHED, is_one_document, needed_in
from copilot.language_model.thoughts import without_thoughts
from copilot.ports import Clock, LanguageModel, Purse, Runs
from copilot.text.masking import mask_text
from copilot.text.tokens import count_tokens

ModelFor = Callable[[Purpose], LanguageModel | None]
Judge = Callable[[str], Sequence[str]]
"""What is wrong with an answer, a line each; raises nothing."""

LONGEST = 100_000
"""Characters of an answer that are read; no plan comes near, whatever a server sends."""
_REFUSED = "the model, or a filter in front of it, declined to answer this; say it in other words"
_CUT_OFF = "the answer was too long and was cut off; it has to be shorter"


class NoAnswer(CopilotError):
    """The model could not be asked, or gave nothing; says why, for a person."""


class NoRoom(NoAnswer):
    """The model may not be asked now: a cap on what is spent leaves no room for it."""


@dataclass(frozen=True)
class Consult:
    """`model_for` gives the model for a purpose, None where there is none. `dollars` is what usage of a model costs,
    None where that is not known. `purse` is what a Run's calls are paid out of. A model may put out `most_out` tokens
    where that is configured, in place of what a prompt says.
    """

    store: Runs
    clock: Clock
    budgets: Budgets
    model_for: ModelFor
    dollars: Callable[[str, TokenUsage], float | None]
    purse: Callable[[Run], Purse]
    most_out: int | None = None

    def about(self, run: Run) -> Consultation:
        return Consultation(self, run, self.store.calls(run.tenant, run.run_id))


class Consultation:
    """The calls of one task of one Run. Repeated, the task is given the answers it was given before."""

    def __init__(self, by: Consult, run: Run, made: list[ModelCall]) -> None:
        self._by, self._run, self._made = by, run, made
        self._revision = run.revision + 1
        self._kept = [call for call in made if call.revision == self._revision]
        self._last: ModelCall | None = None

    @property
    def model(self) -> str | None:
        """The model that gave the last answer; None where none was asked."""
        return self._last.model if self._last else None

    def has_needed(self, purpose: Purpose) -> bool:
        """Whether the Run was given other tools at its model's asking before a task for this purpose."""
        before = [call for call in self._made if call.purpose != purpose or call not in self._kept]
        return any(call.needed for call in before)

    def ask(self, purpose: Purpose, prompt: Prompt, judge: Judge) -> tuple[str, tuple[str, ...]]:
        """The answer without the model's thoughts, and what is wrong with it; "" for one that was cut off.

        Raises NoAnswer, NoRoom.
        """
        # What was kept for another purpose is of a task that came to its end without a revision.
        call = next((call for call in self._kept if call.purpose == purpose), None)
        if call is not None:
            self._kept.remove(call)
        else:
            call = self._call(purpose, prompt, judge)
            self._made.append(call)
            self._by.store.record_call(self._run.tenant, self._run.run_id, call, self._evidence(call))
        self._last = call
        if call.error:
            raise NoAnswer(call.error)
        return "" if _CUT_OFF in call.problems else call.answered, call.problems

    def _call(self, purpose: Purpose, prompt: Prompt, judge: Judge) -> ModelCall:
        try:
            model = self._by.model_for(purpose)
        except CopilotError as error:
            raise NoAnswer(f"the model cannot be asked: {error}") from error
        if model is None:
            raise NoAnswer("no model is configured")
        if used_up := self._used_up():
            raise NoAnswer(used_up)
        purse = self._by.purse(self._run)
        try:
            held = purse.begin("models", self._most(model, prompt))
        except Capped as error:
            raise NoRoom(str(error)) from error
        begun = self._by.clock.now()
        call = ModelCall(
            revision=self._revision,
            number=1 + sum(call.revision == self._revision for call in self._made),
            purpose=purpose,
            model=model.name,
            asked=mask_text(prompt.user),
            parts=prompt.parts,
            at=begun,
        )
        try:
            completion = model.complete(prompt)
        except CopilotError as error:
            purse.settle(held, 0)  # as it counts for the Run's own budget
            seconds = (self._by.clock.now() - begun).total_seconds()
            return call.model_copy(update={"error": mask_text(str(error)), "seconds": seconds})
        cost = self._by.dollars(completion.model, completion.usage)
        purse.settle(held, cost or 0)
        document = prompt.answer_schema is not None
        said = without_thoughts(completion.text, document=document)
        # Judged as it is kept: what is masked must not turn out to be broken by that later.
        answered = mask_text((said or "")[:LONGEST])
        problems = [UNFINISHED] if said is None else list(judge(answered))
        # A whole document with nothing beside it is no draft, wherever what would have come after it was cut off.
        if completion.stop == "length" and said is not None and (problems or not document or not is_one_document(said)):
            problems = [_CUT_OFF]
        refused = completion.stop == "refusal"
        return call.model_copy(
            update={
                "model": completion.model,
                "answered": answered,
                "problems": () if refused else tuple(problems),
                "needed": () if refused or problems or not document else needed_in(answered),
                "error": _REFUSED if refused else "",
                "usage": completion.usage,
                "seconds": completion.seconds,
                "dollars": cost,
            }
        )

    def _most(self, model: LanguageModel, prompt: Prompt) -> float:
        """What a call may cost: all that is asked written to the provider's cache, and as much put out as may be; 0 for
        a model without a price, which the number of its calls bounds alone.
        """
        schema = json.dumps(prompt.answer_schema) if prompt.answer_schema else ""
        asked = count_tokens(prompt.system) + count_tokens(prompt.user) + count_tokens(schema)
        put_out = self._by.most_out or prompt.max_tokens
        return self._by.dollars(model.name, TokenUsage(cache_written=asked, output=put_out)) or 0

    def _used_up(self) -> str | None:
        """Which of the Run's budgets for models is used up, in words."""
        budgets = self._by.budgets
        tokens = sum(call.usage.total for call in self._made)
        dollars = sum(call.dollars or 0 for call in self._made)
        if len(self._made) >= budgets.model_calls:
            return f"the run's {budgets.model_calls} calls of a model are used up"
        if tokens >= budgets.tokens:
            return f"the run's {budgets.tokens:,} tokens are used up"
        if dollars >= budgets.dollars:
            return f"the run's ${budgets.dollars:.2f} for models are used up"
        return None

    def _evidence(self, call: ModelCall) -> JournalEntry:
        told = {"purpose", "model", "usage", "seconds", "dollars", "error"} | ({"needed"} if call.needed else set())
        said = call.model_dump(mode="json", include=told)
        return JournalEntry.of(self._run, "model", f"model-{call.revision}-{call.number}", call.at, said)
