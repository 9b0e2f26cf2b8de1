"""The answers that a template cannot give: written by a model from the results a plan names, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.answering.evidence import Source, citing_problems, with_evidence
from copilot.answering.grounding import plain_results
from copilot.domain import Answer, Run
from copilot.errors import NoData
from copilot.language_model.consulting import Consult, NoAnswer
from copilot.language_model.prompting import compose_prompt
from copilot.plans.arguments import MEMORY
from copilot.plans.kept_back import INSTEAD
from copilot.plans.speaking import speaking_problems, texts_in
from copilot.plans.templates import with_words, without_placeholders
from copilot.text.outside import inert, plain, unformatted

TRIES = 2
AS_THEY_CAME = "(These are the results as they came: {why}.)"
NOT_FOR_MODELS = "policy says that no model is shown what they say"


@dataclass(frozen=True)
class Compose:
    """`consult` is None where there is no model: then the results speak for themselves."""

    consult: Consult | None = None

    def __call__(
        self,
        run: Run,
        answer: Answer,
        outputs: Mapping[str, JsonValue],
        shown: Mapping[str, JsonValue],
        made_by: Mapping[str, Source],
        trusted: Iterable[str] = (),
    ) -> str:
        """The text of an answer. Every sentence of it cites what it says, which code evaluates and puts in; the model's
        own words hold no number and no name but the request's or the `trusted` texts of the results, and links and
        mentions are none of its business. It reads the outputs as they are `shown`, and what is kept back of one it may
        cite, not knowing what it says. Where it may read nothing of one of the results none is asked.
        """
        results = _spoken_of(answer, outputs)
        if not results:
            return ""
        if self.consult is None:
            return plain(plain_results(results))
        read = _spoken_of(answer, shown)
        if INSTEAD in [*read.values(), *_kept(read).values()]:
            return plain(f"{plain_results(results)}\n\n{AS_THEY_CAME.format(why=NOT_FOR_MODELS)}")
        wish, request = answer.compose or "", run.trigger.text
        known, texts = [request, *trusted], list(texts_in(read))

        def judge(text: str) -> list[str]:
            if not text.strip():
                return ["the answer is empty"]
            if problems := citing_problems(text, read, request, wish):
                return problems
            return speaking_problems([without_placeholders(text)], texts, known)

        consultation, problems = self.consult.about(run), tuple[str, ...]()
        try:
            for _ in range(TRIES):
                text, problems = consultation.ask("compose", compose_prompt(request, wish, read, problems), judge)
                if not problems:
                    own = with_words(text.strip(), unformatted)
                    return with_evidence(own, results, made_by)
            why = "a model put them into words of which it did not show what they rest on"
        except (NoAnswer, NoData) as error:  # what is kept back may come to nothing where what was shown did not
            why = str(error)
        return plain(f"{plain_results(results)}\n\n{AS_THEY_CAME.format(why=inert(why))}")


def _spoken_of(answer: Answer, outputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Of the outputs those that it is to be written from; under `memory` what an earlier Turn had read."""
    found = {name: outputs[name] for name in answer.using if name in outputs}
    again = _kept(outputs)
    kept = {name: value for name, value in again.items() if f"{MEMORY}.{name}" in answer.using}
    return found | ({MEMORY: kept} if kept else {})


def _kept(outputs: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    again = outputs.get(MEMORY)
    return again if isinstance(again, dict) else {}
