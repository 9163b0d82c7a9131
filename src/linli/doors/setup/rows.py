"""Rows typed by hand as the sheet they stand for: one way in, with the same checks and all or nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from linli.rooms.people import queries as people


def as_sheet(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV with these column titles."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue().encode()


def units_sheet(forms: Iterable[Any]) -> bytes:
    """The units of a formset; codes are numbered on from those in use."""
    taken = set(people.units(past=True).values_list("code", flat=True))
    number = 0
    rows = []
    for form in forms:
        given = form.cleaned_data
        if not given.get("name_zh"):
            continue
        number += 1
        while f"U{number:03d}" in taken:
            number += 1
        place = given.get("place")
        rows.append(
            [
                f"U{number:03d}",
                given["name_zh"],
                given.get("kind") or "",
                place.code if place else "",
                given.get("phone", ""),
            ]
        )
    return as_sheet(["编号", "名称", "类别", "地方编码", "值班电话"], rows) if rows else b""


def posts_sheet(forms: Iterable[Any]) -> bytes:
    """The posts of a formset."""
    rows = []
    for form in forms:
        given = form.cleaned_data
        if not given.get("name"):
            continue
        place, unit = given.get("place"), given.get("unit")
        rows.append(
            [
                given["kind"],
                given["name"],
                given["username"],
                (place.code or place.local_code or place.name_zh) if place else "",
                unit.code if unit else "",
            ]
        )
    return as_sheet(["岗位", "姓名", "用户名", "地方编码", "单位编号"], rows) if rows else b""


def divisions_sheet(typed: str) -> bytes:
    """Lines of code and name."""
    rows = []
    for line in typed.splitlines():
        parts = line.replace("，", " ").replace(",", " ").replace("\t", " ").split(None, 1)
        if parts:
            rows.append([parts[0], parts[1].strip() if len(parts) > 1 else ""])
    return as_sheet(["代码", "名称"], rows)
