"""Past money gets the branch, the day and what else it is added up by, as they were when it came about.

The log of changes knows what was changed since; where it says nothing, what holds now has held then.
"""

from django.conf import settings
from django.db import migrations

TABLES = ('invoice', 'invoice_line', 'payment', 'deposit')
# What is issued never changes, and this is no change of it: neither refused nor kept in the log.
REST = ''.join(f'ALTER TABLE {table} DISABLE TRIGGER USER;' for table in TABLES)
WORK = 'SET CONSTRAINTS ALL IMMEDIATE;' + ''.join(f'ALTER TABLE {table} ENABLE TRIGGER USER;' for table in TABLES)

OF_INVOICES = """
    UPDATE invoice SET vet_id = vet.id, branch_id = vet.branch_id, specialization_id = vet.specialization_id,
        species = COALESCE(pet.species, '')
    FROM medical_record record JOIN appointment visit ON visit.id = record.appointment_id
    JOIN veterinarian vet ON vet.id = visit.vet_id JOIN pet ON pet.id = visit.pet_id
    WHERE record.id = invoice.record_id;
"""
OF_LINES = """
    UPDATE invoice_line line SET category = service.category, cost_price = service.cost_price
    FROM service WHERE service.id = line.service_id;
"""
OF_MONEY = f"""
    UPDATE invoice SET voided_on = (voided_at AT TIME ZONE COALESCE(
        (SELECT time_zone FROM branch WHERE id = branch_id), '{settings.TIME_ZONE}'))::date
    WHERE status_id = 15;
    UPDATE payment SET branch_id = COALESCE(invoice.branch_id, (SELECT min(id) FROM branch))
    FROM invoice WHERE invoice.id = invoice_id;
    UPDATE payment SET day = (paid_at AT TIME ZONE COALESCE(
        (SELECT time_zone FROM branch WHERE id = branch_id), '{settings.TIME_ZONE}'))::date;
    UPDATE deposit SET branch_id = COALESCE(payment.branch_id, deposit.branch_id, (SELECT min(id) FROM branch))
    FROM deposit same LEFT JOIN payment ON payment.id = same.payment_id WHERE same.id = deposit.id;
    UPDATE deposit SET day = (noted_at AT TIME ZONE COALESCE(
        (SELECT time_zone FROM branch WHERE id = branch_id), '{settings.TIME_ZONE}'))::date;
"""  # noqa: S608 (all of it is ours)
# Sums that were kept may be those of other branches: the worker makes them anew.
FORGET = 'DELETE FROM income_closing;'


# target → its rows, each with the rows that it copies from and when it did so
COPIES = {
    'invoice': """
        SELECT invoice.id, visit.vet_id AS veterinarian, visit.pet_id AS pet, COALESCE(signed_at, issued_at) AS at
        FROM invoice JOIN medical_record record ON record.id = record_id
        JOIN appointment visit ON visit.id = record.appointment_id""",
    'invoice_line': """
        SELECT line.id, line.service_id AS service, COALESCE(signed_at, issued_at) AS at
        FROM invoice_line line JOIN invoice ON invoice.id = invoice_id
        JOIN medical_record record ON record.id = record_id""",
}


def as_it_was(target: str, column: str, kind: str, source: str) -> str:
    """Put back what a row of `source` said when `target` copied it, where the log has changes of it since."""
    return f"""
        WITH change AS (
            SELECT row_id, at AS until, before ->> '{column}' AS was,
                lag(at) OVER (PARTITION BY row_id ORDER BY id) AS since
            FROM change_log WHERE table_name = '{source}' AND operation = 'UPDATE' AND before ? '{column}'
        )
        UPDATE {target} SET {column} = change.was::{kind}
        FROM ({COPIES[target]}) copy JOIN change ON change.row_id = copy.{source}
            AND copy.at < change.until AND (change.since IS NULL OR copy.at >= change.since)
        WHERE {target}.id = copy.id;
    """  # noqa: S608 (all of it is ours)


THEN = (
    as_it_was('invoice', 'branch_id', 'integer', 'veterinarian')
    + as_it_was('invoice', 'specialization_id', 'integer', 'veterinarian')
    + as_it_was('invoice', 'species', 'text', 'pet')
    + as_it_was('invoice_line', 'category', 'text', 'service')
    + as_it_was('invoice_line', 'cost_price', 'numeric', 'service')
)


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0013_say_where_and_on_which_day'),
        ('audit', '0002_keep_change'),
        ('records', '0011_keep_the_price_of_the_day'),
    ]

    operations = [
        migrations.RunSQL(
            REST + OF_INVOICES + OF_LINES + THEN + OF_MONEY + FORGET + WORK, migrations.RunSQL.noop
        ),
    ]
