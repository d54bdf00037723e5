"""Addresses of scheduling: booking, visits, owners and pets, the price list."""

from django.urls import path, re_path

from clinic.views import answers, appointments, booking, feed, people, prices

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
    path("visit-answer/<str:token>/", answers.visit_answer, name="visit_answer"),
    path("calendar/renew/", feed.calendar_renew, name="calendar_renew"),
    path("calendar/<str:secret>.ics", feed.calendar_feed, name="calendar_feed"),
]
