"""Extensions come first: the tables' constraints and indexes are made of them."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

# Immutable, so that indexes may be made of it: lower() of C.UTF-8 and of any UTF-8 locale knows Cyrillic.
SEARCH_FOLD = """
    CREATE FUNCTION search_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN translate(lower($1), 'ё', 'е')
"""


class Migration(migrations.Migration):
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(SEARCH_FOLD, "DROP FUNCTION search_fold(text)"),
    ]
