from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "linli.kernel.retention"
    label = "retention"

    def ready(self) -> None:
        from linli.kernel.retention import jobs  # noqa: F401  (registers its beat)
