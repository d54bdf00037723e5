from django.db.models import Func, TextField


class Fold(Func):
    """`search_fold(text)`: lower case with ё written as е, the form in which names are compared and indexed."""

    function = "search_fold"
    arity = 1
    output_field = TextField()
