from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Count",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "what", "who", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("what", models.CharField(max_length=20)),
                ("who", models.BinaryField(max_length=16)),
                ("span", models.BigIntegerField()),
                ("used", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE rates_count SET (fillfactor = 25); ALTER TABLE rates_count SET UNLOGGED",
            migrations.RunSQL.noop,
        ),
    ]
