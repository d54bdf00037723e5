"""The files of an animal as its pages show them."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from clinic.models import Appointment
from records.file_forms import FileForm
from records.models import Attachment, AttachmentMove


@dataclass
class Shelf:
    """What templates/records/_files.html shows of an animal, or of one visit of it."""

    pet_id: int
    visit_id: int | None
    files: list[Attachment]
    moves: list[AttachmentMove]
    form: FileForm | None
    sees: bool
    corrects: bool


def shelf(user, *, pet_id: int, visit: Appointment | None = None) -> Shelf:
    """One query; a second when a file was moved to or from the animal; none for those who may not see files."""
    known = _known_files(user, pet_id, visit) if user.may("see_files") else []
    moves = AttachmentMove.objects.filter(Q(from_pet=pet_id) | Q(to_pet=pet_id))
    moves = moves.select_related("attachment", "from_pet", "to_pet", "moved_by").order_by("-id")
    return Shelf(
        pet_id=pet_id,
        visit_id=visit.pk if visit else None,
        files=[file for file in known if file.pet_id == pet_id],
        moves=list(moves) if not visit and any(file.was_moved for file in known) else [],
        form=FileForm(limit=settings.ATTACHMENT_MAX_BYTES, auto_id="file_%s")  # beside other forms
        if user.may("upload_files")
        else None,
        sees=user.may("see_files"),
        corrects=user.may("correct_files"),
    )


def _known_files(user, pet_id: int, visit: Appointment | None) -> list:
    """The files of the animal or of the visit, the last first; with those that have left the animal."""
    moves = AttachmentMove.objects.filter(attachment=OuterRef("pk"))
    rows = Attachment.objects.visible_to(user).annotate(was_moved=Exists(moves))
    if visit:
        rows = rows.filter(pet=pet_id, appointment=visit)
    else:
        left = AttachmentMove.objects.filter(from_pet=pet_id).values("attachment")
        rows = rows.filter(Q(pet=pet_id) | Q(pk__in=left))
    return list(rows.select_related("uploaded_by", "withdrawn_by").order_by("-id"))
