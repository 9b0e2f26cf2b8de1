"""What a model says outside of its thoughts. Thoughts are no answer: nothing in them is read, or shown to a person.

Most servers keep them apart, in fields that are not looked at. Others leave them in the text, between the marks of the
model's maker, and some send no opening mark, for their template had it written already. The marks are those of the
reasoning parsers of vLLM (vllm/reasoning) and SGLang (srt/parser/reasoning_parser.py), of OpenAI's harmony format (all
as they were in September 2026), and the tags in which models are asked to think.
"""

from __future__ import annotations

import re

_LONGEST = 1_000_000
"""Characters that are looked through, thoughts among them; no answer comes near."""

_NAME = (
    r"(?:(?:[a-z]\w{0,20}[:_]|ant)?think(?:ing)?(?:[:_-]\w{1,20})?"
    r"|(?:[a-z]\w{0,20}[:_])?(?:thoughts?|reasoning|monologue)(?:[_-]\w{1,20})?"
    r"|reason|reflect(?:ion)?|scratch_?pad|analysis|deliberation|brainstorm(?:ing)?|draft|chain[_-]of[_-]thought|cot)"
)
_ATTRIBUTES = r"(?:\s{1,3}[\w:-]{1,30}(?:=(?:\"[^\"<>]{0,80}\"|'[^'<>]{0,80}'|[\w.-]{1,80}))?){0,5}"
_PIPED = r"(?:think(?:ing)?|thoughts?|reasoning)"
_HEAD = r"[^<\n\"{}]{0,80}"
_START = rf"(?:<\|start\|>{_HEAD})?"
_FORM = rf"(?:<\|constrain\|>{_HEAD})?"

