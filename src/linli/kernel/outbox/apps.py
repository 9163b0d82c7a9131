from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "linli.kernel.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.kernel.outbox import jobs  # noqa: F401  declares the beats
