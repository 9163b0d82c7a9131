from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhistlesConfig(AppConfig):
    name = "linli.rooms.whistles"
    label = "whistles"
    verbose_name = _("吹哨报到")

    def ready(self) -> None:
        from linli.kernel.flow import publish
        from linli.rooms.whistles import jobs  # noqa: F401  (it registers what the worker does)
        from linli.rooms.whistles.flow import CALL, WHISTLE

        publish(WHISTLE)
        publish(CALL)
