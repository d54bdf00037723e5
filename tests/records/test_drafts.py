"""Drafts: what is typed is there again when the page is, and nobody's draft writes over another's."""

import datetime as dt
import json
import re
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from records import actions
from records.drafts import keep_draft
from records.measuring import Change as Measured
from records.measuring import save_vitals
from records.models import MedicalRecord, RecordDraft, Vital
from tests.factories import AppointmentFactory, ServiceFactory, UserFactory, VetFactory
from vetclinic.audit.models import Change
from vetclinic.refusals import RuleViolation

pytestmark = pytest.mark.django_db
TEXT = {"complaint": "limps", "diagnosis": "sprain", "prescription": "rest", "notes": ""}


@pytest.fixture
def visit():
    visit = AppointmentFactory()
    actions.start_visit(appointment=visit, by=visit.vet.user)
    return visit


@pytest.fixture
def vet_client(client, visit):
    client.force_login(visit.vet.user)
    return client


@pytest.fixture
def record(visit):
    return MedicalRecord.objects.get(appointment=visit)


def keep(record, window=None, **changes):
    wanted = {"version": record.version, "fields": TEXT, "by": record.appointment.vet.user} | changes
    return keep_draft(record=record, window=window or uuid.uuid4(), **wanted)


def typed(window=None, **changes):
    return TEXT | {"version": 1, "window": str(window or uuid.uuid4()), "continues": ""} | changes


def page_of(client, visit, query=""):
    """The texts in the form of the opened page, its hidden fields, and the page."""
    html = client.get(f"/visits/{visit.pk}/{query}").text
    texts = dict(re.findall(r'<textarea name="(\w+)"[^>]*>\n([^<]*)</textarea>', html))
    hidden = dict(re.findall(r'type="hidden" name="(window|continues|version)" value="([^"]*)"', html))
    return texts, hidden, html


# -- Keeping ----------------------------------------------------------------------------------------------


def test_draft_is_kept_and_said_with_the_time_of_the_branch(vet_client, visit, record):
    answer = vet_client.post(f"/visits/{visit.pk}/draft/", typed())

    kept = RecordDraft.objects.get()
    there = timezone.localtime(kept.kept_at, visit.vet.branch.zone)
    assert (answer.status_code, answer.text) == (200, f"Draft kept at {there:%H:%M}")
    assert (kept.fields, kept.writer, kept.record) == (TEXT, visit.vet.user, record)


def test_keeping_a_draft_changes_neither_the_record_nor_the_log(vet_client, visit):
    before = Change.objects.count(), MedicalRecord.objects.values().get()

    vet_client.post(f"/visits/{visit.pk}/draft/", typed())

    assert (Change.objects.count(), MedicalRecord.objects.values().get()) == before


def test_page_opened_again_has_the_draft_and_says_so(vet_client, visit, record):
    draft = keep(record, fields=TEXT | {"notes": "🐈 <b>\nПять\n"})

    texts, hidden, page = page_of(vet_client, visit)

    there = timezone.localtime(draft.kept_at, visit.vet.branch.zone)
    assert texts == TEXT | {"notes": "🐈 &lt;b&gt;\nПять\n"}
    assert (hidden["continues"], f"Draft of {there:%H:%M}, not saved yet" in page) == (str(draft.pk), True)


def test_draft_of_another_day_says_its_day(vet_client, visit, record):
    keep(record, now=timezone.now() - dt.timedelta(days=40))

    _texts, _hidden, page = page_of(vet_client, visit)

    assert re.search(r"Draft of \d+ \w+ \d{4}, \d\d:\d\d, not saved yet", page)


def test_page_keeps_one_draft_however_often_it_is_kept(record):
    window = uuid.uuid4()

    for words in ("s", "sp", "sprain"):
        keep(record, window, fields={"diagnosis": words})

    assert [draft.fields for draft in RecordDraft.objects.all()] == [{"diagnosis": "sprain"}]


def test_two_pages_of_one_person_keep_two_drafts(record):
    keep(record, fields={"diagnosis": "one"})
    keep(record, fields={"diagnosis": "two"})

    drafts = RecordDraft.objects.order_by("kept_at")
    assert [draft.fields["diagnosis"] for draft in drafts] == ["one", "two"]


def test_page_that_goes_on_from_a_draft_takes_its_place(vet_client, visit, record):
    keep(record, fields={"diagnosis": "old"})
    _texts, hidden, _page = page_of(vet_client, visit)

    vet_client.post(f"/visits/{visit.pk}/draft/", TEXT | hidden)

    assert [draft.fields for draft in RecordDraft.objects.all()] == [TEXT]


def test_further_fields_of_the_form_are_kept_as_well(vet_client, visit):
    vet_client.post(f"/visits/{visit.pk}/draft/", typed(weight="4,8", service="7", quantity="1"))

    assert RecordDraft.objects.get().fields == TEXT | {"weight": "4,8"}


