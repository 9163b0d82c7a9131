from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """Indicators, scorecards, appeals."""

    name = "linli.doors.figures"
    label = "figures"
