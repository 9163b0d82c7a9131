from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class FieldConfig(AppConfig):
    """The grid workers' door: what to do now, one-handed, with the camera one tap away."""

    name = "linli.doors.field"
    label = "field"

    def ready(self) -> None:
        def may(viewer: object) -> bool:
            return viewer.has("case.report")  # type: ignore[attr-defined]

        navigation.register(
            "field",
            [
                Entry("todo", _("待办"), "field:todo", icon="checklist", order=10, exact=True, may=may),
                Entry("grid", _("我的网格"), "field:grid", icon="map-2", order=20, may=may),
                Entry("report", _("上报"), "field:report", icon="camera-plus", order=30, may=may),
            ],
        )
        navigation.register("doors", [Entry("field", _("网格"), "field:todo", icon="walk", order=20, may=may)])
