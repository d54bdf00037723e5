"""What all pages of Django admin share: who may, what is said, and forms that lose nothing that was typed."""

import uuid

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from vetclinic.access.models import SentForm
from vetclinic.audit.acting import act_as
from vetclinic.refusals import RuleViolation, explain
from vetclinic.ui.forms import add_violation


class RoleAdmin(admin.ModelAdmin):
    """A model that is edited by who has `permission` in the matrix. No bulk actions: a forged one is a 500 in Django.

    Django's own titles and messages put a noun into a sentence as it is: Russian bends it, so ours leave it alone.
    """

    permission = ""
    add_title: str | Promise = ""
    actions = None

    def _may(self, request, obj=None) -> bool:
        return request.user.is_authenticated and request.user.may(self.permission)

    has_module_permission = has_view_permission = has_add_permission = has_change_permission = _may

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    # -- What is said ---------------------------------------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    def render_change_form(self, request, context, add=False, **options):
        context["title"] = self.add_title if add else capfirst(self.opts.verbose_name)
        context["request_key"] = _key_of(request) or uuid.uuid4()
        return super().render_change_form(request, context, add=add, **options)

    def response_add(self, request, obj, post_url_continue=None):
        return super().response_add(request, obj) if IS_POPUP_VAR in request.POST else self._saved(request, obj)

    def response_change(self, request, obj):
        return super().response_change(request, obj) if IS_POPUP_VAR in request.POST else self._saved(request, obj)

    def _saved(self, request: HttpRequest, obj) -> HttpResponse:
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        if not messages.get_messages(request).added_new:  # saving may have said more than that it is done
            self.message_user(request, format_html('{}: <a href="{}">{}</a>', _("Saved"), page, obj), messages.SUCCESS)
        if "_continue" in request.POST:
            return HttpResponseRedirect(page)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(request.path)
        return self.response_post_save_change(request, obj)

    # -- Nothing typed is lost, nothing is added twice ----------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """What the form could not foresee the database refuses: the form comes back with it, and with all typed."""
        pages = super().changeform_view
        if object_id is None and _came_before(request):
            return self._saved_before(request)
        try:
            return pages(request, object_id, form_url, extra_context)
        except (RuleViolation, IntegrityError) as error:
            if _came_before(request):  # while this one was saving
                return self._saved_before(request)
            request.refusal = error if isinstance(error, RuleViolation) else explain(error)
        answer = pages(request, object_id, form_url, extra_context)
        answer.status_code = 409
        return answer

    def get_form(self, request, obj=None, change=False, **options):
        form = super().get_form(request, obj, change=change, **options)
        refusal = getattr(request, "refusal", None)
        return _refused(form, refusal) if refusal else form

    def save_model(self, request, obj, form, change):
        act_as(request.user)
        key = None if change else _key_of(request)
        if key:
            SentForm.objects.note(key)
        super().save_model(request, obj, form, change)

    def _saved_before(self, request: HttpRequest) -> HttpResponse:
        self.message_user(request, _("This form was saved already."))
        return self.response_post_save_add(request, None)


def _key_of(request: HttpRequest) -> uuid.UUID | None:
    try:
        return forms.UUIDField(required=False).clean(request.POST.get("request_key"))
    except ValidationError:
        return None


def _came_before(request: HttpRequest) -> bool:
    key = _key_of(request)
    return key is not None and SentForm.objects.filter(pk=key).exists()


def _refused(form: type[forms.ModelForm], violation: RuleViolation) -> type[forms.ModelForm]:
    """The form as it is, and refused once it is found to be in order."""

    class Refused(form):
        def _post_clean(self):
            super()._post_clean()
            add_violation(self, violation)

    return Refused


def guarded(model_admin: RoleAdmin, view):
    """A page beside the admin's own, for who may edit what it edits."""

    def page(request, *args, **kwargs):
        if not request.user.may(view.permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    page.takes_file, page.methods = getattr(view, "takes_file", False), view.methods
    return model_admin.admin_site.admin_view(page)
