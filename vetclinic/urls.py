"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

handler400 = "vetclinic.ui.errors.bad_request_page"
handler403 = "vetclinic.ui.errors.forbidden_page"
handler404 = "vetclinic.ui.errors.not_found_page"
handler500 = "vetclinic.ui.errors.server_error_page"

urlpatterns = [
    path("", include("vetclinic.home.urls")),
    path("", include("vetclinic.access.urls")),
    path("", include("vetclinic.monitoring.urls")),
    path("", include("clinic.urls")),
    path("", include("records.urls")),
    path("", include("billing.urls")),
    path("admin/", admin.site.urls),
]
