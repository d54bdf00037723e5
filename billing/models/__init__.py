from billing.models.account import Account
from billing.models.credit_line import CreditLine
from billing.models.credit_note import CreditNote
from billing.models.deposit import Deposit
from billing.models.income_closing import IncomeClosing
from billing.models.income_sum import IncomeSum
from billing.models.invoice import Invoice
from billing.models.invoice_counter import InvoiceCounter
from billing.models.invoice_line import InvoiceLine
from billing.models.payment import Payment
from billing.models.till_count import TillCount

__all__ = [
    "Account",
    "CreditLine",
    "CreditNote",
    "Deposit",
    "IncomeClosing",
    "IncomeSum",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "Payment",
    "TillCount",
]
