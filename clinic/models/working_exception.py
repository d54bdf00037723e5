import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vetclinic.audit.triggers import kept


class WorkingExceptionQuerySet(models.QuerySet):
    def touching(self, start, end):
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def of(self, vets: dict):
        """Those of the vets themselves and of the branches that they work in. `vets`: by id."""
        branches = {vet.branch_id for vet in vets.values()}
        return self.filter(Q(vet__in=vets) | Q(branch__in=branches))


class WorkingException(models.Model):
    """A time in which a vet, or a whole branch, does not work though the week says so; or works though it does not."""

    class Kind(models.TextChoices):
        LEAVE = "leave", _("leave")
        HOLIDAY = "holiday", _("holiday")
        BLOCK = "block", _("blocked time")
        EXTRA = "extra", _("additional hours")

    vet = models.ForeignKey(
        "clinic.Veterinarian", models.PROTECT, null=True, blank=True, related_name="exceptions", verbose_name=_("vet")
    )
    branch = models.ForeignKey(
        "clinic.Branch", models.PROTECT, null=True, blank=True, related_name="exceptions", verbose_name=_("branch")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    note = models.CharField(_("note"), max_length=255, blank=True, db_default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by")
    )
    request_key = models.UUIDField(_("request key"), null=True, blank=True, unique=True, editable=False)

    objects = WorkingExceptionQuerySet.as_manager()

    class Meta:
        db_table = "working_exception"
        verbose_name = _("exception of working time")
        verbose_name_plural = _("exceptions of working time")
        indexes = [models.Index(fields=["ends_at"], name="working_exception_by_end")]
        constraints = [
            models.CheckConstraint(condition=Q(vet=None) ^ Q(branch=None), name="exception_of_a_vet_or_a_branch"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="exception_ends_after_start"),
            models.CheckConstraint(
                condition=Q(kind__in=["leave", "holiday", "block", "extra"]), name="exception_kind_is_known"
            ),
        ]
        triggers = [kept()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_at.astimezone(self.zone):%Y-%m-%d}"

    @property
    def zone(self) -> dt.tzinfo:
        """The clock of whose exception it is."""
        return (self.vet or self.branch).zone

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day, when it is whole days on that clock."""
        start, end = self.starts_at.astimezone(self.zone), self.ends_at.astimezone(self.zone)
        if start.time() != dt.time.min or end.time() != dt.time.min:
            return None
        return start.date(), end.date() - dt.timedelta(days=1)

    @property
    def opens(self) -> bool:
        return self.kind == self.Kind.EXTRA
