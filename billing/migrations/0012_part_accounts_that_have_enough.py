import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0011_know_the_balance_of_an_account'),
        ('clinic', '0014_change_prices_together'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('clinic.petowner',),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='deposit',
            name='within_balance',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deposit',
            trigger=pgtrigger.compiler.Trigger(name='within_balance', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE account integer;', func="\n    PERFORM FROM pet_owner WHERE id = NEW.pet_owner_id FOR NO KEY UPDATE;\n    SELECT COALESCE(merged_into_id, id) INTO account FROM pet_owner WHERE id = NEW.pet_owner_id;\n    PERFORM FROM pet_owner WHERE id = account FOR NO KEY UPDATE;\n    IF NEW.kind IN ('used', 'returned') AND NEW.amount > account_balance(account)\n    THEN RAISE EXCEPTION 'refused: deposit_within_balance' USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_within_balance', TABLE = TG_TABLE_NAME; END IF;\n    RETURN NEW;\n", hash='96be7ad34c394b99ea749773ee3f2e0d74df1da6', operation='INSERT', pgid='pgtrigger_within_balance_b692c', table='deposit', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='account',
            trigger=pgtrigger.compiler.Trigger(name='parted_with_what_it_has', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id"))', constraint='CONSTRAINT', func="IF LEAST(account_balance(NEW.id), account_balance(OLD.merged_into_id)) < 0 THEN RAISE EXCEPTION 'refused: account_not_below_zero' USING ERRCODE = 'check_violation', CONSTRAINT = 'account_not_below_zero', TABLE = TG_TABLE_NAME; END IF; RETURN NULL;", hash='0b04d6de4a1428ebf4d822a9d299e367b503cb03', operation='UPDATE OF "merged_into_id"', pgid='pgtrigger_parted_with_what_it_has_bb4ff', table='pet_owner', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
    ]
