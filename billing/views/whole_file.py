"""All that is kept of an owner, for the owner: a page that says how much it is, and the archive."""

import logging
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from billing.whole_file import archive, parts_of, tables_of
from clinic.models import PetOwner
from vetclinic.access.decorators import allowed
from vetclinic.ui.names import file_name
from vetclinic.ui.pdf import check_can_print, prints
from vetclinic.ui.progress import Progress

logger = logging.getLogger("vetclinic.exports")


@allowed("export_lists")
def owner_file(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(PetOwner, pk=pk)
    if person.merged_into_id:
        return redirect("owner_file", pk=person.merged_into_id)
    return _page(request, person)


@allowed("export_lists")
def owner_file_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the archive is, for the page above: asked for again and again."""
    return render(request, "ui/_progress.html", _progress_context(request, get_object_or_404(PetOwner, pk=pk)))


@allowed("export_lists")
@prints
def owner_file_export(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """The archive, sent while it is made. One at a time for a person and an owner: each takes a processor a while."""
    person = get_object_or_404(PetOwner.objects.not_merged(), pk=pk)
    progress = _progress(request, person)
    if progress.state().is_running:
        return _page(request, person, status=409)
    check_can_print()
    parts = parts_of(person, now=timezone.now())
    counted = progress.counted(parts, total=len(parts))
    name = f"{file_name(str(person))} {timezone.localdate()}.zip"
    return StreamingHttpResponse(
        _logged(archive(counted), who=request.user.get_username(), owner=pk),
        content_type="application/zip",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


def _page(request: HttpRequest, person: PetOwner, *, status: int = 200) -> HttpResponse:
    rows = tables_of(person)
    context = {name: rows[name].count() for name in ("pets", "visits", "invoices")}
    context |= {"owner": person} | _progress_context(request, person)
    return render(request, "billing/owner_file.html", context, status=status)


def _progress(request: HttpRequest, person: PetOwner) -> Progress:
    return Progress(f"owner-{person.pk}-{request.user.pk}")


def _progress_context(request: HttpRequest, person: PetOwner) -> dict:
    return {"state": _progress(request, person).state(), "address": reverse("owner_file_progress", args=[person.pk])}


def _logged(chunks: Iterator[bytes], *, who: str, owner: int) -> Iterator[bytes]:
    size, end = 0, "broken off"
    try:
        for chunk in chunks:
            size += len(chunk)
            yield chunk
        end = "complete"
    finally:
        chunks.close()
        logger.info("%s took the whole file of owner %d: %d bytes, %s", who, owner, size, end)
