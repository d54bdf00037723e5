from django.db import migrations

# Invoices that were void before the time was noted: they have counted as voided when they were issued.
DATE = """
    UPDATE invoice SET voided_at = COALESCE(issued_at, (SELECT signed_at FROM medical_record WHERE id = record_id), now())
    WHERE status_id = 15 AND voided_at IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0008_lock_before_reading'),
        ('records', '0002_keep_changes'),
    ]

    operations = [
        migrations.RunSQL(DATE, migrations.RunSQL.noop),
    ]
