from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """Supervision orders and tasks under supervision."""

    name = "linli.doors.supervision"
    label = "supervision"
