from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OversightConfig(AppConfig):
    name = "linli.rooms.oversight"
    label = "oversight"
    verbose_name = _("督办")

    def ready(self) -> None:
        from linli.kernel.flow import publish
        from linli.rooms.oversight import jobs  # noqa: F401  (it registers what it does)
        from linli.rooms.oversight.flow import ORDER
        from linli.rooms.oversight.seeds import seed

        publish(ORDER)
        post_migrate.connect(seed, sender=self, dispatch_uid="oversight.seed")
