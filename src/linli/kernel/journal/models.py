"""The append-only record of every action, and the chain of batches that seals it.

No foreign keys: an entry speaks for itself, for as long as it is kept, whatever becomes of what it names.
UPDATE, DELETE and TRUNCATE are refused by triggers (migration 0002).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Entry(models.Model):
    """One action: who, for which post, did what to which object, when, with what effect.

    `uid` (time-ordered, unique) and every field but `id` are bound by `mac`, an HMAC under the journal's
    key, so
    that a row written past the application is found even before it is sealed. The chain binds `id` to `mac`.
    """

    class ActorKind(models.TextChoices):
        PERSON = "person"
        SYSTEM = "system"
        ANONYMOUS = "anonymous"

    uid = models.UUIDField()
    at = models.DateTimeField()
    actor_kind = models.TextField(choices=ActorKind.choices)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.TextField()
    post_id = models.BigIntegerField(null=True)
    post_name = models.TextField()
    action = models.TextField()
    object_type = models.TextField()
    object_id = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    words = models.TextField()
    note = models.TextField()
    evidence = models.JSONField()
    place_ids = ArrayField(models.BigIntegerField())
    request_key = models.TextField(null=True)
    mac = models.BinaryField()

    class Meta:
        db_table = "journal_entry"
        constraints = [
            models.UniqueConstraint(fields=["uid"], name="journal_entry_uid"),
            models.UniqueConstraint(
                fields=["request_key"],
                condition=models.Q(request_key__isnull=False),
                name="journal_entry_request_key",
            ),
        ]
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="journal_entry_object"),
            models.Index(fields=["at", "id"], name="journal_entry_at"),
            models.Index(
                fields=["actor_id", "id"],
                condition=models.Q(actor_id__isnull=False),
                name="journal_entry_actor",
            ),
        ]


class Unsealed(models.Model):
    """The ids that wait to be sealed. A queue and not a high-water mark: ids commit late or not at all."""

    entry_id = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "journal_unsealed"


class Batch(models.Model):
    """A link of the chain: the ids and macs of some entries, bound to the link before.

    `digest` = SHA-256 over number, time, running total, previous digest and every (id, mac); `mac` = HMAC of
    it. `tags`: the first eight bytes of each mac, to name the entry when the digest no longer fits.
    """

    number = models.BigIntegerField(primary_key=True)
    entries = ArrayField(models.BigIntegerField())
    count = models.IntegerField()
    total = models.BigIntegerField()
    digest = models.BinaryField()
    previous = models.BinaryField()
    tags = models.BinaryField()
    sealed_at = models.DateTimeField()
    mac = models.BinaryField()

    class Meta:
        db_table = "journal_batch"
