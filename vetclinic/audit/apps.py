from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "vetclinic.audit"
    label = "audit"
    verbose_name = _("Changes")

    def ready(self) -> None:
        from vetclinic.audit.rights import set_rights

        post_migrate.connect(set_rights, sender=self)
