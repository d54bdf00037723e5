"""A few pictures for the animals that the demo's vet saw last: drawn here, nobody's."""

import io
from collections.abc import Callable
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFilter

from clinic.enums import AppointmentStatus
from clinic.models import Appointment
from records.files import keep_file
from vetclinic.access.models import User
from vetclinic.access.roles import Role

VISITS = 3


def add_files(seed: int) -> int:
    """Files of the last visits of the vet of the demo; how many. They come after the rows, which are there anyhow."""
    vet = User.objects.filter(role=Role.VET, vet__isnull=False).first()
    visits = Appointment.objects.filter(vet__user=vet, status=AppointmentStatus.COMPLETED).order_by("-date")
    draw, count = Random(f"{seed} files"), 0
    for visit in visits[:VISITS] if vet else ():
        for kind, name, make in DRAWN:
            upload = SimpleUploadedFile(name, make(draw))
            keep_file(pet=visit.pet, appointment=visit, kind=kind, note="", upload=upload, by=vet)
            count += 1
    return count


def _bones(draw: Random) -> bytes:
    """Something like a paw in X-rays."""
    picture = Image.new("L", (480, 600), 18)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((60, 40, 420, 580), fill=52)
    for toe in range(4):
        left = 110 + toe * 72 + draw.randrange(-8, 8)
        for joint in range(4):
            top = 90 + joint * 110 + draw.randrange(-6, 6)
            pen.rounded_rectangle((left, top, left + 34, top + 92), 16, fill=205 - joint * 8)
    return _png(picture.filter(ImageFilter.GaussianBlur(3)))


def _sector(draw: Random) -> bytes:
    """Something like a picture of an ultrasound machine."""
    picture = Image.effect_noise((480, 360), 90)
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).pieslice((-20, -260, 500, 340), 50, 130, fill=255)
    hollow = draw.randrange(150, 260)
    ImageDraw.Draw(picture).ellipse((hollow, 170, hollow + 90, 240), fill=12)
    return _png(Image.composite(picture.filter(ImageFilter.GaussianBlur(2)), Image.new("L", picture.size, 6), mask))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


DRAWN: tuple[tuple[str, str, Callable[[Random], bytes]], ...] = (
    ("xray", "xray-paw.png", _bones),
    ("ultrasound", "ultrasound.png", _sector),
)
