"""What operators set: the lights and the rules of supervision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock, journal
from linli.kernel.authority import Authority
from linli.kernel.clock import TimeLimit
from linli.kernel.errors import Conflict, Refused
from linli.kernel.identifiers import clean_text
from linli.kernel.outbox import Event
from linli.rooms.oversight.actions.follow import recompute
from linli.rooms.oversight.actions.parts import forget_lamps, rules_in_force
from linli.rooms.oversight.models import CaseWatch, Light, Order, Rules

LIGHTS_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class LightWords:
    """A light as the operator writes it; see `models.Light`."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    colour: str
    shape: str
    share: int = 100
    proposes: bool = False


def set_lights(by: Authority, lights: Sequence[LightWords]) -> None:
    """Replace the lights, all at once: every colour with a shape and a word of its own. Running orders follow."""
    by.require("oversight.edit")
    _check(lights)
    with transaction.atomic():
        before = list(Light.objects.select_for_update().values("code", "share", "colour", "shape", "name_zh"))
        Light.objects.all().delete()
        Light.objects.bulk_create(
            [
                Light(
                    **(asdict(light) | {"share": light.share if light.kind == Light.Kind.RUNNING else 100}),
                    sort=10 * position,
                )
                for position, light in enumerate(lights)
            ]
        )
        journal.record(
            action="oversight.lights_set",
            actor=by.actor,
            object_type="oversight",
            object_id="lights",
            before={"lights": before},
            after={"lights": [asdict(light) for light in lights]},
            events=[Event("order.lights_set", "oversight", 1, {})],
        )
        forget_lamps()
        CaseWatch.objects.exclude(next_at=None).update(next_at=clock.now())
        recompute(list(Order.objects.filter(is_open=True).order_by("pk").values_list("pk", flat=True)))


def _check(lights: Sequence[LightWords]) -> None:
    if len(lights) > LIGHTS_AT_MOST:
        raise Refused(gettext_lazy("最多 8 盏灯。"), "lights.too_many")
    for number, light in enumerate(lights, 1):
        at = _("第 %(n)d 盏灯：") % {"n": number}
        if not clean_text(light.name_zh, 20, one_line=True) or not clean_text(light.name_en, 40, one_line=True):
            raise Refused(at + _("中文和英文的文字都要有：不能只靠颜色。"), "lights.no_words")
        if light.kind not in Light.Kind.values or light.colour not in Light.Colour.values:
            raise Refused(at + _("类别或颜色不认识。"), "lights.unknown")
        if light.shape not in Light.Shape.values:
            raise Refused(at + _("请选一个形状：不能只靠颜色。"), "lights.no_shape")
        if light.kind == Light.Kind.RUNNING and not 1 <= light.share <= 100:
            raise Refused(at + _("剩余时间的百分比在 1 到 100 之间。"), "lights.share")
        if not light.code.isidentifier() or len(light.code) > 20:
            raise Refused(at + _("代码用小写字母、数字和下划线，不超过 20 个。"), "lights.code")
    kinds = [light.kind for light in lights]
    for kind in ("overdue", "suspended", "done"):
        if kinds.count(kind) != 1:
            raise Refused(_("“%(kind)s”要有且只有一盏灯。") % {"kind": Light.Kind(kind).label}, "lights.kinds")
    shares = [light.share for light in lights if light.kind == Light.Kind.RUNNING]
    if 100 not in shares:
        raise Refused(gettext_lazy("期限内要有一盏从头亮起的灯（100 %）。"), "lights.no_first")
    for found, words in (
        (shares, gettext_lazy("两盏灯的百分比一样。")),
        ([light.shape for light in lights], gettext_lazy("两盏灯的形状一样：色觉不同的人分不出来。")),
        ([light.code for light in lights], gettext_lazy("两盏灯的代码一样。")),
    ):
        if len(set(found)) < len(found):  # type: ignore[arg-type]
            raise Refused(words, "lights.same")


@dataclass(frozen=True, slots=True)
class RuleWords:
    """The rules of supervision as the operator writes them; see `models.Rules`."""

    sign: TimeLimit
    answer: TimeLimit
    check: TimeLimit
    rating: TimeLimit
    rating_level: int = 2
    recurring_cases: int = 3
    recurring_metres: int = 50
    recurring_days: int = 30
    levels: Sequence[tuple[str, str]] = ()


def set_rules(by: Authority, words: RuleWords, *, version: int) -> Rules:
    """Set the limits, the rule of recurring places and the names of the levels. Raises Conflict for an old version.

    New limits hold for what begins from now on; signing and checking that are under way follow at once.
    """
    by.require("oversight.edit")
    if not 1 <= words.rating_level <= 4:
        raise Refused(gettext_lazy("差评线在 1 到 4 级之间。"), "rules.rating_level", "rating_level")
    for name, value, least, most in (
        ("recurring_cases", words.recurring_cases, 2, 100),
        ("recurring_metres", words.recurring_metres, 5, 1000),
        ("recurring_days", words.recurring_days, 1, 366),
    ):
        if not least <= value <= most:
            raise Refused(
                _("请填 %(least)d 到 %(most)d 之间的数。") % {"least": least, "most": most}, "rules.range", name
            )
    levels = [(clean_text(zh, 20, one_line=True), clean_text(en, 40, one_line=True)) for zh, en in words.levels]
    if not 1 <= len(levels) <= 5 or not all(zh and en for zh, en in levels):
        raise Refused(gettext_lazy("督办级别 1 到 5 级，每级都要有中英文名称。"), "rules.levels", "levels")
    with transaction.atomic():
        rules_in_force()
        row = Rules.objects.select_for_update().get(pk=1)
        if row.version != version:
            raise Conflict(gettext_lazy("规则刚刚被别人改过，请看过最新的再改。"), "rules.changed")
        facts = {
            **{
                f"{name}_{part}": getattr(limit, part)
                for name, limit in (
                    ("sign", words.sign), ("answer", words.answer), ("check", words.check), ("rating", words.rating)
                )
                for part in ("amount", "unit")
            },
            "rating_level": words.rating_level,
            "recurring_cases": words.recurring_cases,
            "recurring_metres": words.recurring_metres,
            "recurring_days": words.recurring_days,
            "levels_zh": [zh for zh, _en in levels],
            "levels_en": [en for _zh, en in levels],
        }  # fmt: skip
        before = {name: getattr(row, name) for name in facts}
        for name, value in facts.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        journal.record(
            action="oversight.rules_set",
            actor=by.actor,
            object_type="oversight",
            object_id="rules",
            before=before,
            after=facts,
        )
        recompute(
            list(
                Order.objects.filter(is_open=True, state__in=("issued", "answered"))
                .order_by("pk")
                .values_list("pk", flat=True)
            )
        )
        return row
