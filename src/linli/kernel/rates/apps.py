from django.apps import AppConfig


class RatesConfig(AppConfig):
    name = "linli.kernel.rates"
    label = "rates"

    def ready(self) -> None:
        from linli.kernel.rates import jobs  # noqa: F401  (registers its beat)
