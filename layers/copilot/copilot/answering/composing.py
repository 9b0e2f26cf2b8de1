"""The answers that a template cannot give: written by a model from the results a plan names, and from nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.answering.grounding import plain_results, unfounded_numbers
from copilot.domain import Answer, Run
from copilot.language_model.consulting import Consult, NoAnswer
from copilot.language_model.prompting import compose_prompt
from copilot.plans.speaking import speaking_problems, texts_in
from copilot.text.outside import inert, plain, unformatted

TRIES = 2
AS_THEY_CAME = "(These are the results as they came: {why}.)"
NOT_FOR_MODELS = "no model is shown what the logs of production say"


@dataclass(frozen=True)
class Compose:
    """`consult` is None where there is no model: then the results speak for themselves."""

    consult: Consult | None = None

    def __call__(
        self,
        run: Run,
        answer: Answer,
        outputs: Mapping[str, JsonValue],
        trusted: Iterable[str] = (),
        private: Collection[str] = (),
    ) -> str:
        """The text of an answer. Every number in it is one of the results'; every name is one of the request's or of
        the `trusted` texts in the results, and links and mentions are none of its business. Where one of the results
        is `private` no model is asked.
        """
        results = {name: outputs[name] for name in answer.using if name in outputs}
        if not results:
            return ""
        if self.consult is None:
            return plain(plain_results(results))
        if not results.keys().isdisjoint(private):
            return plain(f"{plain_results(results)}\n\n{AS_THEY_CAME.format(why=NOT_FOR_MODELS)}")
        wish, request = answer.compose or "", run.trigger.text
        known, read = [request, *trusted], list(texts_in(results))

        def judge(text: str) -> list[str]:
            if not text.strip():
                return ["the answer is empty"]
            unfounded = unfounded_numbers(text, results, request, wish)
            problems = [f"these numbers are not in the results: {', '.join(unfounded)}"] if unfounded else []
            return [*problems, *speaking_problems([text], read, known)]

        consultation, problems = self.consult.about(run), tuple[str, ...]()
        try:
            for _ in range(TRIES):
                text, problems = consultation.ask("compose", compose_prompt(request, wish, results, problems), judge)
                if not problems:
                    return unformatted(text.strip())
            why = f"a model wrote an answer that was not used: {'; '.join(problems)}"
        except NoAnswer as error:
            why = str(error)
        return plain(f"{plain_results(results)}\n\n{AS_THEY_CAME.format(why=inert(why))}")
