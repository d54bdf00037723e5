"""An owner's account as one SQL statement: every fact with what it changes, and the balances after it.

`owed` is what is still to pay for issued invoices, `deposit` what is left for later ones. A payment from the deposit
changes both. Days are those that the rows keep.
"""

EVENTS = """
    WITH bill AS (
        SELECT invoice.*, pet.name AS pet
        FROM invoice JOIN medical_record record ON record.id = invoice.record_id
        JOIN appointment visit ON visit.id = record.appointment_id JOIN pet ON pet.id = visit.pet_id
        WHERE invoice.pet_owner_id = ANY (%(people)s) AND invoice.date IS NOT NULL
    ),
    event AS (
        SELECT date AS day, COALESCE(issued_at, timezone('UTC', date::timestamp)) AS moment, 1 AS place, id,
            'invoice' AS kind, id AS invoice_id, 0 AS credit_number, '' AS method, '' AS reason,
            amount AS owed, 0.00 AS deposit
        FROM bill
    UNION ALL
        SELECT voided_on, voided_at, 5, id, 'void', id, 0, '', void_reason, -amount, 0
        FROM bill WHERE status_id = 15
    UNION ALL
        SELECT note.date, note.issued_at, 4, note.id, 'credit', bill.id, note.number, '', note.reason, -note.amount, 0
        FROM credit_note note JOIN bill ON bill.id = note.invoice_id
    UNION ALL
        SELECT day, paid_at, 3, payment.id, kind, bill.id, 0, method, reason,
            sign * payment.amount,
            CASE method WHEN 'deposit' THEN sign * payment.amount ELSE 0 END
        FROM (SELECT *, CASE kind WHEN 'refund' THEN 1 ELSE -1 END AS sign FROM payment) payment
        JOIN bill ON bill.id = payment.invoice_id
    UNION ALL
        SELECT day, noted_at, 2, deposit.id,
            kind, NULL, 0, method, reason, 0, CASE kind WHEN 'taken' THEN amount ELSE -amount END
        FROM deposit
        WHERE pet_owner_id = ANY (%(people)s) AND kind IN ('taken', 'returned')
    ),
    account AS (
        SELECT *, sum(owed) OVER so_far AS owed_after, sum(deposit) OVER so_far AS deposit_after,
            count(*) FILTER (WHERE day >= %(first)s) OVER () AS in_period
        FROM event WHERE day <= %(last)s
        WINDOW so_far AS (ORDER BY day, moment, place, id)
    )
"""
# The last rows of the period, and the row just before them: where the account stood when they began.
ROWS = f"""{EVENTS}
    SELECT account.day, account.moment, account.kind, account.id, account.invoice_id, bill.year, bill.number, bill.pet,
        account.credit_number, account.method, account.reason, account.owed, account.deposit,
        account.owed_after, account.deposit_after, account.in_period
    FROM (
        (SELECT * FROM account WHERE day >= %(first)s
         ORDER BY day DESC, moment DESC, place DESC, id DESC LIMIT %(most)s + 1)
        UNION ALL
        (SELECT * FROM account WHERE day < %(first)s
         ORDER BY day DESC, moment DESC, place DESC, id DESC LIMIT 1)
    ) account LEFT JOIN bill ON bill.id = account.invoice_id
    ORDER BY account.day DESC, account.moment DESC, account.place DESC, account.id DESC LIMIT %(most)s + 1
"""  # noqa: S608 (all of it is ours)
