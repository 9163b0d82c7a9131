from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    name = "linli.rooms.bulletins"
    label = "bulletins"
    verbose_name = _("通报")

    def ready(self) -> None:
        from linli.rooms.bulletins import jobs  # noqa: F401  (it registers what the worker does)
        from linli.rooms.bulletins.seeds import seed

        post_migrate.connect(seed, sender=self, dispatch_uid="bulletins.seed")
