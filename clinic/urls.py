"""Addresses of scheduling: booking, visits, owners and pets, the price list."""

from django.urls import path, re_path

from clinic.views import appointments, booking, custody, merging, people, prices

STEP = "|".join(appointments.STEPS)

urlpatterns = [
    path("book/", booking.booking, name="booking"),
    path("book/hits/", booking.booking_hits, name="booking_hits"),
    path("prices/", prices.prices, name="prices"),
    path("search/", people.search, name="search"),
    path("appointments/<int:pk>/", appointments.appointment, name="appointment"),
    re_path(rf"^appointments/(?P<pk>\d+)/(?P<step>{STEP})/$", appointments.appointment_step, name="appointment_step"),
    path("owners/<int:pk>/edit/", people.owner_edit, name="owner_edit"),
    path("owners/<int:pk>/pets/new/", people.pet_add, name="pet_add"),
    path("pets/<int:pk>/edit/", people.pet_edit, name="pet_edit"),
    path("pets/<int:pk>/owner/", custody.pet_hand_over, name="pet_hand_over"),
    path("pets/<int:pk>/death/", custody.pet_death, name="pet_death"),
    path("pets/<int:pk>/death/undo/", custody.pet_death_undo, name="pet_death_undo"),
    path("owners/likely/", merging.likely_owners, name="likely_owners"),
    path("owners/duplicates/", merging.duplicates, name="duplicates"),
    path("owners/<int:pk>/merge/", merging.merge_choose, name="merge_choose"),
    path("owners/<int:pk>/merge/<int:source_pk>/", merging.owner_merge, name="owner_merge"),
    path("merges/<int:pk>/undo/", merging.merge_undo, name="merge_undo"),
]
