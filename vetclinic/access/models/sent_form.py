import datetime as dt
import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

KEPT = dt.timedelta(days=2)


class SentFormQuerySet(models.QuerySet):
    def note(self, key: uuid.UUID) -> None:
        """In the transaction that saves what the form says. Of two at once the second waits, and is refused."""
        self.filter(at__lt=timezone.now() - KEPT).delete()
        self.create(request_key=key)


class SentForm(models.Model):
    """A form of the admin that added a row: sent twice, it adds one."""

    request_key = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = SentFormQuerySet.as_manager()

    class Meta:
        db_table = "sent_form"

    def __str__(self) -> str:
        return str(self.request_key)
