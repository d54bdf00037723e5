"""Django admin, for what admins edit: the price list, the users, and what a clinic is set up from."""

import functools

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from vetclinic.replication.state import read_primary


class VetclinicAdminSite(admin.AdminSite):
    site_header = "Vetclinic"
    site_title = "Vetclinic"
    index_title = _("Settings")
    site_url = "/"

    def admin_view(self, view, cacheable: bool = False):
        """Who edits sees what is stored, not what the standby has heard of so far."""
        inner = super().admin_view(view, cacheable)

        @functools.wraps(view)
        def on_primary(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            read_primary()
            return inner(request, *args, **kwargs)

        return on_primary

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """There is one way in, the site's own. Who is signed in without the right to be here is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect(reverse("login", query={"next": request.GET.get("next", "")}))


class VetclinicAdminConfig(AdminConfig):
    default_site = "vetclinic.admin_site.VetclinicAdminSite"

    def ready(self) -> None:
        """The queue's own tables are nothing to edit."""
        super().ready()
        queue = set(apps.get_app_config("procrastinate").get_models())
        admin.site.unregister(queue & set(admin.site._registry))
