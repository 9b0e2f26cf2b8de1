"""What the copilot says of itself, and of what a person may do here."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.domain import Kind, Known, Person
from copilot.intents import Intents, examples_of
from copilot.policy.rights import Rights

MOST = 6
"""Examples in one answer."""


def about(what: str, person: Person, rights: Rights, intents: Intents, known: Known) -> str:
    """The answer to `help`, `rights` or `greet`."""
    if what == "rights":
        return _rights(person, rights)
    examples = examples_for(rights, intents, known)
    if what == "greet":
        return "\n".join(["Hello. Say what is to be done, for example:", *(f"- {one}" for one in examples[:3])])
    return "\n".join(
        [
            "I look at environments, stop, start and schedule them, and report on deployments, usage and Dockerfiles. "
            "Say it in your own words; for example:",
            *(f"- {one}" for one in examples),
            "A change is shown before it is made, and what needs an approval waits for one. "
            "“What may I do?” says what you may.",
        ]
    )


def examples_for(rights: Rights, intents: Intents, known: Known, action: str = "") -> Sequence[str]:
    """Requests with names that exist here; for whoever may change nothing, of those that only look."""
    allowed = any(outcome != "deny" for outcome in rights.changes.values())
    return examples_of(intents.actions, known, action, changes=allowed)[:MOST]


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
    approves = [kind for kind in rights.changes if kind in rights.approves]
    lines.append(
        f"You may approve changes to {_and(approves)} environments." if approves else "You may not approve changes."
    )
    return "\n".join(lines)
