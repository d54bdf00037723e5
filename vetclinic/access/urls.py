"""Addresses of this part."""

from django.urls import path

urlpatterns: list = []
