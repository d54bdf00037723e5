"""Addresses of signing in and out, the language, and the liveness check."""

from django.urls import path

from vetclinic.access import views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("language/", views.set_language, name="set_language"),
    path("healthz", views.healthz, name="healthz"),
]
