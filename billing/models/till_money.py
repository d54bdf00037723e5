import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models.branch import clock_of


class TillMoney(models.Model):
    """Money that comes into the till of a branch or goes out of it, on a day of the clock there."""

    branch = models.ForeignKey(  # empty in a clinic without branches
        "clinic.Branch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("branch"),
    )
    day = models.DateField(_("day"), help_text=_("On the branch’s clock."))

    class Meta:
        abstract = True

    @property
    def moment(self) -> dt.datetime:
        """When it was."""
        raise NotImplementedError

    @property
    def there(self) -> dt.datetime:
        """When it was on the branch's clock: naive, as templates move aware times to the site's zone."""
        return timezone.make_naive(self.moment, clock_of(self.branch))
