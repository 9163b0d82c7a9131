from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "linli.rooms.people"
    label = "people"
    verbose_name = _("人员")

    def ready(self) -> None:
        from linli.rooms.people import letting_go, sealed  # noqa: F401  (they register what they do)
        from linli.rooms.people.seeds import seed_post_kinds

        post_migrate.connect(seed_post_kinds, sender=self, dispatch_uid="people.seed_post_kinds")
