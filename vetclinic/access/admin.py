"""Django admin for the people who sign in."""

from django import forms
from django.contrib import admin
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.urls import path
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from vetclinic.access.actions import give_first_password
from vetclinic.access.models import User
from vetclinic.access.role_admin import RoleAdmin, guarded
from vetclinic.access.roles import Role
from vetclinic.access.views import people as views


class PersonForm(forms.ModelForm):
    """An administrator cannot lock out the last one: themselves."""

    editor_id: int

    class Meta:
        model = User
        fields = ("username", "role", "is_active", "last_name", "first_name", "email")
        field_classes = {"username": UsernameField}
        help_texts = {
            "username": _("What is typed to sign in: letters, digits and @ . + - _"),
            "is_active": _("Who has left is switched off, never deleted: history names them."),
        }

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Somebody has this name already, in capitals perhaps."), code="unique")
        return username

    def clean(self):
        data = super().clean()
        editing_oneself = self.instance.pk == self.editor_id
        if editing_oneself and (data.get("role") != Role.ADMIN or not data.get("is_active")):
            raise ValidationError(_("You cannot take your own right away. Ask another administrator."))
        return data


@admin.register(User)
class UserAdmin(RoleAdmin):
    permission = "edit_users"
    add_title = _("New person")
    form = PersonForm
    list_display = ["username", "last_name", "first_name", "role", "is_active", "telephone", "last_seen"]
    list_filter = ["role", "is_active"]
    list_select_related = ["second_factor"]
    search_fields = ["username", "last_name", "first_name"]
    ordering = ["username"]

    @admin.display(description=_("code from a telephone"), empty_value="—")
    def telephone(self, person: User) -> str | None:
        factor = getattr(person, "second_factor", None)
        return factor and date_format(factor.since, "SHORT_DATE_FORMAT")

    @admin.display(description=_("last sign-in"), ordering="last_login", empty_value="—")
    def last_seen(self, person: User) -> str | None:
        return person.last_login and date_format(localtime(person.last_login), "SHORT_DATETIME_FORMAT")

    def get_fieldsets(self, request, obj=None):
        signs_in = ["username", "role", "is_active"] if obj else ["username", "role"]
        return [(None, {"fields": signs_in}), (_("Person"), {"fields": ["last_name", "first_name", "email"]})]

    def get_form(self, request, obj=None, change=False, **options):
        form = super().get_form(request, obj, change=change, **options)
        form.editor_id = request.user.pk
        return form

    def get_urls(self):
        pages = [
            ("<int:pk>/password/", views.first_password, "access_user_password"),
            ("<int:pk>/code/", views.second_factor_reset, "access_user_code"),
        ]
        return [path(address, guarded(self, view), name=name) for address, view, name in pages] + super().get_urls()

    def lookup_allowed(self, lookup, value, request=None) -> bool:
        """A list filtered by the beginning of a hash would tell it sign by sign."""
        return not lookup.startswith(("password", "second_factor")) and super().lookup_allowed(lookup, value, request)

    def render_change_form(self, request, context, add=False, **options):
        """After a new person comes the page with the first password, whatever else was asked for."""
        if add:
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, add=add, **options)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            request.first_password = give_first_password(person=obj, by=request.user)

    def response_add(self, request, obj, post_url_continue=None):
        return views.show_first_password(request, obj, request.first_password)
