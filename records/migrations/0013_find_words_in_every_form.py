"""The words of records as they stand, and the forms that the cases of one word share.

PostgreSQL's own Russian stemmer takes endings of nouns for those of verbs: цистит → цист, but цистита → цистит. So the
index has the words themselves, without those that say nothing (russian.stop and english.stop, which every server has),
and the table record_word knows which words share a form. A rule for forms that changes later changes that table alone.
"""

from django.db import migrations

# russian_stems: of a folded text each word without its ending, and without a vowel that is there in some cases only.
# word_forms: of a folded word its stem, and what it would be if that ending were none (перелом) or a shorter one
# (лимфому): whichever it is, another case of the word has it too.
FORMS = r"""
    CREATE FUNCTION russian_stems(folded text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN
    replace(replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        folded,
        '(кап|каш|ког|ног|лок|кам|кор|уров|уз|реб|бед|пят)[ое]([лнтр])ь?\M', '\1\2а', 'g'),
        '\m(?!(?:от|пор|ср|ур|обмор|глуб|выс|шир|челов|(?:по|от|при|ис|крово|лимфо)т)[ое]к\M)'
            '([а-я]*[а-я][бвгджзклмнпрстфхцчшщ])[ое]([кц])\M',
        '\1\2', 'g'),
        '\m(ш|р)(в|т)(?:а|у|е|ы|ом|ов|ам|ами|ах)\M', '\1о\2', 'g'),
        '\mу(?:ши|шей|шам|шами|шах|хом)\M', 'ухо', 'g'),
        '([а-я]{4})(?:иями|иях|иям|ием|ией|ия|ии|ий|ию)\M'
            '|([а-я]{3})(?:ями|ами|ими|ыми|еям|еями|еях|еей|ого|его|ому|ему|ах|ях|ам|ям|ом|ем|ой|ей|ою|ею|ью|ая|яя|ея|ие|ое|ее'
            '|еи|ые|ый|ую|юю|их|ых|им|ым|ов|ев|[иы]ва(?:ть|ет|ют|ли|йте)|ать|ает|ают|айте)\M'
            '|([а-я]{2})[аеийоуыьэюя]\M',
        '\1\2\3', 'g'),
        'нн', 'н'), 'ьц', 'ц');
    CREATE FUNCTION word_forms(word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN
    CASE WHEN word ~ '^[a-z]' THEN ARRAY[COALESCE((ts_lexize('pg_catalog.english_stem', word))[1], word)]
         ELSE ARRAY[russian_stems(word), regexp_replace(word, '[аеийоуыьэюя]$', '')] END;
"""
CONFIGURATION = """
    CREATE TEXT SEARCH DICTIONARY russian_stop_words (TEMPLATE = pg_catalog.simple, STOPWORDS = russian, ACCEPT = false);
    CREATE TEXT SEARCH DICTIONARY english_stop_words (TEMPLATE = pg_catalog.simple, STOPWORDS = english);
    CREATE TEXT SEARCH CONFIGURATION record_words (COPY = pg_catalog.simple);
    ALTER TEXT SEARCH CONFIGURATION record_words
    ALTER MAPPING FOR word, asciiword, hword_part, hword_asciipart WITH russian_stop_words, english_stop_words;
"""
# For texts that have no index: their words as they stand, and their stems.
CASES = """
    CREATE FUNCTION case_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN
    to_tsvector('public.record_words', russian_stems(search_fold($1)) || ' ' || search_fold($1));
"""
WORDS = """
    ALTER TABLE medical_record DROP COLUMN words, ADD COLUMN words tsvector NOT NULL
    GENERATED ALWAYS AS (to_tsvector('{}', record_text(diagnosis, prescription))) STORED;
    CREATE INDEX medical_record_by_words ON medical_record USING gin (words);
"""
LETTERS = """
    CREATE INDEX medical_record_by_letters ON medical_record USING gin (record_text(diagnosis, prescription) gin_trgm_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0012_keep_visits_of_signed_records")]
    operations = [
        migrations.RunSQL(FORMS, "DROP FUNCTION word_forms(text); DROP FUNCTION russian_stems(text);"),
        migrations.RunSQL(
            CONFIGURATION,
            "DROP TEXT SEARCH CONFIGURATION record_words; DROP TEXT SEARCH DICTIONARY russian_stop_words;"
            " DROP TEXT SEARCH DICTIONARY english_stop_words;",
        ),
        migrations.RunSQL(CASES, "DROP FUNCTION case_words(text)"),
        migrations.RunSQL("DROP INDEX medical_record_by_letters", LETTERS),
        migrations.RunSQL(WORDS.format("public.record_words"), WORDS.format("pg_catalog.russian")),
    ]
