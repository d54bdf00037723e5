"""Keep the income of past days as sums, as the worker does by itself."""

from django.core.management.base import BaseCommand
from django.db import connection

from billing.closing import close_income


class Command(BaseCommand):
    help = "Close past days of the income: reports then read their sums. Right after an import of old invoices."

    def handle(self, **options):
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        days = close_income()
        self.stdout.write(f"{days:,} days closed.")
