"""What the pages of supervision share: whose frame they stand in, how times and stories are said."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.doors.common.gate import viewer_of_request
from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.web.when import duration_words
from linli.rooms.oversight.models import Answer, Evidence, Order
from linli.rooms.oversight.queries.order import OrderPage

FRAMES = {"command": "web/base_command.html", "field": "web/base_field.html", "admin": "web/base_admin.html"}
ICONS = {
    "draft": "pencil", "issue": "send", "sign": "signature", "answer": "message-check", "contest": "arrow-back-up",
    "reassign": "switch-horizontal", "uphold": "shield-check", "pass": "circle-check", "back": "rotate",
    "raise": "trending-up", "extend": "calendar-plus", "remind": "bell-ringing", "revoke": "ban", "note": "note",
    "follow": "link", "light": "flag", "deadline_moved": "calendar-time", "drop": "trash",
}  # fmt: skip
TONES = {
    "issue": "info", "sign": "on_track", "answer": "on_track", "contest": "near", "pass": "done", "back": "near",
    "raise": "overdue", "revoke": "suspended", "remind": "near",
}  # fmt: skip


def frame(request: HttpRequest) -> str:
    """The frame of the door in which the viewer works."""
    return FRAMES.get(viewer_of_request(request).home_door, "web/base_desk.html")


def left_words(due: dt.datetime | None, open_: bool = True) -> str:
    """还剩 2 小时 / 超期 1 天."""
    if due is None or not open_:
        return ""
    left = due - clock.now()
    words = _("还剩 %(t)s") if left >= dt.timedelta() else _("超期 %(t)s")
    return words % {"t": duration_words(abs(left))}


def civil(text: str | None) -> str:
    """A moment as the journal keeps it, in words."""
    return f"{dt.datetime.fromisoformat(text).astimezone(CIVIL):%Y-%m-%d %H:%M}" if text else ""


def story(page: OrderPage) -> list[dict[str, Any]]:
    """The story of an order as the timeline shows it, the newest last."""
    proof = {answer.round: answer for answer in page.answers}
    items, rounds = [], 0
    for moment in page.moments:
        photos: list[dict[str, Any]] = []
        files: list[Evidence] = []
        if moment.code == "answer":
            rounds += 1
            if rounds in proof:
                photos, files = strip(page.order, proof[rounds]), documents(proof[rounds])
        facts = moment.facts
        items.append(
            {
                "at": moment.at,
                "title": moment.label + (" · " + _("超时") if facts.get("late") else ""),
                "who": moment.by,
                "post": moment.post,
                "words": _said(moment.code, facts, moment.note, [one.name for one in files]),
                "note": "",
                "photos": photos,
                "took": None,
                "tone": "overdue" if facts.get("late") else TONES.get(moment.code, "plain"),
                "icon": ICONS.get(moment.code, "circle-dot"),
            }
        )
    return items


_LADDER = "duty."


def _said(code: str, facts: dict[str, Any], note: str, files: list[str]) -> str:
    parts = [note] if note and code != "issue" else []
    if files:
        parts.append(_("附件：%(names)s") % {"names": "、".join(files)})
    if code == "follow":
        if facts.get("clock") == "stopped":
            parts.append(_("事件 %(number)s 挂账，督办时限随之停表。") % {"number": facts.get("case", "")})
        elif facts.get("clock") == "started":
            parts.append(_("事件 %(number)s 恢复处置，督办时限继续计算。") % {"number": facts.get("case", "")})
        elif str(facts.get("event", "")).startswith(_LADDER):
            parts.append(_("事件 %(number)s 换了层级：%(tier)s") % {
                "number": facts.get("case", ""), "tier": tier_words(facts.get("tier"))
            })  # fmt: skip
        elif facts.get("event") in _CASE:
            parts.append(str(_CASE[facts["event"]]()) % {"number": facts.get("case", "")})
        if facts.get("moved"):
            parts.append(_("回复期限随事件改为 %(at)s。") % {"at": civil(facts.get("due_at"))})
    elif code == "light":
        parts.append(_lamp_name(facts.get("light")))
    elif code in ("extend", "back", "raise", "reassign", "deadline_moved") and facts.get("due_at"):
        parts.append(_("回复期限：%(at)s") % {"at": civil(facts.get("due_at"))})
    if code == "reassign":
        parts.append(_("%(before)s → %(after)s") % {
            "before": facts.get("before_unit", ""), "after": facts.get("unit", "")
        })  # fmt: skip
    if code == "contest" and facts.get("whose"):
        parts.append(_("认为应由%(unit)s办理。") % {"unit": facts["whose"]})
    return "\n".join(part for part in parts if part)


_CASE = {
    "case.closed": lambda: _("事件 %(number)s 已结案。"),
    "case.reopened": lambda: _("事件 %(number)s 被要求重开。"),
    "case.withdrawn": lambda: _("事件 %(number)s 已撤回。"),
    "case.merged": lambda: _("事件 %(number)s 已合并到别的事件。"),
    "case.reworked": lambda: _("事件 %(number)s 核查没有通过，返工。"),
}


def tier_words(tier: Any) -> str:
    """A tier's name as an event of the ladder carries it: words, or [zh, en]."""
    from linli.rooms.people.models import in_language

    if isinstance(tier, list | tuple) and tier:
        return in_language(str(tier[0]), str(tier[1]) if len(tier) > 1 else "")
    return str(tier or "")


def _lamp_name(code: Any) -> str:
    from linli.doors.supervision.templatetags.supervision import sign_of

    return sign_of(str(code or ""))


def strip(order: Order, answer: Answer) -> list[dict[str, Any]]:
    """The pictures of an answer for the photo strip."""
    return [
        {
            "url": evidence_url(order, one),
            "thumb_url": evidence_url(order, one) + "?thumb=1",
            "caption": _("处置后"),
            "taken_at": one.taken_at,
            "width": one.width,
            "height": one.height,
        }
        for one in answer.evidence.all()
        if one.kind == Evidence.Kind.PHOTO
    ]


def documents(answer: Answer) -> list[Evidence]:
    """The documents of an answer."""
    return [one for one in answer.evidence.all() if one.kind == Evidence.Kind.FILE]


def evidence_url(order: Order, evidence: Evidence) -> str:
    return reverse("supervision:evidence", args=[order.pk, evidence.uid])