# What a mark does, of which family, and how it is written. A family is one maker's way: what opens a thought of one is
# closed by its own marks alone. Families in _ENDED_BY_THE_MESSAGE write message after message, each with its own head.
_MARKS = (
    # <think> and its many kin, among them <seed:think>, <mm:think>, <think:6124c78e>, <longcat_think>, <antThinking>
    ("tag", "", rf"(?i:<\s{{0,3}}/?\s{{0,3}}{_NAME}{_ATTRIBUTES}\s{{0,3}}/?>)"),
    ("tag", "", r"(?i:\[/?think(?:ing)?\])"),  # Mistral
    ("tag", "", r"\u25c1/?think(?:ing)?\u25b7"),  # Kimi
    # Cohere, OpenThinker, Solar, and whoever else writes a token of that form
    ("close", "piped", rf"(?i:<[|\uff5c](?:(?:/|end[_\u2581](?:of[_\u2581])?){_PIPED}|{_PIPED}[:_]end)[|\uff5c]>)"),
    ("open", "piped", rf"(?i:<[|\uff5c](?:(?:start|begin)[_\u2581](?:of[_\u2581])?)?{_PIPED}(?:[:_]start)?[|\uff5c]>)"),
    ("answer", "piped", r"<\|(?:START_(?:TEXT|RESPONSE)|begin_of_solution)\|>|(?:<\|begin\|>assistant)?<\|content\|>"),
    ("call", "piped", r"<\|START_ACTION\|>"),
    # Apertus
    ("open", "inner", r"<\|inner_prefix\|>"),
    ("close", "inner", r"<\|inner_suffix\|>"),
    # Kimi K3
    ("open", "sections", r"<\|open\|>think<\|sep\|>"),
    ("close", "sections", r"<\|close\|>think<\|sep\|>"),
    ("answer", "sections", r"<\|open\|>response<\|sep\|>"),
    ("call", "sections", r"<\|open\|>tools<\|sep\|>"),
    ("end", "", r"<\|close\|>\w{1,20}<\|sep\|>"),
    # Gemma 4; MedGemma, and Gemini where it slips
    ("open", "gemma", r"<\|channel>[^\S\n]{0,3}(?:thought\b)?"),
    ("close", "gemma", r"<channel\|>"),
    ("open", "unused", r"<(?:unused|ctrl)94>(?:thought\b)?"),
    ("close", "unused", r"<(?:unused|ctrl)95>"),
    # gpt-oss (harmony): messages to=functions.x, on the channels final, and analysis or commentary
    ("call", "framed", rf"<\|start\|>{_HEAD}\bto=(?!self|user){_HEAD}<\|channel\|>{_HEAD}{_FORM}<\|message\|>"),
    ("call", "framed", rf"{_START}<\|channel\|>{_HEAD}\bto={_HEAD}{_FORM}<\|message\|>"),
    ("answer", "framed", rf"{_START}<\|channel\|>\s{{0,3}}final\b{_HEAD}{_FORM}<\|message\|>"),
    ("open", "framed", rf"{_START}<\|channel\|>{_HEAD}{_FORM}(?:<\|message\|>)?"),
    # the same where a server took the tokens away and left the words
    ("open", "bare", r"(?:\A\s{0,3}|assistant)analysis(?=[A-Z{\"'<\d])"),
    ("answer", "bare", r"assistantfinal(?:json)?"),
    ("call", "bare", r"assistantcommentary\s{0,3}to=[\w.-]{1,80}\s{0,3}(?:json|code)?"),
    # Muse, Inkling, HyperCLOVA X and s1
    ("open", "framed", rf"{_START}\bto=self<\|message\|>"),
    ("answer", "framed", rf"{_START}\bto=user<\|message\|>"),
    ("open", "framed", r"<\|content_thinking\|>"),
    ("answer", "framed", r"<\|content_text\|>"),
    ("call", "framed", r"<\|content_invoke_tool_\w{1,10}\|>"),
    ("open", "framed", r"<\|im_start\|>\s{0,3}(?:assistant/)?think\b|\A\s{0,3}/think\b"),
    # Granite
    ("open", "words", r"\A\s{0,3}Here(?:'s| is) my thought process:"),
    ("answer", "words", r"(?m:^)[^\S\n]{0,3}Here(?:'s| is) my response:"),
    ("next", "", r"<\|start\|>"),
    ("end", "", r"<\|im_start\|>\s{0,3}\w{0,20}|<\|(?:end|return|call|begin|eom|eot|im_end|end_message)\|>"),
    ("end", "", r"<\|(?:message_model|content_model_end_sampling|END_(?:TEXT|RESPONSE|ACTION)|end_of_solution)\|>"),
    ("end", "", r"<turn\|>"),
)
_ENDED_BY_THE_MESSAGE = frozenset({"framed", "bare", "piped"})
_MARK = re.compile("|".join(f"(?P<m{number}>{written})" for number, (_, _, written) in enumerate(_MARKS)))
_TOKEN = re.compile(rf"{_MARK.pattern}|(?P<json>\\.|[\"{{}}\[\]\n])", re.DOTALL)
_ROUNDS = 4
"""What stood around a mark may be one without it, `<think<|end|>>`; where that goes on, nobody can tell what is said.
"""
_OBJECT = re.compile(r"\{\s*[\"}]")
_PARTS = re.compile(r"(\W)\s*(/?)\s*([a-z][\w:-]*)")
_GLUED = re.compile(r"[\w,][^\S\n]*\Z")


def without_thoughts(text: str, *, document: bool) -> str | None:
    """The text outside of thoughts; None where a thought has no end, so that nobody can tell what is outside of it.

    What stands before a mark that closes a thought which nothing opened is a thought. A tag in quotation marks is none;
    nor is any mark in a string of a JSON object, where a `document` is expected. There the call of a tool counts as
    said, in plain text it does not.
    """
    text = text[:_LONGEST]
    for _ in range(_ROUNDS):
        said = _once(text, document)
        if said is None or said == text:
            return said
        text = said
    return None


def _once(text: str, document: bool) -> str | None:
    if not _MARK.search(text):
        return text
    said = _Said(text)
    for token in (_TOKEN if document else _MARK).finditer(text):
        if token.lastgroup == "json":
            said.pass_over(token)
        else:
            said.come_to(token, *_meant(token, document))
    return said.outside()


