"""Sums of money in words, as papers have them in both languages."""

from decimal import Decimal

from num2words import num2words

CENT = Decimal("0.01")
BETWEEN = {"ru": ""}  # between the two parts; in English a comma


def in_words(amount: Decimal, currency: str, language: str) -> str:
    """Две тысячи один рубль две копейки · Two thousand and one roubles, two kopeks.

    A currency that the language has no words for keeps its code, and its hundredths are figures.
    """
    amount = abs(amount).quantize(CENT)
    short = language.partition("-")[0]
    try:
        words = num2words(amount, lang=short, to="currency", currency=currency, separator=BETWEEN.get(short, ","))
    except NotImplementedError:
        words = f"{num2words(int(amount), lang=short)} {currency} {int(amount % 1 * 100):02}/100"
    return words[:1].upper() + words[1:]
