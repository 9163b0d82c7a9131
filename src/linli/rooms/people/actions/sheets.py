"""Units, posts and rules out of sheets: read and shown first, then taken in whole or not at all.

Reading resolves every code and name to what it means and notes each problem by row and column. Confirming
runs the same actions as single entry, in one transaction: what changed meanwhile is refused there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from linli.kernel import clock, identifiers, journal
from linli.kernel.authority import Authority
from linli.kernel.errors import LinliError, NotFound, Refused
from linli.kernel.outbox import Event
from linli.rooms.catalogue.models import Item, MatterClass
from linli.rooms.people import sheets
from linli.rooms.people.actions import accounts, matrix, posts, units
from linli.rooms.people.actions.parts import action, today
from linli.rooms.people.models import Account, MatrixVersion, PostKind, SheetDraft, Unit
from linli.rooms.people.sheets import RawRow
from linli.rooms.places.models import Place

NEEDS = {"units": ("units.edit",), "posts": ("posts.edit",), "matrix": ("matrix.edit",)}


def read_sheet(by: Authority, kind: str, filename: str, data: bytes, *, matrix_id: int | None = None) -> SheetDraft:
    """Read a sheet of "units", "posts" or "matrix" rules (for a draft matrix) and keep it for a look.

    Nothing is changed. `rows` and `problems` of the answer are what the preview shows; a sheet with problems
    cannot be confirmed.
    """
    _may(by, kind)
    raw = sheets.read(kind, data, filename)
    with action():
        if kind == "matrix":
            draft = MatrixVersion.objects.filter(pk=matrix_id or 0, state=MatrixVersion.State.DRAFT).first()
            if draft is None:
                raise Refused(_("请先起草新版责任清单，再导入规则"), "people.matrix_fixed", "matrix")
        rows, problems = _resolve(kind, raw)
        found = SheetDraft.objects.create(
            kind=kind,
            name=filename[:200],
            rows=rows,
            problems=problems,
            created_by=by.actor.name[:80],
            matrix_id=matrix_id if kind == "matrix" else None,
            created_at=clock.now(),
        )
        _record("sheet.read", by, found, {"rows": len(rows), "problems": len(problems)})
    return found


def confirm_sheet(by: Authority, sheet_id: int) -> dict[str, Any]:
    """Take a read sheet in, whole. Returns {"rows": n, "passwords": {username: one-time password}}.

    Posts of people without an account make one; their one-time passwords are in the answer, once.
    """
    with action():
        found = _open_sheet(sheet_id)
        _may(by, found.kind)
        if found.problems:
            raise Refused(
                _("表格还有 %(n)d 处问题，请改好后重新上传。") % {"n": len(found.problems)},
                "people.sheet_problems",
            )
        passwords: dict[str, str] = {}
        if found.kind == "matrix":
            if found.matrix_id is None:
                raise NotFound(_("没有这一版责任清单"), "people.matrix_not_found")
            matrix.add_rules(by, found.matrix_id, [_rule_words(row) for row in found.rows])
        for row in found.rows if found.kind != "matrix" else []:
            try:
                if found.kind == "units":
                    _take_unit(by, row)
                else:
                    _take_post(by, row, passwords)
            except LinliError as error:
                error.message = _("第 %(row)d 行：%(message)s") % {"row": row["row"], "message": error}
                raise
        found.done_at = clock.now()
        found.save(update_fields=["done_at"])
        _record("sheet.confirmed", by, found, {"rows": len(found.rows), "accounts": len(passwords)})
    return {"rows": len(found.rows), "passwords": passwords}


def discard_sheet(by: Authority, sheet_id: int) -> None:
    """Forget a read sheet."""
    with action():
        found = _open_sheet(sheet_id)
        _may(by, found.kind)
        _record("sheet.discarded", by, found, {"name": found.name})
        found.delete()


def _may(by: Authority, kind: str) -> None:
    if kind not in NEEDS:
        raise Refused(_("没有这种表格"), "people.sheet_kind", "kind")
    for capability in NEEDS[kind]:
        by.require(capability)


def _open_sheet(sheet_id: int) -> SheetDraft:
    found = SheetDraft.objects.select_for_update().filter(pk=sheet_id).first()
    if found is None:
        raise NotFound(_("没有这份表格，可能已被放弃"), "people.sheet_not_found")
    if found.done_at is not None:
        raise Refused(_("这份表格已经导入"), "people.sheet_done")
    return found


# ── From text to meaning ───────────────────────────────────────────────────────────────────────────


class _Look:
    """Look-ups for one sheet: each table is read once, by what a sheet may call it."""

    def __init__(self) -> None:
        day = today()
        self.places: dict[str, tuple[int, str, str]] = {}
        self.names: dict[str, list[tuple[int, str, str]]] = {}
        for place in Place.objects.filter(valid_to=None) | Place.objects.filter(valid_to__gt=day):
            facts = (place.pk, place.name_zh, place.kind)
            for key in (place.code, place.local_code):
                if key:
                    self.places[key] = facts
            if place.kind == "community" and len(place.code) == 12:
                self.places.setdefault(place.code.rstrip("0"), facts)
            self.names.setdefault(place.name_zh, []).append(facts)
        self.units = {
            code: (pk, name)
            for pk, code, name in Unit.objects.filter(valid_to=None).values_list("id", "code", "name_zh")
        }
        self.units_by_name: dict[str, list[tuple[int, str]]] = {}
        for pk, name in self.units.values():
            self.units_by_name.setdefault(name, []).append((pk, name))
        self.kinds = {key: kind for kind in PostKind.objects.all() for key in (kind.code, kind.name_zh, kind.name_en)}
        self.matters = set(Item.objects.values_list("key", flat=True)) | set(
            MatterClass.objects.values_list("key", flat=True)
        )
        self.matters_by_name: dict[str, list[str]] = {}
        for key, name in [
            *Item.objects.filter(kind="matter").values_list("key", "name_zh"),
            *MatterClass.objects.filter(kind="matter").values_list("key", "name_zh"),
        ]:
            self.matters_by_name.setdefault(name, []).append(key)
        self.accounts = {
            name.lower(): (pk, real) for pk, name, real in Account.objects.values_list("id", "username", "name")
        }

    def place(self, text: str) -> tuple[int, str, str]:
        if text in self.places:
            return self.places[text]
        return _only(self.names.get(text, []), text, _("没有地方“%(text)s”，请填编码或完整名称"), "place")

    def unit(self, text: str) -> tuple[int, str]:
        if text in self.units:
            return self.units[text]
        return _only(self.units_by_name.get(text, []), text, _("没有单位“%(text)s”，请填编号或完整名称"), "unit")

    def kind(self, text: str, column: str) -> PostKind:
        if text not in self.kinds:
            raise Refused(_("没有岗位“%(text)s”") % {"text": text[:40]}, "people.kind", column)
        return self.kinds[text]

    def matter(self, text: str) -> str:
        if text in {"", "全部", "所有", "*"}:
            return ""
        key = text.upper()
        if key in self.matters:
            return key
        return _only(self.matters_by_name.get(text, []), text, _("目录里没有事项“%(text)s”"), "matter")


def _only(found: list[Any], text: str, missing: str, column: str) -> Any:
    if not found:
        raise Refused(missing % {"text": text[:40]}, f"people.sheet_{column}", column)
    if len(found) > 1:
        message = _("“%(text)s”有 %(n)d 个，请填编码") % {"text": text[:40], "n": len(found)}
        raise Refused(message, f"people.sheet_{column}", column)
    return found[0]


def _resolve(kind: str, raw: list[RawRow]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    look = _Look()
    read: dict[str, Callable[[_Look, RawRow, dict[str, int]], dict[str, Any]]] = {
        "units": _unit_row,
        "posts": _post_row,
        "matrix": _matrix_row,
    }
    rows, problems = [], []
    seen: dict[str, int] = {}
    for row in raw:
        try:
            rows.append({"row": row.number, **read[kind](look, row, seen)})
        except LinliError as error:
            problems.append({"row": row.number, "column": error.field or "", "message": str(error.message)})
    return rows, problems


def _once(seen: dict[str, int], key: str, row: RawRow, column: str) -> None:
    if key in seen:
        raise Refused(_("与第 %(row)d 行重复") % {"row": seen[key]}, "people.sheet_twice", column)
    seen[key] = row.number


def _unit_row(look: _Look, row: RawRow, seen: dict[str, int]) -> dict[str, Any]:
    code = row.text("code")
    if not code:
        raise Refused(_("没有单位编号"), "people.empty", "code")
    if code in look.units:
        raise Refused(_("编号 %(code)s 已有单位") % {"code": code}, "people.unit_code_taken", "code")
    _once(seen, code, row, "code")
    if not row.text("name_zh"):
        raise Refused(_("没有单位名称"), "people.empty", "name_zh")
    wanted = row.text("kind")
    kinds = {str(key): key for pair in Unit.Kind.choices for key in pair}
    labels = {str(label): value for value, label in Unit.Kind.choices}
    if wanted and wanted not in kinds:
        raise Refused(
            _("没有类别“%(text)s”，可填：%(kinds)s") % {"text": wanted[:20], "kinds": _("、").join(labels)},
            "people.unit_kind",
            "kind",
        )
    credit = row.cells.get("credit_code")
    parent = row.text("parent")
    return {
        "code": code,
        "name_zh": row.text("name_zh"),
        "name_en": row.text("name_en"),
        "kind": labels.get(wanted, wanted) or "department",
        "credit_code": str(identifiers.credit_code(credit)) if row.text("credit_code") else "",
        "place_id": (found := look.place(row.text("place")))[0] if row.text("place") else None,
        "place_name": found[1] if row.text("place") else "",
        "parent": parent,
        "parent_id": look.units[parent][0] if parent in look.units else None,
        "phone": row.text("phone"),
    }


def _post_row(look: _Look, row: RawRow, seen: dict[str, int]) -> dict[str, Any]:
    kind = look.kind(row.text("kind"), "kind")
    username, name = row.text("username"), row.text("name")
    if not username or not name:
        raise Refused(_("没有姓名或用户名"), "people.empty", "username" if name else "name")
    known = look.accounts.get(username.lower())
    if known and known[1] != name:
        raise Refused(
            _("用户名 %(username)s 属于%(name)s，与表中姓名不同") % {"username": username, "name": known[1]},
            "people.sheet_other_name",
            "name",
        )
    where, unit = row.text("place"), row.text("unit")
    place = look.place(where) if where else None
    of_unit = look.unit(unit) if unit else None
    if kind.held_for == "place" and place is None:
        raise Refused(_("%(kind)s须填地方编码") % {"kind": kind.name_zh}, "people.post_place", "place")
    if kind.held_for == "unit" and of_unit is None:
        raise Refused(_("%(kind)s须填单位编号") % {"kind": kind.name_zh}, "people.post_unit", "unit")
    since = sheets.as_date(row.cells.get("valid_from"), "valid_from")
    until = sheets.as_date(row.cells.get("valid_to"), "valid_to")
    if since and until and until < since:
        raise Refused(_("结束日期早于开始日期"), "people.span", "valid_to")
    phone = row.text("phone")
    _once(seen, f"{kind.code}/{username.lower()}/{where}/{unit}/{since}", row, "username")
    return {
        "kind": kind.code,
        "kind_name": kind.name_zh,
        "username": username,
        "name": name,
        "account_id": known[0] if known else None,
        "place_id": place[0] if place else None,
        "place_name": place[1] if place else "",
        "unit_id": of_unit[0] if of_unit else None,
        "unit_name": of_unit[1] if of_unit else "",
        "valid_from": since and since.isoformat(),
        "valid_to": until and until.isoformat(),
        "phone": str(identifiers.phone(phone)) if phone else "",
    }


def _matrix_row(look: _Look, row: RawRow, seen: dict[str, int]) -> dict[str, Any]:
    place, unit = look.place(row.text("place")), look.unit(row.text("unit"))
    kind = look.kind(row.text("post_kind"), "post_kind") if row.text("post_kind") else None
    since = sheets.as_date(row.cells.get("valid_from"), "valid_from")
    until = sheets.as_date(row.cells.get("valid_to"), "valid_to")
    if since and until and until <= since:
        raise Refused(_("结束日期须晚于开始日期"), "people.span", "valid_to")
    begin = sheets.as_time(row.cells.get("from_time"), "from_time")
    end = sheets.as_time(row.cells.get("to_time"), "to_time")
    if (begin is None) != (end is None) or (begin is not None and begin == end):
        raise Refused(_("请同时填写起止时刻，且两者不同"), "people.hours", "from_time")
    said = {
        "matter": look.matter(row.text("matter")),
        "place_id": place[0],
        "unit_id": unit[0],
        "post_kind_id": kind.pk if kind else None,
        "valid_from": since and since.isoformat(),
        "valid_to": until and until.isoformat(),
        "weekdays": sheets.as_weekdays(row.cells.get("weekdays"), "weekdays"),
        "from_time": begin and begin.isoformat(),
        "to_time": end and end.isoformat(),
    }
    _once(seen, str(said), row, "matter")
    return {
        **said,
        "note": row.text("note")[:200],
        "place_name": place[1],
        "unit_name": unit[1],
        "kind_name": kind.name_zh if kind else "",
    }


# ── From meaning to action ─────────────────────────────────────────────────────────────────────────


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _rule_words(row: dict[str, Any]) -> matrix.RuleWords:
    return matrix.RuleWords(
        matter=row["matter"],
        place_id=row["place_id"],
        unit_id=row["unit_id"],
        post_kind_id=row["post_kind_id"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        weekdays=tuple(row["weekdays"]),
        from_time=dt.time.fromisoformat(row["from_time"]) if row["from_time"] else None,
        to_time=dt.time.fromisoformat(row["to_time"]) if row["to_time"] else None,
        note=row["note"],
    )


def _take_unit(by: Authority, row: dict[str, Any]) -> None:
    parent_id = row["parent_id"]
    if row["parent"] and parent_id is None:
        parent_id = Unit.objects.filter(code=row["parent"]).values_list("pk", flat=True).first()
        if parent_id is None:
            raise Refused(
                _("没有上级单位 %(code)s；请把它排在前面") % {"code": row["parent"][:20]},
                "people.unit_parent",
                "parent",
            )
    units.create_unit(
        by,
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        kind=row["kind"],
        credit_code=row["credit_code"],
        place_id=row["place_id"],
        parent_id=parent_id,
        phone=row["phone"],
    )


def _take_post(by: Authority, row: dict[str, Any], passwords: dict[str, str]) -> None:
    account_id = (
        row["account_id"]
        or Account.objects.filter(username__iexact=row["username"]).values_list("pk", flat=True).first()
    )
    if account_id is None:
        account, password = accounts.create_account(by, username=row["username"], name=row["name"])
        account_id = account.pk
        passwords[account.username] = password
    posts.appoint(
        by,
        kind=row["kind"],
        holder_id=account_id,
        place_id=row["place_id"],
        unit_id=row["unit_id"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        phone=row["phone"],
    )


def _record(verb: str, by: Authority, found: SheetDraft, after: dict[str, Any]) -> None:
    journal.record(
        action=verb,
        actor=by.actor,
        object_type="people_sheet",
        object_id=found.pk,
        before=None,
        after={"kind": found.kind, "name": found.name, **after},
        events=[Event(verb, "people_sheet", found.pk, {"kind": found.kind})],
    )
