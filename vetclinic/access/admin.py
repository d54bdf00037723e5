"""Users in Django admin, and the base of every admin page: the access matrix decides, nothing is deleted."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from vetclinic.access.models import User
from vetclinic.access.roles import Role
from vetclinic.refusals import RuleViolation, explain

admin.site.unregister(Group)  # rights come from the matrix of roles alone


class RoleAdmin(admin.ModelAdmin):
    """Seen and edited by who has `permission` in the matrix. No bulk actions: a forged one is a 500 in Django."""

    permission = ""
    actions = None

    def _may(self, request, obj=None) -> bool:
        return request.user.is_authenticated and request.user.may(self.permission)

    has_module_permission = has_view_permission = has_add_permission = has_change_permission = _may

    def changeform_view(self, request, *args, **kwargs):
        """What the form could not foresee, the database refuses: nothing is saved, and the reason is said."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (RuleViolation, IntegrityError) as error:
            violation = error if isinstance(error, RuleViolation) else explain(error)
            self.message_user(request, violation.message, messages.ERROR)
            return redirect(request.get_full_path())

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class UserForm(UserChangeForm):
    """An administrator cannot lock out the last one: themselves."""

    def clean(self):
        data = super().clean()
        editing_oneself = self.instance.pk == getattr(self, "editor_id", None)
        if editing_oneself and (data.get("role") != Role.ADMIN or not data.get("is_active")):
            raise ValidationError(_("You cannot take your own right away. Ask another administrator."))
        return data


class NewUserForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "role")


@admin.register(User)
class UserAdmin(RoleAdmin, DjangoUserAdmin):
    permission = "edit_users"
    form = UserForm
    add_form = NewUserForm
    list_display = ["username", "last_name", "first_name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password", "role", "is_active"]}),
        (_("Person"), {"fields": ["last_name", "first_name", "email"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "role", "last_name", "first_name", "password1", "password2"]})]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.editor_id = request.user.pk
        return form
