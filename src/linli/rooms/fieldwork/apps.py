from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldworkConfig(AppConfig):
    name = "linli.rooms.fieldwork"
    label = "fieldwork"
    verbose_name = _("巡查检查")

    def ready(self) -> None:
        from linli.rooms.fieldwork import jobs  # noqa: F401  (registers its beats and subscribers)
