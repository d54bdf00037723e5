"""Addresses of the visit."""

from django.urls import path

from records.views import files, visit

urlpatterns = [
    path("visits/<int:pk>/", visit.visit, name="visit"),
    path("visits/<int:pk>/start/", visit.visit_start, name="visit_start"),
    path("visits/<int:pk>/treatments/", visit.treatment_add, name="treatment_add"),
    path("visits/<int:pk>/treatments/<int:treatment_pk>/remove/", visit.treatment_remove, name="treatment_remove"),
    path("pets/<int:pk>/files/add/", files.file_add, name="file_add"),
    path("pets/<int:pk>/files/<int:file_pk>/", files.file_open, name="file"),
    path("pets/<int:pk>/files/<int:file_pk>/small/", files.file_small, name="file_small"),
    path("pets/<int:pk>/files/<int:file_pk>/move/", files.file_move, name="file_move"),
    path("pets/<int:pk>/files/<int:file_pk>/withdraw/", files.file_withdraw, name="file_withdraw"),
]
