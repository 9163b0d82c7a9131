"""Keys for machines. The count of the present minute is not worth a line in the write-ahead log."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_truth"),
        ("places", "0002_truth"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("prefix", models.CharField(max_length=8, unique=True)),
                ("secret_hash", models.BinaryField(max_length=32)),
                ("old_hash", models.BinaryField(max_length=32, null=True)),
                ("old_until", models.DateTimeField(null=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None),
                ),
                ("per_minute", models.PositiveIntegerField(default=600)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=80)),
                ("expires_at", models.DateTimeField(null=True)),
                ("last_used_on", models.DateField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": [models.OrderBy(models.F("revoked_at"), descending=True, nulls_first=True), "name", "id"],
            },
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[("staff", "工作人员"), ("resident", "居民"), ("service", "系统接口")],
                default="staff",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="KeyUse",
            fields=[
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="use",
                        serialize=False,
                        to="people.accesskey",
                    ),
                ),
                ("minute", models.BigIntegerField()),
                ("used", models.IntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="accesskey",
            name="account",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="access_key", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="accesskey",
            name="place",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place"),
        ),
        migrations.AddField(
            model_name="accesskey",
            name="unit",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE people_keyuse SET (fillfactor = 25); ALTER TABLE people_keyuse SET UNLOGGED",
            migrations.RunSQL.noop,
        ),
    ]
