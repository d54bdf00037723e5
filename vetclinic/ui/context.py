"""What every page's frame needs."""

from django.conf import settings


def page(request) -> dict:
    return {"clinic_name": settings.CLINIC_NAME}
