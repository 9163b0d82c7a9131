from django.apps import AppConfig


class DutyConfig(AppConfig):
    """The ladder at work: tiers of a case, lists by tier, editing and trying out ladders."""

    name = "linli.doors.duty"
    label = "duty"
