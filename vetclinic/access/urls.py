"""Addresses of signing in and out, of one's own way in, the language, and the liveness check."""

from django.urls import path

from vetclinic.access.views import everybody, own_account, signing_in

urlpatterns = [
    path("login/", signing_in.login, name="login"),
    path("login/code/", signing_in.code_ask, name="code_ask"),
    path("login/again/", signing_in.send_again, name="send_again"),
    path("logout/", signing_in.logout, name="logout"),
    path("account/password/", own_account.password_change, name="password_change"),
    path("account/elsewhere/", own_account.sessions_end, name="sessions_end"),
    path("account/code/", own_account.second_factor, name="second_factor"),
    path("account/code/paper/", own_account.recovery_codes, name="recovery_codes"),
    path("account/code/remove/", own_account.second_factor_remove, name="second_factor_remove"),
    path("language/", everybody.set_language, name="set_language"),
    path("healthz", everybody.healthz, name="healthz"),
]
