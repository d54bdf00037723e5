"""Files of an animal: added, served, moved to another animal, withdrawn."""

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.models import Appointment, Pet
from clinic.search import find
from records import files
from records.file_forms import FileForm, MoveForm, ReasonForm
from records.models import Attachment
from vetclinic.access.decorators import allowed
from vetclinic.refusals import RuleViolation
from vetclinic.ui.forms import add_violation
from vetclinic.ui.uploads import takes_file, upload_fault

LARGEST_ID = 2**31 - 1
NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'"


@takes_file
@allowed("upload_files", "GET", "POST")
def file_add(request: HttpRequest, pk: int) -> HttpResponse:
    pet = get_object_or_404(Pet, pk=pk)
    visit = _visit_of(request, pet)
    fault, is_sent = upload_fault(request), request.method == "POST"
    data = (request.POST, request.FILES) if is_sent else ()
    form = FileForm(*data, fault=fault, limit=settings.ATTACHMENT_MAX_BYTES)
    status = 422 if is_sent else 200
    try:
        if is_sent and form.is_valid():
            return _kept(request, pet, visit, form.cleaned_data)
    except RuleViolation as violation:
        add_violation(form, violation)
        status = 503 if violation.code == files.AWAY else 422
    context = {"pet": pet, "visit": visit, "form": form}
    return render(request, "records/file_add.html", context, status=status)


def _kept(request: HttpRequest, pet: Pet, visit: Appointment | None, data: dict) -> HttpResponse:
    upload = data.pop("file")
    attachment = files.keep_file(pet=pet, appointment=visit, upload=upload, **data, by=request.user)
    messages.success(request, _("%(name)s is kept.") % {"name": attachment.name})
    if visit and request.user.may("see_records"):
        return redirect(f"{reverse('visit', args=[visit.pk])}#files")
    return redirect(f"{reverse('pet', args=[pet.pk])}#files")


def _visit_of(request: HttpRequest, pet: Pet) -> Appointment | None:
    """The visit that the form names; 404 when it is of another animal."""
    text = request.POST.get("visit") or request.GET.get("visit") or ""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:11]) <= LARGEST_ID):
        raise Http404
    return get_object_or_404(Appointment.objects.visible_to(request.user), pk=int(text), pet=pet)


@allowed("see_files")
def file_open(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    attachment = _file_of(request, pk, file_pk, Attachment.objects.current())
    response = _served(attachment.storage_key, attachment.content_type, attachment.name)
    # Browsers show no PDF in a sandbox. A PDF that could run anything is refused when it is added.
    policy = f"{NOTHING_RUNS}; sandbox" if attachment.is_picture else NOTHING_RUNS
    response.headers["Content-Security-Policy"] = policy
    return response


@allowed("see_files")
def file_small(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    attachment = _file_of(request, pk, file_pk, Attachment.objects.current().filter(has_small=True))
    response = _served(attachment.small_key, "image/jpeg", attachment.name)
    response.headers["Content-Security-Policy"] = f"{NOTHING_RUNS}; sandbox"
    return response


def _served(key: str, content_type: str, name: str) -> HttpResponse:
    """Streamed, never as HTML, kept by no cache between here and the reader."""
    try:
        content = files.storage().open(key)
    except FileNotFoundError as error:
        files.log.error("The file %s is gone", key)
        raise Http404 from error
    except OSError:
        files.log.warning("The storage of files is away")
        return HttpResponse(str(files.NOT_STORED), status=503, content_type="text/plain; charset=utf-8")
    response = FileResponse(content, content_type=content_type, filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@allowed("correct_files", "GET", "POST")
def file_move(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """GET finds the other animal (?q=), POST moves the file to it."""
    attachment = _file_of(request, pk, file_pk, Attachment.objects.current())
    form = MoveForm(request.POST or None, initial={"was": pk})
    status = 422 if form.is_bound else 200
    try:
        if form.is_valid():
            data = form.cleaned_data
            pet = data.pop("pet")
            files.move_file(attachment=attachment, to=pet, **data, by=request.user)
            messages.success(request, _("%(name)s is now with %(pet)s.") % {"name": attachment, "pet": pet})
            return redirect(f"{reverse('pet', args=[pet.pk])}#files")
    except RuleViolation as violation:
        add_violation(form, violation)
        status = 409
    text = (request.POST.get("q") or request.GET.get("q", "")).strip()[:100]
    context = {"file": attachment, "form": form, "q": text, "found": _others(attachment.pet, text)}
    return render(request, "records/file_move.html", context, status=status)


def _others(pet: Pet, text: str) -> list[Pet]:
    """The animals that a file may belong to: those that were looked for, or the owner's others."""
    if text:
        return [each for each in find(text).pets if each.pk != pet.pk]
    others = Pet.objects.filter(pet_owner=pet.pet_owner_id).exclude(pk=pet.pk).select_related("pet_owner")
    return list(others.order_by("name")[:20]) if pet.pet_owner_id else []


@allowed("correct_files", "GET", "POST")
def file_withdraw(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    attachment = _file_of(request, pk, file_pk, Attachment.objects.all())
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        files.withdraw_file(attachment=attachment, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("%(name)s is withdrawn.") % {"name": attachment})
        return redirect(f"{reverse('pet', args=[pk])}#files")
    context = {"file": attachment, "form": form}
    return render(request, "records/file_withdraw.html", context, status=422 if form.is_bound else 200)


def _file_of(request: HttpRequest, pk: int, file_pk: int, among) -> Attachment:
    rows = among.visible_to(request.user).select_related("pet__pet_owner")
    return get_object_or_404(rows, pk=file_pk, pet=pk)
