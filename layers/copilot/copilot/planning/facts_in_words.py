"""What is remembered and forgotten as people ask for it, by tools, as any change; and what is known, told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from copilot.domain import (
    FORGETS_LEARNED,
    KIND_WORDS,
    TO_PERSON,
    About,
    Answer,
    Companion,
    Exclusion,
    Fact,
    FactName,
    Focus,
    LearnedShape,
    Plan,
    Revision,
    Selector,
    Step,
    Trigger,
    Turn,
)
from copilot.intents import Intents, Present
from copilot.intents.aliases import no_names, why_no_alias
from copilot.intents.completing import complete, is_dropped
from copilot.planning.correcting_rules import beside, narrowed, replaced
from copilot.planning.fact_words import FactSaid, SaidOfFacts, read
from copilot.planning.known_facts import KnownFacts, Remembered
from copilot.planning.rule_words import OFF_LIMITS, RuleSaid
from copilot.planning.rules_in_words import RuleReading, Unclear
from copilot.planning.unplanned import asking, only_says
from copilot.text.listing import listed
from copilot.text.masking import is_secret
from copilot.text.moments import day_of
from copilot.text.outside import inert, quoted
from copilot.times.stretches import until_in

REMEMBER, FORGET, FORGOTTEN = "remember_fact", "forget_fact", "forget"
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
OWN_ONLY = "It holds for what you have done, and for your schedules; “for everybody: …” has it hold for all."
NOTHING_KNOWN = "I was not asked to remember anything of yours. “Remember that …” has me do so."
EVIDENCE = (
    "What was said and done is kept besides: conversations, runs, approvals, the ledger and the journal, each for as "
    "long as the configuration says, and with them that this was remembered and, in the ledger, what it said. "
    "`devops-copilot delete me` has the rest of what is yours deleted, and says what stays as evidence and how long; "
    "what reads gave goes after 30 days."
)
UNLEARNED = "The plans that I had learned of your requests are forgotten: a model is asked for them again."
NOTHING_LEARNED = (
    "I have learned no plan of yours. What a model plans for a request that says it all is learned when it went well."
)
OWN = About(shows="configuration", kind=None)
"""What a person has remembered is for them, and no channel's."""


