import django.db.models.deletion
from django.db import migrations, models

# A clock is at most 12 hours behind UTC and 14 ahead.
IS_DAY_OF = """
CREATE FUNCTION is_day_of(day date, moment timestamptz) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT day BETWEEN (moment AT TIME ZONE 'UTC' - interval '12 hours')::date
        AND (moment AT TIME ZONE 'UTC' + interval '14 hours')::date
$$;
"""


def of(to: str, name: str) -> models.ForeignKey:
    protect = django.db.models.deletion.PROTECT
    return models.ForeignKey(
        blank=True, db_index=False, null=True, on_delete=protect, related_name='+', to=to, verbose_name=name
    )


def day(name: str) -> models.DateField:
    return models.DateField(blank=True, null=True, verbose_name=name)


class Migration(migrations.Migration):
    """The columns alone: the next migration fills them in, and the one after it asks for them."""

    dependencies = [
        ('billing', '0012_part_accounts_that_have_enough'),
        ('clinic', '0014_change_prices_together'),
    ]

    operations = [
        migrations.RunSQL(IS_DAY_OF, 'DROP FUNCTION is_day_of(date, timestamptz)'),
        migrations.AddField('invoice', 'branch', of('clinic.branch', 'branch')),
        migrations.AddField('invoice', 'vet', of('clinic.veterinarian', 'vet')),
        migrations.AddField('invoice', 'specialization', of('clinic.specialization', 'specialization')),
        migrations.AddField(
            'invoice', 'species', models.CharField(blank=True, db_default='', max_length=50, verbose_name='species')
        ),
        migrations.AddField('invoice', 'voided_on', day('voided on')),
        migrations.AddField(
            'invoiceline', 'category', models.CharField(max_length=20, null=True, verbose_name='category')
        ),
        migrations.AddField(
            'invoiceline',
            'cost_price',
            models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, verbose_name='cost price'),
        ),
        migrations.AddField('payment', 'branch', of('clinic.branch', 'branch')),
        migrations.AddField('payment', 'day', day('day')),
        migrations.AddField('deposit', 'day', day('day')),
    ]
