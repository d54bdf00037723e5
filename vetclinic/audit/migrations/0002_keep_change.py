"""The function that writes change_log: called by the trigger `kept` of each table."""

from django.db import migrations

KEEP_CHANGE = """
    CREATE FUNCTION keep_change(changed text, operation text, old_row jsonb, new_row jsonb) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
        was jsonb = old_row;
        becomes jsonb = new_row;
    BEGIN
        IF operation = 'UPDATE' THEN
            SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, new_row -> key) INTO was, becomes
            FROM jsonb_each(old_row) WHERE value IS DISTINCT FROM new_row -> key;
            IF was IS NULL THEN
                RETURN;
            END IF;
        END IF;
        INSERT INTO change_log (table_name, row_id, operation, by_id, login, before, after)
        VALUES (changed, (COALESCE(new_row, old_row) ->> 'id')::int, operation,
                NULLIF(current_setting('vetclinic.by', true), '')::int, session_user, was, becomes);
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_change_log")]
    operations = [migrations.RunSQL(KEEP_CHANGE, "DROP FUNCTION keep_change(text, text, jsonb, jsonb)")]
