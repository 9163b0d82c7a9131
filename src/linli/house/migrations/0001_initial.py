from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("written", models.DateTimeField(auto_now=True)),
            ],
        ),
    ]
