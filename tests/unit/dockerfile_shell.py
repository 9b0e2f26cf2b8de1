"""What a RUN's shell does, as far as the judge of effects has to know: its commands, and where each finds itself.

A reading of its own, of POSIX's grammar as far as a Dockerfile's lines use it; the product's is another.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

OPERATOR = re.compile(r"&&|\|\||;;|[;&|(){}\n]|\d*(?:>>|<<<|[<>])&?")
JOINS = {"&&", "||", ";", ";;", "&", "|", "(", ")", "{", "}", "\n"}
SPECIAL = re.compile(r"PWD|\bpwd\b|(?:^|\s)~[-+]|\bpopd\b|\bpushd\b|\bdirs\b|\bcd\s+-")


@dataclass
class Command:
    """`words` as written, quotes and all; `joined` is what stands before; `bound`: it is piped or redirected."""

    joined: str
    words: list[str]
    bound: bool = False


def words_of(line: str) -> list[str]:
    """Words and operators; a substitution stays within its word."""
    found: list[str] = []
    word, place = "", 0
    while place < len(line):
        char = line[place]
        if char in "'\"`" or line.startswith("$(", place) or line.startswith("${", place) or char == "\\":
            end = _closed(line, place)
            word, place = word + line[place:end], end
            continue
        operator = OPERATOR.match(line, place)
        if char in "{}" and (word or not re.match(r"[{}](?=\s|;|$)", line[place:])):
            operator = None
        if operator and operator[0][:1].isdigit() and word:
            operator = None
        if operator:
            found += [word] if word else []
            found.append(operator[0])
            word, place = "", operator.end()
        elif char in " \t\r":
            found += [word] if word else []
            word, place = "", place + 1
        else:
            word, place = word + char, place + 1
    return [*found, word] if word else found


def _closed(line: str, begin: int) -> int:
    """The place after a quotation, a substitution or an escaped character that begins here."""
    char = line[begin]
    if char == "\\":
        return min(begin + 2, len(line))
    if char == "'":
        end = line.find("'", begin + 1)
        return len(line) if end < 0 else end + 1
    if char in '"`':
        closing, place = char, begin + 1
    elif char == "(":
        closing, place = ")", begin + 1
    else:
        closing, place = (")" if line[begin + 1] == "(" else "}"), begin + 2
    while place < len(line) and line[place] != closing:
        opens = line[place] == "\\" or line.startswith(("$(", "${"), place)
        if (
            opens
            or (closing != '"' and line[place] in "'\"`" and line[place] != closing)
            or (closing == ")" and line[place] == "(")
        ):
            place = _closed(line, place)
        else:
            place += 1
    return place + 1


def commands(line: str) -> list[Command]:
    found = [Command("", [])]
    for word in words_of(line):
        if word in JOINS:
            if word == "|":
                found[-1].bound = True
            if found[-1].words or found[-1].joined in "(){}":
                found.append(Command(word, [], word == "|"))
            else:
                found[-1].joined += word
        elif OPERATOR.fullmatch(word):
            found[-1].bound = True
            found[-1].words.append(word)
        else:
            found[-1].words.append(word)
    return [each for each in found if each.words or each.joined]


def bare(word: str) -> str:
    """A word without its quotes, where it has no more than those."""
    if re.fullmatch(r"'[^']*'|\"[^\"$`\\]*\"", word):
        return word[1:-1]
    return word


def placed(directory: str, line: str) -> list[tuple[str, str, list[str], bool, str]]:
    """Each command as (joined, where it is, words, bound, the way there if it may matter).

    Directories are followed only where all commands follow on each other's success; else a cd is a command like others.
    """
    all_of = commands(line)
    chained = all(each.joined in {"", "&&"} for each in all_of)
    here, way = directory, f"began in {directory}"
    found = []
    for each in all_of:
        words = [bare(word) for word in each.words]
        if chained and words[:1] == ["cd"] and len(words) == 2 and not each.bound:
            here, way = _gone(here, way, words[1]), f"{way}, then {words[1]}"
            continue
        text = " ".join(each.words)
        asks = SPECIAL.search(text) or words[:1] in (["."], ["source"], ["eval"])
        found.append(("" if chained else each.joined, here, each.words, each.bound, way if asks else ""))
    return found


def _gone(here: str, way: str, to: str) -> str:
    """Up from where a shell began leads to what a link's target lies in; up from where it came by cd leads back."""
    if to == "-" or re.search(r"[$`*?\[~\\'\"]", to):
        return f"({to} from {here}, {way})"
    if ".." in to.split("/") and ", then " not in way:
        return f"({to} from what {here} really is)"
    return posixpath.normpath(posixpath.join(here, to))
