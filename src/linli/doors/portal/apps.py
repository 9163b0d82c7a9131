from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class PortalConfig(AppConfig):
    """The residents' door: report, follow, rate, see what is being done, find who answers."""

    name = "linli.doors.portal"
    label = "portal"

    def ready(self) -> None:
        navigation.register(
            "portal",
            [
                Entry("home", _("首页"), "portal:home", icon="home", order=10, exact=True),
                Entry("report", _("上报"), "portal:report", icon="camera-plus", order=20),
                Entry("mine", _("我的"), "portal:mine", icon="list-details", order=30, match=("/track/",)),
                Entry("around", _("身边"), "portal:problems", icon="map-2", order=40, match=("/map/",)),
            ],
        )
