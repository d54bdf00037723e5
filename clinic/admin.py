"""Django admin for the price list, and for what a clinic is set up from: branches, specializations, vets, hours."""

import zoneinfo

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clinic import actions, rules
from clinic.models import Branch, Service, Specialization, Veterinarian
from clinic.models.service import OPEN_END
from vetclinic.access.admin import RoleAdmin
from vetclinic.refusals import RuleViolation


class PriceTimeFilter(admin.SimpleListFilter):
    """Today's prices unless something else is asked for."""

    title = _("time")
    parameter_name = "time"

    def lookups(self, request, model_admin):
        return [("coming", _("coming")), ("ended", _("ended")), ("all", _("all"))]

    def choices(self, changelist):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("today"),
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request, services):
        today = timezone.localdate()
        return {
            None: services.filter(valid_from__lte=today, valid_to__gt=today),
            "coming": services.filter(valid_from__gt=today),
            "ended": services.filter(valid_to__lte=today),
        }.get(self.value(), services)


class ServiceForm(forms.ModelForm):
    """A changed cost of a price in force means: a new price from today on."""

    def clean(self):
        data = super().clean()
        if self.instance.pk and "cost" in self.changed_data and "cost" in data:
            try:
                rules.check_can_reprice(Service.objects.get(pk=self.instance.pk), timezone.localdate())
            except RuleViolation as violation:
                raise ValidationError({"cost": violation.message}) from violation
        return data


@admin.register(Service)
class ServiceAdmin(RoleAdmin):
    permission = "edit_prices"
    form = ServiceForm
    list_display = ["name", "code", "category", "cost", "unit", "since", "until"]
    list_filter = [PriceTimeFilter, "category", "is_active"]
    search_fields = ["name", "code"]
    ordering = ["category", "name"]
    fields = [
        "name",
        "code",
        "category",
        "cost",
        "cost_price",
        "unit",
        "valid_from",
        "valid_to",
        "is_active",
        "description",
    ]
    list_per_page = 100

    @admin.display(description=_("valid from"), ordering="valid_from")
    def since(self, service: Service) -> str:
        return date_format(service.valid_from, "SHORT_DATE_FORMAT")

    @admin.display(description=_("valid until"), ordering="valid_to", empty_value="—")
    def until(self, service: Service) -> str | None:
        return None if service.valid_to == OPEN_END else date_format(service.valid_to, "SHORT_DATE_FORMAT")

    def get_changeform_initial_data(self, request):
        return {"valid_from": timezone.localdate()}

    def get_readonly_fields(self, request, obj=None):
        """Which service it is and since when are facts: they stay as they were."""
        return ["code", "valid_from"] if obj else []

    def save_model(self, request, obj, form, change):
        if not (change and "cost" in form.changed_data):
            super().save_model(request, obj, form, change)
            return
        others = [name for name in form.changed_data if name != "cost"]
        if others:
            obj.save(update_fields=others)
        cost, today = form.cleaned_data["cost"], timezone.localdate()
        price = actions.reprice_service(service=obj, cost=cost, since=today, by=request.user)
        if price.pk != obj.pk:
            self.message_user(
                request, _("The old price ended; the new one holds from today. Old treatments keep theirs.")
            )


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
