from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "linli.rooms.webhooks"
    label = "webhooks"
    verbose_name = _("事件推送")

    def ready(self) -> None:
        from linli.rooms.webhooks import jobs, letting_go, sealed  # noqa: F401  (they register what they do)
