"""Every address of the site."""

from django.contrib import admin
from django.urls import path

handler400 = "vetclinic.ui.errors.bad_request_page"
handler403 = "vetclinic.ui.errors.forbidden_page"
handler404 = "vetclinic.ui.errors.not_found_page"
handler500 = "vetclinic.ui.errors.server_error_page"

urlpatterns = [
    path("admin/", admin.site.urls),
]
