import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0014_fill_in_where_and_on_which_day'),
        ('clinic', '0014_change_prices_together'),
        ('records', '0011_keep_the_price_of_the_day'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='deposit',
            name='reopens_income',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoice',
            name='void_reopens_income',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoice',
            name='issued_never_changes',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='payment',
            name='uses_the_deposit',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='payment',
            name='reopens_income',
        ),
        migrations.RemoveConstraint(
            model_name='invoice',
            name='invoice_voided_when_void',
        ),
        migrations.RemoveIndex(
            model_name='deposit',
            name='deposit_by_time',
        ),
        migrations.RemoveIndex(
            model_name='invoice',
            name='invoice_by_void',
        ),
        migrations.RemoveIndex(
            model_name='payment',
            name='payment_by_time',
        ),
        migrations.AlterField(
            model_name='deposit',
            name='branch',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.branch', verbose_name='branch'),
        ),
        migrations.AlterField(
            model_name='deposit',
            name='day',
            field=models.DateField(help_text='On the branch’s clock.', verbose_name='day'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='specialization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.specialization', verbose_name='specialization'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='vet',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.veterinarian', verbose_name='vet'),
        ),
        migrations.AlterField(
            model_name='invoiceline',
            name='category',
            field=models.CharField(choices=[('visit', 'visits'), ('vaccine', 'vaccination'), ('lab', 'laboratory'), ('imaging', 'imaging'), ('surgery', 'surgery'), ('therapy', 'therapy'), ('dental', 'dentistry'), ('grooming', 'grooming'), ('drug', 'drugs'), ('other', 'other')], max_length=20, verbose_name='category'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='day',
            field=models.DateField(help_text='On the branch’s clock.', verbose_name='day'),
        ),
        migrations.AlterField(
            model_name='incomesum',
            name='place',
            field=models.IntegerField(help_text='0: none. −1: all of them together.', verbose_name='branch'),
        ),
        migrations.AddIndex(
            model_name='deposit',
            index=models.Index(fields=['day'], name='deposit_by_day'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('status', 15)), fields=['voided_on'], name='invoice_by_void'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['day'], name='payment_by_day'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deposit',
            trigger=pgtrigger.compiler.Trigger(name='reopens_income', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM reopen_income(NEW.day, NEW.day); RETURN NULL;', hash='a1e0709e47708bf34e57ea63a5996fc3bba99155', operation='INSERT', pgid='pgtrigger_reopens_income_a7f52', table='deposit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='issued_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."status_id" IN (12, 13, 14, 15) AND (OLD."pet_owner_id" IS DISTINCT FROM (NEW."pet_owner_id") OR OLD."record_id" IS DISTINCT FROM (NEW."record_id") OR OLD."date" IS DISTINCT FROM (NEW."date") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."due_date" IS DISTINCT FROM (NEW."due_date") OR OLD."branch_id" IS DISTINCT FROM (NEW."branch_id") OR OLD."vet_id" IS DISTINCT FROM (NEW."vet_id") OR OLD."specialization_id" IS DISTINCT FROM (NEW."specialization_id") OR OLD."species" IS DISTINCT FROM (NEW."species"))) OR (OLD."status_id" = 15 AND (OLD."void_reason" IS DISTINCT FROM (NEW."void_reason") OR OLD."voided_at" IS DISTINCT FROM (NEW."voided_at") OR OLD."voided_on" IS DISTINCT FROM (NEW."voided_on") OR OLD."voided_by_id" IS DISTINCT FROM (NEW."voided_by_id"))))', func="RAISE EXCEPTION 'refused: invoice_issued_never_changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_issued_never_changes', TABLE = TG_TABLE_NAME; RETURN NEW;", hash='fca6b044dce28743e1e01466eabe12261089eb58', operation='UPDATE', pgid='pgtrigger_issued_never_changes_2478b', table='invoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='void_reopens_income', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."status_id" = 15)', func='PERFORM reopen_income(NEW.voided_on, NEW.voided_on); RETURN NULL;', hash='a1af413d0141099653502b41ef8e550a9decf1e3', operation='UPDATE', pgid='pgtrigger_void_reopens_income_7e98f', table='invoice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='uses_the_deposit', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."method" = \'deposit\')', func="\n    INSERT INTO deposit (pet_owner_id, kind, amount, payment_id, branch_id, noted_at, day, noted_by_id)\n    SELECT pet_owner_id, CASE NEW.kind WHEN 'refund' THEN 'restored' ELSE 'used' END,\n        NEW.amount, NEW.id, NEW.branch_id, NEW.paid_at, NEW.day, NEW.taken_by_id\n    FROM invoice WHERE id = NEW.invoice_id;\n    RETURN NULL;\n", hash='4780d0a26e5da33b2c275984885e9406aafe886d', operation='INSERT', pgid='pgtrigger_uses_the_deposit_4ea8b', table='payment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='payment',
            trigger=pgtrigger.compiler.Trigger(name='reopens_income', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM reopen_income(NEW.day, NEW.day); RETURN NULL;', hash='ed7893fe60a261d1afa53440cf90d7ffa9f8e1b9', operation='INSERT', pgid='pgtrigger_reopens_income_406c9', table='payment', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.CheckConstraint(condition=models.Func(models.F('day'), models.F('noted_at'), function='is_day_of', output_field=models.BooleanField()), name='deposit_has_the_day_of_its_time'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 15), ('voided_at__isnull', False), ('voided_on__isnull', False)), models.Q(models.Q(('status', 15), _negated=True), ('void_reason', ''), ('voided_at__isnull', True), ('voided_by__isnull', True), ('voided_on__isnull', True)), _connector='OR'), name='invoice_voided_when_void'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Func(models.F('voided_on'), models.F('voided_at'), function='is_day_of', output_field=models.BooleanField()), name='invoice_void_has_the_day_of_its_time'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Func(models.F('day'), models.F('paid_at'), function='is_day_of', output_field=models.BooleanField()), name='payment_has_the_day_of_its_time'),
        ),
    ]
