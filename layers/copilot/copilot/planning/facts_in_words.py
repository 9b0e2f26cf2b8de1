"""What is remembered and forgotten as people ask for it, by tools, as any change; and what is known, told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.domain import (
    KIND_WORDS,
    About,
    Answer,
    Fact,
    FactName,
    Focus,
    Plan,
    Revision,
    Step,
    Trigger,
    Turn,
)
from copilot.intents import Intents, Present
from copilot.intents.aliases import no_names, why_no_alias
from copilot.intents.completing import complete, is_dropped
from copilot.planning.fact_words import FactSaid, SaidOfFacts, read
from copilot.planning.known_facts import KnownFacts, Remembered
from copilot.planning.unplanned import asking, only_says
from copilot.text.masking import is_secret
from copilot.text.outside import inert

REMEMBER, FORGET = "remember_fact", "forget_fact"
TURNS_BACK, LATELY = 10, 2
"""So many of the last turns are read; a fact of so many of the last runs is "that"."""
FEW = 2
"""Words that are no name; more of them are a sentence."""
LIKE = 0.6
"""Of the words of a note, what has to be said of them to mean it."""
SECRET = (
    "That looks like a secret, and secrets are not remembered. Nothing was; change it, now that it was written here."
)
NOTE = "A note informs a model that plans; nothing is done or kept from being done by it alone."
NOTHING_KNOWN = "I was not asked to remember anything of yours. “Remember that …” has me do so."
EVIDENCE = (
    "What was said and done is kept besides: conversations, runs, the ledger and the journal, each for as long as the "
    "configuration says, and with them that this was remembered. `devops-copilot delete me` has the rest of what is "
    "yours deleted, and says what stays as evidence and how long; what reads gave goes after 30 days."
)
OWN = About(shows="configuration", kind=None)
"""What a person has remembered is for them, and no channel's."""


