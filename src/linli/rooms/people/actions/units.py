"""Responsible units: made, changed, ended with a successor."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from linli.kernel import identifiers, journal
from linli.kernel.authority import Authority
from linli.kernel.errors import NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.people.actions.parts import action, changes, filled, today
from linli.rooms.people.models import Post, Unit

_TERRITORIAL = {Unit.Kind.COMMUNITY: "community", Unit.Kind.STREET: "street", Unit.Kind.DISTRICT: "district"}


def create_unit(
    by: Authority,
    *,
    code: str,
    name_zh: str,
    name_en: str = "",
    kind: str = Unit.Kind.DEPARTMENT,
    credit_code: str = "",
    place_id: int | None = None,
    parent_id: int | None = None,
    phone: str = "",
    valid_from: dt.date | None = None,
) -> Unit:
    """Add a unit. Units of a district, street or community need their place: they answer as its fallback."""
    by.require("units.edit")
    unit = Unit(code=filled(code, 20, "code"), valid_from=valid_from or today())
    with action():
        fields = _fill(unit, name_zh, name_en, kind, credit_code, place_id, parent_id, phone)
        unit.save(force_insert=True)
        _record("unit.created", by, unit, None, {"code": unit.code, **fields})
    return unit


def edit_unit(
    by: Authority,
    unit_id: int,
    *,
    name_zh: str,
    name_en: str = "",
    kind: str = Unit.Kind.DEPARTMENT,
    credit_code: str = "",
    place_id: int | None = None,
    parent_id: int | None = None,
    phone: str = "",
) -> Unit:
    """Change what is known of a unit; its code stays."""
    by.require("units.edit")
    with action():
        unit = _locked(unit_id)
        before = _fields(unit)
        after = _fill(unit, name_zh, name_en, kind, credit_code, place_id, parent_id, phone)
        unit.save()
        was, now = changes(before, after)
        _record("unit.edited", by, unit, was, now)
    return unit


def end_unit(by: Authority, unit_id: int, *, valid_to: dt.date | None = None, successor_id: int | None = None) -> Unit:
    """From `valid_to` (today) the unit no longer exists; posts held for it end too; nothing is deleted."""
    by.require("units.edit")
    with action():
        unit = _locked(unit_id)
        if successor_id is not None and (
            successor_id == unit_id or not Unit.objects.filter(pk=successor_id, valid_to=None).exists()
        ):
            raise Refused(_("接替单位须是另一个在用的单位"), "people.successor", "successor")
        unit.valid_to = valid_to or today()
        unit.successor_id = successor_id
        unit.save(update_fields=["valid_to", "successor"])
        open_posts = Post.objects.filter(unit_id=unit_id).filter(Q(valid_to=None) | Q(valid_to__gt=unit.valid_to))
        ended = open_posts.update(valid_to=Greatest(F("valid_from"), unit.valid_to))
        _record(
            "unit.ended",
            by,
            unit,
            None,
            {
                "valid_to": unit.valid_to,
                "successor": successor_id,
                "posts_ended": ended,
            },
        )
    return unit


def _fill(
    unit: Unit,
    name_zh: str,
    name_en: str,
    kind: str,
    credit_code: str,
    place_id: int | None,
    parent_id: int | None,
    phone: str,
) -> dict[str, Any]:
    if kind not in Unit.Kind.values:
        raise Refused(_("没有这种单位"), "people.unit_kind", "kind")
    unit.name_zh = filled(name_zh, 100, "name_zh")
    unit.name_en = filled(name_en, 150, "name_en", required=False)
    unit.kind = kind
    unit.credit_code = str(identifiers.credit_code(credit_code)) if credit_code.strip() else ""
    unit.phone = filled(phone, 40, "phone", required=False)
    unit.place_id = place_id
    wanted = _TERRITORIAL.get(Unit.Kind(kind))
    if wanted and (unit.place is None or unit.place.kind != wanted):
        raise Refused(_("这类单位须选择所管的同级区划，属地兜底时按此找到它"), "people.unit_place", "place")
    if parent_id is not None and unit.pk is not None:
        above: int | None = parent_id
        while above is not None:
            if above == unit.pk:
                raise Refused(_("上级单位不能是自己或自己的下级"), "people.unit_parent", "parent")
            above = Unit.objects.filter(pk=above).values_list("parent_id", flat=True).first()
    unit.parent_id = parent_id
    return _fields(unit)


def _fields(unit: Unit) -> dict[str, Any]:
    return {
        "name_zh": unit.name_zh,
        "name_en": unit.name_en,
        "kind": str(unit.kind),
        "credit_code": unit.credit_code,
        "place": unit.place_id,
        "parent": unit.parent_id,
        "phone": unit.phone,
    }


def _locked(unit_id: int) -> Unit:
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(_("没有这个单位"), "people.unit_not_found")
    return unit


def _record(verb: str, by: Authority, unit: Unit, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    journal.record(
        action=verb,
        actor=by.actor,
        object_type="unit",
        object_id=unit.pk,
        before=before,
        after=after,
        place_ids=list(unit.place.lineage) if unit.place else [],
        events=[Event(verb, "unit", unit.pk, {"name": unit.name_zh})],
    )
