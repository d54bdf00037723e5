from billing.models.invoice import Invoice
from billing.models.invoice_counter import InvoiceCounter
from billing.models.invoice_line import InvoiceLine
from billing.models.payment import Payment

__all__ = ["Invoice", "InvoiceCounter", "InvoiceLine", "Payment"]
