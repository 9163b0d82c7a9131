from django.apps import AppConfig
from django.utils.translation import pgettext_lazy

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry

PLANS = ("patrol.plan", "inspection.plan", "inspection.check")


class RoundsConfig(AppConfig):
    """Patrols and inspections: planned at the desk, walked with a phone."""

    name = "linli.doors.rounds"
    label = "rounds"

    def ready(self) -> None:
        from linli.doors.common import panels
        from linli.doors.rounds.panel import render

        def walks(viewer: object) -> bool:
            return viewer.has("patrol.walk") or viewer.has("inspection.check")  # type: ignore[attr-defined]

        def plans(viewer: object) -> bool:
            return any(viewer.has(duty) for duty in PLANS)  # type: ignore[attr-defined]

        navigation.register(
            "field",
            [
                Entry(
                    "rounds", pgettext_lazy("导航", "巡查"), "rounds:today", icon="route", order=25, may=walks,
                    exact=True, match=("/rounds/patrols/", "/rounds/visits/"),
                )
            ],
        )  # fmt: skip
        desk = Entry(
            "rounds", pgettext_lazy("导航", "巡查"), "rounds:board", icon="route", order=60, may=plans,
            match=("/rounds/plans/", "/rounds/inspections/", "/rounds/findings/", "/rounds/units/", "/rounds/places/"),
        )  # fmt: skip
        navigation.register("desk", [desk])
        navigation.register("command", [desk])
        panels.register(panels.Panel("rounds", 40, render))
