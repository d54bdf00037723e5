"""A sum of money in words, as it stands on papers that are signed."""

from decimal import Decimal

from django.conf import settings
from num2words import num2words


def in_words(amount: Decimal, language: str) -> str:
    """Whole units in words, hundredths in figures: «Одна тысяча один рубль 21 копейка». Of the clinic's currency.

    A currency that the language has no words for keeps its code: "One thousand and one CHF 21/100".
    """
    language, currency = language.partition("-")[0], settings.CLINIC_CURRENCY
    try:
        words = num2words(amount, lang=language, to="currency", currency=currency, separator="", cents=False)
    except NotImplementedError:
        units, hundredths = divmod(int(amount * 100), 100)
        words = f"{num2words(units, lang=language)} {currency} {hundredths:02}/100"
    return words[0].upper() + words[1:]
