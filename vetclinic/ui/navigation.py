"""The sections of the rail: who sees them, and which pages lie in which."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vetclinic.access.roles import PERMISSIONS


@dataclass(frozen=True)
class Section:
    """One entry of the rail. `pages` are the URL names that mark it as the current one."""

    name: str
    label: str | Promise
    icon: str
    permission: str
    pages: frozenset[str] = frozenset()

    def __post_init__(self):
        assert self.permission in PERMISSIONS, self.permission  # noqa: S101


SECTIONS = (
    Section(
        "board",
        _("Board"),
        "board",
        "see_board",
        frozenset({"booking", "appointment", "appointment_cancel", "appointment_step", "appointment_move", "visit"})
        | {"slots", "waiting", "waiting_add"},
    ),
    Section(
        "search",
        _("Pets"),
        "paw",
        "see_owners",
        frozenset({"pet", "pet_add", "pet_edit", "pet_death", "pet_hand_over", "pet_alerts", "weight_add", "dose_add"})
        | {"owner", "owner_edit", "owner_file", "statement", "duplicates", "merge_choose", "owner_merge"}
        | {"file_add", "file_move", "file_withdraw", "history_paper"}
        | {"owners", "pets", "appointments", "record_search", "vaccinations_due"},
    ),
    Section(
        "invoices",
        _("Invoices"),
        "receipt",
        "see_invoices",
        frozenset({"invoice", "visit_invoice", "debts", "not_billed", "till", "till_count", "till_days"}),
    ),
    Section("income", _("Income"), "chart", "see_income"),
    Section(
        "working_time",
        _("Working hours"),
        "clock",
        "edit_hours",
        frozenset({"vet_hours", "exception_add", "exception_remove"}),
    ),
    Section("prices", _("Price list"), "tag", "see_prices"),
    Section("operations", _("Operations"), "server", "see_operations"),
    Section("admin:index", _("Settings"), "keyboard", "edit_users"),
)


def sections_for(user, *, page: str) -> list[dict]:
    """What the rail shows to a user on the page of a URL name."""
    return [
        {
            "name": section.name,
            "label": section.label,
            "icon": section.icon,
            "is_current": page == section.name or page in section.pages,
        }
        for section in SECTIONS
        if user.may(section.permission)
    ]
