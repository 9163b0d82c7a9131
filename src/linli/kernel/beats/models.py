"""Signs of life of the workers and of each regular work."""

from django.db import models


class Heartbeat(models.Model):
    """A worker that is (or was) running. Removed when it stops in good order."""

    worker = models.TextField(primary_key=True)
    host = models.TextField()
    pid = models.IntegerField()
    version = models.TextField()
    started = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "beats_heartbeat"


class Run(models.Model):
    """The latest run of one beat, over all workers. Beats faster than ten seconds are noted once a minute."""

    name = models.TextField(primary_key=True)
    started = models.DateTimeField()
    took_ms = models.IntegerField(default=0)
    last_success = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    last_error = models.TextField(default="")

    class Meta:
        db_table = "beats_run"
