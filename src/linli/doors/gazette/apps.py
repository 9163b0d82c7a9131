from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class GazetteConfig(AppConfig):
    """Bulletins: drafted, edited, approved, published, read."""

    name = "linli.doors.gazette"
    label = "gazette"

    def ready(self) -> None:
        def works(viewer: object) -> bool:
            return bool(viewer.posts)  # type: ignore[attr-defined]

        entry = Entry("bulletins", pgettext_lazy("导航", "通报"), "gazette:home", icon="report", order=80, may=works)
        for door in ("desk", "command"):
            navigation.register(door, [entry])
        navigation.register(
            "admin",
            [
                Entry(
                    "bulletin_kinds",
                    _("通报的节奏"),
                    "gazette:kinds",
                    icon="report",
                    order=88,
                    group=pgettext_lazy("settings", "事项"),
                    may=lambda viewer: viewer is not None and viewer.has("oversight.edit"),
                )
            ],
        )
