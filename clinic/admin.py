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
    list_title, add_title, row_title = _("Branches"), _("New branch"), _("Branch")
    form = BranchForm
    list_display = ["name", "time_zone"]


@admin.register(Specialization)
class SpecializationAdmin(RoleAdmin):
    permission = "edit_users"
    list_title, add_title, row_title = _("Specializations"), _("New specialization"), _("Specialization")
    list_display = ["name"]


@admin.register(Veterinarian)
class VeterinarianAdmin(RoleAdmin):
    permission = "edit_users"
    form = VetForm
    list_title, add_title, row_title = _("Vets"), _("New vet"), _("Vet")
    list_display = ["__str__", "specialization", "branch", "is_active"]
    list_filter = ["is_active", "branch"]
    search_fields = ["last_name", "first_name"]
