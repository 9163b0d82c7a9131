"""Events written with the action that caused them, and one delivery for every subscriber of their kind."""

from django.db import models


class OutboxEvent(models.Model):
    """Something that has happened. Kept even when nobody subscribes to its kind."""

    at = models.DateTimeField()
    kind = models.TextField()
    object_type = models.TextField()
    object_id = models.BigIntegerField()
    data = models.JSONField()
    entry_id = models.BigIntegerField()

    class Meta:
        db_table = "outbox_event"
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="outbox_event_object"),
            models.Index(fields=["at"], name="outbox_event_at"),
        ]


class Delivery(models.Model):
    """What one subscriber is still owed, or has had, of one event.

    pending → running (claimed until `locked_until`) → done, or back to pending until the tries are used up,
    then dead: visible, and replayable by hand. Deliveries with the same subscriber and `lane` (the event's
    object) go in the order of their ids; a dead one holds nobody up.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"

    event = models.ForeignKey(
        OutboxEvent, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="deliveries"
    )
    subscriber = models.TextField()
    lane = models.TextField()
    state = models.TextField(choices=State.choices, default=State.PENDING)
    tries = models.IntegerField(default=0)
    last_error = models.TextField(default="")
    next_try_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_delivery"
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="outbox_delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "running", "done", "dead"]),
                name="outbox_delivery_state",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at", "id"], condition=models.Q(state="pending"), name="outbox_delivery_due"),
            models.Index(
                fields=["subscriber", "lane", "id"],
                condition=models.Q(state__in=["pending", "running"]),
                name="outbox_delivery_lane",
            ),
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=["running", "dead"]),
                name="outbox_delivery_trouble",
            ),
        ]
