from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class CommandConfig(AppConfig):
    """The leaders' door: today's figures and the map of open cases by grid."""

    name = "linli.doors.command"
    label = "command"

    def ready(self) -> None:
        def may(viewer: object) -> bool:
            return viewer.has("command.view")  # type: ignore[attr-defined]

        navigation.register(
            "command",
            [
                Entry("today", _("今日"), "command:today", icon="map-2", order=10, exact=True, may=may),
                Entry("wall", _("大屏"), "command:wall", icon="device-desktop", order=20, may=may),
            ],
        )
        navigation.register("doors", [Entry("command", _("指挥"), "command:today", icon="map-2", order=40, may=may)])
