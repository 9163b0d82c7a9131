"""The record of reveals only grows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("seal", "0001_initial"), ("journal", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER seal_access_append_only BEFORE UPDATE OR DELETE ON seal_access
                FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
            CREATE TRIGGER seal_access_keep BEFORE TRUNCATE ON seal_access
                FOR EACH STATEMENT EXECUTE FUNCTION linli_append_only();
            """,
            """
            DROP TRIGGER seal_access_append_only ON seal_access;
            DROP TRIGGER seal_access_keep ON seal_access;
            """,
        ),
    ]
