"""Who answers for this matter, here, now: the responsibility look-up, with its reasons.

One indexed query reads the few rules that name the matter and a place of the lineage; `picking` says which
wins. A second query runs only for what is then missing: the holder of the named post, or the fallback unit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.rooms.people import picking
from linli.rooms.people.models import in_language

Via = Literal["item", "class", "any", "fallback", "none"]

LOOKUP = """
SELECT r.id, r.matter, r.place_id, r.unit_id, r.post_kind_id, r.valid_from, r.valid_to,
       r.weekdays, r.from_time, r.to_time, u.valid_from, u.valid_to,
       u.name_zh, u.name_en, p.name_zh, p.name_en
FROM people_responsibility r
JOIN people_unit u ON u.id = r.unit_id
JOIN places_place p ON p.id = r.place_id
WHERE r.matrix_id = {matrix} AND r.place_id = ANY(%(lineage)s::bigint[]) AND r.matter =
ANY(%(matters)s::varchar[])
"""
IN_FORCE = "(SELECT id FROM people_matrixversion WHERE state = 'active')"

# The territory answers when nobody else does (属地兜底): the committee, else the street, else the district.
FALLBACK = """
SELECT u.id, u.name_zh, u.name_en, u.place_id, p.name_zh, p.name_en, u.kind
FROM people_unit u JOIN places_place p ON p.id = u.place_id
WHERE u.place_id = ANY(%(lineage)s::bigint[]) AND u.kind IN ('community', 'street', 'district')
  AND u.valid_from <= %(day)s AND (u.valid_to IS NULL OR u.valid_to > %(day)s)
ORDER BY CASE u.kind WHEN 'community' THEN 0 WHEN 'street' THEN 1 ELSE 2 END,
         array_position(%(lineage)s::bigint[], u.place_id) DESC, u.id
LIMIT 1
"""

# The deepest post of the kind in the lineage, else one of the unit. A deputy on duty is the holder now.
POST = """
SELECT o.id, CASE WHEN o.deputy_from <= %(at)s AND (o.deputy_to IS NULL OR o.deputy_to > %(at)s)
                  THEN d.name ELSE h.name END, k.name_zh, k.name_en
FROM people_postkind k
LEFT JOIN people_post o ON o.kind_id = k.id
     AND (o.place_id = ANY(%(lineage)s::bigint[]) OR o.unit_id = %(unit)s)
     AND o.valid_from <= %(day)s AND (o.valid_to IS NULL OR o.valid_to > %(day)s)
     AND (o.matters = '{}' OR %(class)s = '' OR %(class)s = ANY(o.matters))
LEFT JOIN people_account h ON h.id = o.holder_id
LEFT JOIN people_account d ON d.id = o.deputy_id
WHERE k.id = %(kind)s
ORDER BY array_position(%(lineage)s::bigint[], o.place_id) DESC NULLS LAST, (o.unit_id = %(unit)s) DESC
NULLS LAST, o.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """The unit (and post) that answers, and why. `via` "none": not even a fallback unit exists.

    reasons: rows {"code", "text"} in the reader's language, in the order of the argument;
    alternatives: the rules that would have won otherwise, best first. Both are plain JSON.
    """

    unit_id: int | None
    unit_name: str
    via: Via
    post_kind_id: int | None = None
    post_id: int | None = None
    holder_name: str = ""
    rule_id: int | None = None
    place_id: int | None = None
    reasons: list[dict[str, Any]] = field(default_factory=list)
    alternatives: list[dict[str, Any]] = field(default_factory=list)


