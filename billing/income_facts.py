"""Income from the facts themselves, as one SQL statement: sums by day, branch and the keys of the dimensions.

What a fact says: an invoice bills its lines on its date; a credit note credits its lines on its date, and a void the
whole invoice on the day of the void; a payment is received, or given back, on its day; so is a deposit. What is paid
from a deposit was received before. Days of instants are those of the clock of the visit's branch, or of the clinic.
"""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

# The dimensions, and their columns of `fact` below. The sums without a key are the dimension "total".
COLUMNS = ("branch", "vet", "specialization", "service", "category", "species")
TOTAL = "total"
EVERYWHERE = -1  # the place of a sum of all branches
SUMS = "billed, credited, received, invoices, quantity, costed, cost"
UTC_DAYS = "timezone('UTC', %(first)s::date - interval '1 day') AND timezone('UTC', %(last)s::date + interval '2 days')"
COST = "round(line.quantity * price.cost_price, 2)"

# Of instants a wider range is read than needed, for the index; `day` then decides.
FACTS = f"""
    WITH raw AS (
        SELECT invoice.date AS day, NULL::timestamptz AS instant, invoice.record_id,
            invoice.id AS billed_invoice, line.service_id, line.total AS billed, 0 AS credited, 0 AS received,
            line.quantity, line.total AS costed,
            1 AS times_cost
        FROM invoice JOIN invoice_line line ON line.invoice_id = invoice.id
        WHERE invoice.date BETWEEN %(first)s AND %(last)s
    UNION ALL
        SELECT NULL, COALESCE(invoice.voided_at, invoice.issued_at), invoice.record_id, NULL,
            line.service_id, 0, line.total, 0, line.quantity, -line.total, -1
        FROM invoice JOIN invoice_line line ON line.invoice_id = invoice.id
        WHERE invoice.status_id = 15 AND invoice.date IS NOT NULL
            AND COALESCE(invoice.voided_at, invoice.issued_at) BETWEEN {UTC_DAYS}
    UNION ALL
        SELECT note.date, NULL, invoice.record_id, NULL, line.service_id, 0, credit.amount, 0, 0, -credit.amount, 0
        FROM credit_note note JOIN invoice ON invoice.id = note.invoice_id
        JOIN credit_line credit ON credit.credit_note_id = note.id JOIN invoice_line line ON line.id = credit.line_id
        WHERE note.date BETWEEN %(first)s AND %(last)s
    UNION ALL
        SELECT NULL, paid_at, invoice.record_id, NULL, NULL,
            0, 0, CASE kind WHEN 'refund' THEN -payment.amount ELSE payment.amount END, 0, 0, 0
        FROM payment JOIN invoice ON invoice.id = invoice_id WHERE method <> 'deposit' AND paid_at BETWEEN {UTC_DAYS}
    UNION ALL
        SELECT NULL, noted_at, NULL, NULL, NULL, 0, 0, CASE kind WHEN 'returned' THEN -amount ELSE amount END, 0, 0, 0
        FROM deposit WHERE kind IN ('taken', 'returned') AND noted_at BETWEEN {UTC_DAYS}
    ),
    fact AS (
        SELECT COALESCE(line.day, (line.instant AT TIME ZONE COALESCE(branch.time_zone, %(clock)s))::date) AS day,
            COALESCE(vet.branch_id, 0) AS place, COALESCE(vet.branch_id, 0)::text AS branch,
            vet.id::text AS vet, vet.specialization_id::text AS specialization,
            price.code AS service, price.category, pet.species, line.billed_invoice,
            line.billed, line.credited, line.received,
            CASE WHEN line.billed_invoice IS NULL THEN 0 ELSE line.quantity END AS quantity,
            CASE WHEN price.cost_price IS NULL THEN 0 ELSE line.costed END AS costed,
            COALESCE(line.times_cost * {COST}, 0) AS cost
        FROM raw line
        LEFT JOIN medical_record record ON record.id = line.record_id
        LEFT JOIN appointment visit ON visit.id = record.appointment_id
        LEFT JOIN pet ON pet.id = visit.pet_id
        LEFT JOIN veterinarian vet ON vet.id = visit.vet_id
        LEFT JOIN branch ON branch.id = vet.branch_id
        LEFT JOIN service price ON price.id = line.service_id
    )
"""  # noqa: S608 (all of it is ours)


def facts_sql(dimensions: Sequence[str], only: Sequence[str] = ()) -> str:
    """Rows (day, place, dimension, key, then SUMS) of the days `first` to `last` (see parameters).

    `only` names columns of the facts that have one value: `%(only_<column>)s`.
    """
    keys = [dimension for dimension in dimensions if dimension != TOTAL]
    sets = ["(day, place)"] * (TOTAL in dimensions) + [f"(day, place, {key})" for key in keys]
    name = " ".join(f"WHEN grouping({key}) = 0 THEN '{key}'" for key in keys)
    dimension = f"CASE {name} ELSE '{TOTAL}' END" if keys else f"'{TOTAL}'"
    conditions = "".join(f" AND {column} = %(only_{column})s" for column in only)
    return f"""{FACTS}
        SELECT day, place, {dimension} AS dimension, COALESCE({", ".join([*keys, "''"])}) AS key,
            sum(billed) AS billed, sum(credited) AS credited, sum(received) AS received,
            count(DISTINCT billed_invoice) AS invoices, sum(quantity) AS quantity,
            sum(costed) AS costed, sum(cost) AS cost
        FROM fact WHERE day BETWEEN %(first)s AND %(last)s{conditions}
        GROUP BY GROUPING SETS ({", ".join(sets)})
    """  # noqa: S608 (all of it is ours)


def parameters(first: dt.date, last: dt.date) -> dict:
    return {"first": first, "last": last, "clock": settings.TIME_ZONE}


FIRST_FACT = """
    SELECT LEAST((SELECT min(date) FROM invoice), (SELECT min(date) FROM credit_note),
        (SELECT (min(paid_at) AT TIME ZONE 'UTC')::date - 1 FROM payment),
        (SELECT (min(noted_at) AT TIME ZONE 'UTC')::date - 1 FROM deposit))
"""
