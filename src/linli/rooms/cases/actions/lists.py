"""A list of problems from a sheet: seen first, mended row by row, then taken in whole or not at all (HL-2)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.kernel import clock, journal, seal
from linli.kernel.clock.calendar import CIVIL
from linli.kernel.errors import LinliError, NotFound, Refused
from linli.kernel.geo import read_point, read_system
from linli.kernel.identifiers import clean_text, phone
from linli.rooms.cases.actions.given import WORDS_LIMIT
from linli.rooms.cases.actions.intake import Intake, report_problem
from linli.rooms.cases.fixmystreet import read_fixmystreet
from linli.rooms.cases.list_places import PlaceFinder
from linli.rooms.cases.models import CaseImport, Report
from linli.rooms.cases.problem_list import RawRow, read_list, says_yes, title_of
from linli.rooms.catalogue.queries import catalogue
from linli.rooms.catalogue.suggest import suggest
from linli.rooms.people.rights import Viewer
from linli.rooms.places.queries import locate

# A guess below this share is not worth showing: the dispatcher chooses.
WORTH_SAYING = 0.25
_CONTACT = "cases_caseimport:contact"
CHANGEABLE = ("words", "address", "place", "item", "phone", "legacy", "urgent", "left_out")


FORMS = {"sheet": read_list, "fixmystreet": read_fixmystreet}


def preview_list(
    data: bytes,
    filename: str,
    name: str,
    *,
    viewer: Viewer,
    system: str = "wgs84",
    form: str = "sheet",
    with_ended: bool = False,
) -> CaseImport:
    """Read a sheet and keep it as a draft: each row with its proposed item and place, and what is wrong with it.

    system: the reference system of its coordinates. form: "sheet", or "fixmystreet" for what that program exports:
    its reports are known by their number there, so that importing again brings only what is new, and those that
    have ended there are left out unless `with_ended`. Reporters' names and numbers are sealed at once. Raises
    NotAllowed, Refused (no sheet, too large, no column for the words).
    """
    viewer.require("case.import")
    system = read_system(system)
    raw, unknown = FORMS[form](data, filename)
    finder = PlaceFinder(viewer)
    rows = [_read(row, finder, system) for row in raw]
    _mark_known(rows)
    for row in rows:
        row["left_out"] = row["ended"] and not with_ended
    _mark_repeats(rows)
    assert viewer.account_id is not None
    name = clean_text(name, 60, "name", one_line=True) or clean_text(filename.rsplit(".", 1)[0], 200)[:60]
    with transaction.atomic():
        made = CaseImport.objects.create(
            name=name,
            rows=rows,
            problems=[{"unknown": unknown}] if unknown else [],
            created_by_id=viewer.account_id,
            created_at=clock.now(),
        )
        _record("list.preview", made, viewer, {"name": name, "file": filename[:200], "rows": len(rows)})
    return made


def amend_row(import_id: int, number: int, changes: Mapping[str, str], *, viewer: Viewer) -> dict[str, Any]:
    """Mend one row of a draft and judge it anew; returns the row. `changes` holds any of `CHANGEABLE` as text.

    item: a key of the catalogue or "" for none; place: id of a place. Raises NotFound, Refused (the list was taken in
    meanwhile).
    """
    with transaction.atomic():
        draft = _locked(import_id, viewer)
        row = next((row for row in draft.rows if row["n"] == number), None)
        if row is None:
            raise NotFound(code="list.no_row")
        for name in CHANGEABLE:
            if name in changes:
                _change(row, name, str(changes[name]))
        _judge(row, PlaceFinder(viewer), row.get("system", "wgs84"))
        draft.save(update_fields=["rows"])
    return row


def take_in_list(import_id: int, *, viewer: Viewer) -> CaseImport:
    """Make a case of every row that is not left out, all in one transaction. A second confirmation changes nothing.

    Raises Refused while a row still has something wrong with it, naming the first; nothing is taken in then.
    """
    viewer.require("case.import")
    with transaction.atomic():
        draft = CaseImport.objects.select_for_update().filter(pk=import_id, created_by_id=viewer.account_id).first()
        if draft is None or draft.state == CaseImport.State.DROPPED:
            raise NotFound(code="list.not_found")
        if draft.state == CaseImport.State.DONE:
            return draft
        taking = [row for row in draft.rows if not row["left_out"]]
        wrong = next((row for row in taking if row["problems"]), None)
        if wrong is not None:
            raise Refused(
                _("第 %(n)d 行还有问题：%(text)s 请改好，或不导入这一行。")
                % {"n": wrong["n"], "text": wrong["problems"][0]["text"]},
                code="list.not_clean",
            )
        if not taking:
            raise Refused(_("没有要导入的行。"), code="list.nothing")
        fresh = 0
        for row in taking:
            try:
                receipt = report_problem(_intake(draft, row), viewer=viewer)
            except LinliError as error:
                raise Refused(
                    _("第 %(n)d 行没有导入成功，整份清单都没有导入：%(why)s")
                    % {"n": row["n"], "why": error.message or error.code},
                    code="list.row_refused",
                ) from error
            row["number"] = receipt.number
            fresh += not receipt.repeated
        for row in draft.rows:
            row.pop("contact", None)
        draft.state, draft.done_at, draft.case_count = CaseImport.State.DONE, clock.now(), fresh
        draft.save()
        _record("list.take_in", draft, viewer, {"name": draft.name, "cases": fresh})
    return draft


def drop_list(import_id: int, *, viewer: Viewer) -> None:
    """Give up a draft; what stood in it is forgotten."""
    with transaction.atomic():
        draft = _locked(import_id, viewer)
        draft.state, draft.rows = CaseImport.State.DROPPED, []
        draft.save(update_fields=["state", "rows"])
        _record("list.drop", draft, viewer, {"name": draft.name})


def _locked(import_id: int, viewer: Viewer) -> CaseImport:
    viewer.require("case.import")
    draft = CaseImport.objects.select_for_update().filter(pk=import_id, created_by_id=viewer.account_id).first()
    if draft is None:
        raise NotFound(code="list.not_found")
    if draft.state != CaseImport.State.DRAFT:
        raise Refused(_("这份清单已经导入或放弃，不能再改。"), code="list.closed")
    return draft


def _record(action: str, draft: CaseImport, viewer: Viewer, after: dict[str, Any]) -> None:
    journal.record(
        action=action,
        actor=viewer.acting(viewer.may("case.import").post),
        object_type="case_import",
        object_id=draft.pk,
        before=None,
        after=after,
    )


def _read(raw: RawRow, finder: PlaceFinder, system: str) -> dict[str, Any]:
    """A raw row as it is kept: typed text, proposals, problems. Contacts are sealed."""
    cells = raw.cells
    row: dict[str, Any] = {
        "n": raw.number,
        "words": cells.get("words", ""),
        "address": cells.get("address", ""),
        "place_text": cells.get("place", ""),
        "place": None,
        "lng": cells.get("lng", ""),
        "lat": cells.get("lat", ""),
        "system": system,
        "item": "",
        "item_text": cells.get("item", ""),
        "at": cells.get("at", "")[:16],
        "legacy": says_yes(cells.get("legacy", "")),
        "urgent": says_yes(cells.get("urgent", "")),
        "left_out": False,
        "ended": bool(cells.get("ended")),
        "external": cells.get("external", ""),
        "repeats": None,
        "cells": [{"column": p.column, "text": p.text} for p in raw.problems],
    }
    _keep_contact(row, cells.get("name", ""), cells.get("phone", ""))
    _propose_item(row)
    _judge(row, finder, system)
    return row


def _keep_contact(row: dict[str, Any], name: str, number: str) -> None:
    """Seal name and number; a number that is none is a problem of its cell."""
    good = ""
    if number:
        try:
            good = phone(number)
        except Refused as refused:
            row["cells"].append({"column": title_of("phone"), "text": str(refused.message)})
    row["who"] = " ".join(
        part for part in (seal.mask_name(name) if name else "", seal.mask_phone(good) if good else "") if part
    )
    if name or good:
        blob = seal.encrypt(f"{name[:64]}\n{good}", _CONTACT)
        row["contact"] = base64.b64encode(blob).decode()


def _propose_item(row: dict[str, Any]) -> None:
    """The item that the sheet names, else the likeliest for the words."""
    present = catalogue()
    text = row["item_text"].strip()
    if text:
        named = [e for e in present.matters if text.upper() == e.key or text in (e.name_zh, e.name_en)]
        if len(named) == 1:
            row["item"], row["guessed"] = named[0].key, False
            return
    # The sheet's own word for the kind speaks too: "路灯" with "不亮了" is a lamp that is out.
    found = suggest(f"{text} {row['words']}"[:500], top=1)
    if found and found[0].score >= WORTH_SAYING:
        row["item"], row["guessed"] = found[0].item.key, True
        row["because"] = list(found[0].because[:3])
    else:
        row["item"], row["guessed"] = "", False


def _change(row: dict[str, Any], name: str, value: str) -> None:
    if name in ("legacy", "urgent", "left_out"):
        row[name] = value == "1"
    elif name == "place":
        row["place"] = int(value) if value.isdigit() and len(value) < 18 else None
        if row["place"] is not None:
            row["lng"] = row["lat"] = ""
            _forgive(row, "place", "lng", "lat")
    elif name == "phone":
        _change_phone(row, value.strip())
    elif name == "item":
        row["item"], row["guessed"] = (value if value in catalogue().items else ""), False
        _forgive(row, "item")
    else:
        if row[name] != value:
            _forgive(row, name)
        row[name] = value


def _change_phone(row: dict[str, Any], number: str) -> None:
    """Another number for the same person; none at all takes away one that was wrong."""
    was_wrong = any(problem["column"] == title_of("phone") for problem in row["cells"])
    if number or was_wrong:
        _forgive(row, "phone")
        name = _contact_of(row)[0]
        row.pop("contact", None)
        _keep_contact(row, name, number)


def _contact_of(row: dict[str, Any]) -> tuple[str, str]:
    """Name and number of a row's reporter, unsealed."""
    if not row.get("contact"):
        return "", ""
    name, _sep, number = seal.decrypt(base64.b64decode(row["contact"]), _CONTACT).partition("\n")
    return name, number


