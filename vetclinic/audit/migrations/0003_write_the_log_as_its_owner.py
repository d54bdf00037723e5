"""change_log is written by the triggers alone: for a login that may not write it, and by nobody's call from outside."""

from django.db import migrations

WAS = "CREATE OR REPLACE FUNCTION keep_change(changed text, operation text, old_row jsonb, new_row jsonb) RETURNS void"
BODY = """
    DECLARE
        was jsonb = old_row;
        becomes jsonb = new_row;
    BEGIN
        {check}
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
    END
"""
FROM_TRIGGERS = """
        IF pg_trigger_depth() = 0 THEN
            RAISE EXCEPTION 'refused: change_log_is_final'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'change_log_is_final', TABLE = 'change_log';
        END IF;
"""
AS_OWNER = f"""{WAS}
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ {BODY.format(check=FROM_TRIGGERS)} $$
"""
AS_CALLER = f"{WAS} LANGUAGE plpgsql AS $$ {BODY.format(check='')} $$"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_keep_change")]
    operations = [migrations.RunSQL(AS_OWNER, AS_CALLER)]
