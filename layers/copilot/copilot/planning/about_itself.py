"""What the copilot says of itself, and of what a person may do here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.domain import Kind, Known, Person
from copilot.intents import Example, Intents, examples_of
from copilot.policy.rights import Rights

MOST = 6
"""Examples beside something else that is said."""
MOST_OF_KIND = 20


HELP = "help"
KINDS: Mapping[str, Sequence[str]] = {
    "environments": "list health idle whose resources service".split(),
    "changes": (
        "stop start restart restart_services reboot scale roll_back promote delete would undo retry tell_words"
    ).split(),
    "schedules": (
        "schedule keep list_schedules release pause_schedule resume_schedule end_schedule delete_schedule would_window"
    ).split(),
    "deployments": (
        "deployments_listed slowdown deployments deployment_failure deployment_last deployments_under_way "
        "deployment_shipped deployments_counted deployment_told last_good_release compare_revisions"
    ).split(),
    "logs": (
        "error_summary search_logs new_errors metric_values alarm_background search_logs_cost new_errors_of_which "
        "metric_of_which"
    ).split(),
    "costs": (
        "cost costs dearest saved_by_hours idle_cost usage costs_since dearest_within grown_costs grown_within "
        "service_cost copilot_spend copilot_left copilot_spend_by_person copilot_spend_by_day "
        "copilot_spend_by_channel copilot_spend_by_reaction"
    ).split(),
    "history": (
        "changes_made stops_made starts_made my_changes_made my_stops_made my_starts_made schedule_changes"
    ).split(),
    "settings": (
        "compare_configuration configuration compare_services compare_with_what improve list_runbooks run_runbook "
        "save_runbook withdraw_runbook list_reactions recent_reactions"
    ).split(),
}
"""Kinds of requests with their actions, those first of which an example says most."""
SAID = {
    "thank": "You are welcome.",
    "never_mind": "All right. No question was open, and nothing was done. What is under way or waits for an approval "
    "stays as it is; `runs cancel` with its id ends it.",
}
"""What needs no more than a sentence."""


def about(what: str, person: Person, rights: Rights, intents: Intents, known: Known) -> str:
    """The answer to `help`, or help with a kind, `rights`, `greet`, `thank` or `never_mind`."""
    if what in SAID:
        return SAID[what]
    if what == "rights":
        return _rights(person, rights)
    if what == "greet":
        examples = examples_for(rights, intents, known, most=3)
        return "\n".join(["Hello. Say what is to be done, for example:", *(f"- {one}" for one in examples)])
    lines = _of_kind(what.removeprefix(f"{HELP}_"), rights, intents, known) or _of_each(rights, intents, known)
    return "\n".join(lines) or "There is nothing that you may ask for here. “What may I do?” says what you may."


def _of_each(rights: Rights, intents: Intents, known: Known) -> Sequence[str]:
    first = {kind: found[0] for kind in KINDS if (found := _examples(kind, rights, intents, known))}
    if not first:
        return []
    return [
        "I look after your environments. Say what you want in your own words; for example:",
        *(f"- {kind}: “{example}”" for kind, example in first.items()),
        f"“Help with {next(iter(first))}”, or with another of these, shows more. A change is shown before it is made, "
        "and what needs an approval waits for one; “what may I do?” says what you may, “home” what runs and waits for "
        "you.",
    ]


def _of_kind(kind: str, rights: Rights, intents: Intents, known: Known) -> Sequence[str]:
    found = _examples(kind, rights, intents, known) if kind in KINDS else []
    return [f"About {kind} you may say, for example:", *(f"- {one}" for one in found[:MOST_OF_KIND])] if found else []


def _examples(kind: str, rights: Rights, intents: Intents, known: Known) -> Sequence[str]:
    """One of each of its actions, then the others."""
    each = [examples_for(rights, intents, known, action, most=None) for action in KINDS[kind]]
    return [*(some[0] for some in each if some), *(one for some in each for one in some[1:])]


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


def three(rights: Rights, intents: Intents, known: Known) -> Sequence[str]:
    """Requests that this person may make: the first of each of the first kinds that has one, with a name that exists
    where there is one.
    """
    names = [one.name for one in known.environments]
    found = list[str]()
    for kind in KINDS:
        some = _examples(kind, rights, intents, known)
        named = [one for one in some if any(name in one for name in names)]
        found += (named or some)[:1]
    return found[:3]


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
