"""The rows of an export: one case each, in words, without anybody's contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.flow import say
from linli.rooms.cases.flow import FLOW
from linli.rooms.cases.models import Case, Rating
from linli.rooms.cases.models.case import Channel
from linli.rooms.cases.queries.worklist import Filters, matching
from linli.rooms.cases.rules import public_text
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.people.rights import Viewer
from linli.rooms.places import atlas
from linli.rooms.places.queries import localized

_MOMENTS = (
    "reported_at",
    "accepted_at",
    "registered_at",
    "dispatched_at",
    "due_at",
    "confirmed_at",
    "verified_at",
    "closed_at",
)
_COLUMNS = (
    "number", "state", "item__key", "item__name_zh", "item__name_en", "matter_class", "description", "address",
    "lineage", "lng", "lat", "channel", "urgent", "legacy", "unit__name_zh", "unit__name_en", *_MOMENTS,
    "returned", "reworked", "reopened", "report_count", "solved", "level", "public_words",
)  # fmt: skip
# What the columns are called where programs read them: in the order of the titles.
KEYS = (
    "number", "state", "item", "item_name", "class", "words", "street", "community", "grid", "address", "lng", "lat",
    "channel", "urgent", "legacy", "unit", *_MOMENTS, "returned", "reworked", "reopened", "report_count", "solved",
    "level", "answer",
)  # fmt: skip


def exported(viewer: Viewer, filters: Filters) -> QuerySet[Case]:
    """The cases of a filter that this viewer may both see and take out, newest first."""
    found = matching(viewer, filters, clock.now()).filter(viewer.reach("case.export").q())
    return found.order_by("-reported_at", "-id")


def exported_rows(found: QuerySet[Case], *, masked: bool) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Titles and a stream of rows: text, numbers and civil times without zone, as spreadsheets like them."""
    titles = [
        _("编号"), _("环节"), _("事项编码"), _("事项"), _("大类"), _("情况"), _("镇街"), _("社区"), _("网格"),
        _("地址"), _("经度"), _("纬度"), _("来源"), _("紧急"), _("历史遗留"), _("主办单位"), _("上报时间"),
        _("受理时间"), _("立案时间"), _("派遣时间"), _("处置时限"), _("单位确认时间"), _("核查时间"), _("结案时间"),
        _("回退次数"), _("返工次数"), _("重开次数"), _("上报人数"), _("解决了吗"), _("满意度"), _("对外说明"),
    ]  # fmt: skip
    return titles, _rows(found, masked)


def _rows(found: QuerySet[Case], masked: bool) -> Iterator[tuple[Any, ...]]:
    english = (get_language() or "zh").startswith("en")
    known = atlas.current().places
    classes = catalogue().classes
    states = {state.code: say(state.label) for state in FLOW.states}
    channels = {code: str(label) for code, label in Channel.choices}
    solved = {code: str(label) for code, label in Rating.Solved.choices}
    levels = {int(code): str(label) for code, label in Rating.Level.choices}
    yes = _("是")

    def name(row: dict[str, Any], prefix: str) -> str:
        zh, en = row[f"{prefix}__name_zh"] or "", row[f"{prefix}__name_en"] or ""
        return en if english and en else zh

    for row in found.values(*_COLUMNS).iterator(chunk_size=500):
        where: dict[str, str] = {}
        for place_id in row["lineage"]:
            if place_id in known:
                where[known[place_id].kind] = localized(known[place_id])
        grid = where.get("micro") or where.get("special") or where.get("grid", "")
        matter = classes.get(row["matter_class"])
        words = public_text(row["description"]) if masked else row["description"]
        yield (
            row["number"], states[row["state"]], row["item__key"] or "", name(row, "item"),
            matter.name if matter else "", words, where.get("street", ""), where.get("community", ""), grid,
            row["address"], row["lng"], row["lat"], channels[row["channel"]], yes if row["urgent"] else "",
            yes if row["legacy"] else "", name(row, "unit"), *(_civil(row[moment]) for moment in _MOMENTS),
            row["returned"], row["reworked"], row["reopened"], row["report_count"],
            solved.get(row["solved"], ""), levels.get(row["level"] or 0, ""), row["public_words"],
        )  # fmt: skip


def _civil(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(CIVIL).replace(tzinfo=None, microsecond=0) if moment else None
