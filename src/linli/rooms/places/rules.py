"""Pure rules about codes, names and numbering of places. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from pypinyin import lazy_pinyin
from shapely.geometry.base import BaseGeometry

from linli.kernel.errors import Refused
from linli.kernel.text import grams
from linli.rooms.places.models import Kind

_DIGITS = re.compile(r"\d+")
_SUFFIXES: list[tuple[str, tuple[str, ...], str]] = [
    # kind, Chinese endings (longest first), English word
    (Kind.COMMUNITY, ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区"), "Community"),
    (Kind.COMMUNITY, ("村民委员会", "村委会", "村"), "Village"),
    (Kind.STREET, ("街道办事处", "街道"), "Subdistrict"),
    (Kind.STREET, ("镇",), "Town"),
    (Kind.STREET, ("民族乡", "乡"), "Township"),
    (Kind.DISTRICT, ("新区", "区"), "District"),
    (Kind.DISTRICT, ("县",), "County"),
    (Kind.DISTRICT, ("市",), "City"),
]


def full_code(text: str) -> str:
    """A division code of 6, 9 or 12 digits as 12 digits; Refused with the reason otherwise."""
    code = text.strip().replace(" ", "")
    if not re.fullmatch(r"[0-9]+", code) or len(code) not in (6, 9, 12):
        raise Refused(
            _("区划代码“%(code)s”不对：区县 6 位、街道（乡镇）9 位、社区（村）12 位数字。") % {"code": text[:30]},
            "places.bad_division_code",
            field="code",
        )
    return code.ljust(12, "0")


def kind_of_code(code: str) -> str:
    """district, street or community, from a 12-digit code."""
    if code[6:] == "000000":
        return Kind.DISTRICT
    return Kind.STREET if code[9:] == "000" else Kind.COMMUNITY


def parent_code(code: str) -> str:
    """The 12-digit code one level up; '' for a district."""
    kind = kind_of_code(code)
    if kind == Kind.DISTRICT:
        return ""
    return (code[:6] if kind == Kind.STREET else code[:9]).ljust(12, "0")


def english_name(name_zh: str, kind: str) -> str:
    """A name for English readers: pinyin and the kind ("Songxizi Community"); '' when it has none to give."""
    for of_kind, endings, word in _SUFFIXES:
        if of_kind != kind:
            continue
        for ending in endings:
            if name_zh.endswith(ending) and len(name_zh) > len(ending):
                return f"{pinyin_word(name_zh[: -len(ending)])} {word}"
    return pinyin_word(name_zh) if kind in (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY) else ""


def pinyin_word(text: str) -> str:
    """Characters as one capitalised word without tones."""
    return "".join(lazy_pinyin(text)).capitalize()


def sort_key(name_zh: str, code: str = "", local_code: str = "") -> str:
    """Grids sort by their code; everything else by pinyin, numbers by value ("2栋" before "10栋")."""
    if len(code) == 15:
        return code
    spelled = " ".join(lazy_pinyin(local_code + name_zh)).lower()
    return _DIGITS.sub(lambda found: found.group().zfill(6), spelled)[:400]


def search_grams(*texts: str) -> list[str]:
    """The bigrams under which a place is found."""
    return grams(*texts)


def reading_order(middles: Sequence[tuple[float, float]], heights: Sequence[float]) -> list[int]:
    """Indexes in the order of first numbering: rows from north to south, in each row west to east.

    Places whose middle lies within half a mean height of the northernmost one left make one row.
    middles: (x, y) in one unit, heights in the same. Source: the 15-digit grid code's numbering rule.
    """
    if not middles:
        return []
    band = sum(heights) / len(heights) * 0.5
    left = sorted(range(len(middles)), key=lambda k: (-middles[k][1], middles[k][0]))
    order: list[int] = []
    while left:
        top = middles[left[0]][1]
        row = [k for k in left if top - middles[k][1] <= band]
        order += sorted(row, key=lambda k: (middles[k][0], k))
        taken = set(row)
        left = [k for k in left if k not in taken]
    return order


def assign_codes(community_code: str, polygons: Sequence[BaseGeometry], used: Iterable[str]) -> list[str]:
    """15-digit codes for new grids of one community, in reading order, above every number ever used.

    used: all codes the community's grids have or had: a retired code is never given again.
    Refused when the 999 numbers run out.
    """
    taken = [int(code[12:]) for code in used if len(code) == 15 and code.startswith(community_code)]
    following = max(taken, default=0) + 1
    if following + len(polygons) - 1 > 999:
        raise Refused(
            _("这个社区的网格编号用完了（最多 999 个）。请合并网格，或先调整社区。"), "places.numbers_run_out"
        )
    if not polygons:
        return []
    bounds = shapely.bounds(np.array(polygons, dtype=object))
    middles = [(float((b[0] + b[2]) / 2), float((b[1] + b[3]) / 2)) for b in bounds]
    order = reading_order(middles, [float(b[3] - b[1]) for b in bounds])
    codes = [""] * len(polygons)
    for step, k in enumerate(order):
        codes[k] = f"{community_code}{following + step:03d}"
    return codes
