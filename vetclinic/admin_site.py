"""Django admin, for what admins edit: the price list and the users. Nothing else is registered."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class VetclinicAdminSite(admin.AdminSite):
    site_header = "Vetclinic"
    site_title = "Vetclinic"
    index_title = _("Settings")
    site_url = "/"


class VetclinicAdminConfig(AdminConfig):
    default_site = "vetclinic.admin_site.VetclinicAdminSite"
