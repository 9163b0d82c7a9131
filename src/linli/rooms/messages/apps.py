from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """The room of notices. Its label is `notices`: `messages` belongs to Django's own app."""

    name = "linli.rooms.messages"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.rooms.messages import forgetting, jobs, letting_go, named, sealed  # noqa: F401  they declare what they do
