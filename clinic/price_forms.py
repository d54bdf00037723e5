"""What is typed to change prices: of one service, of many by a rule, of many by a file."""

import datetime as dt
import uuid
from decimal import Decimal
from functools import partial

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from clinic.models.service import Service, ServiceCategory
from clinic.price_files import FileFault, read
from clinic.price_plans import Planner, plan_bulk, plan_rows, plan_single
from clinic.price_rules import check_nothing_in_the_way, check_price_starts
from clinic.rounding import STEPS, Measure, Rounding
from clinic.time_forms import DayField
from vetclinic.refusals import REFUSALS, RuleViolation
from vetclinic.ui.forms import KeyedForm, add_violation
from vetclinic.ui.uploads import upload_fault

SINCE_HELP = _("Today or later. Until then the old prices hold.")
KEPT_S = 3600
TOO_LARGE = _("This file is larger than 5 MB.")


class PlanForm(KeyedForm):
    """From which day and why. `shown` is what a person has seen of the plan: its digest."""

    since = DayField(label=_("From day"), help_text=SINCE_HELP)
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("It stays in the history of each price."))
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_since(self):
        since = self.cleaned_data["since"]
        try:
            check_price_starts(since, timezone.localdate())
        except RuleViolation as violation:
            raise ValidationError(violation.message, code=violation.code) from violation
        return since

    def planner(self) -> Planner:
        raise NotImplementedError


class Signed(forms.DecimalField):
    """Takes the typographic minus too: pages print it, and people copy it."""

    def to_python(self, value):
        return super().to_python(str(value or "").replace("\u2212", "-"))


class BulkForm(PlanForm):
    categories = forms.MultipleChoiceField(
        label=_("Categories"),
        choices=ServiceCategory.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )
    by = Signed(
        label=_("By how much"),
        min_value=Decimal(-1_000_000),
        max_value=Decimal(1_000_000),
        max_digits=9,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "text"}),
        help_text=_("With a minus the prices fall: −5"),
    )
    measure = forms.ChoiceField(label=_("Per cent or money"), choices=Measure.choices, initial=Measure.PERCENT)
    step = forms.TypedChoiceField(
        label=_("Round to"), choices=lambda: [(str(step), number_format(step)) for step in STEPS], coerce=Decimal
    )
    rounding = forms.ChoiceField(label=_("Rounding"), choices=Rounding.choices, initial=Rounding.NEAREST)

    field_order = ["categories", "by", "measure", "step", "rounding", "since", "reason"]

    def clean_by(self):
        by = self.cleaned_data["by"]
        if by == 0:
            raise ValidationError(_("Enter more or less than zero."))
        return by

    def clean(self):
        data = super().clean()
        if data.get("measure") == Measure.PERCENT and not -100 < data.get("by", 0) <= 1000:
            self.add_error("by", _("Enter more than −100 and at most 1000 per cent."))
        return data

    def planner(self) -> Planner:
        names = ("since", "categories", "by", "measure", "step", "rounding")
        return partial(plan_bulk, **{name: self.cleaned_data[name] for name in names})


class ImportForm(PlanForm):
    """A file of prices. `faults` are those of its rows: with one, nothing is taken from it."""

    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX, at most 5 MB and 20,000 rows."))
    field_order = ["file", "since", "reason"]
    faults: list[tuple[int, str]] = []

    def __init__(self, *args, request=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.dropped = upload_fault(request)
        if self.dropped:
            self.fields["file"].required = False

    def clean_file(self):
        file = self.cleaned_data["file"]
        if self.dropped or file is None:
            raise ValidationError(TOO_LARGE)
        try:
            rows, self.faults = read(file.read())
        except FileFault as fault:
            raise ValidationError(str(fault)) from fault
        if self.faults:
            raise ValidationError(_("There are faults in this file: see its rows below. Nothing was taken from it."))
        return {"rows": rows, "file": file.name[:100]}

    def planner(self) -> Planner:
        return partial(plan_rows, since=self.cleaned_data["since"], **self.cleaned_data["file"])


class ConfirmForm(PlanForm):
    """The rows of a file that was read a moment ago, kept under a token for who sent it."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_token(self):
        token = self.cleaned_data["token"]
        self.kept = cache.get(_place(self.user, token))
        if self.kept is None:
            raise ValidationError(_("The file is not kept any more. Send it once more."), code="forgotten")
        return token

    def planner(self) -> Planner:
        return partial(plan_rows, since=self.cleaned_data["since"], **self.kept)


def keep_file(user, read_file: dict) -> uuid.UUID:
    """Keep the rows of a file until they are applied, an hour at most."""
    token = uuid.uuid4()
    cache.set(_place(user, token), read_file, KEPT_S)
    return token


def _place(user, token: uuid.UUID) -> str:
    return f"prices:{user.pk}:{token}"


class ServiceForm(forms.ModelForm):
    """A changed cost means: a new price from a day on, for a reason. What else is changed is corrected in place."""

    since = DayField(label=_("New cost from day"), required=False, help_text=SINCE_HELP)
    reason = forms.CharField(
        label=_("Reason for the new cost"), max_length=200, required=False, help_text=_("Asked when the cost changes.")
    )

    def clean_valid_from(self):
        since = self.cleaned_data["valid_from"]
        if since < timezone.localdate():
            raise ValidationError(_("A new price starts today or later."), code="price_starts_today_or_later")
        return since

    def clean_valid_to(self):
        """Of a row that is there: its code and first day are no fields, so Django does not ask the constraint."""
        until, price = self.cleaned_data["valid_to"], self.instance
        if price.pk is None:
            return until
        if Service.objects.filter(code=price.code, valid_from__gt=price.valid_from, valid_from__lt=until).exists():
            raise ValidationError(REFUSALS["service_one_price_a_day"][0], code="service_one_price_a_day")
        return until

    def clean(self):
        data = super().clean()
        if self.instance.pk and "cost" in self.changed_data and "cost" in data:
            for name in ("since", "reason"):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, ValidationError(_("This field is required."), code="required"))
            if data.get("since"):
                self._check_new_cost(data["since"], data["cost"])
        return data

    def _check_new_cost(self, since: dt.date, cost: Decimal) -> None:
        """Asked again under lock; here it is told by its field, beside what was typed."""
        plan = plan_single(service=self.instance, since=since, cost=cost)
        try:
            check_price_starts(since, timezone.localdate())
            check_nothing_in_the_way([price.obstacle for price in plan.in_the_way])
        except RuleViolation as violation:
            add_violation(self, violation)
