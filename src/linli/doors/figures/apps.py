from django.apps import AppConfig
from django.utils.translation import pgettext_lazy

from linli.doors.common import panels
from linli.doors.common.panels import Panel
from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class FiguresConfig(AppConfig):
    """Indicators, scorecards, appeals."""

    name = "linli.doors.figures"
    label = "figures"

    def ready(self) -> None:
        from linli.doors.figures.panel import render

        def may(viewer: object) -> bool:
            return viewer is not None and viewer.has("insight.view")  # type: ignore[attr-defined]

        entry = Entry(
            "figures",
            pgettext_lazy("导航", "指标"),
            "figures:home",
            icon="chart-bar",
            order=75,
            may=may,
            match=("/figures/",),
        )
        navigation.register("desk", [entry])
        navigation.register("command", [entry])
        panels.register(Panel("figures", 60, render))
