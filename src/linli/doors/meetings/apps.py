from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Meetings: agenda, decisions typed live and projected, minutes."""

    name = "linli.doors.meetings"
    label = "meetings"
