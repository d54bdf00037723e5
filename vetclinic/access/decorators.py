"""How a view says who may see it."""

from vetclinic.access.roles import PERMISSIONS

PUBLIC = "public"


def allowed(permission: str):
    """Declare the permission of the access matrix that a view asks; an unknown word is a KeyError at import."""
    assert permission in PERMISSIONS, permission  # noqa: S101

    def declare(view):
        view.permission = permission
        return view

    return declare


def public(view):
    """Declare that a view answers everybody, signed in or not."""
    view.permission = PUBLIC
    return view
