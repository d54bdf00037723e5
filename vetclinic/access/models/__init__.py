from vetclinic.access.models.sent_form import SentForm
from vetclinic.access.models.user import User

__all__ = ["SentForm", "User"]
