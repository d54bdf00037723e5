"""How a view says who may see it, and by which verbs."""

from vetclinic.access.roles import PERMISSIONS

PUBLIC = "public"  # signed in or not


def allowed(permission: str, *methods: str):
    """Declare the permission of the access matrix that a view asks, or PUBLIC; an unknown word fails at import.

    `methods`: "GET", "POST" of a form, "POST" of what only acts. By default a view only shows.
    """
    assert permission == PUBLIC or permission in PERMISSIONS, permission  # noqa: S101

    def declare(view):
        view.permission = permission
        view.methods = frozenset(methods or ["GET"])
        return view

    return declare


def answers(view, method: str) -> bool:
    """Whether a view answers a verb; those of Django admin, which declare none, decide by themselves."""
    methods = getattr(view, "methods", None)
    return methods is None or method.replace("HEAD", "GET") in methods
