from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "vetclinic.access"
    label = "access"
    verbose_name = _("People")

    def ready(self) -> None:
        from vetclinic.access.session_ends import begin  # models are there only now

        user_logged_in.connect(begin, dispatch_uid="a password opened the door")
