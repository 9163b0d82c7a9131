"""The room of what can be reported."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CatalogueConfig(AppConfig):
    name = "linli.rooms.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "事项目录"

    def ready(self) -> None:
        post_migrate.connect(_take_in_shipped, sender=self, dispatch_uid="catalogue.shipped")


def _take_in_shipped(sender: AppConfig, plan: Any = (), **kwargs: Any) -> None:
    """What Linli ships belongs to every migrated database; migrating to an earlier state takes nothing in."""
    if any(backwards for _migration, backwards in plan or ()):
        return
    from linli.rooms.catalogue.actions import take_in_shipped

    take_in_shipped()
