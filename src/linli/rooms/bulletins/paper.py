"""An issue on paper: the PDF by `kernel.printing` and the workbook, both from the page as it is kept."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from linli.kernel import printing
from linli.rooms.bulletins.page import Page
from linli.rooms.bulletins.sections import Part, cell_words

_CHINESE = "零一二三四五六七八九十"
_HOLDS = ("words", "figures", "rows", "pairs")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def pdf(
    page: Page, pictures: Mapping[str, bytes], address: str = "", *, language: str = "zh", draft: str = ""
) -> bytes:
    """The issue as an official document. address: for the QR code; draft: words across a page not issued yet."""
    files = {f"pictures/{name}": data for name, data in pictures.items()}
    if address:
        files["qr.svg"] = printing.qr(address)
    return printing.pdf("bulletins/issue.typ", paper(page, pictures, address, language, draft), files)


def paper(page: Page, pictures: Collection[str], address: str, language: str, draft: str) -> dict[str, Any]:
    """What the template reads, in one language."""
    with translation.override("en" if language == "en" else "zh-hans"):
        sections = [_section(section, place, pictures, language) for place, section in enumerate(page["sections"])]
        return {
            "paper": {
                "house": page["house"],
                "title": page["title"],
                "number": page["number"],
                "date": _day(page["issued"][:10] or page["as_of"][:10]),
                "day": page["issued"][:10] or page["as_of"][:10],
                "lines": _lines(page),
                "sources": sources(page, language),
                "qr": bool(address),
                "qr_words": _("扫码看本期"),
                "page_words": _("第 {page} 页，共 {pages} 页"),
                "lang": language,
                "draft": draft,
            },
            "sections": sections,
        }


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "DATE_FORMAT")


def _lines(page: Page) -> list[str]:
    at = datetime.fromisoformat(page["as_of"])
    lines = [
        _("%(from)s 至 %(last)s") % {"from": _day(page["from"]), "last": _day(page["last"])},
        _("数据截至 %(day)s %(time)s") % {"day": _day(page["as_of"][:10]), "time": f"{at:%H:%M}"},
    ]
    if page["corrects"]:
        lines.append(_("更正 %(number)s") % {"number": page["corrects"]})
    return lines


def sources(page: Page, language: str = "zh") -> list[str]:
    """Where the numbers come from, who issued it, to whom it goes."""
    found = [
        _("数据来源：平台操作日志，逐件计算，可随时重算核对。比率都附基数：符合的件数/全部件数。"),
        _("点名只到责任单位和事件编号，不涉及居民个人信息。"),
    ]
    if page["issued_by"]:
        found.append(_("签发：%(name)s") % {"name": page["issued_by"]})
    if to := [*(cell_words(each, language) for each in page["readers"]), *([_("居民")] if page["public"] else [])]:
        found.append(_("发给：%(whom)s") % {"whom": (", " if language == "en" else "、").join(to)})
    return found


def ordinal(place: int, language: str) -> str:
    """How the sections are counted: 一、 or 1."""
    if language == "en":
        return f"{place + 1}. "
    number = place + 1
    words = _CHINESE[number] if number <= 10 else f"十{_CHINESE[number - 10]}"
    return f"{words}、"


def _section(section: Part, place: int, pictures: Collection[str], language: str) -> Part:
    def say(value: Any) -> Any:
        if isinstance(value, Mapping) and "light" in value:
            return {"light": value["light"], "words": cell_words(value, language), "shape": value.get("shape", "")}
        return cell_words(value, language)

    return {
        "title": ordinal(place, language) + say(section["title"]),
        "words": section["words"],
        "figures": [
            {
                "label": say(figure["label"]),
                "value": figure["value"],
                "base": figure.get("base", ""),
                "change": say(figure.get("change", "")),
            }
            for figure in section.get("figures", ())
        ],
        "columns": [
            {**column, "title": say(column["title"])}
            for column in (section.get("columns") if section.get("rows") else ()) or ()
        ],
        "rows": [[say(cell) for cell in row] for row in section.get("rows", ())],
        "more": _("另有 %(n)d 件，见平台。") % {"n": section["more"]} if section.get("more") else "",
        "note": say(section.get("note", "")),
        "nothing": "" if any(section.get(name) for name in _HOLDS) else _("本期没有。"),
        "pairs": [
            {
                **{name: say(each[name]) for name in ("number", "title", "place", "unit", "closed")},
                **{side: each[side] if each[side] in pictures else "" for side in ("before", "after")},
                "before_words": _("整改前"),
                "after_words": _("整改后"),
            }
            for each in section.get("pairs", ())
        ],
    }


def xlsx(page: Page, *, language: str = "zh") -> bytes:
    """The issue's tables, one sheet for each section; nothing in it is run as a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill

    book = Workbook(write_only=True)
    book.properties.creator = page["house"]
    book.properties.title = f"{page['number']} {page['title']}".strip()
    bold, ground = Font(bold=True), PatternFill("solid", fgColor="E8EFE6")

    def cells(sheet: Any, row: Collection[Any], heading: bool = False) -> list[Any]:
        made = []
        for value in row:
            value = (
                value if isinstance(value, int | float) and not isinstance(value, bool) else cell_words(value, language)
            )
            if isinstance(value, str):
                cell = WriteOnlyCell(sheet, _CONTROLS.sub("", value)[:32_000])
                cell.data_type = "s"
            else:
                cell = WriteOnlyCell(sheet, value)
            if heading:
                cell.font, cell.fill = bold, ground
            made.append(cell)
        return made

    with translation.override("en" if language == "en" else "zh-hans"):
        first = book.create_sheet(_("说明"))
        for line in (page["house"], page["title"], page["number"], *_lines(page), *sources(page, language)):
            first.append(cells(first, [line]))
        for section in page["sections"]:
            if not any(section.get(name) for name in _HOLDS):
                continue
            sheet = book.create_sheet(cell_words(section["title"], language)[:31])
            if section["words"]:
                sheet.append(cells(sheet, [section["words"]]))
            if figures := section.get("figures"):
                titles = (_("指标"), _("数值"), _("符合"), _("全部"), _("与上期相比"))
                sheet.append(cells(sheet, titles, True))
                for figure in figures:
                    value = figure.get("number", figure["value"])
                    row = [figure["label"], value, figure.get("above"), figure.get("of"), figure.get("change", "")]
                    sheet.append(cells(sheet, row))
            if rows := section.get("rows"):
                sheet.append(cells(sheet, [column["title"] for column in section["columns"]], True))
                for row in rows:
                    sheet.append(cells(sheet, row))
            for each in section.get("pairs", ()):
                sheet.append(cells(sheet, [each[name] for name in ("number", "title", "place", "unit", "closed")]))
            if section.get("note"):
                sheet.append(cells(sheet, [section["note"]]))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
