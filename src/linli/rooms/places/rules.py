"""Pure rules about codes, names and numbering of places. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from linli.kernel import identifiers
from linli.kernel.errors import Refused
from linli.kernel.text import grams
from linli.rooms.places.models import Kind

_DIGITS = re.compile(r"\d+")
_KINDS: dict[str, str] = {"county": Kind.DISTRICT, "street": Kind.STREET, "community": Kind.COMMUNITY}
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
    """The code of a district, street or community (6, 9 or 12 digits) as 12 digits; Refused otherwise."""
    division = identifiers.division(text, "code")
    if division.level not in _KINDS:
        raise Refused(
            _("“%(code)s”是省或市的代码。请从区县开始：区县 6 位、街道（乡镇）9 位、社区（村）12 位。")
            % {"code": division.code},
            "places.above_district",
            field="code",
        )
    return division.code


def kind_of_code(code: str) -> str:
    """district, street or community, from a 12-digit code."""
    return _KINDS[identifiers.Division(code).level]


def parent_code(code: str) -> str:
    """The 12-digit code one level up; '' for a district."""
    division = identifiers.Division(code)
    if division.level == "county" or division.parent is None:
        return ""
    return division.parent.code


def english_name(name_zh: str, kind: str) -> str:
    """A name for English readers: pinyin and the kind ("Songxizi Community"); '' when it has none to give."""
    for of_kind, endings, word in _SUFFIXES:
        if of_kind != kind:
            continue
        for ending in endings:
            if name_zh.endswith(ending) and len(name_zh) > len(ending):
                return f"{pinyin_word(name_zh[: -len(ending)])} {word}"
    return pinyin_word(name_zh) if kind in (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY) else ""


def _spelled(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # 30 MB of words: only who writes names needs them, not every process

    return lazy_pinyin(text)


def pinyin_word(text: str) -> str:
    """Characters as one capitalised word without tones."""
    return "".join(_spelled(text)).capitalize()


def sort_key(name_zh: str, code: str = "", local_code: str = "") -> str:
    """Grids sort by their code; everything else by pinyin, numbers by value ("2栋" before "10栋")."""
    if len(code) == 15:
        return code
    spelled = " ".join(_spelled(local_code + name_zh)).lower()
    return _DIGITS.sub(lambda found: found.group().zfill(6), spelled)[:400]


def search_grams(*texts: str) -> list[str]:
    """The bigrams under which a place is found."""
    return grams(*texts)


def numbered(polygons: Sequence[BaseGeometry], first: int) -> list[int]:
    """A number for each polygon, from `first` on: west to east, row by row from north to south."""
    middles = [(polygon.centroid.x, polygon.centroid.y) for polygon in polygons]
    numbers = dict(identifiers.number_grids(enumerate(middles), first))
    return [numbers[k] for k in range(len(polygons))]


def assign_codes(community_code: str, polygons: Sequence[BaseGeometry], used: Iterable[str]) -> list[str]:
    """15-digit codes for new grids of one community, in reading order, above every number ever used.

    used: all codes the community's grids have or had: a retired code is never given again.
    Refused when the 999 numbers run out.
    """
    taken = [int(code[12:]) for code in used if len(code) == 15 and code.startswith(community_code)]
    return [
        identifiers.grid_code(community_code, number).code for number in numbered(polygons, max(taken, default=0) + 1)
    ]
