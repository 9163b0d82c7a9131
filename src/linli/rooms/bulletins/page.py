"""An issue as one plain value that page, PDF and XLSX all draw from, in both languages."""

from __future__ import annotations

from typing import Any

from linli.kernel.clock.calendar import CIVIL
from linli.rooms.bulletins.models import Issue
from linli.rooms.bulletins.sections import SECTIONS, Part, column, pair
from linli.rooms.people.models import PostKind

Page = dict[str, Any]


def page_of(issue: Issue) -> Page:
    """Everything a reader sees. Kept as JSON when the issue is issued, so that it reads the same for ever."""
    sections = [_section(issue, code) for code in SECTIONS if code in issue.sections]
    return {
        "id": issue.pk,
        "title": issue.title,
        "number": issue.number or "",
        "house": issue.kind.house_zh or issue.place.name_zh,
        "kind": pair(issue.kind.name_zh, issue.kind.name_en),
        "place": pair(issue.place.name_zh, issue.place.name_en),
        "from": issue.starts_on.isoformat(),
        "last": issue.last_day.isoformat(),
        "as_of": issue.as_of.astimezone(CIVIL).isoformat(timespec="minutes"),
        "issued": issue.issued_at.astimezone(CIVIL).isoformat(timespec="minutes") if issue.issued_at else "",
        "issued_by": issue.issued_name,
        "readers": [pair(kind.name_zh, kind.name_en) for kind in _kinds(issue)],
        "public": issue.public,
        "corrects": (issue.corrects.number or "") if issue.corrects else "",
        "sections": [section for section in sections if section is not None],
    }


def _kinds(issue: Issue) -> list[PostKind]:
    known = {kind.code: kind for kind in PostKind.objects.filter(code__in=issue.reader_kinds)}
    return [known[code] for code in issue.reader_kinds if code in known]


def _section(issue: Issue, code: str) -> Part | None:
    section = SECTIONS[code]
    words = issue.texts.get(code, "")
    if not section.counted:
        return {"code": code, "title": section.title, "words": words} if words else None
    part = issue.numbers.get(code, {})
    found: Part = {"code": code, "title": section.title, "words": words}
    if code == "pairs":
        found["pairs"] = [_pictures(each) for each in chosen(issue)]
        return found if found["pairs"] or words else None
    found |= {name: part[name] for name in ("figures", "columns", "rows", "note", "total", "more") if part.get(name)}
    if part.get("named") and issue.named:
        found["columns"] = [*part["columns"], column("说明", "Note", width=1.6)]
        found["rows"] = [[*row, issue.named.get(row[0], "")] for row in part["rows"]]
    return found


def chosen(issue: Issue) -> list[Part]:
    """The chosen photo pairs in the chosen order."""
    pool = {each["case_id"]: each for each in issue.numbers.get("pairs", {}).get("pool", ())}
    return [pool[case_id] for case_id in issue.pairs if case_id in pool]


def _pictures(each: Part) -> Part:
    shown = {name: each[name] for name in ("number", "title", "place", "unit", "closed")}
    return shown | {side: picture_name(each["case_id"], side) for side in ("before", "after")}


def picture_name(case_id: int, side: str) -> str:
    """Under which name page and PDF ask for a picture."""
    return f"{case_id}-{side}.jpg"
