"""A channel of the laptop's Discord as a page, for pictures: its components, and what markdown the copilot sends."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from cli.laptop.discord.world import Json, Message, World

STYLES = {1: "#5865f2", 2: "#4e5058", 3: "#248046", 4: "#da373c", 5: "#4e5058"}
CSS = """
body{margin:0;background:#313338;color:#dbdee1;font:15px/1.4 "Noto Sans","DejaVu Sans",sans-serif}
main{padding:18px 20px;width:720px}
article{display:flex;gap:14px;margin:0 0 16px}
.face{flex:none;width:38px;height:38px;border-radius:50%;background:#5865f2;color:#fff;font-weight:600}
.face{display:grid;place-items:center}
.body{flex:1;min-width:0}
.who{font-weight:600;color:#f2f3f5}
.app{background:#5865f2;color:#fff;border-radius:3px;font-size:10px;padding:1px 4px;margin:0 6px}
.at{color:#949ba4;font-size:12px}
.used{color:#949ba4;font-size:13px;margin:0 0 4px 52px}
.used b{color:#c9cdfb;font-weight:500}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:2px 0}
h3{font-size:17px;margin:4px 0;color:#f2f3f5}
small{color:#949ba4;font-size:12px;display:block}
pre{background:#2b2d31;border:1px solid #1e1f22;border-radius:4px;padding:8px;margin:6px 0;white-space:pre-wrap}
pre{font:13px/1.35 "DejaVu Sans Mono",monospace}
.card{background:#2b2d31;border:1px solid #3f4147;border-radius:8px;padding:12px 14px;max-width:600px}
.card pre{background:#232428}
hr{border:0;border-top:1px solid #3f4147;margin:10px 0}
.row{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}
.section{display:flex;gap:12px;align-items:center;justify-content:space-between;margin:8px 0}
.button{border-radius:4px;padding:6px 14px;color:#fff;font-weight:500;font-size:14px;white-space:nowrap}
.select{background:#1e1f22;border:1px solid #3f4147;border-radius:4px;padding:9px 12px;color:#949ba4}
.select{width:100%;max-width:420px;display:flex;justify-content:space-between}
"""


def page(world: World, messages: Sequence[Message], used: str = "") -> str:
    """`used` is by whom what was answered first was asked."""
    shown = [_message(world, one, used if at == 0 else "") for at, one in enumerate(messages)]
    return f"<!doctype html><meta charset=utf-8><style>{CSS}</style><main>{''.join(shown)}</main>"


def _message(world: World, message: Message, used: str) -> str:
    author = world.users[message.author]
    tag = '<span class="app">APP</span>' if author.bot else ""
    head = f'<span class="who">{author.name}</span>{tag}<span class="at">Today at 10:04</span>'
    body = "".join(map(_component, message.components)) + _marked(message.content)
    above = f'<div class="used"><b>{html.escape(used)}</b> used <b>/copilot</b></div>' if used else ""
    face = f'<div class="face">{author.name[:1].upper()}</div>'
    return f'{above}<article>{face}<div class="body">{head}{body}</div></article>'


def _component(one: Json) -> str:
    inner = "".join(map(_component, one.get("components") or []))
    match one["type"]:
        case 1:
            return f'<div class="row">{inner}</div>'
        case 2:
            sign = " ↗" if one["style"] == 5 else ""
            color = f"background:{STYLES[one['style']]}"
            return f'<span class="button" style="{color}">{html.escape(one["label"])}{sign}</span>'
        case 3:
            return f'<div class="select"><span>{html.escape(one["placeholder"])}</span><span>⌄</span></div>'
        case 9:
            return f'<div class="section"><div>{inner}</div>{_component(one["accessory"])}</div>'
        case 10:
            return _marked(one["content"])
        case 14:
            return "<hr>"
        case _:
            return f'<div class="card">{inner}</div>'


def _marked(text: str) -> str:
    """What of Discord's markdown the copilot uses; a sign behind a backslash is that sign."""
    if not text:
        return ""
    if found := re.fullmatch(r"```\n(.*)\n```", text, re.DOTALL):
        return f"<pre>{html.escape(found[1])}</pre>"
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[1])
        return f"\x00{len(kept) - 1}\x00"

    marked = html.escape(re.sub(r"\\([^A-Za-z0-9\s])", keep, text), quote=False)
    marked = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", marked, flags=re.DOTALL)
    marked = re.sub(r"(?m)^### (.*)$", r"<h3>\1</h3>", marked)
    marked = re.sub(r"(?m)^-# (.*)\n?", r"<small>\1</small>", marked)
    marked = re.sub(r"\x00(\d+)\x00", lambda match: html.escape(kept[int(match[1])], quote=False), marked)
    return f'<div class="text">{marked}</div>'
