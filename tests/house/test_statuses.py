"""The rows of `status` and the enums of the code are the same states with the same ids."""

import pytest

from clinic.enums import AppointmentStatus, InvoiceStatus, StatusType
from clinic.models import Status


@pytest.mark.django_db
def test_rows_of_status_equal_the_enums():
    types = {StatusType.APPOINTMENT: AppointmentStatus, StatusType.INVOICE: InvoiceStatus}
    enums = {(state.value, type_.value, state.name.lower()) for type_, enum in types.items() for state in enum}

    rows = set(Status.objects.values_list("id", "type", "code"))

    assert rows == enums
