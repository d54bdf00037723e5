import django.db.models.expressions
import django.db.models.functions.math
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0009_date_every_void'),
        ('clinic', '0014_change_prices_together'),
        ('records', '0011_keep_the_price_of_the_day'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='creditnote',
            name='amount_is_its_lines',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoice',
            name='issued_never_changes',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoice',
            name='state_follows_its_balance',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoiceline',
            name='issued_takes_no_lines',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='invoiceline',
            name='issued_keeps_its_lines',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='creditline',
            trigger=pgtrigger.compiler.Trigger(name='amount_is_its_lines', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="IF \n    EXISTS (SELECT FROM credit_note n WHERE n.id = NEW.credit_note_id\n            AND n.amount <> (SELECT COALESCE(sum(amount), 0) FROM credit_line WHERE credit_note_id = n.id))\n THEN RAISE EXCEPTION 'refused: credit_amount_is_its_lines' USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_amount_is_its_lines', TABLE = TG_TABLE_NAME; END IF; RETURN NULL;", hash='60fba243ac1efd2806666481fd2c17758cd0891c', operation='INSERT', pgid='pgtrigger_amount_is_its_lines_9375d', table='credit_line', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='creditnote',
            trigger=pgtrigger.compiler.Trigger(name='amount_is_its_lines', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="IF \n    EXISTS (SELECT FROM credit_note n WHERE n.id = NEW.id\n            AND n.amount <> (SELECT COALESCE(sum(amount), 0) FROM credit_line WHERE credit_note_id = n.id))\n THEN RAISE EXCEPTION 'refused: credit_amount_is_its_lines' USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_amount_is_its_lines', TABLE = TG_TABLE_NAME; END IF; RETURN NULL;", hash='950a9e1d3286a74e3421d09dc80d80eaf038c39e', operation='INSERT', pgid='pgtrigger_amount_is_its_lines_2a7b0', table='credit_note', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='issued_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."status_id" IN (12, 13, 14, 15) AND (OLD."pet_owner_id" IS DISTINCT FROM (NEW."pet_owner_id") OR OLD."record_id" IS DISTINCT FROM (NEW."record_id") OR OLD."date" IS DISTINCT FROM (NEW."date") OR OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."due_date" IS DISTINCT FROM (NEW."due_date"))) OR (OLD."status_id" = 15 AND (OLD."void_reason" IS DISTINCT FROM (NEW."void_reason") OR OLD."voided_at" IS DISTINCT FROM (NEW."voided_at") OR OLD."voided_by_id" IS DISTINCT FROM (NEW."voided_by_id"))))', func="RAISE EXCEPTION 'refused: invoice_issued_never_changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_issued_never_changes', TABLE = TG_TABLE_NAME; RETURN NEW;", hash='5db58984286684a704a38d8419683cc4e029ce93', operation='UPDATE', pgid='pgtrigger_issued_never_changes_2478b', table='invoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='new_adds_up', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE now invoice%ROWTYPE; paid numeric; credited numeric;', func="\n    SELECT * INTO now FROM invoice WHERE id = NEW.id;\n    paid := invoice_paid(NEW.id);\n    credited := invoice_credited(NEW.id);\n    IF now.amount <> (SELECT COALESCE(sum(total), 0) FROM invoice_line WHERE invoice_id = NEW.id)\n    THEN RAISE EXCEPTION 'refused: invoice_amount_is_its_lines' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_amount_is_its_lines', TABLE = TG_TABLE_NAME; END IF;\n    IF now.status_id = 15 AND (credited > 0 OR EXISTS (SELECT FROM payment WHERE invoice_id = NEW.id))\n    THEN RAISE EXCEPTION 'refused: invoice_void_only_without_payments' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_void_only_without_payments', TABLE = TG_TABLE_NAME; END IF;\n    IF (OLD.status_id = 15 AND now.status_id <> 15) OR (OLD.status_id <> 11 AND now.status_id = 11)\n        OR (now.status_id IN (12, 13, 14) AND now.status_id <> invoice_state(now.amount - credited, paid))\n    THEN RAISE EXCEPTION 'refused: invoice_state_follows_its_balance' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_state_follows_its_balance', TABLE = TG_TABLE_NAME; END IF;\n    RETURN NULL;\n", hash='464da08914c2bfa74781e03698c934801bb07948', operation='INSERT', pgid='pgtrigger_new_adds_up_bebb5', table='invoice', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='adds_up', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."status_id" IS DISTINCT FROM (NEW."status_id") OR OLD."amount" IS DISTINCT FROM (NEW."amount"))', constraint='CONSTRAINT', declare='DECLARE now invoice%ROWTYPE; paid numeric; credited numeric;', func="\n    SELECT * INTO now FROM invoice WHERE id = NEW.id;\n    paid := invoice_paid(NEW.id);\n    credited := invoice_credited(NEW.id);\n    IF now.amount <> (SELECT COALESCE(sum(total), 0) FROM invoice_line WHERE invoice_id = NEW.id)\n    THEN RAISE EXCEPTION 'refused: invoice_amount_is_its_lines' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_amount_is_its_lines', TABLE = TG_TABLE_NAME; END IF;\n    IF now.status_id = 15 AND (credited > 0 OR EXISTS (SELECT FROM payment WHERE invoice_id = NEW.id))\n    THEN RAISE EXCEPTION 'refused: invoice_void_only_without_payments' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_void_only_without_payments', TABLE = TG_TABLE_NAME; END IF;\n    IF (OLD.status_id = 15 AND now.status_id <> 15) OR (OLD.status_id <> 11 AND now.status_id = 11)\n        OR (now.status_id IN (12, 13, 14) AND now.status_id <> invoice_state(now.amount - credited, paid))\n    THEN RAISE EXCEPTION 'refused: invoice_state_follows_its_balance' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_state_follows_its_balance', TABLE = TG_TABLE_NAME; END IF;\n    RETURN NULL;\n", hash='cd76109f3a5ede873aea2dd08714faf64b0bf206', operation='UPDATE', pgid='pgtrigger_adds_up_c18fc', table='invoice', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='new_number_is_the_next', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."number" IS NOT NULL)', func="IF NEW.number IS DISTINCT FROM (SELECT last_number FROM invoice_counter WHERE year = NEW.year) THEN RAISE EXCEPTION 'refused: invoice_number_follows_the_last' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_number_follows_the_last', TABLE = TG_TABLE_NAME; END IF; RETURN NEW;", hash='73436a13cf02a564694feecd018212d26bef7479', operation='INSERT', pgid='pgtrigger_new_number_is_the_next_d7328', table='invoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='number_is_the_next', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."number" IS NOT NULL AND (OLD."year" IS DISTINCT FROM (NEW."year") OR OLD."number" IS DISTINCT FROM (NEW."number")))', func="IF NEW.number IS DISTINCT FROM (SELECT last_number FROM invoice_counter WHERE year = NEW.year) THEN RAISE EXCEPTION 'refused: invoice_number_follows_the_last' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_number_follows_the_last', TABLE = TG_TABLE_NAME; END IF; RETURN NEW;", hash='376f6efa6b0b396d5cb16c969f311f024e0ec471', operation='UPDATE', pgid='pgtrigger_number_is_the_next_01ce9', table='invoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoicecounter',
            trigger=pgtrigger.compiler.Trigger(name='counts_one_by_one', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF \n    TG_OP = 'DELETE' OR (TG_OP = 'INSERT' AND NEW.last_number <> 0)\n    OR (TG_OP = 'UPDATE' AND (NEW.year, NEW.last_number) <> (OLD.year, OLD.last_number + 1))\n THEN RAISE EXCEPTION 'refused: invoice_number_follows_the_last' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_number_follows_the_last', TABLE = TG_TABLE_NAME; END IF; RETURN NEW;", hash='78c879a0fd5c71d3611ecf4716ee24dc866a63f9', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_counts_one_by_one_b9214', table='invoice_counter', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoicecounter',
            trigger=pgtrigger.compiler.Trigger(name='number_is_given', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="IF NOT EXISTS (SELECT FROM invoice WHERE year = NEW.year AND number = NEW.last_number) THEN RAISE EXCEPTION 'refused: invoice_number_follows_the_last' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_number_follows_the_last', TABLE = TG_TABLE_NAME; END IF; RETURN NULL;", hash='fdd5c0cbb24f8f90c87fd723c6984e1adb37bea6', operation='UPDATE', pgid='pgtrigger_number_is_given_f6e04', table='invoice_counter', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceline',
            trigger=pgtrigger.compiler.Trigger(name='issued_takes_no_lines', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF NOT EXISTS (SELECT FROM invoice i WHERE i.id = NEW.invoice_id AND i.status_id = 11 FOR SHARE) THEN RAISE EXCEPTION 'refused: invoice_line_of_issued_invoice_is_final' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_line_of_issued_invoice_is_final', TABLE = TG_TABLE_NAME; END IF; RETURN NEW;", hash='8aff22a984d6af26000a08456b24b718e1ccf3ce', operation='INSERT OR UPDATE', pgid='pgtrigger_issued_takes_no_lines_78aa9', table='invoice_line', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceline',
            trigger=pgtrigger.compiler.Trigger(name='issued_keeps_its_lines', sql=pgtrigger.compiler.UpsertTriggerSql(func="IF NOT EXISTS (SELECT FROM invoice i WHERE i.id = OLD.invoice_id AND i.status_id = 11 FOR SHARE) THEN RAISE EXCEPTION 'refused: invoice_line_of_issued_invoice_is_final' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_line_of_issued_invoice_is_final', TABLE = TG_TABLE_NAME; END IF; RETURN COALESCE(NEW, OLD);", hash='365741a66ba03fad038a726b4dd9f9343fb6e3c2', operation='UPDATE OR DELETE', pgid='pgtrigger_issued_keeps_its_lines_3e13d', table='invoice_line', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceline',
            trigger=pgtrigger.compiler.Trigger(name='amount_is_its_lines', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="IF \n    EXISTS (SELECT FROM invoice i WHERE i.id = COALESCE(NEW.invoice_id, OLD.invoice_id)\n            AND i.amount <> (SELECT COALESCE(sum(total), 0) FROM invoice_line WHERE invoice_id = i.id))\n THEN RAISE EXCEPTION 'refused: invoice_amount_is_its_lines' USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_amount_is_its_lines', TABLE = TG_TABLE_NAME; END IF; RETURN NULL;", hash='3d5f25001b751e122346edef41cabb13fb87da38', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_amount_is_its_lines_0999f', table='invoice_line', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 15), ('voided_at__isnull', False)), models.Q(models.Q(('status', 15), _negated=True), ('void_reason', ''), ('voided_at__isnull', True), ('voided_by__isnull', True)), _connector='OR'), name='invoice_voided_when_void'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('total', django.db.models.functions.math.Round(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('quantity'), '*', models.F('unit_price')), '-', models.F('discount')), precision=2))), name='invoice_line_total_is_rounded_once'),
        ),
    ]
