"""Django admin for the text templates. Records, drafts and addenda are no business of its: they are not there."""

from django.contrib import admin

from records.models import RecordTemplate
from vetclinic.access.admin import RoleAdmin


@admin.register(RecordTemplate)
class RecordTemplateAdmin(RoleAdmin):
    permission = "edit_templates"
    list_display = ["title", "species", "diagnosis", "is_active"]
    list_filter = ["is_active", "species"]
    search_fields = ["title", "diagnosis"]
    ordering = ["title"]
    fields = ["title", "species", "diagnosis", "complaint", "prescription", "notes", "is_active"]
