from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.common import matrix_notes, panels
from linli.doors.common.panels import Panel
from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry

USERS = ("whistle.blow", "whistle.answer", "whistle.decide", "case.supervise", "command.view")
"""Whoever holds one of these duties has a use for the list."""


class WhistleConfig(AppConfig):
    """Blowing the whistle and answering it."""

    name = "linli.doors.whistle"
    label = "whistle"

    def ready(self) -> None:
        from linli.doors.whistle.panel import matrix_note, render

        entry = Entry(
            "whistle",
            pgettext_lazy("导航", "吹哨"),
            "whistle:list",
            icon="speakerphone",
            order=55,
            may=lambda viewer: viewer is not None and any(viewer.has(duty) for duty in USERS),
        )
        for door in ("desk", "command", "field"):
            navigation.register(door, [entry])
        navigation.register(
            "admin",
            [
                Entry(
                    "whistle_precedents",
                    _("推诿裁定先例"),
                    "whistle:precedents",
                    icon="gavel",
                    order=91,
                    group=_("人和单位"),
                    may=lambda viewer: viewer is not None and viewer.has("matrix.edit"),
                ),
                Entry(
                    "whistle_limits",
                    _("吹哨确认时限"),
                    "whistle:limits",
                    icon="speakerphone",
                    order=72,
                    group=pgettext_lazy("settings", "事项"),
                    may=lambda viewer: viewer is not None and viewer.has("clock.edit_calendar"),
                ),
            ],
        )
        panels.register(Panel("whistle", 30, render))
        matrix_notes.register("whistle", matrix_note)
