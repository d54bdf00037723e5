from django.db import migrations

FILL = """
    INSERT INTO record_word (word) SELECT word FROM ts_stat('SELECT words FROM medical_record')
    WHERE word ~ '^[a-zа-я]{2,40}$' ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0014_know_words_of_records")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
