"""Answers that were given to requests with an idempotency key."""

from __future__ import annotations

from django.db import models


class KeptAnswer(models.Model):
    """One answer. owner: whose key it is (an account); request_hash: SHA-256 of what was asked."""

    owner = models.BigIntegerField()
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField(max_length=32)
    status = models.SmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="once_answer_key")]
        indexes = [models.Index(fields=["at"], name="once_answer_at")]
