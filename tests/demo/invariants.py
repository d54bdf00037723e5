"""What holds in any clinic, as questions to which the right answer is: no row."""

INVARIANTS = {
    "no two visits of a vet overlap": """
        SELECT a.id FROM appointment a JOIN appointment b ON a.vet_id = b.vet_id AND a.id < b.id
        WHERE a.status_id NOT IN (6, 7) AND b.status_id NOT IN (6, 7)
          AND tstzrange(a.date, a.ends_at) && tstzrange(b.date, b.ends_at)""",
    "no two visits of an animal overlap": """
        SELECT a.id FROM appointment a JOIN appointment b ON a.pet_id = b.pet_id AND a.id < b.id
        WHERE a.status_id NOT IN (6, 7) AND b.status_id NOT IN (6, 7)
          AND tstzrange(a.date, a.ends_at) && tstzrange(b.date, b.ends_at)""",
    "a visit lies within its vet's working hours": """
        SELECT a.id FROM appointment a JOIN veterinarian v ON v.id = a.vet_id JOIN branch b ON b.id = v.branch_id
        WHERE NOT EXISTS (
            SELECT FROM working_hours h WHERE h.vet_id = a.vet_id
              AND h.weekday = EXTRACT(isodow FROM a.date AT TIME ZONE b.time_zone)
              AND h.starts_at <= (a.date AT TIME ZONE b.time_zone)::time
              AND h.ends_at >= (a.ends_at AT TIME ZONE b.time_zone)::time)""",
    "nobody comes before birth or after death": """
        SELECT a.id FROM appointment a JOIN pet p ON p.id = a.pet_id
        WHERE a.date::date < p.birth_date OR a.date::date >= p.deceased_at""",
    "nothing has happened in the future": """
        SELECT id FROM appointment WHERE greatest(arrived_at, started_at, finished_at) > clock_timestamp()
        UNION ALL SELECT id FROM invoice WHERE issued_at > clock_timestamp()
        UNION ALL SELECT id FROM payment WHERE paid_at > clock_timestamp()""",
    "times of a visit follow each other": """
        SELECT id FROM appointment WHERE arrived_at > started_at OR started_at > finished_at""",
    "times fit the state": """
        SELECT id FROM appointment
        WHERE (arrived_at IS NOT NULL) <> (status_id IN (3, 4, 5)) OR (started_at IS NOT NULL) <> (status_id IN (4, 5))
           OR (finished_at IS NOT NULL) <> (status_id = 5)""",
    "a past visit is not still expected": """
        SELECT id FROM appointment WHERE date < now() - interval '1 day' AND status_id NOT IN (5, 6, 7)""",
    "a dose lies in the animal's life, and on the day of its visit": """
        SELECT d.id FROM vaccination d JOIN pet p ON p.id = d.pet_id
        LEFT JOIN appointment a ON a.id = d.appointment_id LEFT JOIN treatment t ON t.id = d.treatment_id
        WHERE d.given_on < p.birth_date OR d.given_on >= p.deceased_at OR d.given_on > current_date + 1
           OR a.pet_id <> d.pet_id OR a.vet_id <> d.vet_id OR t.appointment_id <> a.id OR t.date <> d.given_on""",
    "the next dose is due when the last one of its kind ends": """
        (SELECT DISTINCT ON (pet_id, kind_id) id, pet_id, kind_id, valid_until FROM vaccination
         ORDER BY pet_id, kind_id, given_on DESC)
        EXCEPT SELECT vaccination_id, pet_id, kind_id, due_on FROM vaccination_due""",
    "words of records are known": """
        SELECT word FROM ts_stat('SELECT words FROM medical_record') WHERE word ~ '^[a-zа-я]{2,40}$'
        EXCEPT SELECT word FROM record_word""",
    "one record a visit, signed when it is completed": """
        SELECT a.id FROM appointment a LEFT JOIN medical_record r ON r.appointment_id = a.id
        GROUP BY a.id HAVING count(r.id) <> (a.status_id IN (4, 5))::int OR count(r.signed_at) <> (a.status_id = 5)::int""",
    "a treatment has the price of its day": """
        SELECT t.id FROM treatment t JOIN service s ON s.id = t.service_id
        WHERE t.unit_price <> s.cost OR t.date < s.valid_from OR t.date >= s.valid_to""",
    "every code has one price today": """
        SELECT code FROM service GROUP BY code
        HAVING count(*) FILTER (WHERE current_date >= valid_from AND current_date < valid_to) <> 1""",
    "every completed visit has one invoice that counts, no other visit has": """
        SELECT a.id FROM appointment a LEFT JOIN medical_record r ON r.appointment_id = a.id
        LEFT JOIN invoice i ON i.record_id = r.id AND i.status_id <> 15
        GROUP BY a.id HAVING count(i.id) <> (a.status_id = 5)::int""",
    "an invoice's owner is the animal's": """
        SELECT i.id FROM invoice i JOIN medical_record r ON r.id = i.record_id
        JOIN appointment a ON a.id = r.appointment_id JOIN pet p ON p.id = a.pet_id
        WHERE i.pet_owner_id <> p.pet_owner_id""",
    "an invoice copies what it is added up by": """
        SELECT i.id FROM invoice i JOIN medical_record r ON r.id = i.record_id
        JOIN appointment a ON a.id = r.appointment_id JOIN pet p ON p.id = a.pet_id JOIN veterinarian v ON v.id = a.vet_id
        WHERE (i.branch_id, i.vet_id, i.specialization_id, i.species)
            IS DISTINCT FROM (v.branch_id, v.id, v.specialization_id, p.species)
        UNION ALL SELECT l.id FROM invoice_line l JOIN service s ON s.id = l.service_id
        WHERE (l.category, l.cost_price) IS DISTINCT FROM (s.category, s.cost_price)""",
    "money has the day of its branch's clock": """
        SELECT p.id FROM payment p JOIN branch b ON b.id = p.branch_id
        WHERE p.day <> (p.paid_at AT TIME ZONE b.time_zone)::date
        UNION ALL SELECT d.id FROM deposit d JOIN branch b ON b.id = d.branch_id
        WHERE d.day <> (d.noted_at AT TIME ZONE b.time_zone)::date
        UNION ALL SELECT i.id FROM invoice i JOIN branch b ON b.id = i.branch_id
        WHERE i.voided_on <> (i.voided_at AT TIME ZONE b.time_zone)::date
        UNION ALL SELECT id FROM payment WHERE branch_id IS NULL UNION ALL SELECT id FROM deposit WHERE branch_id IS NULL""",
    "an invoice's amount is the sum of its lines": """
        SELECT i.id FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.id
        GROUP BY i.id HAVING i.amount IS DISTINCT FROM sum(l.total)""",
    "a line is a copy of its treatment": """
        SELECT t.id FROM treatment t JOIN service s ON s.id = t.service_id
        JOIN medical_record r ON r.appointment_id = t.appointment_id AND r.signed_at IS NOT NULL
        LEFT JOIN invoice_line l ON l.treatment_id = t.id
        WHERE (l.service_id, l.name, l.quantity, l.unit_price, l.discount, l.total)
            IS DISTINCT FROM (t.service_id, s.name, t.quantity, t.unit_price, t.discount, t.total)
           OR l.total <> round(t.quantity * t.unit_price - t.discount, 2)""",
    "an invoice's state follows from its payments and credits": """
        SELECT i.id FROM invoice i
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END), 0) AS paid
            FROM payment WHERE invoice_id = i.id) p
        CROSS JOIN LATERAL (SELECT COALESCE(sum(amount), 0) AS credited FROM credit_note WHERE invoice_id = i.id) c
        WHERE paid < 0 OR paid > i.amount - credited
           OR i.status_id = 15 AND paid + credited <> 0
           OR i.status_id <> 15 AND i.status_id <> CASE
              WHEN i.number IS NULL THEN 11 WHEN paid >= i.amount - credited THEN 14 WHEN paid > 0 THEN 13 ELSE 12 END""",
    "a credit note is the sum of its lines, none above what was billed": """
        SELECT n.id FROM credit_note n
        WHERE amount IS DISTINCT FROM (SELECT sum(amount) FROM credit_line WHERE credit_note_id = n.id)
        UNION ALL SELECT l.id FROM invoice_line l JOIN credit_line c ON c.line_id = l.id
        GROUP BY l.id HAVING sum(c.amount) > l.total""",
    "a correction has its reason": """
        SELECT id FROM credit_note WHERE reason = '' UNION ALL SELECT id FROM payment WHERE kind = 'refund' AND reason = ''
        UNION ALL SELECT id FROM invoice WHERE status_id = 15 AND void_reason = ''
        UNION ALL SELECT id FROM deposit WHERE kind = 'returned' AND reason = ''""",
    "no owner's deposit is below zero": """
        SELECT COALESCE(o.merged_into_id, o.id) FROM deposit d JOIN pet_owner o ON o.id = d.pet_owner_id GROUP BY 1
        HAVING sum(CASE WHEN d.kind IN ('taken', 'restored') THEN d.amount ELSE -d.amount END) < 0""",
    "what is paid from a deposit is taken off it": """
        SELECT p.id FROM payment p FULL JOIN deposit d ON d.payment_id = p.id
        WHERE (p.method = 'deposit' OR d.payment_id IS NOT NULL)
          AND (d.id IS NULL OR p.id IS NULL OR p.amount <> d.amount
               OR d.kind <> CASE p.kind WHEN 'refund' THEN 'restored' ELSE 'used' END)""",
    "no payment comes before its invoice": """
        SELECT p.id FROM payment p JOIN invoice i ON i.id = p.invoice_id
        WHERE i.issued_at IS NULL OR p.paid_at < i.issued_at""",
    "numbers of a year are 1..n in order of issue": """
        SELECT id FROM (
            SELECT *, row_number() OVER (PARTITION BY year ORDER BY issued_at, number) AS place
            FROM invoice WHERE number IS NOT NULL) issued
        WHERE place <> number""",
    "the counters stand at the last numbers": """
        SELECT year FROM (SELECT year, max(number) AS last FROM invoice WHERE number IS NOT NULL GROUP BY year) issued
        FULL JOIN invoice_counter USING (year) WHERE last IS DISTINCT FROM last_number""",
    "a counted till holds what the payments of its day say, or there is a reason": """
        SELECT t.id FROM till_count t WHERE cash <> (
            SELECT COALESCE(sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END), 0) FROM payment
            WHERE branch_id = t.branch_id AND day = t.day AND method = 'cash') + (
            SELECT COALESCE(sum(CASE kind WHEN 'returned' THEN -amount ELSE amount END), 0) FROM deposit
            WHERE branch_id = t.branch_id AND day = t.day AND method = 'cash')
        UNION ALL SELECT id FROM till_count WHERE difference <> 0 AND reason = ''""",
    "no trigger rests": """
        SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'""",
}
