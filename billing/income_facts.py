"""Income from the facts themselves, as one SQL statement: sums by day, branch and the keys of the dimensions.

What a fact says: an invoice bills its lines on its date; a credit note credits its lines on its date, and a void the
whole invoice on the day of the void; a payment is received, or given back, on its day; so is a deposit. What is paid
from a deposit was received before.

What was billed and credited belongs to the invoice's branch, what was received to the branch that took it. Every day
and every key is a copy that stands in the fact's own rows, so that nothing that changes elsewhere moves a sum.
"""

from collections.abc import Sequence

# The dimensions, and their columns of `fact` below. The sums without a key are the dimension "total".
COLUMNS = ("branch", "vet", "specialization", "service", "category", "species")
TOTAL = "total"
EVERYWHERE = -1  # the place of a sum of all branches
SUMS = "billed, credited, received, invoices, quantity, costed, cost"
BETWEEN = "BETWEEN %(first)s AND %(last)s"
# Whose changes change the sums, and what tells one service from another. The lines are final with what they belong to.
TABLES = ("invoice", "credit_note", "payment", "deposit", "service")
OF_PATIENT = "invoice.vet_id, invoice.specialization_id, invoice.species"
OF_INVOICE = f"invoice.branch_id, {OF_PATIENT}"
OF_LINE = "line.service_id, line.category, line.cost_price"
COST = "round(line.quantity * line.cost_price, 2)"

FACTS = f"""
    WITH line AS (
        SELECT invoice.date AS day, {OF_INVOICE}, {OF_LINE}, invoice.id AS billed_invoice,
            line.total AS billed, 0 AS credited, 0 AS received, line.quantity, line.total AS costed, {COST} AS cost
        FROM invoice JOIN invoice_line line ON line.invoice_id = invoice.id
        WHERE invoice.date {BETWEEN}{{at_visit}}
    UNION ALL
        SELECT invoice.voided_on, {OF_INVOICE}, {OF_LINE}, NULL, 0, line.total, 0, 0, -line.total, -{COST}
        FROM invoice JOIN invoice_line line ON line.invoice_id = invoice.id
        WHERE invoice.status_id = 15 AND invoice.date IS NOT NULL AND invoice.voided_on {BETWEEN}{{at_visit}}
    UNION ALL
        SELECT note.date, {OF_INVOICE}, {OF_LINE}, NULL, 0, credit.amount, 0, 0, -credit.amount, 0
        FROM credit_note note JOIN invoice ON invoice.id = note.invoice_id
        JOIN credit_line credit ON credit.credit_note_id = note.id JOIN invoice_line line ON line.id = credit.line_id
        WHERE note.date {BETWEEN}{{at_visit}}
    UNION ALL
        SELECT payment.day, payment.branch_id, {{of_payment}}, NULL, NULL, NULL, NULL, 0, 0,
            CASE kind WHEN 'refund' THEN -payment.amount ELSE payment.amount END, 0, 0, 0
        FROM payment {{its_invoice}} WHERE method <> 'deposit' AND payment.day {BETWEEN}{{at_till}}
    UNION ALL
        SELECT day, branch_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0,
            CASE kind WHEN 'returned' THEN -amount ELSE amount END, 0, 0, 0
        FROM deposit WHERE kind IN ('taken', 'returned') AND day {BETWEEN}{{at_deposit}}
    ),
    fact AS (
        SELECT day, COALESCE(branch_id, 0) AS place, COALESCE(branch_id, 0)::text AS branch, vet_id::text AS vet,
            specialization_id::text AS specialization, line.category AS category, species, billed_invoice,
            service.code AS service,
            billed, credited, received, quantity,
            CASE WHEN line.cost_price IS NULL THEN 0 ELSE costed END AS costed, COALESCE(line.cost, 0) AS cost
        FROM line LEFT JOIN service ON service.id = line.service_id
    )
"""  # noqa: S608 (all of it is ours)
# What a payment was for stands in its invoice: where nobody asks, a fifth of the query is saved.
PAID_FOR = {"of_payment": OF_PATIENT, "its_invoice": "JOIN invoice ON invoice.id = invoice_id"}
PAID = {"of_payment": "NULL, NULL, NULL", "its_invoice": ""}
# In each part of the statement: PostgreSQL does not move the condition there by itself.
AT = " AND ({0}.branch_id = ANY(%(only_place)s) OR {0}.branch_id IS NULL AND 0 = ANY(%(only_place)s))"
PLACES = {"at_visit": "invoice", "at_till": "payment", "at_deposit": "deposit"}


def facts_sql(dimensions: Sequence[str], only: Sequence[str] = (), each: str = "day") -> str:
    """Rows (`each` of the columns named, dimension, key, then SUMS) of the days `first` to `last` (see parameters).

    `only` names columns of the facts that have one of some values: the list `%(only_<column>)s`.
    """
    keys = [dimension for dimension in dimensions if dimension != TOTAL]
    sets = [f"({each})"] * (TOTAL in dimensions) + [f"({each}, {key})" for key in keys]
    name = " ".join(f"WHEN grouping({key}) = 0 THEN '{key}'" for key in keys)
    dimension = f"CASE {name} ELSE '{TOTAL}' END" if keys else f"'{TOTAL}'"
    has_invoice = not {"vet", "specialization", "species"}.isdisjoint([*dimensions, *only])
    conditions = "".join(f" AND {column} = ANY(%(only_{column})s)" for column in only if column != "place")
    places = {part: AT.format(table) if "place" in only else "" for part, table in PLACES.items()}
    return f"""{FACTS.format(**(PAID_FOR if has_invoice else PAID), **places)}
        SELECT {each}, {dimension} AS dimension, COALESCE({", ".join([*keys, "''"])}) AS key,
            sum(billed) AS billed, sum(credited) AS credited, sum(received) AS received,
            count(DISTINCT billed_invoice) AS invoices, sum(quantity) AS quantity,
            sum(costed) AS costed, sum(cost) AS cost
        FROM fact WHERE TRUE{conditions}
        GROUP BY GROUPING SETS ({", ".join(sets)})
    """  # noqa: S608 (all of it is ours)


FIRST_FACT = """
    SELECT LEAST((SELECT min(date) FROM invoice), (SELECT min(date) FROM credit_note),
        (SELECT min(day) FROM payment), (SELECT min(day) FROM deposit))
"""
