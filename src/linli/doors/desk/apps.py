from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.kernel.web import navigation
from linli.kernel.web.navigation import Entry


class DeskConfig(AppConfig):
    """The desk: clerks, dispatchers and units work here all day, with the keyboard."""

    name = "linli.doors.desk"
    label = "desk"

    def ready(self) -> None:
        navigation.register(
            "desk",
            [
                Entry(
                    "cases",
                    pgettext_lazy("导航", "事件"),
                    "desk:worklist",
                    icon="list-details",
                    order=10,
                    exact=True,
                    match=("/desk/cases/",),
                ),
                Entry("board", _("看板"), "desk:board", icon="layout-board", order=20),
                Entry(
                    "intake",
                    _("登记"),
                    "desk:intake",
                    icon="phone-call",
                    order=30,
                    may=lambda viewer: viewer.has("case.intake"),
                ),
                Entry(
                    "import",
                    _("导入清单"),
                    "desk:import",
                    icon="table-import",
                    order=40,
                    may=lambda viewer: viewer.has("case.import"),
                ),
            ],
        )
        navigation.register(
            "doors",
            [
                Entry(
                    "desk",
                    _("工作台"),
                    "desk:worklist",
                    icon="list-details",
                    order=20,
                    may=lambda viewer: viewer is not None and viewer.has("case.view"),
                )
            ],
        )
