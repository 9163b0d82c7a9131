"""Three ladders as they are practised, as data: a district starts from one of them and makes it its own.

Levels count from the first tier up; a first port, where only everyday matters begin, has level 0.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from linli.kernel.clock import TimeLimit
from linli.kernel.clock.limits import Unit

if TYPE_CHECKING:
    from linli.rooms.ladder.models import Ladder
    from linli.rooms.places.models import Place

HOURS: Unit = "working_hours"
DAYS: Unit = "working_days"
CALENDAR: Unit = "calendar_days"


@dataclass(frozen=True, slots=True)
class TierSeed:
    """One tier of a preset; post: code of a kind of post, unit_by: how the unit is found (one of the two)."""

    level: int
    code: str
    name_zh: str
    name_en: str
    limit: TimeLimit | None
    receipt: TimeLimit
    post: str = ""
    unit_by: str = ""
    may_jump: tuple[str, ...] = ()
    climbs_alone: bool = True
    warn_share: float = 0.25
    tried_required: bool = True
    why_required: bool = True
    joint: bool = False
    on_agenda: bool = False
    ends_at: str = "closed"
    for_everyday: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A ladder to start from. everyday: items of the national catalogue that neighbours settle among themselves."""

    code: str
    source: str
    name_zh: str
    name_en: str
    about_zh: str
    about_en: str
    tiers: tuple[TierSeed, ...]
    everyday: tuple[str, ...] = ()
    legacy_after_days: int | None = 90
    major_reports: int | None = 10
    major_level: int | None = 3


# Things on stairs, neighbours' noise, washing lines, lights in stairwells, kitchen gardens, dogs, bicycles, quarrels.
_EVERYDAY = (
    "M01999", "M06007", "M06036", "M06041", "M06991", "M06994", "M06995", "M06998", "M06999", "M09010", "M10997",
)  # fmt: skip

LUKOU = Preset(
    "lukou",
    "LK-7",
    "四级联动联办",
    "Four levels of duty",
    "社区自办、责任单位承办、网格长联办、领导小组交办；日常小事先找楼栋长",
    "The community itself, the responsible unit, the grid chief with all departments, the leading group; everyday"
    " matters start with the building head",
    (
        TierSeed(
            0,
            "doorstep",
            "楼栋长先办",
            "Building head",
            TimeLimit(1, DAYS),
            TimeLimit(4, HOURS),
            post="building_head",
            may_jump=("community_cadre", "grid_chief"),
            why_required=False,
            for_everyday=True,
        ),
        TierSeed(
            1,
            "community",
            "社区自办",
            "Community",
            TimeLimit(2, DAYS),
            TimeLimit(4, HOURS),
            unit_by="community",
            may_jump=("grid_chief", "leader"),
        ),
        TierSeed(
            2,
            "unit",
            "责任单位承办",
            "Responsible unit",
            TimeLimit(5, DAYS),
            TimeLimit(1, DAYS),
            unit_by="responsible",
            may_jump=("grid_chief", "leader"),
        ),
        TierSeed(
            3,
            "chief",
            "网格长联办",
            "Grid chief with all departments",
            TimeLimit(5, DAYS),
            TimeLimit(1, DAYS),
            post="grid_chief",
            joint=True,
        ),
        TierSeed(
            4,
            "group",
            "领导小组交办",
            "Leading group",
            TimeLimit(15, CALENDAR),
            TimeLimit(2, DAYS),
            post="leader",
            climbs_alone=False,
            joint=True,
            on_agenda=True,
        ),
    ),
    _EVERYDAY,
)

