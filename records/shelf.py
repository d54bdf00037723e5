"""The files of an animal as its pages show them."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

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
    """Two queries of an animal, one of a visit, none for those who may not see files."""
    sees, rows = user.may("see_files"), Attachment.objects.visible_to(user).filter(pet=pet_id)
    if visit:
        rows = rows.filter(appointment=visit)
    rows = rows.select_related("uploaded_by", "withdrawn_by").order_by("-id")
    moves = AttachmentMove.objects.filter(Q(from_pet=pet_id) | Q(to_pet=pet_id))
    moves = moves.select_related("attachment", "from_pet", "to_pet", "moved_by")
    return Shelf(
        pet_id=pet_id,
        visit_id=visit.pk if visit else None,
        files=list(rows) if sees else [],
        moves=list(moves.order_by("-id")) if sees and not visit else [],
        form=FileForm(limit=settings.ATTACHMENT_MAX_BYTES) if user.may("upload_files") else None,
        sees=sees,
        corrects=user.may("correct_files"),
    )
