"""How long an operator wants things kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KeptFor",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("days", models.PositiveIntegerField()),
            ],
        ),
    ]