@dataclass(frozen=True)
class FactsInWords:
    """`turns` are the last ones of a Conversation, `learned` the plans that were learned for a person, by id."""

    known_facts: KnownFacts
    intents: Intents
    turns: Callable[[str, str, int], Sequence[Turn]]
    learned: Callable[[str], Sequence[LearnedShape]] = lambda person: ()

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
        if said.do == "show_learned":
            return Revision(plan=Plan(goal=trigger.text, say=self._shown_learned(trigger)), read_about=OWN)
        if said.do == "forget_learned":
            return self._unlearned(only_says(trigger.text, UNLEARNED))
        if said.do == "show":
            return self._shown(trigger, said, facts)
        if said.do == "remember":
            return self._to_remember(trigger, said, facts, present)
        found = self._meant(trigger, said, facts)
        if found is None:
            return None
        forgetting = found if isinstance(found, Revision) else self._forgotten(trigger, found, facts, said)
        return self._unlearned(forgetting) if said.do == "forget_me" else forgetting

    def _unlearned(self, revision: Revision) -> Revision:
        """With all learned plans of who asks forgotten as well."""
        return revision.model_copy(update={"intent": FORGET, "slots": {FORGETS_LEARNED: True}})

    def _to_remember(self, trigger: Trigger, said: SaidOfFacts, facts: Remembered, present: Present) -> Revision | None:
        assert said.fact is not None
        if said.fact.rule is not None and isinstance(self._read_rule(said.fact.rule, trigger, facts), Unclear):
            return self._unclear(trigger, said.fact.rule, facts)
        if said.loose and self._is_no_fact(said.fact, present):
            return None
        return self._remembered(trigger, said.fact, facts, shared=said.shared)

    def _is_no_fact(self, fact: FactSaid, present: Present) -> bool:
        """Whether it asks for something to be done, or says that something means what is no name."""
        known = self.known_facts.known()
        if fact.kind == "alias":
            return no_names(fact.value, known, self.intents) != ""
        return next(self.intents.frames(fact.value, present, known), None) is not None

    def _read_rule(self, rule: RuleSaid, trigger: Trigger, facts: Remembered) -> Exclusion | Companion | Unclear:
        return self._reading(trigger, facts)(rule)

    def _reading(self, trigger: Trigger, facts: Remembered) -> RuleReading:
        team = facts.default("team")
        zone, now = self.known_facts.zone_of(trigger.person.id), trigger.received_at
        return RuleReading(self.known_facts.known, now, zone, trigger.person, team.value if team else "")

    def _unclear(self, trigger: Trigger, rule: RuleSaid, facts: Remembered) -> Revision | None:
        """Why nothing is remembered; None where it may be about something else."""
        why = self._read_rule(rule, trigger, facts)
        assert isinstance(why, Unclear)
        is_one = rule.tell or re.search(OFF_LIMITS, trigger.text)
        return (
            only_says(trigger.text, f"{why.why[:1].upper()}{why.why[1:]}. Nothing was remembered.") if is_one else None
        )

    def _remembered(self, trigger: Trigger, fact: FactSaid, facts: Remembered, *, shared: bool) -> Revision:
        if is_secret(trigger.text):
            return only_says(trigger.text, SECRET)
        known = self.known_facts.known()
        if fact.kind == "alias" and len(fact.value.split()) > FEW and no_names(fact.value, known, self.intents):
            fact = FactSaid("note", "", f"{fact.subject} means {fact.value}")
        if fact.kind == "alias" and (why := why_no_alias(fact.subject, fact.value, known, self.intents)):
            return only_says(trigger.text, f"{why[:1].upper()}{why[1:]}. Nothing was remembered.")
        if fact.rule is not None and fact.rule.before:
            return self._only_after(trigger, fact.rule)
        until = self._until(fact, trigger)
        if fact.until and until is None:
            return only_says(trigger.text, f"{quoted(fact.until)} is past, or no time. Nothing was remembered.")
        arguments: dict[str, JsonValue] = {"kind": fact.kind}
        gone, stand = list[Fact](), list[Fact]()
        if fact.rule is not None:
            rule = self._read_rule(fact.rule, trigger, facts)
            assert not isinstance(rule, Unclear)
            arguments[fact.kind] = rule.model_dump(mode="json", exclude_defaults=True)
            there = facts.shared if shared else facts.own
            gone = replaced(fact.rule, rule, until, there, self._reading(trigger, facts).days(fact.rule.not_on))
            stand = beside(rule, until, [*facts.own, *facts.shared], gone)
        else:
            arguments |= {"value": self._environment(fact.value) if fact.subject == "environment" else fact.value}
        arguments |= {"subject": fact.subject} if fact.subject else {}
        arguments |= {"for_everybody": True} if shared else {}
        arguments |= {"until": until.isoformat()} if until else {}
        told = {"note": f" {NOTE}", "exclusion": "" if shared else f" {OWN_ONLY}"}.get(fact.kind, "")
        told += f" It is in the place of another:\n- {{{FORGOTTEN}[].summary}}" if gone else ""
        steps = [Step(id="remember", tool=REMEMBER, arguments=arguments)]
        steps += [_forgetting_step(gone, facts, after=("remember",))] if gone else []
        answer = Answer(text=f"{{remember.summary}}.{told}")
        others = [f"beside it stands: {one}" for one in self.known_facts.told(stand, trigger.person)]
        plan = Plan(goal=trigger.text, steps=tuple(steps), answer=answer)
        return Revision(plan=plan, intent=REMEMBER, by_facts=tuple(others))

    def _until(self, fact: FactSaid, trigger: Trigger) -> datetime | None:
        zone = self.known_facts.zone_of(trigger.person.id)
        return until_in(fact.until, trigger.received_at, zone) if fact.until else None

    def _only_after(self, trigger: Trigger, rule: RuleSaid) -> Revision:
        """That nobody is told before, with the request that is held in its place."""
        what = re.sub(r"(?i)\bbefore\b", "whenever", trigger.text, count=1).rstrip(" .!")
        told = (
            f"What was done can be told, and not what is about to be done: {listed(list(rule.tell))} can be told after."
        )
        return asking(trigger.text, f"{told} Is that meant?", [what], lacks=trigger.text)

    def _environment(self, said: str) -> str:
        """As it is written where there is one; a kind by its whole name."""
        names = {one.name.casefold(): one.name for one in self.known_facts.known().environments}
        return names.get(said.casefold()) or KIND_WORDS.get(said.casefold()) or said

    def _meant(self, trigger: Trigger, said: SaidOfFacts, facts: Remembered) -> list[Fact] | Revision | None:
        """What is to be forgotten; what to say where there is nothing, None where it may be about something else."""
        if said.do == "forget_me":
            return list(facts.own) or only_says(trigger.text, f"{NOTHING_KNOWN} {UNLEARNED} {EVIDENCE}")
        if said.do == "forget_last":
            turns = self.turns(trigger.tenant, trigger.conversation, TURNS_BACK)
            runs = list(dict.fromkeys(turn.run_id for turn in reversed(turns) if turn.run_id != trigger.run_id))
            said_here = [one for one in (*facts.own, *facts.shared) if one.run in runs[:LATELY]]
            lately = [one for one in said_here if one.author.id == trigger.person.id]
            return [max(lately, key=lambda one: one.at)] if lately else None
        scope = facts.shared if said.shared else [*facts.own, *facts.shared]
        if said.fact is None:
            about = said.about.removeprefix("the ").removeprefix("my ")
            return [one for one in scope if one.subject == about] or None
        if found := [one for one in scope if one.value and one.value.casefold() == said.fact.value.casefold()]:
            return found[:1]
        if said.fact.kind in {"exclusion", "companion"}:
            of = self._reading(trigger, facts).selector(said.fact.rule or RuleSaid(said.fact.subject))
            rule = self._read_rule(said.fact.rule, trigger, facts) if said.fact.rule else None
            found = self._of_rule(said.fact, of, scope)
            return narrowed(said.fact, rule, found) or self._none(trigger, scope)
        return self._like(said.fact, scope) or self._none(trigger, scope)

    @staticmethod
    def _of_rule(fact: FactSaid, of: Selector | Unclear, scope: Sequence[Fact]) -> list[Fact]:
        """Those in the same words, or of the same; of companions, those of whom it is told."""
        same = [one for one in scope if one.kind == fact.kind]
        if fact.kind == "companion":
            told = {_person(one) for one in (fact.rule.tell if fact.rule else fact.subject.split())}
            return [one for one in same if one.companion and told & {*one.companion.tell}]
        if isinstance(of, Unclear):
            return []
        plain = of.model_copy(update={"changes": ()})
        return [
            one
            for one in same
            if one.exclusion
            and plain == one.exclusion.of.model_copy(update={"changes": ()})
            and of.changes in {(), one.exclusion.of.changes}
        ]

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
        step = _forgetting_step(found, facts)
        told = f"\n\n{UNLEARNED}\n\n{EVIDENCE}" if said.do == "forget_me" else ""
        answer = Answer(text=f"- {{{FORGOTTEN}[].summary}}{told}")
        return Revision(plan=Plan(goal=trigger.text, steps=(step,), answer=answer), intent=FORGET)

    def _shown(self, trigger: Trigger, said: SaidOfFacts, facts: Remembered) -> Revision:
        def wanted(some: Sequence[Fact]) -> list[Fact]:
            return [one for one in some if not said.about or one.subject in said.about or said.about in one.value]

        own, shared = (sorted(wanted(some), key=lambda one: one.at) for some in (facts.own, facts.shared))
        lines = [f"You are {trigger.person.name}."] if not said.about else []
        lines += ["You had me remember:", *self._lines(own, trigger)] if own else [NOTHING_KNOWN]
        lines += ["For everybody:", *self._lines(shared, trigger)] if shared else []
        if not said.about and (learned := self.learned(trigger.person.id)):
            plans = sum(len(one.plans) for one in learned)
            lines.append(f"Plans that I learned of your requests: {plans}; “what did you learn?” lists them.")
        lines.append("“Forget …” has me forget one, “forget me” all that are yours.")
        theirs = any(one.author.id != trigger.person.id for one in shared)
        return Revision(
            plan=Plan(goal=trigger.text, say="\n".join(lines)),
            read_untrusted=theirs,
            read="what other people asked to be remembered" if theirs else "",
            read_about=OWN,
        )

    def _shown_learned(self, trigger: Trigger) -> str:
        zone, now = self.known_facts.zone_of(trigger.person.id), self.known_facts.clock.now()
        plans = [one for shape in self.learned(trigger.person.id) for one in shape.plans]
        lines = [
            f"- {inert(one.of.words)}: planned as on {day_of(one.of.at, now, zone)}, run {one.of.run}"
            for one in sorted(plans, key=lambda one: one.of.at)
        ]
        if not lines:
            return NOTHING_LEARNED
        ends = "“Forget what you learned” has me forget them."
        return "\n".join(["Requests of yours that I plan without a model, as one did:", *lines, ends])

    def _lines(self, facts: Sequence[Fact], trigger: Trigger) -> list[str]:
        return [f"- {inert(told)}" for told in self.known_facts.told(facts, trigger.person)]


def _forgetting_step(found: Sequence[Fact], facts: Remembered, after: tuple[str, ...] = ()) -> Step:
    named: list[JsonValue] = [
        {"subject": one.subject, "attribute": one.attribute, "for_everybody": one not in facts.own} for one in found
    ]
    arguments: dict[str, JsonValue] = {name: {"$item": name} for name in ("subject", "attribute", "for_everybody")}
    return Step(id=FORGOTTEN, tool=FORGET, for_each=named, arguments=arguments, after=after, continue_on_failure=True)


def _forgetting(fact: Fact) -> str:
    """The request that has it forgotten."""
    if fact.kind in {"note", "exclusion", "companion"}:
        return f"forget that {fact.value}"
    return f"forget what {fact.subject} means" if fact.kind == "alias" else f"forget my {fact.subject}"


def _person(said: str) -> str:
    return re.sub("^@", TO_PERSON, said)
