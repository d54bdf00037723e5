"""Addresses of scheduling: booking, visits, owners and pets, the price list."""

from django.urls import path, re_path

from clinic.views import (
    answers,
    appointments,
    booking,
    custody,
    feed,
    hours,
    lists,
    merging,
    moves,
    people,
    prices,
    waiting,
)

STEP = "|".join(appointments.STEPS)

urlpatterns = [
    path("book/", booking.booking, name="booking"),
    path("book/hits/", booking.booking_hits, name="booking_hits"),
    path("slots/", waiting.slots, name="slots"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/<int:pk>/close/", waiting.waiting_close, name="waiting_close"),
    path("pets/<int:pk>/wait/", waiting.waiting_add, name="waiting_add"),
    path("hours/", hours.working_time, name="working_time"),
    path("hours/<int:pk>/", hours.vet_hours, name="vet_hours"),
    re_path(r"^hours/(?P<whose>vet|branch)/(?P<pk>[0-9]{1,9})/exception/$", hours.exception_add, name="exception_add"),
    path("hours/exceptions/<int:pk>/remove/", hours.exception_remove, name="exception_remove"),
    path("prices/", prices.prices, name="prices"),
    path("search/", people.search, name="search"),
    path("appointments/<int:pk>/", appointments.appointment, name="appointment"),
    path("appointments/<int:pk>/move/", moves.appointment_move, name="appointment_move"),
    path("appointments/<int:pk>/undo/<int:change_pk>/", moves.appointment_undo, name="appointment_undo"),
    re_path(rf"^appointments/(?P<pk>\d+)/(?P<step>{STEP})/$", appointments.appointment_step, name="appointment_step"),
    path("owners/<int:pk>/edit/", people.owner_edit, name="owner_edit"),
    path("owners/<int:pk>/pets/new/", people.pet_add, name="pet_add"),
    path("pets/<int:pk>/edit/", people.pet_edit, name="pet_edit"),
    path("appointments/", lists.appointments, name="appointments"),
    path("appointments/export/", lists.appointments_export, name="appointments_export"),
    path("owners/", lists.owners, name="owners"),
    path("owners/export/", lists.owners_export, name="owners_export"),
    path("pets/", lists.pets, name="pets"),
    path("pets/export/", lists.pets_export, name="pets_export"),
    path("pets/<int:pk>/owner/", custody.pet_hand_over, name="pet_hand_over"),
    path("pets/<int:pk>/death/", custody.pet_death, name="pet_death"),
    path("pets/<int:pk>/death/undo/", custody.pet_death_undo, name="pet_death_undo"),
    path("owners/likely/", merging.likely_owners, name="likely_owners"),
    path("owners/duplicates/", merging.duplicates, name="duplicates"),
    path("owners/<int:pk>/merge/", merging.merge_choose, name="merge_choose"),
    path("owners/<int:pk>/merge/<int:source_pk>/", merging.owner_merge, name="owner_merge"),
    path("merges/<int:pk>/undo/", merging.merge_undo, name="merge_undo"),
    path("visit-answer/<str:token>/", answers.visit_answer, name="visit_answer"),
    path("calendar/renew/", feed.calendar_renew, name="calendar_renew"),
    path("calendar/<str:secret>.ics", feed.calendar_feed, name="calendar_feed"),
]
