"""What holds in any clinic at any moment (docs/rules.md), as questions to which the right answer is: no row."""

INVARIANTS = {
    "no two visits of a vet overlap": """
        SELECT FROM appointment a JOIN appointment b ON a.vet_id = b.vet_id AND a.id < b.id
        WHERE a.status_id NOT IN (6, 7) AND b.status_id NOT IN (6, 7) AND NOT a.squeezed_in AND NOT b.squeezed_in
          AND tstzrange(a.date, a.ends_at) && tstzrange(b.date, b.ends_at)""",
    "no two visits of an animal overlap": """
        SELECT FROM appointment a JOIN appointment b ON a.pet_id = b.pet_id AND a.id < b.id
        WHERE a.status_id NOT IN (6, 7) AND b.status_id NOT IN (6, 7) AND NOT a.squeezed_in AND NOT b.squeezed_in
          AND tstzrange(a.date, a.ends_at) && tstzrange(b.date, b.ends_at)""",
    "a visit has one record at most": """
        SELECT FROM medical_record GROUP BY appointment_id HAVING count(*) > 1""",
    "a service has one price a day": """
        SELECT FROM service a JOIN service b ON a.code = b.code AND a.id < b.id
        WHERE daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)""",
    "an invoice's amount is the sum of its lines": """
        SELECT FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.id
        GROUP BY i.id HAVING i.amount IS DISTINCT FROM COALESCE(sum(l.total), 0)""",
    "a line is its quantity times its price less its discount": """
        SELECT FROM invoice_line WHERE total <> round(quantity * unit_price - discount, 2)""",
    "an invoice's state follows from its payments and credits": """
        SELECT FROM invoice i
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END), 0) AS paid
            FROM payment WHERE invoice_id = i.id) p
        CROSS JOIN LATERAL (SELECT COALESCE(sum(amount), 0) AS credited FROM credit_note WHERE invoice_id = i.id) c
        WHERE paid < 0 OR paid > i.amount - credited
           OR i.status_id = 15 AND paid + credited <> 0
           OR i.status_id <> 15 AND i.status_id <> CASE WHEN i.number IS NULL THEN 11
              WHEN paid >= i.amount - credited THEN 14 WHEN paid > 0 THEN 13 ELSE 12 END""",
    "numbers of a year are 1..n": """
        SELECT FROM invoice WHERE number IS NOT NULL GROUP BY year
        HAVING min(number) <> 1 OR max(number) <> count(*) OR count(DISTINCT number) <> count(*)""",
    "no trigger rests": """
        SELECT FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'""",
    "every constraint is valid": """
        SELECT FROM pg_constraint WHERE NOT convalidated""",
}
