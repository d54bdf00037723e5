"""Django admin for what a clinic is set up from: branches, specializations, vets. Prices: clinic/price_admin.py."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, PriceChange, Service, Specialization, Veterinarian
from clinic.price_admin import PriceChangeAdmin, ServiceAdmin
from clinic.setup_forms import BranchForm, VetForm
from vetclinic.access.role_admin import RoleAdmin

admin.site.register(Service, ServiceAdmin)
admin.site.register(PriceChange, PriceChangeAdmin)


@admin.register(Branch)
class BranchAdmin(RoleAdmin):
    permission = "edit_users"
    add_title = _("New branch")
    form = BranchForm
    list_display = ["name", "time_zone"]


@admin.register(Specialization)
class SpecializationAdmin(RoleAdmin):
    permission = "edit_users"
    add_title = _("New specialization")
    list_display = ["name"]


@admin.register(Veterinarian)
class VeterinarianAdmin(RoleAdmin):
    permission = "edit_users"
    form = VetForm
    add_title = _("New vet")
    list_display = ["__str__", "specialization", "branch", "is_active"]
    list_filter = ["is_active", "branch"]
    search_fields = ["last_name", "first_name"]
