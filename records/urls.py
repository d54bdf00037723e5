"""Addresses of the visit."""

from django.urls import path

from records.views import bill, visit, weights

urlpatterns = [
    path("visits/<int:pk>/", visit.visit, name="visit"),
    path("visits/<int:pk>/start/", visit.visit_start, name="visit_start"),
    path("visits/<int:pk>/treatments/", visit.treatment_add, name="treatment_add"),
    path("visits/<int:pk>/treatments/<int:treatment_pk>/remove/", visit.treatment_remove, name="treatment_remove"),
    path("visits/<int:pk>/treatments/<int:treatment_pk>/discount/", bill.treatment_discount, name="treatment_discount"),
    path("pets/<int:pk>/weight/", weights.weight_add, name="weight_add"),
    path("pets/<int:pk>/weight/<int:measurement_pk>/remove/", weights.weight_remove, name="weight_remove"),
]
