"""The price list in Django admin: what holds today, or on any day; prices that change by new rows; who changed them."""

import datetime as dt

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clinic.models.service import OPEN_END, Service
from clinic.price_forms import ServiceForm
from clinic.pricing import reprice_service
from clinic.time_forms import DayField
from clinic.views import price_changes as views
from vetclinic.access.role_admin import RoleAdmin, guarded
from vetclinic.audit.acting import act_as
from vetclinic.ui.templatetags.ui import money


def asked_day(request) -> dt.date | None:
    """The day whose price list is looked at; None for today's, and for a day that is none."""
    try:
        return DayField(required=False).clean(request.GET.get("day", ""))
    except ValidationError:
        return None


class DayFilter(admin.SimpleListFilter):
    """The price list of a day, past or to come."""

    title = _("day")
    parameter_name = "day"
    template = "admin/clinic/service/day_filter.html"

    def lookups(self, request, model_admin):
        self.day = asked_day(request)
        return []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist):
        """What else is asked for, to be kept, and the day."""
        kept = [
            (name, value) for name, value in changelist.get_filters_params().items() if name not in ("day", "time", "p")
        ]
        search = changelist.query
        yield {"day": self.day, "kept": [(name, value[-1]) for name, value in kept], "search": search}

    def queryset(self, request, services):
        return services.filter(valid_from__lte=self.day, valid_to__gt=self.day) if self.day else services


class TimeFilter(admin.SimpleListFilter):
    """Today's prices unless something else is asked for."""

    title = _("time")
    parameter_name = "time"

    def lookups(self, request, model_admin):
        return [("coming", _("coming")), ("ended", _("ended")), ("all", _("all"))]

    def choices(self, changelist):
        day = asked_day(self.request)
        yield {
            "selected": self.value() is None and day is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name, "day"]),
            "display": _("today"),
        }
        for lookup, title in self.lookup_choices:
            yield {
                "selected": self.value() == lookup and day is None,
                "query_string": changelist.get_query_string({self.parameter_name: lookup}, ["day"]),
                "display": title,
            }

    def queryset(self, request, services):
        self.request, today = request, timezone.localdate()
        if asked_day(request):
            return services
        return {
            None: services.filter(valid_from__lte=today, valid_to__gt=today),
            "coming": services.filter(valid_from__gt=today),
            "ended": services.filter(valid_to__lte=today),
        }.get(self.value(), services)


class ServiceAdmin(RoleAdmin):
    permission = "edit_prices"
    add_title = _("New service")
    form = ServiceForm
    list_display = ["name", "price", "unit", "category", "code", "since", "until"]
    list_filter = [TimeFilter, DayFilter, "category", "is_active"]
    search_fields = ["name", "code"]
    ordering = ["category", "name"]
    list_per_page = 100
    change_list_template = "admin/clinic/service/list.html"

    @admin.display(description=_("cost"), ordering="cost")
    def price(self, service: Service) -> str:
        return money(service.cost)

    @admin.display(description=_("valid from"), ordering="valid_from")
    def since(self, service: Service) -> str:
        return date_format(service.valid_from, "SHORT_DATE_FORMAT")

    @admin.display(description=_("valid until"), ordering="valid_to", empty_value="—")
    def until(self, service: Service) -> str | None:
        return None if service.valid_to == OPEN_END else date_format(service.valid_to, "SHORT_DATE_FORMAT")

    def get_fieldsets(self, request, obj=None):
        new_cost = ["since", "reason"] if obj else []
        return [
            (None, {"fields": ["name", "code", "category", "unit", "description"]}),
            (_("Price"), {"fields": ["cost", *new_cost, "cost_price"]}),
            (_("Time"), {"fields": ["valid_from", "valid_to", "is_active"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        """Which service it is and since when are facts: they stay as they were."""
        return ["code", "valid_from"] if obj else []

    def get_changeform_initial_data(self, request):
        return {"valid_from": timezone.localdate()}

    def get_urls(self):
        pages = [
            ("change-many/", views.bulk, "clinic_service_bulk"),
            ("import/", views.import_file, "clinic_service_import"),
            ("prices.csv", views.export, "clinic_service_csv"),
            ("prices.xlsx", views.export, "clinic_service_xlsx"),
        ]
        return [
            path(address, guarded(self, view), {"kind": address[7:]} if view is views.export else {}, name)
            for address, view, name in pages
        ] + super().get_urls()

    def changelist_view(self, request, extra_context=None):
        day = asked_day(request)
        context = {"day": day, "today": timezone.localdate()}
        return super().changelist_view(request, context | (extra_context or {}))

    def history_view(self, request, object_id, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        service = self.get_object(request, object_id)
        if service is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return views.history(request, service)

    def save_model(self, request, obj, form, change):
        act_as(request.user)
        if not change:
            super().save_model(request, obj, form, change)
            return
        others = [name for name in form.changed_data if name not in ("cost", "since", "reason")]
        if others:
            obj.save(update_fields=others)
        if "cost" in form.changed_data:
            wish = {name: form.cleaned_data[name] for name in ("cost", "since", "reason")}
            reprice_service(service=obj, **wish, by=request.user)
            day = date_format(wish["since"], "SHORT_DATE_FORMAT")
            self.message_user(
                request, _("The new price holds from %(day)s; until then the old one does.") % {"day": day}
            )


class PriceChangeAdmin(RoleAdmin):
    """What was changed together, read only but for its undoing."""

    permission = "edit_prices"
    list_display = ["reason", "since", "count", "made_by", "made_at", "undone_at"]
    list_select_related = ["made_by"]
    ordering = ["-id"]
    list_per_page = 50

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(lines_count=Count("lines"))

    @admin.display(description=_("prices"))
    def count(self, change) -> int:
        return change.lines_count

    def get_urls(self):
        undo = path("<int:pk>/undo/", guarded(self, views.undo), name="clinic_pricechange_undo")
        return [undo, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if self.get_object(request, object_id) is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return views.change(request, object_id)

    def history_view(self, request, object_id, extra_context=None):
        return redirect("admin:clinic_pricechange_change", object_id)
