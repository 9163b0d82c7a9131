"""The door for machines: REST under /api/v1."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "linli.doors.api"
    label = "api"
    verbose_name = _("接口")
