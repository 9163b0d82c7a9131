"""Codes of places and things: division (12 digits), grid (15), component (17), matter (11).

The region kinds by number follow the statistical division codes: streets 001–099 subdistrict, 100–199 town,
200–399 township, above that bodies treated like them; communities 001–199 residents' committee, 200–399
villagers' committee, above that bodies treated like them. Whether a code exists is not checked: codes change,
and the list of the day belongs to the operator.
"""

import re
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from linli.kernel.errors import Refused
from linli.kernel.identifiers.cells import digits, lost_digits

Level = Literal["province", "city", "county", "street", "community"]
Kind = Literal[
    "",
    "subdistrict",
    "town",
    "township",
    "like_street",
    "residents_committee",
    "villagers_committee",
    "like_community",
]


@dataclass(frozen=True, slots=True)
class _Code:
    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Division(_Code):
    """An administrative division by its 12 digits; shorter levels end in zeros."""

    @property
    def county(self) -> str:
        """The first six digits (GB/T 2260)."""
        return self.code[:6]

    @property
    def level(self) -> Level:
        if self.code[9:] != "000":
            return "community"
        if self.code[6:9] != "000":
            return "street"
        if self.code[4:6] != "00":
            return "county"
        return "city" if self.code[2:4] != "00" else "province"

    @property
    def kind(self) -> Kind:
        """What the number says a street or community is; empty above them."""
        if self.level == "street":
            number = int(self.code[6:9])
            return (
                "subdistrict" if number < 100
                else "town" if number < 200
                else "township" if number < 400
                else "like_street"
            )  # fmt: skip
        if self.level == "community":
            number = int(self.code[9:])
            return (
                "residents_committee" if number < 200
                else "villagers_committee" if number < 400
                else "like_community"
            )  # fmt: skip
        return ""

    @property
    def parent(self) -> "Division | None":
        """The division it lies in. A street without county digits lies in its city: there are such."""
        kept = {"community": 9, "street": 6, "county": 4, "city": 2, "province": 0}[self.level]
        if not kept:
            return None
        return Division(self.code[:kept].ljust(12, "0"))

    def within(self, other: "Division") -> bool:
        """Whether this is `other` or lies in it."""
        above: Division | None = self
        while above is not None and above != other:
            above = above.parent
        return above is not None


@dataclass(frozen=True, slots=True)
class GridCode(_Code):
    """A unit grid: its community's division and a number from 001."""

    @property
    def community(self) -> Division:
        return Division(self.code[:12])

    @property
    def sequence(self) -> int:
        return int(self.code[12:])


@dataclass(frozen=True, slots=True)
class _ItemCode(_Code):
    @property
    def county(self) -> str:
        return self.code[:6]

    @property
    def class_code(self) -> str:
        return self.code[6:8]

    @property
    def item_code(self) -> str:
        """Class and item, the five digits of the catalogue."""
        return self.code[6:11]


@dataclass(frozen=True, slots=True)
class MatterCode(_ItemCode):
    """A kind of matter in a county."""


@dataclass(frozen=True, slots=True)
class ComponentCode(_ItemCode):
    """One component that stands somewhere in a county: kind and number."""

    @property
    def sequence(self) -> int:
        return int(self.code[11:])


def _exactly(value: object, length: int, name: str, field: str) -> str:
    """The digits of a code of one length, or the reason why they are not."""
    if lost_digits(value) and length > 15:
        raise Refused(
            _("%(name)s被表格当成了数字，末尾几位已经丢失。") % {"name": name},
            f"{field}_lost_digits",
            field,
            what_next=_("请把该列设为文本格式后重新填写。"),
        )
    text = digits(value)
    if not text:
        raise Refused(_("没有填写%(name)s。") % {"name": name}, f"{field}_empty", field)
    if not re.fullmatch(r"[0-9]+", text):
        raise Refused(
            _("%(name)s只能是数字。") % {"name": name},
            f"{field}_not_digits",
            field,
            what_next=_("请检查有没有多出字母或符号。"),
        )
    if len(text) != length:
        raise Refused(
            _("%(name)s应为 %(length)s 位数字，现在是 %(count)s 位。")
            % {"name": name, "length": length, "count": len(text)},
            f"{field}_length",
            field,
            what_next=_("请对照原件补全。"),
        )
    if text[0] == "0":
        raise Refused(
            _("%(name)s不会以 0 开头。") % {"name": name},
            f"{field}_start",
            field,
            what_next=_("请对照原件核对。"),
        )
    return text


def division(value: object, field: str = "division") -> Division:
    """Read a division code: 12 digits; 2, 4, 6 or 9 digits are completed with zeros."""
    text = digits(value)
    if text.isdigit() and len(text) in (2, 4, 6, 9):
        text = text.ljust(12, "0")
    code = _exactly(text, 12, _("区划代码"), field)
    if code[6:9] == "000" and code[9:] != "000":
        raise Refused(
            _("区划代码里有社区却没有街道（第 7 到 9 位是 000）。"),
            f"{field}_gap",
            field,
            what_next=_("请对照原件核对。"),
        )
    return Division(code)


def grid(value: object, field: str = "grid") -> GridCode:
    """Read a grid code: the 12 digits of its community and three of its own."""
    code = _exactly(value, 15, _("网格编码"), field)
    if code[6:9] == "000" or code[9:12] == "000":
        raise Refused(
            _("网格编码的前 12 位不是社区的区划代码。"),
            f"{field}_community",
            field,
            what_next=_("请对照原件核对。"),
        )
    if code[12:] == "000":
        raise Refused(_("网格编码的顺序号从 001 开始。"), f"{field}_sequence", field, what_next=_("请对照原件核对。"))
    return GridCode(code)


def grid_code(community: Division | str, sequence: int) -> GridCode:
    """The code of a community's grid number 1–999."""
    if not 1 <= sequence <= 999:
        raise Refused(
            _("一个社区最多编 999 个网格。"), "grid_sequence", "grid", what_next=_("请先调整社区的网格划分。")
        )
    return grid(f"{community}{sequence:03d}")


def component(value: object, field: str = "component") -> ComponentCode:
    """Read a component code: county 6, class 2, item 3, number 6."""
    code = _exactly(value, 17, _("部件编码"), field)
    _check_item(code, _("部件编码"), field)
    if code[11:] == "000000":
        raise Refused(
            _("部件编码的顺序号从 000001 开始。"), f"{field}_sequence", field, what_next=_("请对照原件核对。")
        )
    return ComponentCode(code)


def matter(value: object, field: str = "matter") -> MatterCode:
    """Read a matter code: county 6, class 2, item 3."""
    code = _exactly(value, 11, _("事件编码"), field)
    _check_item(code, _("事件编码"), field)
    return MatterCode(code)


def _check_item(code: str, name: str, field: str) -> None:
    if code[6:8] == "00" or code[8:11] == "000":
        raise Refused(
            _("%(name)s里的大类或小类是 0。") % {"name": name},
            f"{field}_item",
            field,
            what_next=_("请对照事项目录核对。"),
        )
