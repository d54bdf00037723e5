"""The states of appointments and invoices. Their ids are fixed: clinic/enums.py names the same numbers."""

from django.db import migrations

STATUSES = [
    (1, "appointment", "scheduled", "Scheduled"),
    (2, "appointment", "confirmed", "Confirmed"),
    (3, "appointment", "arrived", "Waiting"),
    (4, "appointment", "in_progress", "With the vet"),
    (5, "appointment", "completed", "Completed"),
    (6, "appointment", "cancelled", "Cancelled"),
    (7, "appointment", "no_show", "No-show"),
    (11, "invoice", "draft", "Draft"),
    (12, "invoice", "issued", "Issued"),
    (13, "invoice", "part_paid", "Part paid"),
    (14, "invoice", "paid", "Paid"),
    (15, "invoice", "void", "Void"),
]


def seed(apps, schema_editor):
    Status = apps.get_model("clinic", "Status")
    rows = [Status(id=id_, type=type_, code=code, name=name) for id_, type_, code, name in STATUSES]
    Status.objects.using(schema_editor.connection.alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0002_tables")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        # The next id that PostgreSQL hands out must not be one of ours.
        migrations.RunSQL("ALTER TABLE status ALTER COLUMN id RESTART WITH 100", migrations.RunSQL.noop),
    ]
