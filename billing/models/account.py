import pgtrigger
from django.utils.translation import gettext_lazy as _

from clinic.models import PetOwner
from vetclinic.triggers import refusal

# At the end of the transaction: a merge and its undoing move several records one by one.
BELOW_ZERO = "LEAST(account_balance(NEW.id), account_balance(OLD.merged_into_id)) < 0"


class Account(PetOwner):
    """A person as who leaves deposits: one account for all records that were merged into one.

    A table of its own it is not; it stands here because the clinic below knows nothing of money.
    """

    class Meta:
        proxy = True
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        triggers = [
            pgtrigger.Trigger(
                name="parted_with_what_it_has",
                operation=pgtrigger.UpdateOf("merged_into_id"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__merged_into__df=pgtrigger.F("new__merged_into")),
                func=f"IF {BELOW_ZERO} THEN {refusal('account_not_below_zero')} END IF; RETURN NULL;",
            ),
        ]
