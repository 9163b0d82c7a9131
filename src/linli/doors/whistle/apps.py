from django.apps import AppConfig


class WhistleConfig(AppConfig):
    """Blowing the whistle and answering it."""

    name = "linli.doors.whistle"
    label = "whistle"
