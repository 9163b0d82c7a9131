"""The minutes of a meeting: its facts as they are kept for ever, and the same on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from linli.kernel import printing
from linli.kernel.clock.calendar import CIVIL
from linli.rooms.oversight.models import AgendaItem, Meeting


def facts_of(
    meeting: Meeting, items: Sequence[AgendaItem], number: str, now: dt.datetime, issued: str
) -> dict[str, Any]:
    """Everything the minutes say, in the house's first language: kept as it was, whatever changes later."""
    with override("zh-hans"):
        attendance = [
            {"name": row.name, "role": row.role, "present": row.present} for row in meeting.attendance.order_by("id")
        ]
        return {
            "number": number,
            "title": meeting.title,
            "house": meeting.place.name_zh,
            "venue": meeting.venue,
            "chair": meeting.chair,
            "planned_for": meeting.planned_for.isoformat(),
            "opened_at": meeting.opened_at.isoformat() if meeting.opened_at else None,
            "closed_at": now.isoformat(),
            "issued": issued,
            "attendance": attendance,
            "items": [_item(position, item) for position, item in enumerate(items, 1)],
        }


def _item(position: int, item: AgendaItem) -> dict[str, Any]:
    return {
        "position": position,
        "title": item.title,
        "number": item.case.number if item.case else "",
        "origin": str(item.get_origin_display()),
        "outcome": item.outcome,
        "decision": item.decision,
        "owner": owner_of(item),
        "due_on": item.due_on.isoformat() if item.due_on else "",
        "carried": _carried(item),
    }


def owner_of(item: AgendaItem) -> str:
    """Who has to do it, in words."""
    if item.unit:
        return item.unit.name_zh
    if item.post:
        return f"{item.post.kind.name_zh} {item.post.holder.name}"
    return ""


def _carried(item: AgendaItem) -> str:
    if item.order:
        return item.order.number or ""
    if item.assigned_tier:
        return str(_("已交办：%(tier)s") % {"tier": item.assigned_tier})
    return item.trouble


def on_paper(facts: dict[str, Any]) -> bytes:
    """The minutes as an official document (PDF/A4). The same facts give the same bytes."""
    with override("zh-hans"):
        closed = dt.datetime.fromisoformat(facts["closed_at"]).astimezone(CIVIL)
        opened = facts["opened_at"] and dt.datetime.fromisoformat(facts["opened_at"]).astimezone(CIVIL)
        came = [row for row in facts["attendance"] if row["present"]]
        rows = [
            [_("时间"), f"{opened:%Y-%m-%d %H:%M}–{closed:%H:%M}" if opened else f"{closed:%Y-%m-%d %H:%M}"],
            [_("地点"), facts["venue"] or "—"],
            [_("主持"), facts["chair"] or "—"],
            [_("到会"), _("%(came)d/%(asked)d 人") % {"came": len(came), "asked": len(facts["attendance"])}],
        ]
        return printing.pdf(
            "oversight/minutes.typ",
            {
                "paper": {
                    "house": facts["house"],
                    "title": _("会议纪要"),
                    "number": facts["number"],
                    "date": f"{closed.year} 年 {closed.month} 月 {closed.day} 日",
                    "day": f"{closed:%Y-%m-%d}",
                    "lines": [facts["title"]],
                    "sources": [_("签发：%(name)s") % {"name": facts["issued"]}],
                    "page_words": _("第 {page} 页，共 {pages} 页"),
                    "lang": "zh",
                    "draft": "",
                },
                "labels": {
                    "what": _("事项"),
                    "facts": _("内容"),
                    "attendance": _("到会人员"),
                    "name": _("姓名"),
                    "role": _("单位和职务"),
                    "present": _("到会"),
                },
                "facts": rows,
                "items": [_printed(item) for item in facts["items"]],
                "attendance": [
                    [row["name"], row["role"], "✓" if row["present"] else _("未到")] for row in facts["attendance"]
                ],
            },
        )


def _printed(item: dict[str, Any]) -> dict[str, str]:
    told = str(AgendaItem.Outcome(item["outcome"]).label)
    parts = [told]
    if item["owner"]:
        parts.append(_("承办：%(who)s") % {"who": item["owner"]})
    if item["due_on"]:
        parts.append(_("期限：%(day)s") % {"day": item["due_on"]})
    if item["carried"]:
        parts.append(item["carried"])
    return {
        "title": f"{item['position']}. {item['title']}",
        "words": " ".join(part for part in (item["number"], item["origin"]) if part),
        "decision": item["decision"],
        "outcome": "　".join(parts),
    }
