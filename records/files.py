"""Files of animals: kept, moved, withdrawn.

The file is stored before its row, and stays when the row is in doubt: a crash leaves at most a file without a row
(check_attachments finds it), never a row without a file.
"""

import hashlib
import logging
import secrets
from typing import BinaryIO
from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Appointment, Pet
from records import rules
from records.contents import Found, look_into
from records.file_names import clean_name
from records.models import Attachment, AttachmentMove
from vetclinic.locks import already_done
from vetclinic.refusals import RuleViolation, action

log = logging.getLogger("vetclinic.files")
AWAY = "attachment_storage_away"
NOT_STORED = _("The place where files are kept is full or does not answer. Nothing was saved: please try again later.")


def keep_file(
    *,
    pet: Pet,
    appointment: Appointment | None,
    kind: str,
    note: str,
    upload: File,
    request_key: UUID | None = None,
    by,
) -> Attachment:
    """Check the file, store it, then note it. The same request_key keeps it once. No transaction while it is stored."""
    done = request_key and Attachment.objects.filter(request_key=request_key).first()
    if done and (done.sha256, done.kind) == (sha256_of(upload), kind):
        return done
    rules.check_may_upload(by)
    found = look_into(upload)
    key = store(upload, found)
    try:
        attachment = _note_file(
            pet=pet,
            appointment=appointment,
            kind=kind,
            note=note,
            name=clean_name(upload.name or "", found.content_type),
            content_type=found.content_type,
            size=upload.size,
            sha256=sha256_of(upload),
            storage_key=key,
            has_small=bool(found.small),
            request_key=request_key,
            by=by,
        )
    except RuleViolation:
        forget(key)  # the database said no; were it in doubt, the file would stay
        raise
    if attachment.storage_key != key:
        forget(key)  # another copy of the form was quicker
    return attachment


@action
def _note_file(*, request_key: UUID | None, by, **values) -> Attachment:
    done = already_done(Attachment, request_key, sha256=values["sha256"], kind=values["kind"])
    return done or Attachment.objects.create(request_key=request_key, uploaded_by=by, **values)


@action
def move_file(*, attachment: Attachment, to: Pet, reason: str, was: int, by) -> Attachment:
    """To the animal whose file it is; it leaves the visit. `was`: the animal that the mover saw."""
    rules.check_may_correct_files(by)
    stored = _lock(attachment)
    if stored.pet_id == to.pk:
        return stored
    rules.check_file_is_still_with(stored, was)
    rules.check_not_withdrawn(stored)
    AttachmentMove.objects.create(
        attachment=stored,
        from_pet_id=stored.pet_id,
        from_appointment_id=stored.appointment_id,
        to_pet=to,
        reason=reason,
        moved_by=by,
    )
    stored.pet, stored.appointment = to, None
    stored.save(update_fields=["pet", "appointment"])
    return stored


@action
def withdraw_file(*, attachment: Attachment, reason: str, by) -> Attachment:
    """It is served no more; the row, the file and the reason stay. Withdrawing twice changes nothing."""
    rules.check_may_correct_files(by)
    stored = _lock(attachment)
    if stored.withdrawn_at is None:
        stored.withdrawn_at, stored.withdrawn_by, stored.withdrawn_reason = timezone.now(), by, reason
        stored.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    return stored


def _lock(attachment: Attachment) -> Attachment:
    return Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)


# -- The storage ----------------------------------------------------------------------------------------------


def storage() -> Storage:
    return storages["attachments"]


def open_file(attachment: Attachment) -> File:
    """The bytes, for whoever may have them. OSError when the storage is away or the file is gone."""
    return storage().open(attachment.storage_key)


def store(upload: File, found: Found) -> str:
    """The random key under which the file lies whole, with its small picture beside it."""
    name = secrets.token_hex(16)
    key = f"{name[:2]}/{name}"
    try:
        storage().save(key, upload)
        if found.small:
            storage().save(f"{key}-small", ContentFile(found.small))
    except OSError as error:
        log.warning("A file was not stored: %s", error)
        forget(key)
        raise RuleViolation(AWAY, NOT_STORED, "file") from error
    return key


def forget(key: str) -> None:
    """Remove what was stored for nothing. What stays, because the storage went away, check_attachments finds."""
    for name in (key, f"{key}-small"):
        try:
            storage().delete(name)
        except OSError as error:
            log.warning("A file without a row was left behind: %s", error)


def sha256_of(file: File | BinaryIO) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
