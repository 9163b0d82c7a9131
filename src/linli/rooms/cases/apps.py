from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "linli.rooms.cases"
    label = "cases"
    verbose_name = _("事件")

    def ready(self) -> None:
        from linli.kernel.flow import publish
        from linli.rooms.cases import jobs, letting_go, sealed  # noqa: F401  (they register what they do)
        from linli.rooms.cases.flow import FLOW

        publish(FLOW)
