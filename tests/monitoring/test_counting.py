"""The counter of statements, which benchmarks turn on."""

import pytest
from django.http import HttpResponse

from clinic.models import Status
from vetclinic.monitoring.counting import CountSql

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [0, 3])
def test_answer_tells_how_many_statements_it_took(rf, count):
    def page(request):
        for _time in range(count):
            Status.objects.first()
        return HttpResponse()

    response = CountSql(page)(rf.get("/"))

    assert response.headers["SQL-Count"] == str(count)
    assert response.headers["SQL-Servers"] == ("default=3" if count else "")


def test_answer_tells_nothing_when_not_asked(client):
    response = client.get("/login/")

    assert "SQL-Count" not in response.headers
