from django.apps import AppConfig


class GazetteConfig(AppConfig):
    """Bulletins: drafted, edited, approved, published, read."""

    name = "linli.doors.gazette"
    label = "gazette"
