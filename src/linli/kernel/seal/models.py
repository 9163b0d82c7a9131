"""The record of who has read sealed data, for what purpose."""

from django.db import models


class Access(models.Model):
    """One purpose-bound reveal. Append-only: UPDATE, DELETE and TRUNCATE are refused by triggers."""

    at = models.DateTimeField()
    actor_kind = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.TextField()
    post_id = models.BigIntegerField(null=True)
    post_name = models.TextField()
    purpose = models.TextField()
    context = models.TextField()

    class Meta:
        db_table = "seal_access"
        indexes = [
            models.Index(fields=["context", "id"], name="seal_access_context"),
            models.Index(fields=["actor_id", "id"], name="seal_access_actor"),
        ]
