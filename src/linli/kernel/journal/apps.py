from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "linli.kernel.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.kernel.journal import jobs, keeping  # noqa: F401  (declare the beats)
