from django.db import migrations, models

# The rows are final: their own trigger rests while each keeps what it said, in its new form.
KEEP = """
    ALTER TABLE backup_run DISABLE TRIGGER USER;
    UPDATE backup_run SET said = jsonb_build_array(jsonb_build_object('text', detail, 'facts', '{}'::jsonb));
    ALTER TABLE backup_run ENABLE TRIGGER USER;
"""
BACK = """
    ALTER TABLE backup_run DISABLE TRIGGER USER;
    UPDATE backup_run SET detail = COALESCE(
        (SELECT string_agg(one ->> 'text', ' ') FROM jsonb_array_elements(said) AS one), '');
    ALTER TABLE backup_run ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_results_of_backups")]

    operations = [
        migrations.AddField("backuprun", "said", models.JSONField(default=list, verbose_name="what it says")),
        migrations.RunSQL(KEEP, BACK),
        migrations.RemoveField("backuprun", "detail"),
    ]