def _forgive(row: dict[str, Any], *columns: str) -> None:
    """A cell that was typed anew is no longer what was wrong in the sheet."""
    titles = {title_of(column) for column in columns}
    row["cells"] = [problem for problem in row["cells"] if problem["column"] not in titles]


def _judge(row: dict[str, Any], finder: PlaceFinder, system: str) -> None:
    """Find what is wrong with a row as it stands now."""
    problems = list(row["cells"])
    try:
        if not clean_text(row["words"], WORDS_LIMIT):
            problems.append({"column": title_of("words"), "text": str(_("没有写问题是什么。"))})
        clean_text(row["address"], 200)
    except Refused as refused:
        problems.append({"column": title_of("words"), "text": str(refused.message)})
    _judge_place(row, finder, system, problems)
    row["problems"] = problems


def _judge_place(row: dict[str, Any], finder: PlaceFinder, system: str, problems: list[dict[str, str]]) -> None:
    if row["lng"] or row["lat"]:
        try:
            lng, lat = read_point(row["lng"], row["lat"], system)  # type: ignore[arg-type]
        except Refused as refused:
            column = title_of("lat" if refused.field == "lat" else "lng")
            problems.append({"column": column, "text": str(refused.message)})
            return
        location = locate(lng, lat)
        if location.kind == "outside":
            wrong = _("经度和纬度好像填反了。") if location.swapped else _("这个点不在本区范围内。")
            problems.append({"column": title_of("lng"), "text": str(wrong)})
            return
        row["place_name"] = finder.path(location.lineage)
        if not finder.within_reach(location.lineage):
            problems.append({"column": title_of("lng"), "text": str(_("不在您岗位负责的地方。"))})
        return
    found = finder.chosen(row["place"]) if row["place"] else finder.find(row["place_text"], row["address"])
    if not found:
        row["place_name"] = ""
        text = str(
            _("没有找到“%(text)s”，请选一个社区、网格或楼栋。") % {"text": (row["place_text"] or row["address"])[:30]}
            if row["place_text"] or row["address"]
            else _("没有写在哪里，请选一个社区、网格或楼栋。")
        )
        problems.append({"column": title_of("place"), "text": str(text)})
        return
    if len(found) > 1:
        row["place_name"] = ""
        row["choices"] = [[one.id, finder.path(one.lineage)] for one in found[:6]]
        problems.append({"column": title_of("place"), "text": str(_("有几个同名的地方，请选一个。"))})
        return
    row["place"] = found[0].id
    row["place_name"] = finder.path(found[0].lineage)
    row.pop("choices", None)
    if not finder.within_reach(found[0].lineage):
        problems.append({"column": title_of("place"), "text": str(_("不在您岗位负责的地方。"))})


