"""How personal data is shown to those who need to recognise it, not to have it."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"(?:\+?86)?(1\d{10})\Z")
_COMPOUND = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "夏侯",
        "长孙",
        "宇文",
        "轩辕",
        "端木",
        "南宫",
        "西门",
        "独孤",
        "百里",
        "澹台",
        "申屠",
    ]
)


def mask_phone(number: str) -> str:
    """138****1234 for a mobile; a landline keeps its area code and last two digits: 0731-******12."""
    text = re.sub(r"[\s\-()（）]", "", number)
    if mobile := _MOBILE.match(text):
        digits = mobile[1]
        return f"{digits[:3]}****{digits[-4:]}"
    area = re.match(r"(0(?:10|2\d|[3-9]\d\d))(\d{5,})\Z", text)
    if area:
        return f"{area[1]}-{'*' * (len(area[2]) - 2)}{area[2][-2:]}"
    return "*" * max(len(text) - 2, 0) + text[-2:] if len(text) > 4 else "*" * len(text)


def mask_name(name: str) -> str:
    """The family name and one star: 王*, 欧阳*, Smith → S*. One star whatever the length of the rest."""
    text = name.strip()
    if not text:
        return ""
    family = text[:2] if text[:2] in _COMPOUND and len(text) > 2 else text[:1]
    return f"{family}*"


def mask_id(number: str) -> str:
    """A resident ID (or any number) with only its last four characters: **************1234."""
    text = number.strip()
    return "*" * (len(text) - 4) + text[-4:] if len(text) > 8 else "*" * len(text)
