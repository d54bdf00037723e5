"""Money from before it knew its branch and day gets those that it had then."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from billing import actions
from billing.models import Deposit, Invoice, InvoiceLine, Payment
from clinic.models import Pet, Service, Veterinarian
from tests.billing.bills import draft, issue, pay
from tests.factories import BranchFactory, PetFactory, SpecializationFactory, UserFactory, VetFactory

COLUMNS_ARE_THERE, ALL_IS_ASKED_FOR = "0013", "0015"
EVENING = dt.datetime(2026, 2, 13, 20, 30, tzinfo=dt.UTC)  # the next morning in Vladivostok
FORGET = """
    ALTER TABLE invoice DISABLE TRIGGER USER; ALTER TABLE invoice_line DISABLE TRIGGER USER;
    ALTER TABLE payment DISABLE TRIGGER USER; ALTER TABLE deposit DISABLE TRIGGER USER;
    UPDATE invoice SET branch_id = NULL, vet_id = NULL, specialization_id = NULL, species = '', voided_on = NULL;
    UPDATE invoice_line SET category = NULL, cost_price = NULL;
    UPDATE payment SET branch_id = NULL, day = NULL;
    UPDATE deposit SET branch_id = NULL, day = NULL WHERE payment_id IS NOT NULL;
    UPDATE deposit SET day = NULL;
"""


def what_is_kept() -> list:
    columns = {
        Invoice: ("branch", "vet", "specialization", "species", "voided_on"),
        InvoiceLine: ("category", "cost_price"),
        Payment: ("branch", "day"),
        Deposit: ("branch", "day"),
    }
    return [list(model.objects.order_by("pk").values_list("pk", *names)) for model, names in columns.items()]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_past_money_gets_the_branch_the_day_and_the_copies_that_it_had_then():
    moscow, far = BranchFactory(), BranchFactory(time_zone="Asia/Vladivostok")
    vet, manager = VetFactory(branch=far), UserFactory(role="manager")
    paid = issue("100", vet=vet, pet=PetFactory(species="cat"), cost_price=30, now=EVENING)
    pay(paid, "40", now=EVENING)
    money = {"owner": paid.pet_owner, "amount": Decimal(60), "method": "cash", "now": EVENING, "by": manager}
    actions.take_deposit(**money, branch=moscow)
    actions.take_payment(invoice=paid, amount=Decimal(60), method="deposit", now=EVENING, by=manager)
    actions.void_invoice(invoice=issue("5", vet__branch=far), reason="x", now=EVENING, by=manager)
    before = what_is_kept()
    Veterinarian.objects.filter(pk=vet.pk).update(branch=moscow)
    Veterinarian.objects.filter(pk=vet.pk).update(branch=None, specialization=SpecializationFactory())
    Pet.objects.update(species="parrot")
    Service.objects.update(category="drug", cost_price=99)
    draft("7", vet__branch=moscow, pet=PetFactory(species="parrot"))
    before = [kept + now[len(kept) :] for kept, now in zip(before, what_is_kept(), strict=True)]

    try:
        call_command("migrate", "billing", COLUMNS_ARE_THERE, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(FORGET)
        call_command("migrate", "billing", ALL_IS_ASKED_FOR, verbosity=0)
        found = what_is_kept()
    finally:
        call_command("migrate", "billing", verbosity=0)

    assert found == before
