"""Each change says in which transaction it was made: that tells what has changed since a process last looked."""

from importlib import import_module

from django.db import migrations, models

earlier = import_module("vetclinic.audit.migrations.0003_write_the_log_as_its_owner")
COLUMNS = "before, after)", "before, after, transaction)"
VALUES = "was, becomes)", "was, becomes, pg_current_xact_id()::text::bigint)"
WITH_TRANSACTION = earlier.AS_OWNER.replace(*COLUMNS).replace(*VALUES)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_write_the_log_as_its_owner")]
    operations = [
        migrations.AddField(
            model_name="change",
            name="transaction",
            field=models.BigIntegerField(null=True, verbose_name="transaction"),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("transaction__isnull", False)),
                fields=["transaction"],
                name="change_log_transaction",
            ),
        ),
        migrations.RunSQL(WITH_TRANSACTION, earlier.AS_OWNER),
    ]
