"""Django admin in Russian: titles and messages are whole sentences, with no noun put in as it stands in the dictionary."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.utils import translation

from records.models import RecordTemplate
from tests.factories import (
    BranchFactory,
    ServiceFactory,
    SpecializationFactory,
    UserFactory,
    VaccineKindFactory,
    VetFactory,
)

pytestmark = pytest.mark.django_db

ROWS = {
    "access.user": UserFactory,
    "clinic.branch": BranchFactory,
    "clinic.service": ServiceFactory,
    "clinic.specialization": SpecializationFactory,
    "clinic.veterinarian": VetFactory,
    "records.recordtemplate": lambda: RecordTemplate.objects.create(title="Отит", diagnosis="Отит"),
    "records.vaccinekind": VaccineKindFactory,
}
OF_DJANGO = ("Изменить ", "Добавить ", "Выберите ", "Select ", "Change ", "Add ")


@pytest.fixture
def admin_client(client):
    client.force_login(UserFactory(role="admin"))
    client.cookies["django_language"] = "ru"
    return client


def pages(label):
    row, place = ROWS[label](), f"/admin/{label.replace('.', '/')}/"
    return [place, f"{place}add/", f"{place}{row.pk}/change/"]


def test_every_edited_model_is_looked_at_here():
    editable = {model._meta.label_lower for model, page in admin.site._registry.items() if page.add_title}

    assert editable == set(ROWS)


@pytest.mark.parametrize("label", ROWS)
def test_title_is_none_of_djangos(admin_client, label):
    for page in pages(label):
        title = str(admin_client.get(page).context["title"])

        assert title[0].isupper() and not title.startswith(OF_DJANGO), (page, title)


@pytest.mark.parametrize("label", ROWS)
def test_button_and_crumbs_of_a_new_row_say_its_title(admin_client, label):
    place, add, _row = pages(label)
    with translation.override("ru"):
        title = str(admin.site._registry[apps.get_model(label)].add_title)

    assert title in admin_client.get(place).text
    assert f"&rsaquo; {title}" in admin_client.get(add).text


def test_saving_says_so_once_and_names_the_row(admin_client):
    branch = BranchFactory(name="Северный")

    form = {"name": "Южный", "time_zone": "Asia/Omsk"}
    answer = admin_client.post(f"/admin/clinic/branch/{branch.pk}/change/", form, follow=True)

    (message,) = answer.context["messages"]
    assert str(message) == f'Сохранено: <a href="/admin/clinic/branch/{branch.pk}/change/">Южный</a>'


def test_new_cost_is_said_once(admin_client):
    service = ServiceFactory(code="exam")
    form = {"name": service.name, "category": "visit", "cost": "120", "valid_to": "2099-12-31", "reason": "Дороже"}
    form |= {"since": service.valid_from.today().isoformat(), "unit": "", "description": "", "is_active": "on"}

    answer = admin_client.post(f"/admin/clinic/service/{service.pk}/change/", form, follow=True)

    (message,) = answer.context["messages"]
    assert "Новая цена действует" in str(message)


def test_list_counts_its_rows_in_the_right_form(admin_client):
    VetFactory.create_batch(5)

    assert "5 строк" in admin_client.get("/admin/clinic/veterinarian/").text


def test_every_section_has_a_russian_name(admin_client):
    sections = [app["name"] for app in admin_client.get("/admin/").context["app_list"]]

    assert [name for name in sections if name.isascii()] == []
