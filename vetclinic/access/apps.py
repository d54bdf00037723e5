from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import checks
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "vetclinic.access"
    label = "access"
    verbose_name = _("People")

    def ready(self) -> None:
        from vetclinic.access.session_ends import begin  # models are there only now

        user_logged_in.connect(begin, dispatch_uid="a password opened the door")
        checks.register(warn_of_second_factor, checks.Tags.security, deploy=True)


def warn_of_second_factor(**_of_whom) -> list[checks.CheckMessage]:
    """Who sees all the money or edits people should need more than a password (docs/security.md)."""
    without = [role for role in ("manager", "admin") if role not in settings.SECOND_FACTOR_FOR]
    hint = "Set SECOND_FACTOR_FOR=manager,admin."
    if not without:
        return []
    return [checks.Warning(f"A password alone opens the door for: {', '.join(without)}.", hint=hint, id="access.W001")]
