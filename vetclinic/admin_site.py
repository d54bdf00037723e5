"""Django admin, for what admins edit: the price list, the users, and what a clinic is set up from."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class VetclinicAdminSite(admin.AdminSite):
    site_header = "Vetclinic"
    site_title = "Vetclinic"
    index_title = _("Settings")
    site_url = "/"

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """There is one way in, the site's own. Who is signed in without the right to be here is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect(reverse("login", query={"next": request.GET.get("next", "")}))

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Everybody's own password is changed on the site, admins' too."""
        return redirect("password_change")


class VetclinicAdminConfig(AdminConfig):
    default_site = "vetclinic.admin_site.VetclinicAdminSite"

    def ready(self) -> None:
        """The queue's own tables are nothing to edit, and rights come from the matrix of roles alone."""
        super().ready()
        for app in ("procrastinate", "auth"):
            for model in apps.get_app_config(app).get_models():
                if admin.site.is_registered(model):
                    admin.site.unregister(model)
