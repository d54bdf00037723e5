"""Addresses of the visit."""

from django.urls import path

from records.views import bill, files, papers, visit, weights, writing

urlpatterns = [
    path("visits/<int:pk>/", visit.visit, name="visit"),
    path("visits/<int:pk>/start/", visit.visit_start, name="visit_start"),
    path("visits/<int:pk>/treatments/", visit.treatment_add, name="treatment_add"),
    path("visits/<int:pk>/treatments/<int:treatment_pk>/remove/", visit.treatment_remove, name="treatment_remove"),
    path("visits/<int:pk>/discharge.pdf", papers.discharge, name="discharge"),
    path("visits/<int:pk>/visit.pdf", papers.visit_paper, name="visit_paper"),
    path("pets/<int:pk>/history.pdf", papers.history_paper, name="history_paper"),
    path("pets/<int:pk>/history/progress/", papers.history_paper_progress, name="history_paper_progress"),
    path("visits/<int:pk>/draft/", writing.draft_keep, name="draft_keep"),
    path("visits/<int:pk>/draft/discard/", writing.draft_discard, name="draft_discard"),
    path("visits/<int:pk>/fill/", writing.record_fill, name="record_fill"),
    path("visits/<int:pk>/addenda/", writing.addendum_add, name="addendum_add"),
    path("visits/<int:pk>/treatments/<int:treatment_pk>/discount/", bill.treatment_discount, name="treatment_discount"),
    path("pets/<int:pk>/weight/", weights.weight_add, name="weight_add"),
    path("pets/<int:pk>/weight/<int:measurement_pk>/remove/", weights.weight_remove, name="weight_remove"),
    path("pets/<int:pk>/files/add/", files.file_add, name="file_add"),
    path("pets/<int:pk>/files/<int:file_pk>/", files.file_open, name="file"),
    path("pets/<int:pk>/files/<int:file_pk>/small/", files.file_small, name="file_small"),
    path("pets/<int:pk>/files/<int:file_pk>/move/", files.file_move, name="file_move"),
    path("pets/<int:pk>/files/<int:file_pk>/withdraw/", files.file_withdraw, name="file_withdraw"),
]
