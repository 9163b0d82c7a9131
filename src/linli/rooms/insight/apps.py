from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    name = "linli.rooms.insight"
    label = "insight"
    verbose_name = _("指标")

    def ready(self) -> None:
        from linli.rooms.insight import jobs  # noqa: F401  (it registers what the worker does)
