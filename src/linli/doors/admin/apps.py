"""The administrators' door: configuration of the house, split between three exclusive administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def _holds(*capabilities: str) -> Callable[[Any], bool]:
    return lambda viewer: viewer is not None and any(viewer.has(capability) for capability in capabilities)


class AdminDoorConfig(AppConfig):
    name = "linli.doors.admin"
    label = "admin_door"
    verbose_name = _("管理")

    def ready(self) -> None:
        from linli.kernel.web import navigation
        from linli.kernel.web.navigation import Entry

        places, matters, people, house, audit = (
            pgettext_lazy("settings", "地方"),
            pgettext_lazy("settings", "事项"),
            _("人和单位"),
            _("运行"),
            _("审计"),
        )
        entries: list[tuple[str, Any, str, str, Any, tuple[str, ...]]] = [
            # key, label, address, icon, group, capabilities
            ("home", _("概览"), "home", "dashboard", "", ()),
            ("divisions", _("区划"), "divisions", "hierarchy", places, ("places.edit_divisions",)),
            ("grids", pgettext_lazy("settings", "网格"), "grids", "polygon", places, ("places.edit_grids",)),
            (
                "buildings",
                pgettext_lazy("settings", "楼栋"),
                "buildings",
                "building",
                places,
                ("places.edit_buildings",),
            ),
            ("catalogue", _("事项目录"), "catalogue", "books", matters, ("catalogue.edit",)),
            ("rules", _("立案规则"), "rules", "scale", matters, ("catalogue.edit",)),
            ("calendar", _("工作日历"), "calendar", "calendar", matters, ("clock.edit_calendar",)),
            ("limits", _("环节时限"), "limits", "clock", matters, ("clock.edit_calendar",)),
            ("units", _("责任单位"), "units", "building-bank", people, ("units.edit",)),
            ("matrix", _("责任清单"), "matrix", "table", people, ("matrix.edit",)),
            ("accounts", pgettext_lazy("settings", "账号"), "accounts", "users", people, ("accounts.edit",)),
            ("posts", _("岗位"), "posts", "id-badge-2", people, ("posts.edit",)),
            ("kinds", _("岗位类别"), "kinds", "tags", people, ("posts.edit",)),
            ("policy", _("登录策略"), "policy", "shield-lock", people, ("policy.edit",)),
            ("persons", _("个人信息请求"), "persons", "user-shield", people, ("persons.serve",)),
            ("retention", _("数据保留"), "retention", "calendar-x", people, ("retention.edit",)),
            ("keys", _("接口密钥"), "keys", "key", people, ("keys.edit",)),
            ("operations", _("运行状态"), "operations", "activity", house, ("operations.view",)),
            ("notices", _("通知"), "notices", "bell", house, ("notices.edit",)),
            ("deliveries", _("消息投递"), "deliveries", "send", house, ("house.retry_deliveries",)),
            ("webhooks", _("事件推送"), "webhooks", "plug-connected", house, ("webhooks.edit",)),
            ("journal", _("操作日志"), "journal", "history", audit, ("journal.read",)),
            ("access", _("个人信息访问"), "access", "eye-check", audit, ("access.read",)),
        ]
        navigation.register(
            "admin",
            [
                Entry(
                    key,
                    label,
                    f"admin_door:{url}",
                    icon=icon,
                    order=10 * number,
                    group=group,
                    may=_holds(*capabilities) if capabilities else None,
                    exact=key == "home",
                )
                for number, (key, label, url, icon, group, capabilities) in enumerate(entries)
            ],
        )
        navigation.register(
            "doors",
            [
                Entry(
                    "admin",
                    _("管理"),
                    "admin_door:home",
                    icon="settings",
                    order=80,
                    may=lambda viewer: bool(viewer is not None and viewer.admin_role),
                )
            ],
        )
