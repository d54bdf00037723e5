"""The words of a record in their basic forms, beside its text, and what finds them.

A column and not only an index: the planner knows then which words are common, and looks for those among the newest
records first. The model does not have it, as nobody reads it.
"""

from django.db import migrations

# The Russian configuration takes words in Latin letters for English ones. ё = е, as in names.
WORDS = """
    CREATE FUNCTION record_text(diagnosis text, prescription text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN search_fold(diagnosis || ' ' || prescription);
    ALTER TABLE medical_record ADD COLUMN words tsvector NOT NULL
    GENERATED ALWAYS AS (to_tsvector('pg_catalog.russian', record_text(diagnosis, prescription))) STORED;
    CREATE INDEX medical_record_by_words ON medical_record USING gin (words);
    CREATE INDEX medical_record_by_letters ON medical_record USING gin (record_text(diagnosis, prescription) gin_trgm_ops);
"""
DROP = """
    ALTER TABLE medical_record DROP COLUMN words;
    DROP INDEX medical_record_by_letters;
    DROP FUNCTION record_text(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0007_keep_files")]
    operations = [migrations.RunSQL(WORDS, DROP)]
