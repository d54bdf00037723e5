"""Addresses of the visit."""

from django.urls import path

from records.views import (
    due,
    files,
    handing_over,
    lines,
    papers,
    search,
    vaccinations,
    visit,
    visit_doses,
    weights,
    writing,
)

urlpatterns = [
    path("visits/<int:pk>/", visit.visit, name="visit"),
    path("visits/<int:pk>/start/", visit.visit_start, name="visit_start"),
    path("visits/<int:pk>/hand-over/", handing_over.visit_hand_over, name="visit_hand_over"),
    path("visits/<int:pk>/treatments/", visit.treatment_add, name="treatment_add"),
    path("visits/<int:pk>/lines/", lines.lines_save, name="lines_save"),
    path("visits/<int:pk>/treatments/<int:treatment_pk>/remove/", visit.treatment_remove, name="treatment_remove"),
    path("visits/<int:pk>/discharge.pdf", papers.discharge, name="discharge"),
    path("visits/<int:pk>/visit.pdf", papers.visit_paper, name="visit_paper"),
    path("pets/<int:pk>/history.pdf", papers.history_paper, name="history_paper"),
    path("pets/<int:pk>/history/progress/", papers.history_paper_progress, name="history_paper_progress"),
    path("visits/<int:pk>/draft/", writing.draft_keep, name="draft_keep"),
    path("visits/<int:pk>/draft/discard/", writing.draft_discard, name="draft_discard"),
    path("visits/<int:pk>/fill/", writing.record_fill, name="record_fill"),
    path("visits/<int:pk>/addenda/", writing.addendum_add, name="addendum_add"),
    path(
        "visits/<int:pk>/treatments/<int:treatment_pk>/discount/", lines.treatment_discount, name="treatment_discount"
    ),
    path("pets/<int:pk>/weight/", weights.weight_add, name="weight_add"),
    path("pets/<int:pk>/weight/<int:measurement_pk>/remove/", weights.weight_remove, name="weight_remove"),
    path("pets/<int:pk>/files/add/", files.file_add, name="file_add"),
    path("pets/<int:pk>/files/<int:file_pk>/", files.file_open, name="file"),
    path("pets/<int:pk>/files/<int:file_pk>/small/", files.file_small, name="file_small"),
    path("pets/<int:pk>/files/<int:file_pk>/move/", files.file_move, name="file_move"),
    path("pets/<int:pk>/files/<int:file_pk>/withdraw/", files.file_withdraw, name="file_withdraw"),
    path("visits/<int:pk>/vaccinations/<int:dose_pk>/remove/", visit_doses.visit_dose_remove, name="visit_dose_remove"),
    path("pets/<int:pk>/vaccinations/", vaccinations.dose_add, name="dose_add"),
    path("pets/<int:pk>/vaccinations/<int:dose_pk>/remove/", vaccinations.dose_remove, name="dose_remove"),
    path("pets/<int:pk>/vaccinations.pdf", vaccinations.vaccination_paper, name="vaccination_paper"),
    path("vaccinations/due/", due.vaccinations_due, name="vaccinations_due"),
    path("vaccinations/due/export/", due.vaccinations_due_export, name="vaccinations_due_export"),
    path("records/search/", search.record_search, name="record_search"),
]
