"""Template tags of the site's look: icons, money, phones."""

from django import template

register = template.Library()
