"""Addresses of money, and of the pages that show it beside an animal's history."""

from django.urls import path

from billing.views import income, invoices, people, visits, whole_file

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
]
