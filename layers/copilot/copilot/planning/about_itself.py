"""What the copilot says of itself, and of what a person may do here."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain import Kind, Known, Person
from copilot.intents import Example, Intents, examples_of
from copilot.policy.rights import Rights

MOST = 6
"""Examples beside something else that is said."""


SAID = {
    "thank": "You are welcome.",
    "never_mind": "All right. No question was open, and nothing was done. What is under way or waits for an approval "
    "stays as it is; `runs cancel` with its id ends it.",
}
"""What needs no more than a sentence."""


def about(what: str, person: Person, rights: Rights, intents: Intents, known: Known) -> str:
    """The answer to `help`, `rights`, `greet`, `thank` or `never_mind`."""
    if what in SAID:
        return SAID[what]
    if what == "rights":
        return _rights(person, rights)
    examples = examples_for(rights, intents, known, most=None)
    if what == "greet":
        return "\n".join(["Hello. Say what is to be done, for example:", *(f"- {one}" for one in examples[:3])])
    if not examples:
        return "There is nothing that you may ask for here. “What may I do?” says what you may."
    return "\n".join(
        [
            "I look at environments, stop, start and schedule them, and report on deployments, usage and Dockerfiles. "
            "Say it in your own words; for example:",
            *(f"- {one}" for one in examples),
            "A change is shown before it is made, and what needs an approval waits for one. "
            "“What may I do?” says what you may.",
        ]
    )


def examples_for(
    rights: Rights, intents: Intents, known: Known, action: str = "", most: int | None = MOST
) -> Sequence[str]:
    """Requests with names that exist here, of those that the person may make."""

    def may(example: Example) -> bool:
        if not rights.looks or example.changes == "nothing":
            return rights.looks
        outcomes = rights.schedules if example.changes == "schedules" else rights.changes
        return any(outcomes.get(kind, "deny") != "deny" for kind in example.kinds or outcomes)

    return examples_of(intents.actions, known, action, may)[:most]


def _and(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _rights(person: Person, rights: Rights) -> str:
    lines = [f"You are {person.name} ({', '.join(person.roles) or 'no role'})."]
    lines.append("You may look at everything." if rights.looks else "You may not look at environments.")
    for outcome, said in (
        ("allow", "You may stop and start {}."),
        ("ask", "You may ask for changes to {}; they wait for an approval."),
        ("deny", "You may not change {}."),
    ):
        kinds: list[Kind] = [kind for kind, found in rights.changes.items() if found == outcome]
        if kinds:
            lines.append(said.format(f"{_and(kinds)} environments"))
    for outcome, said in (
        ("allow", "You may make, pause, resume and delete schedules for {}, whoever made them."),
        ("ask", "Those for {} wait for an approval."),
        ("deny", "You may change no schedule for {}."),
    ):
        kinds = [kind for kind, found in rights.schedules.items() if found == outcome]
        if kinds:
            lines.append(said.format(f"{_and(kinds)} environments"))
    approves = [kind for kind in rights.changes if kind in rights.approves]
    lines.append(
        f"You may approve changes to {_and(approves)} environments." if approves else "You may not approve changes."
    )
    if others := [kind for kind in approves if kind not in rights.approves_own]:
        lines.append(f"Those to {_and(others)} environments that you ask for yourself, another person approves.")
    return "\n".join(lines)
