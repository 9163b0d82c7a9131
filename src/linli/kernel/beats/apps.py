from django.apps import AppConfig


class BeatsConfig(AppConfig):
    name = "linli.kernel.beats"
    label = "beats"
    default_auto_field = "django.db.models.BigAutoField"