def _mark_known(rows: list[dict[str, Any]]) -> None:
    """Reports of another program that were brought in before, by the number they have there."""
    keys = {_external_key(row["external"]): row for row in rows if row["external"]}
    found = Report.objects.filter(intake_key__in=list(keys)).values_list("intake_key", "case__number")
    for key, number in found:
        keys[key]["already"] = number


def _external_key(external: str) -> str:
    return "fixmystreet-" + hashlib.sha256(external.encode()).hexdigest()[:48]


def _mark_repeats(rows: list[dict[str, Any]]) -> None:
    """The same words at the same place twice: worth a look, not a fault."""
    seen: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = ("".join(row["words"].split()), row.get("place_name", ""), row["address"])
        row["repeats"] = seen.get(key)
        seen.setdefault(key, row["n"])


def _intake(draft: CaseImport, row: dict[str, Any]) -> Intake:
    name, number = _contact_of(row)
    source = [draft.name, row.get("external") or str(_("第 %(n)d 行") % {"n": row["n"]})]
    if row["at"]:
        source.append(row["at"])
    return Intake(
        key=_external_key(row["external"]) if row.get("external") else f"sheet-list-{draft.pk}-{row['n']}",
        channel="sheet",
        words=row["words"],
        lng=row["lng"] or None,
        lat=row["lat"] or None,
        system=row.get("system", "wgs84"),
        place_id=None if row["lng"] else row["place"],
        address=row["address"],
        item_key=row["item"],
        phone=number,
        name=name,
        urgent=row["urgent"],
        legacy=row["legacy"],
        occasion=" · ".join(source)[:100],
    )


def default_name() -> str:
    """A name for a list that has none."""
    return str(_("问题清单 %(day)s") % {"day": f"{clock.now().astimezone(CIVIL):%Y-%m-%d}"})
