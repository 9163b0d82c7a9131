from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.doors.common import panels
from linli.doors.common.panels import Panel
from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class DutyConfig(AppConfig):
    """The ladder at work: tiers of a case, lists by tier, editing and trying out ladders."""

    name = "linli.doors.duty"
    label = "duty"

    def ready(self) -> None:
        from linli.doors.duty.panel import render

        def may(viewer: object) -> bool:
            return any(viewer.has(duty) for duty in BOARD)  # type: ignore[attr-defined]

        board = Entry("duty", pgettext_lazy("导航", "层级"), "duty:board", icon="stairs", order=50, may=may)
        for door in ("desk", "command", "field"):
            navigation.register(door, [board])
        navigation.register(
            "admin",
            [
                Entry(
                    "ladders",
                    _("层级联动"),
                    "duty:ladders",
                    icon="stairs",
                    order=75,
                    group=pgettext_lazy("settings", "事项"),
                    may=lambda viewer: viewer is not None and viewer.has("ladder.edit"),
                )
            ],
        )
        panels.register(Panel("duty", 20, render))


BOARD = ("duty.bear", "duty.assign", "case.supervise", "command.view")
"""Whoever holds one of these has a use for the board."""
