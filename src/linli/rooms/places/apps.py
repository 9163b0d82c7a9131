from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "linli.rooms.places"
    label = "places"

    def ready(self) -> None:
        from linli.rooms.places import jobs  # noqa: F401  registers the daily work
