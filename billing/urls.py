"""Addresses of money, and of the pages that show it beside an animal's history."""

from django.urls import path

from billing.views import corrections, debts, deposits, income, invoices, people, till, visits, whole_file

urlpatterns = [
    path("visits/<int:pk>/finish/", visits.visit_finish, name="visit_finish"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/export/", invoices.invoices_export, name="invoices_export"),
    path("invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("invoices/<int:pk>/issue/", invoices.invoice_issue, name="invoice_issue"),
    path("invoices/<int:pk>/payments/", invoices.payment_take, name="payment_take"),
    path("income/", income.income, name="income"),
    path("owners/<int:pk>/", people.owner, name="owner"),
    path("pets/<int:pk>/", people.pet, name="pet"),
    path("owners/<int:pk>/file/", whole_file.owner_file, name="owner_file"),
    path("owners/<int:pk>/file/progress/", whole_file.owner_file_progress, name="owner_file_progress"),
    path("owners/<int:pk>/file/export/", whole_file.owner_file_export, name="owner_file_export"),
    path("invoices/<int:pk>/credits/", corrections.credit_give, name="credit_give"),
    path("invoices/<int:pk>/refunds/", corrections.refund_give, name="refund_give"),
    path("invoices/<int:pk>/void/", corrections.invoice_void, name="invoice_void"),
    path("invoices/<int:pk>/anew/", corrections.bill_anew, name="bill_anew"),
    path("owners/<int:pk>/deposits/", deposits.deposit_take, name="deposit_take"),
    path("owners/<int:pk>/deposits/return/", deposits.deposit_return, name="deposit_return"),
    path("debts/", debts.debt_list, name="debts"),
    path("debts/export/", debts.debts_export, name="debts_export"),
    path("not-billed/", debts.not_billed, name="not_billed"),
    path("visits/<int:pk>/bill/", debts.visit_bill, name="visit_bill"),
    path("till/", till.till, name="till"),
    path("till/<int:pk>/count/", till.till_count, name="till_count"),
    path("till/days/", till.till_days, name="till_days"),
]