def test_text_taken_back_to_what_is_stored_needs_no_draft(vet_client, visit):
    window = uuid.uuid4()
    vet_client.post(f"/visits/{visit.pk}/draft/", typed(window))

    answer = vet_client.post(f"/visits/{visit.pk}/draft/", typed(window) | dict.fromkeys(TEXT, ""))

    assert (answer.status_code, answer.content) == (204, b"")
    assert not RecordDraft.objects.exists()


# -- Saving and discarding --------------------------------------------------------------------------------


def test_saving_the_page_ends_its_draft_and_no_other(vet_client, visit, record):
    keep(record, fields={"diagnosis": "from elsewhere"})
    window = uuid.uuid4()
    keep(record, window)

    vet_client.post(f"/visits/{visit.pk}/", typed(window))

    assert [draft.fields for draft in RecordDraft.objects.all()] == [{"diagnosis": "from elsewhere"}]


def test_refused_save_keeps_the_draft(vet_client, visit, record):
    window = uuid.uuid4()
    keep(record, window)

    answer = vet_client.post(f"/visits/{visit.pk}/", typed(window, notes="x" * 20_001))

    assert (answer.status_code, f'name="window" value="{window}"' in answer.text) == (422, True)
    assert RecordDraft.objects.count() == 1


def test_discarding_brings_back_the_stored_text(vet_client, visit, record):
    draft = keep(record)
    _texts, hidden, _page = page_of(vet_client, visit)
    vet_client.post(f"/visits/{visit.pk}/draft/", TEXT | hidden | {"notes": "typed on"})
    assert RecordDraft.objects.exclude(pk=draft.pk).exists()

    answer = vet_client.post(f"/visits/{visit.pk}/draft/discard/", TEXT | hidden | {"discard": draft.pk})

    assert (answer.status_code, answer.url) == (302, f"/visits/{visit.pk}/")
    assert page_of(vet_client, visit)[0] == dict.fromkeys(TEXT, "")
    assert not RecordDraft.objects.exists()


def test_draft_of_an_older_version_waits_beside_the_saved_text(vet_client, visit, record):
    """Somebody, perhaps in another window, has saved since: what is saved comes first, the draft is one click away."""
    draft = keep(record, fields=TEXT | {"diagnosis": "fracture"})
    actions.save_record(record=record, version=1, **TEXT, by=visit.vet.user)

    texts, _hidden, page = page_of(vet_client, visit)
    opened, hidden, _page = page_of(vet_client, visit, f"?draft={draft.pk}")

    assert (texts["diagnosis"], f'href="?draft={draft.pk}"' in page) == ("sprain", True)
    assert (opened["diagnosis"], hidden["version"]) == ("fracture", "1")
    assert vet_client.post(f"/visits/{visit.pk}/", opened | hidden).status_code == 409


def test_draft_kept_while_two_texts_are_shown_still_belongs_to_the_older_one(vet_client, visit):
    vet_client.post(f"/visits/{visit.pk}/draft/", typed(version=2, before=1))

    assert RecordDraft.objects.get().version == 1


def test_draft_left_when_the_record_was_signed_is_shown_under_it(vet_client, visit, record):
    keep(record, fields=TEXT | {"notes": "call about the <b>result</b>"})
    actions.sign_record(record=record, by=visit.vet.user)

    page = vet_client.get(f"/visits/{visit.pk}/").text

    assert ("not in the signed record" in page, "call about the &lt;b&gt;result" in page) == (True, True)


# -- Whose it is, and what it is not ----------------------------------------------------------------------


def test_draft_is_seen_by_nobody_else(client, visit, record):
    keep(record)
    seen = []

    for user in (UserFactory(role="manager"), VetFactory().user):
        client.force_login(user)
        seen.append("sprain" in client.get(f"/visits/{visit.pk}/").text)

    assert seen == [False, False]


@pytest.mark.parametrize("rest", ["draft/", "draft/discard/", "fill/", "addenda/"])
def test_vet_of_another_visit_finds_nothing_to_write(client, visit, record, rest):
    draft = keep(record)
    client.force_login(VetFactory().user)

    answer = client.post(f"/visits/{visit.pk}/{rest}", typed(discard=draft.pk))

    assert (answer.status_code, RecordDraft.objects.count()) == (404, 1)


def test_window_of_another_person_is_not_written_over(record):
    theirs = VetFactory().user
    window = uuid.uuid4()
    RecordDraft.objects.create(record=record, writer=theirs, window=window, version=1, fields={"notes": "theirs"})

    keep(record, window, continues=RecordDraft.objects.get().pk)

    assert RecordDraft.objects.get(writer=theirs).fields == {"notes": "theirs"}


def test_draft_of_another_vet_is_refused_by_the_rule(record):
    with pytest.raises(RuleViolation) as refusal:
        keep(record, by=VetFactory().user)

    assert refusal.value.code == "record_of_another_vet"


@pytest.mark.parametrize("discard", ["", "x", "-1", "0", "9" * 30, "999999", "1\x00"])
def test_discarding_what_is_no_draft_changes_nothing(vet_client, visit, record, discard):
    keep(record)

    answer = vet_client.post(f"/visits/{visit.pk}/draft/discard/", typed(discard=discard))

    assert (answer.status_code, RecordDraft.objects.count()) == (302, 1)