ERQI = Preset(
    "erqi",
    "EQ-3",
    "三级联调",
    "Three levels of settling",
    "小事不出网格、大事不出社区、难事街道联合调处",
    "Small matters end in the grid, big ones in the community, hard ones in the street office's joint mediation",
    (
        TierSeed(
            1,
            "grid",
            "网格办理",
            "Grid",
            TimeLimit(1, DAYS),
            TimeLimit(2, HOURS),
            post="grid_worker",
            may_jump=("community_cadre",),
            for_everyday=True,
        ),
        TierSeed(
            2,
            "community",
            "社区办理",
            "Community",
            TimeLimit(3, DAYS),
            TimeLimit(4, HOURS),
            unit_by="community",
            may_jump=("town_cadre",),
        ),
        TierSeed(
            3,
            "street",
            "街道联合调处",
            "Joint mediation of the street office",
            TimeLimit(10, DAYS),
            TimeLimit(1, DAYS),
            unit_by="street",
            climbs_alone=False,
            joint=True,
            on_agenda=True,
        ),
    ),
    _EVERYDAY,
)

HUOLONGJING = Preset(
    "huolongjing",
    "HL-5",
    "“1+N+X”联动",
    "1+N+X",
    "1 个网格、N 个职能部门、X 支共建单位和志愿队伍",
    "One grid, N departments, X supporting units and teams of volunteers",
    (
        TierSeed(
            1,
            "one",
            "“1”：网格",
            "1: the grid",
            TimeLimit(1, DAYS),
            TimeLimit(4, HOURS),
            post="grid_worker",
            may_jump=("community_cadre", "grid_chief"),
            for_everyday=True,
        ),
        TierSeed(
            2,
            "departments",
            "“N”：职能部门",
            "N: the departments",
            TimeLimit(5, DAYS),
            TimeLimit(1, DAYS),
            unit_by="responsible",
            may_jump=("grid_chief",),
        ),
        TierSeed(
            3,
            "supporters",
            "“X”：共建单位和志愿队伍",
            "X: supporting units and volunteers",
            TimeLimit(10, DAYS),
            TimeLimit(1, DAYS),
            post="grid_chief",
            climbs_alone=False,
            why_required=False,
            joint=True,
            on_agenda=True,
        ),
    ),
    _EVERYDAY,
    major_level=None,
)

PRESETS: dict[str, Preset] = {preset.code: preset for preset in (LUKOU, ERQI, HUOLONGJING)}


def found(district: Place, code: str, *, edition: int, now: dt.datetime) -> Ladder:
    """A new draft of this preset for a district, written with its tiers. Raises KeyError for an unknown code.

    Everyday matters that the district's catalogue does not have are left out.
    """
    from linli.rooms.catalogue.models import Item
    from linli.rooms.ladder.models import Ladder, Tier
    from linli.rooms.people.models import PostKind

    preset = PRESETS[code]
    kinds = {kind.code: kind for kind in PostKind.objects.filter(code__in=[tier.post for tier in preset.tiers])}
    known = Item.objects.filter(key__in=preset.everyday).order_by("key").values_list("key", flat=True)
    ladder = Ladder.objects.create(
        district=district,
        edition=edition,
        name_zh=preset.name_zh,
        name_en=preset.name_en,
        preset=preset.code,
        everyday=list(known),
        legacy_after_days=preset.legacy_after_days,
        major_reports=preset.major_reports,
        major_level=preset.major_level,
        created_at=now,
    )
    Tier.objects.bulk_create(
        Tier(
            ladder=ladder,
            level=seed.level,
            code=seed.code,
            name_zh=seed.name_zh,
            name_en=seed.name_en,
            bearer=Tier.Bearer.POST if seed.post else Tier.Bearer.UNIT,
            post_kind=kinds[seed.post] if seed.post else None,
            unit_by=seed.unit_by,
            limit_amount=seed.limit.amount if seed.limit else None,
            limit_unit=seed.limit.unit if seed.limit else "",
            receipt_amount=seed.receipt.amount,
            receipt_unit=seed.receipt.unit,
            tried_required=seed.tried_required,
            why_required=seed.why_required,
            may_jump=list(seed.may_jump),
            climbs_alone=seed.climbs_alone,
            warn_share=seed.warn_share,
            joint=seed.joint,
            on_agenda=seed.on_agenda,
            ends_at=seed.ends_at,
            for_everyday=seed.for_everyday,
        )
        for seed in preset.tiers
    )
    return ladder
