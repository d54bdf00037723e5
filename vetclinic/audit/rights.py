"""What the site's login may do to the tables, set anew after every migration (docs/decisions/0024-two-logins.md).

Whoever owns a table can take its triggers away. So the tables belong to a login of their own (DATABASE_OWNER_URL), and
the one that the site works with reads and writes rows: no more. A clinic with one login for both has the same triggers,
and nothing that keeps that login from them.
"""

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

# pgtrigger lets whoever sets a variable of the session pass by any trigger: a good thing for tests, not for a clinic.
# Its migrations make that function each time. One that is SQL and never true costs nothing either.
NO_WAY_AROUND = """
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""
# TRUNCATE fires no row's trigger. Tests empty tables, and say so in a variable that their servers know.
NOTHING_IS_EMPTIED = """
    CREATE OR REPLACE FUNCTION public.refuse_to_empty() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('vetclinic.may_empty', true) IS DISTINCT FROM 'on' THEN
            RAISE EXCEPTION 'refused: nothing_is_emptied'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_is_emptied', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NULL;
    END $$
"""
NEVER_EMPTIED = """
    CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_to_empty()
"""
OUR_APPS = {"clinic", "records", "billing", "audit", "monitoring"}
ROWS_ALONE = """
    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {site};
    REVOKE CREATE ON SCHEMA public FROM PUBLIC, {site};
    GRANT USAGE ON SCHEMA public TO {site};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {site};
    REVOKE INSERT, UPDATE, DELETE ON change_log, django_migrations FROM {site};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {site};
    REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC  -- a temporary table could stand before a real one in a trigger
"""


def set_rights(*, using: str = DEFAULT_DB_ALIAS, **signal) -> None:
    """After `migrate`; a flush of the tests sends the same signal without a plan, and changes nothing here."""
    if using != DEFAULT_DB_ALIAS or "plan" not in signal:
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(NO_WAY_AROUND)
        cursor.execute(NOTHING_IS_EMPTIED)
        for table in sorted(_our_tables().intersection(connection.introspection.table_names(cursor))):
            cursor.execute(NEVER_EMPTIED.format(table=table))
        if connection.settings_dict["USER"] != settings.SITE_LOGIN:
            quote = connection.ops.quote_name
            names = {"site": quote(settings.SITE_LOGIN), "database": quote(connection.settings_dict["NAME"])}
            cursor.execute(ROWS_ALONE.format(**names))


def _our_tables() -> set[str]:
    return {model._meta.db_table for model in apps.get_models() if model._meta.app_label in OUR_APPS}
