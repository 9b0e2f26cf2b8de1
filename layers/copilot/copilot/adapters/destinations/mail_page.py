"""A mail as HTML: the text, escaped, the pictures that go along, and no address to load anything from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from copilot.domain import Enclosed, Letter, links_in

_SANS = "font:15px/1.5 -apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
_MONO = "font:13px/1.5 ui-monospace,Menlo,Consolas,monospace"
_ITEM = re.compile(r" {0,2}- (?=\S)")
_ADDRESS = re.compile(r"\b(?:https?|ftp)://[^\s<>\"]+|\bwww\.[^\s<>\"]+", re.IGNORECASE)


def page_of(letter: Letter, why: str, pictures: Sequence[Enclosed], links_base: str) -> str:
    """`why` says below the text why it was sent; a link to a file of ours is one, every other address is text."""
    title = escape(letter.subject)
    below = "".join(_picture(number, one) for number, one in enumerate(pictures))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
        f'<body style="margin:0;background:#f4f5f7;color:#1d2430;{_SANS}">'
        f'<div style="max-width:680px;margin:0 auto;padding:24px 16px">'
        f'<div style="background:#fff;border:1px solid #dfe3e8;border-radius:8px;padding:20px 24px">'
        f"{''.join(_blocks(letter.text, links_base))}{below}</div>"
        f'<p style="font-size:12px;color:#5d6675;margin:12px 4px">{_text(why, "")}</p>'
        "</div></body></html>\n"
    )


def _picture(number: int, one: Enclosed) -> str:
    style = "display:block;max-width:100%;height:auto;margin:12px 0;border:0"
    return f'<img src="cid:picture{number}" alt="{escape(one.name)}" style="{style}">'


def _blocks(text: str, base: str) -> Iterator[str]:
    first = True
    for paragraph in re.split(r"\n[ \t]*\n", text.strip("\n")):
        for kind, some in groupby(paragraph.split("\n"), key=_kind):
            lines = list(some)
            if first and kind == "words":
                yield f'<p style="margin:0 0 12px;font-weight:600">{_text(lines.pop(0), base)}</p>'
            first = False
            if lines:
                yield _block(kind, lines, base)


def _block(kind: str, lines: Sequence[str], base: str) -> str:
    if kind == "columns":
        shown = "\n".join(_text(line, base) for line in lines)
        style = f"margin:0 0 12px;padding:10px 12px;background:#f4f5f7;border-radius:6px;overflow:auto;{_MONO}"
        return f'<pre style="{style}">{shown}</pre>'
    if kind == "list":
        shown = "".join(f"<li>{_text(_ITEM.sub('', line), base)}</li>" for line in lines)
        return f'<ul style="margin:0 0 12px;padding-left:20px">{shown}</ul>'
    if len(lines) == 1 and lines[0].endswith(":"):
        return f'<p style="margin:16px 0 4px;font-weight:600">{_text(lines[0], base)}</p>'
    shown = "<br>".join(_text(line, base) for line in lines)
    return f'<p style="margin:0 0 12px">{shown}</p>'


def _kind(line: str) -> str:
    if _ITEM.match(line):
        return "list"
    return "columns" if re.search(r"^ {2,}\S|\S {2,}\S", line) else "words"


def _text(line: str, base: str) -> str:
    """Escaped. A link to a file of ours is called what stands before it. Any other address is in an anchor that leads
    nowhere: what shows mail makes a link of one that stands by itself.
    """
    made, at = "", 0
    for found in _ADDRESS.finditer(line):
        said, address, at = line[at : found.start()], found[0], found.end()
        ours = next((link for link in links_in(address, base) if address.startswith(link)), None)
        if ours is not None:
            is_label = not made and said.endswith(": ") and address == ours and at == len(line)
            shown = said.removesuffix(": ") if is_label else ours
            made += "" if is_label else escape(said)
            made += f'<a href="{escape(ours)}" style="color:#0b5fcc">{escape(shown)}</a>{escape(address[len(ours) :])}'
        else:
            made += escape(said)
            made += f'<a style="color:inherit;text-decoration:none">{escape(address)}</a>'
    return made + escape(line[at:])
