from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func
from django.utils.translation import gettext_lazy as _

# Words that are looked for in other forms: of letters alone, in the form in which text is searched.
KNOWN = "word ~ '^[a-zа-я]{2,40}$'"
# For records that were loaded past the triggers.
FILL = f"""
    INSERT INTO record_word (word) SELECT word FROM ts_stat('SELECT words FROM medical_record') WHERE {KNOWN}
    ON CONFLICT DO NOTHING
"""  # noqa: S608 (all of it is ours)
# In order, so that of two who write the same new words at once one waits, and neither for the other.
KEEP_WORDS = f"""
    INSERT INTO record_word (word)
    SELECT word FROM unnest(NEW.words) AS each (word)
    WHERE {KNOWN} AND NOT EXISTS (SELECT FROM record_word known WHERE known.word = each.word)
    ORDER BY word ON CONFLICT DO NOTHING;
    RETURN NULL;
"""  # noqa: S608 (all of it is ours)


class WordForms(Func):
    """The forms under which a word is looked up: another case of it shares one (records/migrations/0013)."""

    function = "word_forms"


class RecordWord(models.Model):
    """A word of some diagnosis or prescription. Kept by the trigger `keep_words` of medical_record, never removed."""

    word = models.TextField(_("word"), primary_key=True)
    forms = models.GeneratedField(
        verbose_name=_("forms"),
        expression=WordForms(F("word")),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )

    class Meta:
        db_table = "record_word"
        verbose_name = _("word of records")
        verbose_name_plural = _("words of records")
        indexes = [
            GinIndex(fields=["forms"], name="record_word_by_forms"),
            GinIndex(OpClass("word", name="gin_trgm_ops"), name="record_word_by_letters"),
        ]

    def __str__(self) -> str:
        return self.word
