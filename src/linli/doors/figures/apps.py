from django.apps import AppConfig
from django.utils.translation import pgettext_lazy

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class FiguresConfig(AppConfig):
    """Indicators, scorecards, appeals."""

    name = "linli.doors.figures"
    label = "figures"

    def ready(self) -> None:
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
