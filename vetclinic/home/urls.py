"""Addresses of the first pages."""

from django.urls import path

from vetclinic.home import board_page, views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/", views.account, name="account"),
    path("board/", board_page.board, name="board"),
]
