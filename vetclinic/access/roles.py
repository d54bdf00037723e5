"""Who may do what: one matrix, read by the pages, the admin and the tests.

A permission is a word that a view declares with `@allowed("…")`. A person has the permissions of their
role and no others; superusers are not a thing here, so that the matrix is the whole truth.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RECEPTION = "reception", _("reception")
    VET = "vet", _("vet")
    MANAGER = "manager", _("manager")
    ADMIN = "admin", _("admin")


R, V, M, A = Role.RECEPTION, Role.VET, Role.MANAGER, Role.ADMIN

PERMISSIONS: dict[str, frozenset[Role]] = {
    permission: frozenset(roles)
    for permission, roles in {
        "see_home": {R, V, M, A},
        "see_board": {R, V, M},
        "book": {R, V, M},
        "book_for_any_vet": {R, M},
        "receive_visitors": {R, M},
        "edit_hours": {M},
        "see_owners": {R, V, M},
        "edit_owners": {R, M},
        "merge_owners": {M},
        "edit_pets": {R, V, M},
        "see_records": {V, M},
        "write_records": {V},
        "hand_over_visits": {M},
        "see_files": {V, M},
        "upload_files": {R, V},
        "correct_files": {V, M},
        "see_invoices": {R, V, M},
        "issue_invoices": {R, M},
        "take_payments": {R, M},
        "correct_invoices": {M},
        "see_prices": {R, V, M, A},
        "edit_prices": {A},
        "edit_templates": {A},
        "edit_vaccine_kinds": {A},
        "share_calendar": {V},
        "see_income": {M},
        "export_lists": {M},
        "print_discharge": {R, V, M},
        "edit_users": {A},
        "give_any_discount": {M},
        "see_debts": {R, M},
        "count_till": {R, M},
        "see_tills": {M},
        "see_operations": {A},
    }.items()
}


def may(role: str, permission: str) -> bool:
    """Whether a role has a permission. An unknown permission is a programming error: KeyError."""
    return role in PERMISSIONS[permission]
