"""Closed by default: a view without a declared permission answers nobody."""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.urls import resolve

PUBLIC = "public"


class ClosedByDefault:
    """Asks, before every view, the permission that it declared with `@allowed`; redirects strangers to sign in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request, view, args, kwargs):
        if "admin" in resolve(request.path_info).app_names:
            return None  # Django admin asks its own permissions: staff only, per model
        permission = getattr(view, "permission", None)
        if permission is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__name__} declares no permission (use @allowed)")
        if permission == PUBLIC:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.may(permission):
            raise PermissionDenied
        return None
