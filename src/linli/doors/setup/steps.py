"""The steps of the set-up: what each is for, when it is done, and what it means to leave it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.setup import keeper
from linli.kernel import clock
from linli.kernel.clock import queries as calendar
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people import queries as people
from linli.rooms.people.models import Account, Post
from linli.rooms.people.queries.people import held
from linli.rooms.places import atlas
from linli.rooms.places import queries as places
from linli.rooms.places.models import Kind, Place

NEEDED_POSTS = ("intake_clerk", "dispatcher", "verifier", "grid_worker")
"""Without one of each no report can go from the form to its end."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. skipping: what it means to leave it out; "" when it cannot be."""

    key: str
    title: Any
    done: Callable[[], bool]
    skipping: Any = ""


def district() -> Place | None:
    """The district of the house."""
    return places.valid().filter(kind=Kind.DISTRICT).order_by("id").first()


def posts_held() -> dict[str, int]:
    """How many posts of each kind are held today."""
    kinds: dict[str, int] = {}
    for code in Post.objects.filter(held(atlas.today())).values_list("kind__code", flat=True):
        kinds[code] = kinds.get(code, 0) + 1
    return kinds


def missing_posts() -> list[str]:
    """Names of the kinds of post that nobody holds and every house needs."""
    known = posts_held()
    return [kind.name for kind in people.kinds() if kind.code in NEEDED_POSTS and kind.code not in known]


STEPS: tuple[Step, ...] = (
    Step("administrators", _("管理员"), lambda: Account.objects.filter(admin_role="system", is_active=True).exists()),
    Step("district", _("区县"), lambda: district() is not None),
    Step(
        "divisions",
        _("街道和社区"),
        lambda: places.valid().filter(kind=Kind.COMMUNITY).exists(),
        _("没有社区就画不了网格，所有上报都归到区县一级受理。"),
    ),
    Step(
        "grids",
        pgettext_lazy("settings", "网格"),
        lambda: places.valid().filter(kind__in=("grid", "special")).exists(),
        _("以后再画。上报先按社区兜底；连社区边界也没有时，按区县受理。"),
    ),
    Step(
        "units",
        _("责任单位"),
        lambda: people.units().exists(),
        _("没有单位，受理后的事派不出去。"),
    ),
    Step("posts", _("岗位"), lambda: not missing_posts(), _("缺哪种岗位，上报就停在哪一步。")),
    Step(
        "catalogue",
        _("事项和规则"),
        lambda: "catalogue" in keeper.progress().get("seen", []) and catalogue.active_rule_set() is not None,
        _("先用随附的目录和默认规则，以后可以导入本市的。"),
    ),
    Step(
        "calendar",
        _("工作日历"),
        lambda: "calendar" in keeper.progress().get("seen", []) and not _unknown_year(),
        _("没有官方日历的年份，时限显示为暂定。"),
    ),
    Step("finish", _("完成"), lambda: False),
)
BY_KEY = {step.key: step for step in STEPS}


def _unknown_year() -> bool:
    return atlas.today().year in calendar.unknown_years(clock.now())


@dataclass(frozen=True, slots=True)
class Standing:
    """A step as the page shows it. state: "done", "skipped", "open"."""

    step: Step
    state: str
    current: bool


def standings(current: str) -> list[Standing]:
    """All steps with what has become of them."""
    skipped = keeper.progress().get("skipped", [])
    return [
        Standing(step, "done" if step.done() else "skipped" if step.key in skipped else "open", step.key == current)
        for step in STEPS
    ]


def next_after(key: str) -> str:
    """The step that follows."""
    keys = [step.key for step in STEPS]
    return keys[min(keys.index(key) + 1, len(keys) - 1)]


def first_open() -> str:
    """Where to go on: the first step that is neither done nor left out."""
    skipped = keeper.progress().get("skipped", [])
    return next((step.key for step in STEPS if step.key not in skipped and not step.done()), "finish")
