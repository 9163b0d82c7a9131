from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.common import panels
from linli.doors.common.panels import Panel
from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry

USERS = ("case.supervise", "order.sign", "order.check")


class SupervisionConfig(AppConfig):
    """Supervision orders and tasks under supervision."""

    name = "linli.doors.supervision"
    label = "supervision"

    def ready(self) -> None:
        from linli.doors.supervision.panel import render

        def may(viewer: Any) -> bool:
            return viewer is not None and any(viewer.has(duty) for duty in USERS)

        register = Entry(
            "supervision", pgettext_lazy("导航", "督办"), "supervision:register", icon="eye-check", order=65, may=may
        )
        for door in ("desk", "command", "field"):
            navigation.register(door, [register])
        navigation.register(
            "admin",
            [
                Entry(
                    "supervision",
                    _("督办规则"),
                    "supervision:settings",
                    icon="eye-check",
                    order=86,
                    group=pgettext_lazy("settings", "事项"),
                    may=lambda viewer: viewer is not None and viewer.has("oversight.edit"),
                )
            ],
        )
        panels.register(Panel("supervision", 40, render))