class _Said:
    """What of a text is outside of thoughts, as far as its marks have been come to."""

    def __init__(self, text: str) -> None:
        self._text, self._place = text, 0
        self._kept: list[str] = []
        self._strings = _Strings(text)
        self._thought, self._depth = "", 0
        """The family of the mark that opened the thought, and how many of it are open."""
        self._hides = self._answering = False

    def pass_over(self, sign: re.Match[str]) -> None:
        """A sign of JSON; in a thought it is none."""
        if not self._thought:
            self._strings.pass_over(sign)

    def come_to(self, mark: re.Match[str], does: str, family: str) -> None:
        if family.startswith("tag") and _is_quoted(mark):
            return
        if self._thought:
            self._inside(mark, does, family)
        elif not self._strings.inside:
            self._outside(mark, does, family)

    def outside(self) -> str | None:
        """All of it; None where a thought has no end."""
        return None if self._thought else _joined([*self._kept, self._text[self._place :]])

    def _inside(self, mark: re.Match[str], does: str, family: str) -> None:
        self._depth = self._depth_after(does, family)
        if self._depth:
            return
        self._thought, self._place = "", mark.end()
        if self._hides or (does == "answer" and not self._answering):
            self._kept.clear()
        self._answering = self._answering or does == "answer"

    def _depth_after(self, does: str, family: str) -> int:
        """How many marks of the thought's family are open after this one."""
        if does in {"end", "next"}:
            return 0 if self._thought in _ENDED_BY_THE_MESSAGE else self._depth
        if family != self._thought:
            return self._depth
        if does == "open":
            return self._depth if family == "framed" else self._depth + 1
        return self._depth - 1 if does == "close" else 0

    def _outside(self, mark: re.Match[str], does: str, family: str) -> None:
        if does == "close" or (does in {"answer", "next"} and not self._answering):
            # What stands before it is a thought that nothing opened.
            self._kept.clear()
            self._strings = _Strings(self._text)
            self._answering, self._place = does == "answer", mark.end()
            return
        self._kept.append(self._text[self._place : mark.start()])
        self._place = mark.end()
        if does == "open":
            self._thought, self._depth = family, 1
            # In the middle of a sentence it is spoken of, in a thought that nothing opened.
            self._hides = family.startswith("tag") and _GLUED.search(self._kept[-1]) is not None


class _Strings:
    """Whether a place in a text is in a string of a JSON object. A line that ends in a string was no JSON."""

    def __init__(self, text: str) -> None:
        self.inside, self._text, self._depth = False, text, 0

    def pass_over(self, token: re.Match[str]) -> None:
        sign = token.group()
        if not self._depth:
            self._depth = int(_OBJECT.match(self._text, token.start()) is not None)
        elif sign == '"':
            self.inside = not self.inside
        elif self.inside:
            if sign == "\n":
                self.inside, self._depth = False, 0
        elif sign in "{[":
            self._depth += 1
        elif sign in "}]":
            self._depth -= 1


def _meant(token: re.Match[str], document: bool) -> tuple[str, str]:
    """What a mark does and its family. A tag's family is its name, with the sign it begins with."""
    does, family, _ = _MARKS[int((token.lastgroup or "m0")[1:])]
    if does == "call":
        return ("answer" if document else "open"), family
    if does != "tag":
        return does, family
    sign, slash, name = _PARTS.findall(token.group().lower())[0]
    if token.group().endswith("/>"):
        return "end", "tag"
    return "close" if slash else "open", f"tag {sign}{name}"


def _is_quoted(token: re.Match[str]) -> bool:
    """Whether the mark stands between two quotation marks or backticks, which are no fence."""
    before, after = token.string[max(token.start() - 1, 0) : token.start()], token.string[token.end() : token.end() + 2]
    return before in {'"', "'", "`"} and after[:1] == before and after != before * 2


def _joined(pieces: list[str]) -> str:
    """The pieces, with a line between two that nothing else parts, so that they do not become another mark."""
    whole: list[str] = []
    for piece in filter(None, pieces):
        if whole and not (whole[-1][-1].isspace() or piece[0].isspace()):
            whole.append("\n")
        whole.append(piece)
    return "".join(whole)
