from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from vetclinic.access.models.user import User


class SecondFactor(models.Model):
    """The secret that a person's telephone and we share. A row: at sign-in a code is asked."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="second_factor")
    secret = models.CharField(max_length=40)  # 20 bytes in hex, of which telephone and clinic make the same codes
    last_step = models.BigIntegerField(db_default=0)  # the half minute of the newest code that was accepted
    since = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "second_factor"
        verbose_name = _("second factor")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(("secret__regex", "^[0-9a-f]{40}$")), name="second_factor_has_its_secret"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """One of the codes for the day on which the telephone is lost, as a keyed hash: each works once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", db_index=False)
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        verbose_name = _("recovery code")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once_a_person")]

    def __str__(self) -> str:
        return f"{self.user} {self.pk}"
