"""Files of an animal as HTML: plain strings. Whatever a person typed goes through escape()."""

from html import escape

from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from records.models import AttachmentKind
from records.shelf import Filed, Shelf
from vetclinic.ui.addresses import address
from vetclinic.ui.dates import short_date
from vetclinic.ui.templatetags.ui import icon

OPENS = 'target="_blank" rel="noopener"'


def file_items(shelf: Shelf) -> SafeString:
    """List items, the last file first."""
    corrects = [("file_move", _("Move")), ("file_withdraw", _("Withdraw"))] if shelf.corrects else []
    items = (_gone(file) if file.withdrawn_on else _item(file, corrects) for file in shelf.files)
    return mark_safe("".join(items))  # noqa: S308 (see above)


def _item(file: Filed, corrects: list[tuple[str, str]]) -> str:
    link, kind = address("file", file.pet, file.pk), AttachmentKind(file.kind).label
    note = f"<p>{escape(file.note)}</p>" if file.note else ""
    told = [short_date(file.day), file.by, filesizeformat(file.size)]
    links = (f' · <a href="{address(view, file.pet, file.pk)}">{escape(label)}</a>' for view, label in corrects)
    acts = f'<span class="act">{"".join(links)}</span>'  # not on paper
    return (
        f'<li><a class="doc" href="{link}" {OPENS} tabindex="-1" aria-hidden="true">{_picture(file)}</a>'
        f'<div><a href="{link}" {OPENS}>{escape(file.name)}</a> <span class="chip">{escape(kind)}</span>{note}'
        f'<p class="muted small">{" · ".join(map(escape, told))}{acts}</p></div></li>'
    )


def _picture(file: Filed) -> str:
    if not file.has_small:
        return icon("note")
    return f'<img src="{address("file_small", file.pet, file.pk)}" alt="" loading="lazy" width="56" height="56">'


def _gone(file: Filed) -> str:
    said = _("Withdrawn by %(who)s on %(day)s: %(reason)s") % {
        "who": file.withdrawn_by,
        "day": short_date(file.withdrawn_on),
        "reason": file.withdrawn_reason,
    }
    why = f'<p class="muted small">{escape(said)}</p>'
    return f'<li class="gone"><span class="doc">{icon("x")}</span><div><s>{escape(file.name)}</s>{why}</div></li>'
