"""The outbox of reminders, what an owner says about them, and the key of a vet's calendar."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0008_working_exceptions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('day_before', 'the day before'), ('hours_before', 'two hours before')], max_length=20)),
                ('visit_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'planned'), ('sending', 'being sent'), ('sent', 'sent'), ('dropped', 'not needed any more'), ('failed', 'could not be sent')], db_default='waiting', default='waiting', max_length=10)),
                ('attempts', models.SmallIntegerField(db_default=0, default=0)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('message_id', models.CharField(blank=True, db_default='', max_length=100)),
                ('error', models.CharField(blank=True, db_default='', max_length=255)),
                ('token_hash', models.CharField(blank=True, db_default='', max_length=64)),
                ('answer', models.CharField(blank=True, choices=[('confirm', 'confirmed'), ('cancel', 'cancelled')], db_default='', max_length=10)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'reminder',
                'verbose_name_plural': 'reminders',
                'db_table': 'reminder',
            },
        ),
        migrations.AddField(
            model_name='petowner',
            name='email_reminders',
            field=models.BooleanField(db_default=True, default=True, verbose_name='reminders of visits by e-mail'),
        ),
        migrations.AddField(
            model_name='petowner',
            name='email_reminders_since',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='said so at'),
        ),
        migrations.AddField(
            model_name='veterinarian',
            name='calendar_key',
            field=models.UUIDField(blank=True, db_index=True, editable=False, null=True, verbose_name="calendar's key"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='petowner',
            trigger=pgtrigger.compiler.Trigger(name='email_reminders_said', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."email_reminders" IS DISTINCT FROM (NEW."email_reminders"))', func='NEW.email_reminders_since = clock_timestamp(); RETURN NEW;', hash='2e6a60b4807d017404db682422d4b29ff502ef2e', operation='UPDATE OF "email_reminders"', pgid='pgtrigger_email_reminders_said_acace', table='pet_owner', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='reminder',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='clinic.appointment'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='reminder_waiting_by_time'),
        ),
        migrations.AddIndex(
            model_name='reminder',
            index=models.Index(fields=['token_hash'], name='reminder_by_token'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('appointment', 'kind', 'visit_at'), name='reminder_once'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['day_before', 'hours_before'])), name='reminder_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sending', 'sent', 'dropped', 'failed'])), name='reminder_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__lt', models.F('visit_at'))), name='reminder_comes_before_the_visit'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reminder',
            trigger=pgtrigger.compiler.Trigger(name='sent_is_final', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" IS DISTINCT FROM \'sent\' AND OLD."state" = \'sent\')', func="RAISE EXCEPTION 'refused: reminder_sent_is_final' USING ERRCODE = 'check_violation', CONSTRAINT = 'reminder_sent_is_final', TABLE = TG_TABLE_NAME; RETURN NEW;", hash='43a83d9bd2919c4089fabf169f36f88572adffc2', operation='UPDATE OF "state"', pgid='pgtrigger_sent_is_final_662b3', table='reminder', when='BEFORE')),
        ),
    ]
