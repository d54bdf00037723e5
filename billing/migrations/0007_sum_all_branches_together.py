from django.db import migrations, models

# All sums are made anew by the worker, within minutes; until then reports are read from the facts.
FORGET = "DELETE FROM income_closing; TRUNCATE income_sum"


class Migration(migrations.Migration):

    dependencies = [('billing', '0006_sum_income')]

    operations = [
        migrations.RunSQL(FORGET, FORGET),
        migrations.RenameField('incomesum', 'branch', 'place'),
        migrations.AlterField(
            model_name='incomesum',
            name='place',
            field=models.IntegerField(help_text="0: a vet without a branch, or an owner's deposit. −1: all of them together.", verbose_name='branch'),
        ),
    ]
