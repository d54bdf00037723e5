"""What `manage.py check` says of the settings of money."""

from django.core.checks import Error, register

from billing import bank


@register()
def check_payment_qr(app_configs, **more) -> list[Error]:
    """A code for payment that lacks something is not printed: the administrator is told what it lacks."""
    return [Error(str(problem), id="billing.E001") for problem in bank.problems()]
