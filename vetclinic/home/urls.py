"""Addresses of the first pages."""

from django.urls import path

from vetclinic.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/", views.account, name="account"),
    path("board/", views.board, name="board"),
]