@dataclass(frozen=True)
class FactsInWords:
    """`turns` are the last ones of a Conversation."""

    known_facts: KnownFacts
    intents: Intents
    turns: Callable[[str, str, int], Sequence[Turn]]

    def __call__(self, trigger: Trigger, facts: Remembered, focus: Focus, present: Present) -> Revision | None:
        """What is to be remembered or forgotten as a plan, and what is known as an answer; None for every other. It may
        answer a question that was asked of that.
        """
        question = focus.open if focus.open is not None and focus.open.asker == trigger.person.id else None
        if question is not None and is_dropped(trigger.text):
            return None
        if question is not None and read(question.request) is not None:
            answered = complete(question, trigger.text, present)
            trigger = trigger if answered is None else trigger.model_copy(update={"text": answered})
        said = read(trigger.text)
        if said is None:
            return None
        if said.do == "show":
            return self._shown(trigger, said, facts)
        if said.do == "remember":
            assert said.fact is not None
            if said.loose and self._is_no_fact(said.fact, present):
                return None
            return self._remembered(trigger, said.fact, shared=said.shared)
        found = self._meant(trigger, said, facts)
        if found is None:
            return None
        return found if isinstance(found, Revision) else self._forgotten(trigger, found, facts, said)

    def _is_no_fact(self, fact: FactSaid, present: Present) -> bool:
        """Whether it asks for something to be done, or says that something means what is no name."""
        known = self.known_facts.known()
        if fact.kind == "alias":
            return no_names(fact.value, known, self.intents) != ""
        return next(self.intents.frames(fact.value, present, known), None) is not None

    def _remembered(self, trigger: Trigger, fact: FactSaid, *, shared: bool) -> Revision:
        if is_secret(trigger.text):
            return only_says(trigger.text, SECRET)
        known = self.known_facts.known()
        if fact.kind == "alias" and len(fact.value.split()) > FEW and no_names(fact.value, known, self.intents):
            fact = FactSaid("note", "", f"{fact.subject} means {fact.value}")
        if fact.kind == "alias" and (why := why_no_alias(fact.subject, fact.value, known, self.intents)):
            return only_says(trigger.text, f"{why[:1].upper()}{why[1:]}. Nothing was remembered.")
        value = self._environment(fact.value) if fact.subject == "environment" else fact.value
        arguments: dict[str, JsonValue] = {"kind": fact.kind, "value": value}
        arguments |= {"subject": fact.subject} if fact.subject else {}
        arguments |= {"for_everybody": True} if shared else {}
        told = f" {NOTE}" if fact.kind == "note" else ""
        step = Step(id="remember", tool=REMEMBER, arguments=arguments)
        answer = Answer(text=f"{{remember.summary}}.{told}")
        return Revision(plan=Plan(goal=trigger.text, steps=(step,), answer=answer), intent=REMEMBER)

    def _environment(self, said: str) -> str:
        """As it is written where there is one; a kind by its whole name."""
        names = {one.name.casefold(): one.name for one in self.known_facts.known().environments}
        return names.get(said.casefold()) or KIND_WORDS.get(said.casefold()) or said

    def _meant(self, trigger: Trigger, said: SaidOfFacts, facts: Remembered) -> list[Fact] | Revision | None:
        """What is to be forgotten; what to say where there is nothing, None where it may be about something else."""
        if said.do == "forget_me":
            return list(facts.own) or only_says(trigger.text, f"{NOTHING_KNOWN} {EVIDENCE}")
        if said.do == "forget_last":
            turns = self.turns(trigger.tenant, trigger.conversation, TURNS_BACK)
            runs = list(dict.fromkeys(turn.run_id for turn in reversed(turns) if turn.run_id != trigger.run_id))
            said_here = [one for one in (*facts.own, *facts.shared) if one.run in runs[:LATELY]]
            lately = [one for one in said_here if one.author.id == trigger.person.id]
            return [max(lately, key=lambda one: one.at)] if lately else None
        scope = facts.shared if said.shared else facts.all
        if said.fact is None:
            about = said.about.removeprefix("the ").removeprefix("my ")
            return [one for one in scope if one.subject == about] or None
        return self._like(said.fact, scope) or self._none(trigger, scope)

    def _like(self, fact: FactSaid, scope: Sequence[Fact]) -> list[Fact]:
        name = FactName.of(fact.kind, fact.subject, fact.value)
        if found := [one for one in scope if one.name == name]:
            return found
        if fact.kind != "note":
            return []
        words = {*fact.value.casefold().split()}
        like = [(len(words & {*one.value.casefold().split()}) / max(1, len(words)), one) for one in scope]
        near = [one for share, one in like if share >= LIKE and one.kind == "note"]
        return near if len(near) == 1 else []

    def _none(self, trigger: Trigger, scope: Sequence[Fact]) -> Revision:
        """That nothing of that is remembered, and what is."""
        choices = [_forgetting(one) for one in scope][:8]
        question = "Nothing of that is remembered, so nothing was forgotten."
        if not choices:
            return only_says(trigger.text, question)
        return asking(trigger.text, f"{question} Which is meant?", choices, lacks=trigger.text)

    def _forgotten(self, trigger: Trigger, found: Sequence[Fact], facts: Remembered, said: SaidOfFacts) -> Revision:
        named: list[JsonValue] = [
            {"subject": one.subject, "attribute": one.attribute, "for_everybody": one not in facts.own} for one in found
        ]
        arguments: dict[str, JsonValue] = {name: {"$item": name} for name in ("subject", "attribute", "for_everybody")}
        step = Step(id="forget", tool=FORGET, for_each=named, arguments=arguments, continue_on_failure=True)
        told = f"\n\n{EVIDENCE}" if said.do == "forget_me" else ""
        answer = Answer(text=f"- {{forget[].summary}}{told}")
        return Revision(plan=Plan(goal=trigger.text, steps=(step,), answer=answer), intent=FORGET)

    def _shown(self, trigger: Trigger, said: SaidOfFacts, facts: Remembered) -> Revision:
        def wanted(some: Sequence[Fact]) -> list[Fact]:
            return [one for one in some if not said.about or one.subject in said.about or said.about in one.value]

        own, shared = (sorted(wanted(some), key=lambda one: one.at) for some in (facts.own, facts.shared))
        lines = [f"You are {trigger.person.name}."] if not said.about else []
        lines += ["You had me remember:", *self._lines(own, trigger)] if own else [NOTHING_KNOWN]
        lines += ["For everybody:", *self._lines(shared, trigger)] if shared else []
        lines.append("“Forget …” has me forget one, “forget me” all that are yours.")
        theirs = any(one.author.id != trigger.person.id for one in shared)
        return Revision(
            plan=Plan(goal=trigger.text, say="\n".join(lines)),
            read_untrusted=theirs,
            read="what other people asked to be remembered" if theirs else "",
            read_about=OWN,
        )

    def _lines(self, facts: Sequence[Fact], trigger: Trigger) -> list[str]:
        return [f"- {inert(told)}" for told in self.known_facts.told(facts, trigger.person)]


def _forgetting(fact: Fact) -> str:
    """The request that has it forgotten."""
    if fact.kind == "note":
        return f"forget that {fact.value}"
    return f"forget what {fact.subject} means" if fact.kind == "alias" else f"forget my {fact.subject}"
