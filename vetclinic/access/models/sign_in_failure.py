from django.db import models
from django.db.models.functions import Now


class SignInFailure(models.Model):
    """A password or a code that was tried and was not the right one, for an hour (vetclinic/access/slowing.py)."""

    key = models.CharField(max_length=64)  # what was tried for which name, as a keyed hash
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        db_table = "sign_in_failure"
        indexes = [models.Index(fields=["key", "at"], name="sign_in_failure_of_a_key")]

    def __str__(self) -> str:
        return f"{self.at} {self.address}"
