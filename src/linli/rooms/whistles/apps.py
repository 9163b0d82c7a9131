from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhistlesConfig(AppConfig):
    name = "linli.rooms.whistles"
    label = "whistles"
    verbose_name = _("吹哨报到")
