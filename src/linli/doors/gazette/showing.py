"""A kept page in the reader's language, ready for the template."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from linli.rooms.bulletins.page import Page
from linli.rooms.bulletins.paper import ordinal, sources
from linli.rooms.bulletins.sections import Part, cell_words, language

_TONES = {"draft": "info", "submitted": "near", "issued": "done", "withdrawn": "overdue", "dropped": "plain"}


def tone_of(state: str) -> str:
    """The colour of a state's badge."""
    return _TONES.get(state, "plain")


def shown(page: Page, issue_id: int) -> dict[str, Any]:
    """Words instead of pairs, addresses instead of names of pictures, moments instead of text."""
    chosen = language()
    return {
        **page,
        "kind": cell_words(page["kind"], chosen),
        "place": cell_words(page["place"], chosen),
        "from": dt.date.fromisoformat(page["from"]),
        "last": dt.date.fromisoformat(page["last"]),
        "as_of": dt.datetime.fromisoformat(page["as_of"]),
        "issued": dt.datetime.fromisoformat(page["issued"]) if page["issued"] else None,
        "sources": sources(page, chosen),
        "sections": [_section(section, place, issue_id, chosen) for place, section in enumerate(page["sections"])],
    }


def _section(section: Part, place: int, issue_id: int, chosen: str) -> Part:
    return {
        "code": section["code"],
        "title": ordinal(place, chosen) + cell_words(section["title"], chosen),
        "words": section["words"],
        "figures": [
            {
                **figure,
                "label": cell_words(figure["label"], chosen),
                "change": cell_words(figure.get("change", ""), chosen),
                "tone": _tone(figure),
            }
            for figure in section.get("figures", ())
        ],
        "columns": [
            {"title": cell_words(column["title"], chosen), "right": column["align"] == "right"}
            for column in section.get("columns", ())
        ],
        "rows": [
            [_cell(cell, column, chosen) for cell, column in zip(row, section["columns"], strict=False)]
            for row in section.get("rows", ())
        ],
        "more": section.get("more", 0),
        "note": cell_words(section.get("note", ""), chosen),
        "pairs": [_pair(each, issue_id, chosen) for each in section.get("pairs", ())],
        "empty": not any(section.get(name) for name in ("words", "figures", "rows", "pairs")),
    }


def _tone(figure: Part) -> str:
    """Whether what moved is good: "up", "down" or nothing to say."""
    moved = figure.get("moved")
    if not moved or "better" not in figure:
        return ""
    return "good" if (moved > 0) == (figure["better"] == "up") else "bad"


def _cell(cell: Any, column: Part, chosen: str) -> Part:
    light = cell.get("light", "") if isinstance(cell, dict) else ""
    return {"words": cell_words(cell, chosen), "light": light, "right": column["align"] == "right"}


def _pair(each: Part, issue_id: int, chosen: str) -> Part:
    words = [cell_words(each[name], chosen) for name in ("title", "place", "unit")]
    caption = " · ".join(word for word in (*words, each["number"]) if word)

    def photo(name: str) -> Part:
        address = reverse("gazette:picture", args=[issue_id, name])
        return {"url": address, "thumb_url": address, "caption": caption}

    return {"caption": caption, "before": [photo(each["before"])], "after": [photo(each["after"])]}
