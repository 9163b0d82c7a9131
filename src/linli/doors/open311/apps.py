from django.apps import AppConfig


class Open311Config(AppConfig):
    """The door for hotlines and city apps: Open311 GeoReport v2, with FixMyStreet's extension for updates."""

    name = "linli.doors.open311"
    label = "open311"
