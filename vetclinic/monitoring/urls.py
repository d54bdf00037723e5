"""Addresses of the operations page, health and metrics."""

from django.urls import path

from vetclinic.monitoring import views

urlpatterns = [
    path("operations/", views.operations, name="operations"),
    path("health/live", views.live, name="health_live"),
    path("health/ready", views.ready, name="health_ready"),
    path("metrics", views.metrics, name="metrics"),
]
