"""Django admin for what a clinic is set up from: branches, specializations, vets. Prices: clinic/price_admin.py."""

import zoneinfo

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, PriceChange, Service, Specialization, Veterinarian
from clinic.price_admin import PriceChangeAdmin, ServiceAdmin
from vetclinic.access.admin import RoleAdmin

admin.site.register(Service, ServiceAdmin)
admin.site.register(PriceChange, PriceChangeAdmin)


class BranchForm(forms.ModelForm):
    time_zone = forms.ChoiceField(label=_("time zone"), choices=lambda: [(name, name) for name in _time_zones()])


@admin.register(Branch)
class BranchAdmin(RoleAdmin):
    permission = "edit_users"
    form = BranchForm
    list_display = ["name", "time_zone"]


@admin.register(Specialization)
class SpecializationAdmin(RoleAdmin):
    permission = "edit_users"
    list_display = ["name"]


def _time_zones() -> list[str]:
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")


@admin.register(Veterinarian)
class VeterinarianAdmin(RoleAdmin):
    permission = "edit_users"
    list_display = ["__str__", "specialization", "branch", "is_active"]
    list_filter = ["is_active", "branch"]
    search_fields = ["last_name", "first_name"]
