from django.apps import AppConfig


class RoundsConfig(AppConfig):
    """Patrols and inspections: planned at the desk, walked with a phone."""

    name = "linli.doors.rounds"
    label = "rounds"
