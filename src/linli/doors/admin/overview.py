"""What waits for an administrator: one line each, with the page that settles it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.beats import queries as beats
from linli.kernel.clock import queries as calendar
from linli.kernel.journal import queries as journal
from linli.kernel.outbox import queries as deliveries
from linli.rooms.catalogue import queries as catalogue
from linli.rooms.people import queries as people
from linli.rooms.people.rights import Viewer
from linli.rooms.places import queries as places
from linli.rooms.places.models import GridSet


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to look at. tone: overdue, near, info, on_track."""

    tone: str
    words: str
    hint: str
    url: str
    action: str


def attention(viewer: Viewer) -> list[Matter]:
    """For this viewer only; nothing of the other administrators' business."""
    found: list[Matter] = []
    for capability, look in (
        ("places.edit_grids", _grids),
        ("clock.edit_calendar", _calendar),
        ("catalogue.edit", _rules),
        ("matrix.edit", _matrix),
        ("house.retry_deliveries", _house),
        ("accounts.edit", _accounts),
        ("journal.read", _journal),
    ):
        if viewer.has(capability):
            found += look(viewer)
    return found


def _matter(tone: str, words: str, hint: str, url: str, action: str, *args: Any) -> Matter:
    return Matter(tone, words, hint, reverse(f"admin_door:{url}", args=args), action)


def _grids(viewer: Viewer) -> list[Matter]:
    sets = places.grid_sets()
    found = [
        _matter(
            "info",
            _("第 %(number)d 版网格还是草稿") % {"number": item.number},
            item.filename or item.note,
            "draft",
            _("继续"),
            item.id,
        )
        for item in sets
        if item.state == GridSet.State.DRAFT
    ]
    if not any(item.state == GridSet.State.PUBLISHED for item in sets):
        hint = _("没有网格时，上报按社区兜底。导入边界文件，或在地图上画。")
        found.append(_matter("near", _("还没有发布过网格"), hint, "grids", _("去网格")))
    return found


def _calendar(viewer: Viewer) -> list[Matter]:
    return [
        _matter(
            "near",
            _("%(year)d 年的放假安排还没有录入") % {"year": year},
            _("落在这一年的时限显示为暂定，录入后自动重算。"),
            "calendar_year",
            _("去录入"),
            year,
        )
        for year in calendar.unknown_years(clock.now())
    ]


def _rules(viewer: Viewer) -> list[Matter]:
    return [
        _matter(
            "info",
            _("规则表“%(name)s”等待确认") % {"name": draft.name},
            draft.source,
            "rules_draft",
            _("去看"),
            draft.pk,
        )
        for draft in catalogue.drafts()
    ]


def _matrix(viewer: Viewer) -> list[Matter]:
    found = [
        _matter(
            "info",
            _("责任清单第 %(number)d 版还是草稿") % {"number": edition.number},
            edition.note,
            "matrix_edition",
            _("继续"),
            edition.number,
        )
        for edition in people.editions(viewer).filter(state="draft")
    ]
    if people.in_force() is None:
        hint = _("现在所有案件都由属地兜底。起草一版，写清什么事归哪个单位。")
        found.append(_matter("near", _("还没有生效的责任清单"), hint, "matrix", _("去起草")))
    return found


def _house(viewer: Viewer) -> list[Matter]:
    found = []
    if not beats.worker_alive():
        hint = _("消息、时限和日志封存都在等它。")
        found.append(_matter("overdue", _("后台进程没有运行"), hint, "operations", _("看运行状态")))
    owed = deliveries.summary()
    if owed.dead:
        hint = _("看最后一次的错误，修好后重新投递。")
        words = _("%(n)d 条消息投递失败") % {"n": owed.dead}
        found.append(_matter("overdue", words, hint, "deliveries", _("去看")))
    return found


def _accounts(viewer: Viewer) -> list[Matter]:
    found = []
    policy = people.sign_in_policy()
    if not policy.two_factor_for_staff:
        hint = _("工作人员只凭密码就能登录。等保三级要求两步验证。")
        found.append(_matter("near", _("两步验证没有开启"), hint, "policy", _("去设置")))
    if not people.accounts(viewer, admin_role="audit", active=True).exists():
        hint = _("操作日志没有人查阅。请另设一位审计管理员。")
        found.append(_matter("near", _("没有审计管理员"), hint, "account_new", _("建账号")))
    return found


def _journal(viewer: Viewer) -> list[Matter]:
    waiting = journal.waiting_for_seal()
    if waiting < 1000:
        return []
    hint = _("后台进程可能停了，请告诉系统管理员。")
    return [_matter("near", _("%(n)d 条日志还没有封存") % {"n": waiting}, hint, "journal", _("去看"))]
