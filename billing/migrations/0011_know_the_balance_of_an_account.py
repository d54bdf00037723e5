from django.db import migrations

# `account`: an owner to whom records that were merged away lead; NULL has nothing.
BALANCE = """
CREATE FUNCTION account_balance(account integer) RETURNS numeric STABLE LANGUAGE plpgsql AS $$ BEGIN
    RETURN (SELECT COALESCE(sum(CASE WHEN kind IN ('taken', 'restored') THEN amount ELSE -amount END), 0)
            FROM deposit
            WHERE pet_owner_id IN (SELECT id FROM pet_owner WHERE id = account AND merged_into_id IS NULL
                                   UNION ALL SELECT id FROM pet_owner WHERE merged_into_id = account));
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0010_add_up_whoever_writes'),
        ('clinic', '0007_let_owners_be_merged'),
    ]

    operations = [
        migrations.RunSQL(BALANCE, 'DROP FUNCTION account_balance(integer)'),
    ]
