"""Django admin for the people who sign in."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from vetclinic.access.models import User
from vetclinic.access.role_admin import RoleAdmin
from vetclinic.access.roles import Role

admin.site.unregister(Group)  # rights come from the matrix of roles alone


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
    list_title, add_title, row_title = _("People"), _("New person"), _("Person")
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
