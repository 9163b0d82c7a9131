from django.apps import AppConfig


class SealConfig(AppConfig):
    name = "linli.kernel.seal"
    label = "seal"
    default_auto_field = "django.db.models.BigAutoField"