def answerable(
    item_key: str,
    class_key: str,
    lineage: Sequence[int],
    at: dt.datetime,
    matrix_id: int | None = None,
) -> Answer:
    """Who answers for an item ("M06012", class "M06") at a place, given by its lineage, at a moment.

    item_key, class_key: may be "" while the matter is not known. lineage: ids from the root down.
    matrix_id: another edition than the one in force.
    """
    moment = picking.civil(at)
    with connection.cursor() as cursor:
        cursor.execute(
            LOOKUP.format(matrix=IN_FORCE if matrix_id is None else "%(matrix)s"),
            {
                "matrix": matrix_id,
                "lineage": list(lineage),
                "matters": picking.matters_of(item_key, class_key),
            },
        )
        names: dict[int, tuple[str, str]] = {}
        rules = []
        for row in cursor.fetchall():
            rules.append(rule_of(row))
            names[row[0]] = (in_language(row[12], row[13]), in_language(row[14], row[15]))
        holding = picking.ranked(rules, lineage, at)
        if not holding:
            return _fallback(cursor, list(lineage), moment.date(), silent=len(rules))
        winner, *others = holding
        unit_name, place_name = names[winner.id]
        via = picking.breadth(winner)
        reasons = [
            {"code": f"matter.{via}", "text": _matter_words(via, winner.matter), "rule_id": winner.id},
            {
                "code": "place",
                "text": _("适用地方：%(place)s") % {"place": place_name},
                "place_id": winner.place_id,
            },
        ]
        if winner.time_bound:
            reasons.append({"code": "time", "text": _("适用时间：%(when)s") % {"when": when_words(winner)}})
        if others:
            reasons.append(
                {
                    "code": "beaten",
                    "text": ngettext(
                        "另有 %(n)d 条规则较宽或较晚，未采用",
                        "另有 %(n)d 条规则较宽或较晚，未采用",
                        len(others),
                    )
                    % {"n": len(others)},
                }
            )
        post_id, holder = None, ""
        if winner.post_kind_id is not None:
            cursor.execute(
                POST,
                {
                    "kind": winner.post_kind_id,
                    "lineage": list(lineage),
                    "unit": winner.unit_id,
                    "day": moment.date(),
                    "at": at,
                    "class": class_key,
                },
            )
            post_id, holder, kind_zh, kind_en = cursor.fetchone()
            kind_name = in_language(kind_zh, kind_en)
            reasons.append(
                {"code": "post", "text": _("由%(kind)s %(name)s 负责") % {"kind": kind_name, "name": holder}}
                if post_id
                else {
                    "code": "post.vacant",
                    "text": _("此处没有在任的%(kind)s，交由单位安排") % {"kind": kind_name},
                }
            )
    return Answer(
        unit_id=winner.unit_id,
        unit_name=unit_name,
        via=via,
        post_kind_id=winner.post_kind_id,
        post_id=post_id,
        holder_name=holder or "",
        rule_id=winner.id,
        place_id=winner.place_id,
        reasons=reasons,
        alternatives=[
            {
                "rule_id": other.id,
                "unit_id": other.unit_id,
                "unit_name": names[other.id][0],
                "place_id": other.place_id,
                "place_name": names[other.id][1],
                "via": picking.breadth(other),
            }
            for other in others
        ],
    )


def _fallback(cursor: Any, lineage: list[int], day: dt.date, silent: int) -> Answer:
    """属地兜底; `silent`: how many rules name matter and place but not this time."""
    reasons = [{"code": "no_rule", "text": _("责任清单没有写明这类事项在此处归谁")}]
    if silent:
        reasons = [{"code": "not_now", "text": _("责任清单有相关规则，但此时不适用")}]
    cursor.execute(FALLBACK, {"lineage": lineage, "day": day})
    row = cursor.fetchone()
    if row is None:
        reasons.append({"code": "no_fallback", "text": _("所在社区、镇（街道）和区都没有登记单位，请手动选择")})
        return Answer(unit_id=None, unit_name="", via="none", reasons=reasons)
    unit_name = in_language(row[1], row[2])
    reasons.append(
        {
            "code": f"fallback.{row[6]}",
            "text": _("按属地兜底，由%(place)s的%(unit)s先行负责")
            % {"place": in_language(row[4], row[5]), "unit": unit_name},
        }
    )
    return Answer(unit_id=row[0], unit_name=unit_name, via="fallback", place_id=row[3], reasons=reasons)


def rule_of(row: Sequence[Any]) -> picking.Rule:
    """The first columns of `LOOKUP` in the order of the rule's fields."""
    fields: list[Any] = list(row[:12])
    fields[7] = tuple(fields[7])
    return picking.Rule(*fields)


def _matter_words(via: picking.Breadth, matter: str) -> str:
    if via == "item":
        return _("责任清单按事项 %(matter)s 指定") % {"matter": matter}
    if via == "class":
        return _("责任清单按大类 %(matter)s 指定") % {"matter": matter}
    return _("责任清单对所有事项的规定")


def when_words(rule: picking.Rule) -> str:
    """The days and hours of a rule in words; "" when it always holds."""
    days = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    parts = []
    if rule.valid_from or rule.valid_to:
        parts.append(f"{rule.valid_from or '…'} – {rule.valid_to or '…'}")
    if rule.weekdays:
        parts.append(_("、").join(days[day - 1] for day in sorted(rule.weekdays) if 1 <= day <= 7))
    if rule.from_time and rule.to_time:
        parts.append(f"{rule.from_time:%H:%M}–{rule.to_time:%H:%M}")
    return " ".join(parts)
