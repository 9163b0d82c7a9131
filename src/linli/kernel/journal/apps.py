from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "linli.kernel.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
