"""What stands in one conversation, as a page to look at: cards as Teams has them, near enough. Nothing in it acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from cli.laptop.teams.world import Json, Message, World

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE = """
body{margin:0;background:#f5f5f5;color:#242424;font:14px/20px 'Segoe UI',system-ui,sans-serif}
main{max-width:760px;margin:0 auto;padding:20px}
h1{font-size:16px;margin:0 0 16px}
.said{display:grid;grid-template-columns:36px 1fr;gap:0 10px;margin:0 0 14px}.under{margin-left:46px}
.face{width:32px;height:32px;border-radius:50%;background:#5b5fc7;color:#fff}
.face{text-align:center;line-height:32px;font-weight:600}
.app .face{border-radius:6px;background:#2b579a}
.name{font-size:12px;color:#616161;margin-bottom:3px}.name b{color:#242424;font-size:13px}
.bubble{background:#fff;border-radius:6px;padding:8px 14px;display:inline-block;box-shadow:0 1px 2px #0002}
.card{background:#fff;border-radius:6px;padding:12px 16px;box-shadow:0 1px 3px #0003;overflow-wrap:anywhere}
.card>:first-child{margin-top:0}.None{margin-top:0}.Small{margin-top:4px}.Medium{margin-top:14px}
.emphasis{background:#f0f0f0;border-radius:4px;padding:8px 12px;overflow-x:auto}
.Monospace{font:12px/18px Consolas,'DejaVu Sans Mono',monospace}
.small{font-size:12px;line-height:16px}.subtle{color:#616161}
.big{font-size:17px;line-height:22px}.bold{font-weight:600}
.Good{color:#0e700e}.Attention{color:#b10e1c}.Warning{color:#a33600}.Accent{color:#5b5fc7}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin-top:10px}
.button{border:1px solid #d1d1d1;border-radius:4px;padding:5px 12px;font-weight:600;background:#fff}
.positive{background:#5b5fc7;border-color:#5b5fc7;color:#fff}.destructive{color:#b10e1c;border-color:#b10e1c}
.choice{display:flex;gap:8px;margin-top:6px}
.box{flex:none;width:14px;height:14px;margin-top:2px;border:1px solid #616161;border-radius:3px}
img{max-width:100%}
"""


def page(world: World, conversation: str, title: str) -> str:
    with world.at_once():
        here = [one for one in world.messages if one.conversation == conversation]
    shown = [_message(world, one) for one in sorted(here, key=lambda one: (one.thread or "", one.id))]
    head = f'<!doctype html><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f"{head}<main><h1>{escape(title)}</h1>{''.join(shown)}</main>"


def _message(world: World, message: Message) -> str:
    person = world.by_id(message.by) if message.by else None
    name = person.name if person else "copilot"
    kind = "said" + ("" if person else " app") + (" under" if message.thread not in {None, message.id} else "")
    whose = f'<div class="face">{escape(name[:1].upper())}</div>'
    head = f'<div class="name"><b>{escape(name)}</b>{"" if person else " &nbsp;App"}</div>'
    return f'<div class="{kind}">{whose}<div>{head}{_content(message)}</div></div>'


def _content(message: Message) -> str:
    if message.card:
        return f'<div class="card">{_all(message.card["body"])}</div>'
    pictures = (str(one.get("contentUrl")) for one in message.activity.get("attachments") or ())
    shown = "".join(f'<img alt="" src="{escape(one)}">' for one in pictures if one.startswith("data:image/png"))
    return shown or f'<div class="bubble">{escape(str(message.activity.get("text") or ""))}</div>'


def _all(elements: Iterable[Json]) -> str:
    return "".join(_SHOWN[one["type"]](one) for one in elements)


def _block(block: Json) -> str:
    return f'<div class="{block.get("spacing", "Small")}">{"".join(map(_run, block["inlines"]))}</div>'


def _run(run: Json) -> str:
    sizes, weights = {"Small": "small", "Medium": "big"}, {"Bolder": "bold"}
    given: list[Any] = [run.get("color"), run.get("fontType"), sizes.get(run.get("size", ""))]
    given += [weights.get(run.get("weight", "")), "subtle" if run.get("isSubtle") else None]
    return f'<span class="{" ".join(one for one in given if one)}">{escape(run["text"])}</span>'


def _container(container: Json) -> str:
    return f'<div class="{container.get("style", "")} Small">{_all(container["items"])}</div>'


def _actions(row: Json) -> str:
    """What opens is shown closed, as it is at first."""
    shown = (f'<span class="button {one.get("style", "")}">{escape(one["title"])}</span>' for one in row["actions"])
    return f'<div class="actions">{"".join(shown)}</div>'


def _choices(element: Json) -> str:
    shown = (f'<div class="choice"><i class="box"></i>{escape(one["title"])}</div>' for one in element["choices"])
    return "".join(shown)


_SHOWN: dict[str, Callable[[Json], str]] = {
    "RichTextBlock": _block,
    "Container": _container,
    "ActionSet": _actions,
    "Input.ChoiceSet": _choices,
}
