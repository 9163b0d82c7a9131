from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LadderConfig(AppConfig):
    name = "linli.rooms.ladder"
    label = "ladder"
    verbose_name = _("层级联动")

    def ready(self) -> None:
        from linli.rooms.ladder import jobs  # noqa: F401  (it registers what the worker does)
