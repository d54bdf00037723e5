"""Every index costs each write: none stands whose work another one does."""

import pytest
from django.apps import apps
from django.db import connection

from tests.house.test_import_order import ROOT

# Plain b-trees whose columns, in their order, are the first ones of another index of all rows of the same table.
BEGINNINGS = """
    SELECT less.indexrelid::regclass::text, more.indexrelid::regclass::text
    FROM pg_index less
    JOIN pg_index more ON more.indrelid = less.indrelid AND more.indexrelid <> less.indexrelid
    JOIN pg_class one ON one.oid = less.indexrelid JOIN pg_am ON pg_am.oid = one.relam
    JOIN pg_class other ON other.oid = more.indexrelid AND other.relam = one.relam
    WHERE less.indrelid::regclass::text = ANY (%s) AND pg_am.amname = 'btree' AND NOT less.indisunique
        AND less.indexprs IS NULL AND more.indexprs IS NULL AND less.indpred IS NULL AND more.indpred IS NULL
        AND (more.indkey::text || ' ') LIKE (less.indkey::text || ' %%')
        AND (more.indclass::text || ' ') LIKE (less.indclass::text || ' %%')
        AND (more.indoption::text || ' ') LIKE (less.indoption::text || ' %%')
    ORDER BY 1
"""


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another():
    ours = [model._meta.db_table for model in apps.get_models() if (ROOT / model.__module__.split(".")[0]).is_dir()]

    with connection.cursor() as cursor:
        cursor.execute(BEGINNINGS, [ours])
        assert cursor.fetchall() == []
