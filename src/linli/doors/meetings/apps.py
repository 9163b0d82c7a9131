from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.common import panels
from linli.doors.common.panels import Panel
from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry

USERS = ("meeting.hold", "order.sign")


class MeetingsConfig(AppConfig):
    """Meetings that recur: agenda, live page, projection, minutes."""

    name = "linli.doors.meetings"
    label = "meetings"

    def ready(self) -> None:
        from linli.doors.meetings.panel import render

        def may(viewer: Any) -> bool:
            return viewer is not None and viewer.has("meeting.hold")

        entry = Entry(
            "meetings", pgettext_lazy("导航", "会议"), "meetings:index", icon="users-group", order=70, may=may
        )
        for door in ("desk", "command"):
            navigation.register(door, [entry])
        navigation.register(
            "admin",
            [
                Entry(
                    "meetings",
                    _("会议种类"),
                    "meetings:kinds",
                    icon="users-group",
                    order=87,
                    group=pgettext_lazy("settings", "事项"),
                    may=lambda viewer: viewer is not None and viewer.has("oversight.edit"),
                )
            ],
        )
        panels.register(Panel("meetings", 45, render))
