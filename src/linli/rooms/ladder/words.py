"""What an operator says of a ladder and its tiers, and whether that can be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Refused
from linli.rooms.ladder.models import Tier
from linli.rooms.people.models import PostKind, Unit


@dataclass(frozen=True, slots=True)
class LadderWords:
    """What a ladder says beside its tiers. everyday: item or class keys of everyday matters."""

    name_zh: str
    name_en: str = ""
    everyday: tuple[str, ...] = ()
    legacy_after_days: int | None = None
    major_reports: int | None = None
    major_level: int | None = None


@dataclass(frozen=True, slots=True)
class TierWords:
    """What a tier says. bearer: "post" with the code of a kind of post, or "unit" with `unit_by` (and `unit_id`).

    everyday: "" no; "starts" everyday matters begin here; "only" they alone do, as a first port below the first tier.
    warn_percent: how much of the limit is left when bearer and the one above are warned.
    """

    name_zh: str
    bearer: str
    name_en: str = ""
    post_kind: str = ""
    unit_by: str = ""
    unit_id: int | None = None
    limit: TimeLimit | None = None
    receipt: TimeLimit | None = None
    tried_required: bool = True
    why_required: bool = True
    may_jump: tuple[str, ...] = ()
    climbs_alone: bool = True
    warn_percent: int = 25
    joint: bool = False
    on_agenda: bool = False
    ends_at: str = "closed"
    everyday: str = ""


def columns(words: TierWords) -> dict[str, Any]:
    """What the words say as columns of the tier. Raises Refused at the field that is wrong."""
    kind, unit = None, None
    if words.bearer == Tier.Bearer.POST:
        kind = PostKind.objects.filter(code=words.post_kind).first()
        if kind is None:
            raise Refused(_("请选择由哪种岗位承担"), "ladder.post_kind", "post_kind")
        if "duty.bear" not in kind.duties:
            raise Refused(
                _("“%(kind)s”没有“承担本层级责任”的职责") % {"kind": kind.name_zh},
                "ladder.post_kind_cannot",
                "post_kind",
                what_next=_("请安全管理员在“岗位类别”里加上，或换一种岗位。"),
            )
    elif words.bearer == Tier.Bearer.UNIT:
        if words.unit_by not in Tier.UnitBy.values:
            raise Refused(_("请选择按什么找到承担的单位"), "ladder.unit_by", "unit_by")
        if words.unit_by == Tier.UnitBy.FIXED:
            unit = Unit.objects.filter(pk=words.unit_id or 0, valid_to=None).first()
            if unit is None:
                raise Refused(_("请选择单位"), "ladder.unit", "unit")
    else:
        raise Refused(_("请选择由岗位还是单位承担"), "ladder.bearer", "bearer")
    if words.ends_at not in Tier.EndsAt.values:
        raise Refused(_("请选择办到哪一步算办完"), "ladder.ends_at", "ends_at")
    jumpers = sorted(set(words.may_jump))
    if set(jumpers) - set(PostKind.objects.filter(code__in=jumpers).values_list("code", flat=True)):
        raise Refused(_("没有这种岗位"), "ladder.may_jump", "may_jump")
    if not 0 <= words.warn_percent <= 90:
        raise Refused(_("提前提醒的比例请在 0 到 90 之间"), "ladder.warn", "warn_percent")
    return {
        "name_zh": line(words.name_zh, 40, "name_zh"),
        "name_en": line(words.name_en, 80, "name_en", required=False),
        "bearer": words.bearer,
        "post_kind_id": kind.pk if kind else None,
        "unit_by": words.unit_by if words.bearer == Tier.Bearer.UNIT else "",
        "unit_id": unit.pk if unit else None,
        "limit_amount": words.limit.amount if words.limit else None,
        "limit_unit": words.limit.unit if words.limit else "",
        "receipt_amount": words.receipt.amount if words.receipt else None,
        "receipt_unit": words.receipt.unit if words.receipt else "",
        "tried_required": words.tried_required,
        "why_required": words.why_required,
        "may_jump": jumpers,
        "climbs_alone": words.climbs_alone,
        "warn_share": words.warn_percent / 100,
        "joint": words.joint,
        "on_agenda": words.on_agenda,
        "ends_at": words.ends_at,
        "for_everyday": words.everyday in ("starts", "only"),
    }


def plain(words: TierWords) -> dict[str, Any]:
    """The words as the journal keeps them."""
    limits = {name: str(getattr(words, name) or "") for name in ("limit", "receipt")}
    return {**asdict(words), **limits}


def line(text: str, longest: int, field: str, required: bool = True) -> str:
    tidy = " ".join("".join(mark for mark in text if mark.isprintable() or mark.isspace()).split())
    if required and not tidy:
        raise Refused(_("请填写此项"), "ladder.empty", field)
    if len(tidy) > longest:
        raise Refused(_("最多 %(longest)d 个字") % {"longest": longest}, "ladder.too_long", field)
    return tidy


def between(value: int | None, least: int, most: int, field: str) -> int | None:
    if value is not None and not least <= value <= most:
        raise Refused(_("请填 %(least)d 到 %(most)d") % {"least": least, "most": most}, "ladder.number", field)
    return value
