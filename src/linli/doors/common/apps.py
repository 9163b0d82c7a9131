from django.apps import AppConfig


class CommonConfig(AppConfig):
    """What several doors share: pictures, suggestions, map data, the forms of steps. No pages of its own."""

    name = "linli.doors.common"
    label = "common"
