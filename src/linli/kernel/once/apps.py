from django.apps import AppConfig


class OnceConfig(AppConfig):
    name = "linli.kernel.once"
    label = "once"

    def ready(self) -> None:
        from linli.kernel.once import jobs  # noqa: F401  (registers its beat)