@pytest.mark.parametrize("query", ["?draft=", "?draft=x", "?draft=999999", "?draft=" + "9" * 40, "?draft=%F0%9F%90%88"])
def test_page_asked_for_a_draft_that_is_none_opens_as_ever(vet_client, visit, record, query):
    keep(record)

    assert page_of(vet_client, visit, query)[0] == TEXT


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"window": ""}, 409),
        ({"window": "me"}, 409),
        ({"version": ""}, 409),
        ({"version": "-1"}, 409),
        ({"continues": "9" * 30}, 409),
        ({"notes": "a\x00b"}, 422),
        ({"na\x00me": "x"}, 422),
        ({"notes": "x" * 200_001}, 422),
        ({f"field{n}": "x" for n in range(101)}, 422),
    ],
)
def test_draft_that_is_no_text_is_refused_and_keeps_the_last_one(vet_client, visit, record, bad, code):
    window = uuid.uuid4()
    keep(record, window)

    answer = vet_client.post(f"/visits/{visit.pk}/draft/", typed(window) | bad)

    assert (answer.status_code, answer.text[:9]) == (code, "Not kept:")
    assert RecordDraft.objects.get().fields == TEXT


def test_draft_longer_than_a_text_may_be_is_kept_all_the_same(vet_client, visit):
    """It cannot be saved so, but whoever has pasted too much is not to lose it."""
    vet_client.post(f"/visits/{visit.pk}/draft/", typed(notes="я" * 30_000))

    assert RecordDraft.objects.get().fields["notes"] == "я" * 30_000


def test_draft_for_a_visit_not_started_is_refused(client):
    visit = AppointmentFactory()
    client.force_login(visit.vet.user)

    assert client.post(f"/visits/{visit.pk}/draft/", typed()).status_code == 409


def test_draft_with_names_of_the_table_changes_nothing_but_its_fields(vet_client, visit):
    forged = {"record": "7", "writer": "1", "kept_at": "1999-01-01", "signed_at": "1999-01-01"}

    vet_client.post(f"/visits/{visit.pk}/draft/", typed(**forged))

    draft = RecordDraft.objects.get()
    assert (draft.writer, draft.record.appointment) == (visit.vet.user, visit)
    assert draft.kept_at > timezone.now() - dt.timedelta(minutes=1)
    assert json.dumps(draft.fields, sort_keys=True) == json.dumps(TEXT | forged, sort_keys=True)


# -- Numbers beside the text ------------------------------------------------------------------------------


def test_typed_cells_and_lines_are_there_again(vet_client, visit):
    treatment = actions.add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)
    cells = {"vital_weight": "4.5", "was_vital_weight": "", "vital_pulse": "", "was_vital_pulse": ""}
    changed = {f"quantity_{treatment.pk}": "3", f"was_quantity_{treatment.pk}": "1"}
    lines = changed | {f"percent_{treatment.pk}": "", f"was_percent_{treatment.pk}": ""}

    vet_client.post(f"/visits/{visit.pk}/draft/", typed(**cells, **lines))
    html = page_of(vet_client, visit)[2]

    assert RecordDraft.objects.get().fields == TEXT | {"vital_weight": "4.5", "was_vital_weight": ""} | changed
    assert re.search(r'name="vital_weight" value="([^"]*)"', html)[1] == "4.5"
    assert re.search(rf'name="quantity_{treatment.pk}" value="([^"]*)"', html)[1] == "3"


def test_page_whose_numbers_nobody_touched_has_no_draft(vet_client, visit, record):
    treatment = actions.add_treatment(appointment=visit, service=ServiceFactory(), by=visit.vet.user)
    save_vitals(appointment=visit, changes={Vital.WEIGHT: Measured(None, Decimal("4.5"))}, by=visit.vet.user)
    stored = {name: getattr(record, name) for name in TEXT}
    cells = {"vital_weight": "4.5", f"quantity_{treatment.pk}": "1"}

    answer = vet_client.post(
        f"/visits/{visit.pk}/draft/", typed(**stored, **cells, **{f"was_{name}": text for name, text in cells.items()})
    )

    assert (answer.status_code, RecordDraft.objects.count()) == (204, 0)


def test_emptied_cell_is_kept(vet_client, visit, record):
    cells = {"vital_weight": "", "was_vital_weight": "4.5"}

    vet_client.post(f"/visits/{visit.pk}/draft/", typed(**dict.fromkeys(TEXT, ""), **cells))

    assert RecordDraft.objects.get().fields == dict.fromkeys(TEXT, "") | cells


def test_draft_of_a_long_bill_is_kept(vet_client, visit):
    """Nobody touched most of its lines: they are not of the draft, however many there are."""
    lines = {f"{was}quantity_{number}": "1" for number in range(200) for was in ("", "was_")}

    answer = vet_client.post(f"/visits/{visit.pk}/draft/", typed(**lines))

    assert (answer.status_code, RecordDraft.objects.get().fields) == (200, TEXT)
