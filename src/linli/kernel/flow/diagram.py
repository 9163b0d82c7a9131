"""The table drawn: a Mermaid state diagram and plain tables in Markdown, in both languages, for `docs/`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.utils import translation
from django.utils.functional import Promise

from linli.kernel.flow.table import START, STAY, Flow, State, Step, say

_LANGUAGES = ("zh-hans", "en")
_STEP_HEAD = (
    *("code", "label 名称", "from 起", "to 止", "who 由谁"),
    *("only if 条件", "needs 需填", "clocks 计时", "event"),
)
_KINDS = {"open": "open 待办", "waiting": "waiting 等待", "ended": "ended 结束"}


def render(flow: Flow) -> str:
    """The whole page of a flow in Markdown: title, diagram, tables of states and steps."""
    return "\n".join(
        [
            f"# {_both(flow.label)}",
            "",
            f"Generated from the flow table `{flow.code}`; change the table, not this page.",
            "",
            "```mermaid",
            mermaid(flow),
            "```",
            "",
            "## States 状态",
            "",
            *_table(("code", "label 名称", "kind 类别", "meaning 含义"), map(_state_row, flow.states)),
            "",
            "## Steps 步骤",
            "",
            *_table(
                _STEP_HEAD,
                (_step_row(flow, step) for step in flow.steps),
            ),
            "",
        ]
    )


def mermaid(flow: Flow) -> str:
    """The `stateDiagram-v2` text, without a fence. Steps that stay where they are are left to the table."""
    lines = ["stateDiagram-v2", "    direction TB"]
    lines += [f'    state "{_plain(_both(state.label))}" as {state.code}' for state in flow.states]
    if flow.initial != START:
        lines.append(f"    [*] --> {flow.initial}")
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in flow.steps:
        for state in step.from_states:
            if step.to_state != STAY:
                source = "[*]" if state == START else state
                arrows.setdefault((source, step.to_state), []).append(_plain(_both(step.label)))
    lines += [f"    {a} --> {b} : {' · '.join(labels)}" for (a, b), labels in arrows.items()]
    lines += [f"    {state.code} --> [*]" for state in flow.states if state.kind == "ended"]
    waiting = [state.code for state in flow.states if state.kind == "waiting"]
    ended = [state.code for state in flow.states if state.kind == "ended"]
    for name, style, members in (
        ("waiting", "stroke-dasharray: 4 3", waiting),
        ("ended", "stroke-width: 3px", ended),
    ):
        if members:
            lines += [f"    classDef {name} {style}", f"    class {','.join(members)} {name}"]
    return "\n".join(lines)


def _state_row(state: State) -> tuple[str, ...]:
    return (f"`{state.code}`", _both(state.label), _KINDS[state.kind], _both(state.meaning))


def _step_row(flow: Flow, step: Step) -> tuple[str, ...]:
    fields = (
        f"{_both(field.label) if field.label else field.name}{'' if field.required else ' (optional 可不填)'}"
        for field in step.needs
    )
    clocks = [
        *(f"▶ {_named(flow.clocks, c)}" for c in step.starts),
        *(f"■ {_named(flow.clocks, c)}" for c in step.stops),
    ]
    return (
        f"`{step.code}`",
        _both(step.label),
        ", ".join("(new 新)" if code == START else f"`{code}`" for code in step.from_states),
        "(same 不变)" if step.to_state == STAY else f"`{step.to_state}`",
        _named(flow.capabilities, step.who),
        ", ".join(_named(flow.guards, guard) for guard in step.guards),
        ", ".join(fields),
        ", ".join(clocks),
        f"`{step.event}`" if step.event else "",
    )


def _named(names: Collection[str], name: str) -> str:
    words = names.get(name) if isinstance(names, Mapping) else None
    return _both(words) if words else f"`{name}`"


def _both(text: str | Promise) -> str:
    """The Chinese words and, where the catalogue has other ones, the English after them."""
    said = []
    for language in _LANGUAGES:
        with translation.override(language):
            said.append(say(text))
    return said[0] if said[0] == said[1] else f"{said[0]} {said[1]}"


def _plain(text: str) -> str:
    """Mermaid reads ':' ';' '#' and quotes as its own."""
    return text.translate({ord(":"): "：", ord(";"): "；", ord("#"): "＃", ord('"'): "”", ord("\n"): " "})


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return lines
