"""The room of what can be reported."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "linli.rooms.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "事项目录"
