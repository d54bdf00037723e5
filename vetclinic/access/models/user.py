from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vetclinic.access.roles import Role, may
from vetclinic.audit.triggers import kept
from vetclinic.replication.state import show_at_once_to


class User(AbstractUser):
    """A person who signs in. What they may do follows from their role alone."""

    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    # Set with a password that an administrator gave: until then it opens the door once, to choose one's own.
    first_password_until = models.DateTimeField(_("first password until"), null=True, blank=True, editable=False)

    REQUIRED_FIELDS = ("role",)  # `createsuperuser --role admin` makes a clinic's first administrator

    class Meta:
        db_table = "app_user"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        triggers = [kept(without="password")]
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="app_user_role_is_known"),
        ]

    def may(self, permission: str) -> bool:
        """Whether this person has a permission of the access matrix (vetclinic/access/roles.py)."""
        return self.is_active and may(self.role, permission)

    @property
    def has_stale_password(self) -> bool:
        """Whether the first password has waited for too long to be used."""
        return self.first_password_until is not None and self.first_password_until < timezone.now()

    def save(self, *args, **kwargs):
        """Only admins reach Django admin; nobody is a superuser, so the matrix stays the whole truth."""
        self.is_staff = self.role == Role.ADMIN
        self.is_superuser = False
        super().save(*args, **kwargs)
        show_at_once_to(self.pk)  # a right that was taken away
