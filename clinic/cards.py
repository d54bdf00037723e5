"""What a search found, as HTML: plain strings, because a template takes longer over twenty cards than the search does.

Whatever a person typed goes through escape(); all else is made here.
"""

from html import escape

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from clinic.models import Pet
from vetclinic.ui.addresses import address
from vetclinic.ui.templatetags.ui import age, icon, phone, species_icon

COLOURS = 5


def cards(pets: list[Pet], *, booking: bool) -> SafeString:
    """A list item for each animal with its owner; `booking`: with a way to book a visit, for the living."""
    unknown = f'<span class="muted">{escape(_("owner not known"))}</span>'
    book = f'<a class="btn sm" href="{reverse("booking")}?pet=%d">{escape(_("Book"))}<span class="vh"> %s</span></a>'
    return mark_safe(  # noqa: S308 (see above)
        "\n".join(
            _card(
                pet, number % COLOURS + 1, unknown, book % (pet.pk, escape(str(pet))) if booking and _lives(pet) else ""
            )
            for number, pet in enumerate(pets)
        )
    )


def _card(pet: Pet, colour: int, unknown: str, book: str) -> str:
    about = " · ".join(escape(each) for each in (pet.species_name, pet.breed, _age(pet)) if each)
    return (
        f'<li class="card hitcard"><span class="av m c{colour}" aria-hidden="true">{icon(species_icon(pet.species))}'
        f'</span><div><h2><a href="{address("pet", pet.pk)}">{escape(str(pet))}</a></h2>'
        f'<p class="muted small">{about}</p><p class="small">{_owner(pet) or unknown}</p></div>{book}</li>'
    )


def _lives(pet: Pet) -> bool:
    return pet.deceased_at is None


def _age(pet: Pet) -> str:
    """Of one that has died: when."""
    if pet.deceased_at:
        return _("died on %(day)s") % {"day": date_format(pet.deceased_at, "SHORT_DATE_FORMAT")}
    return age(pet.birth_date)


def _owner(pet: Pet) -> str:
    owner = pet.pet_owner
    if not owner:
        return ""
    number = f' · <span class="nw">{escape(phone(owner.phone))}</span>' if owner.phone else ""
    return f'<a href="{address("owner", owner.pk)}">{escape(str(owner))}</a>{number}'
