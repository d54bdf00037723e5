import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vetclinic.triggers import refuse


class Change(models.Model):
    """One change of one row, written by the database. `by` is who acted on the site, empty for psql and imports."""

    class Operation(models.TextChoices):
        INSERT = "INSERT", _("added")
        UPDATE = "UPDATE", _("changed")
        DELETE = "DELETE", _("deleted")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"), db_default=Now())
    table = models.CharField(_("table"), max_length=40, db_column="table_name")
    row_id = models.IntegerField(_("row"))
    operation = models.CharField(_("what"), max_length=6, choices=Operation.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    login = models.CharField(_("database login"), max_length=63)
    before = models.JSONField(_("before"), null=True)  # of an update: the columns that it changed
    after = models.JSONField(_("after"), null=True)
    # The number that the server gave to its transaction; none in rows that are older than this column.
    transaction = models.BigIntegerField(_("transaction"), null=True)

    class Meta:
        db_table = "change_log"
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            models.Index(fields=["table", "row_id", "id"], name="change_log_of_a_row"),
            models.Index(
                fields=["transaction"], name="change_log_transaction", condition=models.Q(transaction__isnull=False)
            ),
        ]
        triggers = [refuse("final", "change_log_is_final", pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.operation} {self.table} {self.row_id}"
