"""The parts a bulletin can have, in the order in which they stand, and how counted parts are written down. Pure.

A counted part is plain data that page, PDF and XLSX all draw from: `{"figures": […], "columns": […], "rows": […],
"note": pair, "more": n}`. Words come as pairs `{"zh": …, "en": …}`, because an issue is read in both languages for
ever; a cell is a pair, a word, a number, or a light `{"light": code, "zh": …, "en": …}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

Pair = dict[str, str]
Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """code; title in both languages; counted: it holds numbers, else only words of the editor."""

    code: str
    zh: str
    en: str
    counted: bool = True

    @property
    def title(self) -> Pair:
        return {"zh": self.zh, "en": self.en}


SECTIONS: dict[str, Section] = {
    section.code: section
    for section in (
        Section("lead", "导语", "Summary", counted=False),
        Section("totals", "总体情况", "Overall"),
        Section("places", "各地情况", "By place"),
        Section("ranking", "排名", "Best and worst"),
        Section("overdue", "超期未办结", "Overdue"),
        Section("coming", "下一周到期", "Due in the coming week"),
        Section("tiers", "层级联动", "Tiers of duty"),
        Section("orders", "督办情况", "Supervision orders"),
        Section("inspections", "督查发现", "Found on inspection"),
        Section("pairs", "整改前后", "Before and after"),
        Section("next", "下一步要求", "What comes next", counted=False),
    )
}

WEEKLY = ("lead", "totals", "overdue", "coming", "tiers", "orders", "next")
HALF_MONTHLY = (
    "lead", "totals", "places", "ranking", "overdue", "tiers", "orders", "inspections", "pairs", "next",
)  # fmt: skip
MONTHLY = HALF_MONTHLY


def pair(zh: str, en: str = "") -> Pair:
    """Words in both languages; without English ones the Chinese stand for both."""
    return {"zh": zh, "en": en or zh}


def light(code: str, zh: str, en: str) -> Pair:
    return {"light": code, **pair(zh, en)}


def column(zh: str, en: str, align: str = "left", width: float | str = "auto") -> Part:
    """One column of a table; width: a share, or "auto"."""
    return {"title": pair(zh, en), "align": align, "width": width}


def number(code: str, zh: str, en: str, value: int) -> Part:
    """A figure that is only a count."""
    return {"code": code, "label": pair(zh, en), "value": str(value), "number": value}


def rate(code: str, zh: str, en: str, above: int, base: int, better: str = "up") -> Part:
    """A figure with its base; without a base there is no rate."""
    share = above / base if base else None
    percent = "–" if share is None else f"{share * 100:.1f}".removesuffix(".0") + "%"
    return {
        "code": code,
        "label": pair(zh, en),
        "value": percent,
        "base": f"{above}/{base}",
        "above": above,
        "of": base,
        "rate": share,
        "better": better,
    }


def with_changes(figures: list[Part], earlier: Mapping[str, Part]) -> list[Part]:
    """The figures, each with what moved since the issue before (by code)."""
    return [{**figure, **_change(figure, earlier.get(figure["code"]))} for figure in figures]


def _change(now: Part, before: Part | None) -> dict[str, Any]:
    if before is None:
        return {}
    if "number" in now and "number" in before:
        moved = now["number"] - before["number"]
        return {"moved": moved, "change": _moved(f"{moved:+d}", "", moved)}
    if now.get("rate") is None or before.get("rate") is None:
        return {}
    points = round((now["rate"] - before["rate"]) * 100, 1)
    words = f"{points:+.1f}".removesuffix(".0")
    return {"moved": points, "change": _moved(words, " 个百分点", points, " points")}


def _moved(words: str, unit_zh: str, moved: float, unit_en: str = "") -> Pair:
    if not moved:
        return pair("与上期持平", "as before")
    return pair(f"比上期 {words}{unit_zh}", f"{words}{unit_en} since the last issue")


def differences(before: Mapping[str, Part], after: Mapping[str, Part]) -> list[dict[str, Any]]:
    """What another count changed: rows of section, what, before, after (pairs); figures first, then rows of tables."""
    found: list[dict[str, Any]] = []
    for code in SECTIONS:
        old, new = before.get(code, {}), after.get(code, {})
        known = {figure["code"]: figure for figure in old.get("figures", ())}
        for figure in new.get("figures", ()):
            was = known.get(figure["code"])
            if was is None or _shown(was) != _shown(figure):
                found.append(_difference(code, figure["label"], _shown(was), _shown(figure)))
        rows_before, rows_after = _rows(old), _rows(new)
        for key, row in rows_after.items():
            if rows_before.get(key) != row:
                found.append(_difference(code, key, rows_before.get(key, "–"), row))
        found += [_difference(code, key, row, "–") for key, row in rows_before.items() if key not in rows_after]
    return found


def _difference(code: str, what: Any, before: str, after: str) -> dict[str, Any]:
    what = what if isinstance(what, dict) else pair(what)
    return {"section": SECTIONS[code].title, "what": what, "before": before, "after": after}


def _shown(figure: Part | None) -> str:
    return "–" if figure is None else " ".join(filter(None, (figure["value"], figure.get("base"))))


def _rows(part: Mapping[str, Any]) -> dict[str, str]:
    """Rows of a table by their key: the first cell, or the column named by `key`."""
    place = part.get("key", 0)
    return {
        cell_words(row[place], "zh"): " · ".join(cell_words(cell, "zh") for k, cell in enumerate(row) if k != place)
        for row in part.get("rows", ())
    }


def cell_words(cell: Any, language: str) -> str:
    """A cell as words; a pair in the language asked for."""
    if isinstance(cell, Mapping):
        return str(cell.get(language) or cell.get("zh") or "")
    return "" if cell is None else str(cell)


def language() -> str:
    """ "en" or "zh": which of a pair's words the reader wants."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"
