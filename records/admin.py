"""Django admin for the text templates and the kinds of vaccine. Records and what belongs to them are not there."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from records.models import RecordTemplate, VaccineKind
from vetclinic.access.role_admin import RoleAdmin


@admin.register(RecordTemplate)
class RecordTemplateAdmin(RoleAdmin):
    permission = "edit_templates"
    add_title = _("New template")
    list_display = ["title", "species", "diagnosis", "is_active"]
    list_filter = ["is_active", "species"]
    search_fields = ["title", "diagnosis"]
    ordering = ["title"]
    fields = ["title", "species", "diagnosis", "complaint", "prescription", "notes", "is_active"]


@admin.register(VaccineKind)
class VaccineKindAdmin(RoleAdmin):
    permission = "edit_vaccine_kinds"
    add_title = _("New kind of vaccine")
    list_display = ["name", "species", "every", "unit", "is_active"]
    list_filter = ["is_active", "species"]
    search_fields = ["name"]
    ordering = ["name", "species"]
    fields = ["name", "species", "every", "unit", "is_active"]
