"""Who signs in, by a password; and who is signed in, looked up for every page.

That is read on the standby as all that is read, so that it need not cost a way to the primary, and so that reading
goes on when the primary is away.
"""

from django.contrib.auth.backends import ModelBackend

from vetclinic.access.slowing import try_once, was_right
from vetclinic.replication.faults import steadily
from vetclinic.replication.state import wait_for_writes_of


class People(ModelBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        """Who has guessed wrong too often is answered as if this one were wrong, too."""
        attempt = try_once("password", username or "", request)
        user = super().authenticate(request, username, password, **kwargs) if attempt else None
        if user is not None:
            was_right(attempt)
        return user

    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and not user.has_stale_password

    def get_user(self, user_id):
        """With all that was written by and about them through this machine: a right that was taken is gone at once."""
        wait_for_writes_of(user_id)
        return steadily(lambda: super(People, self).get_user(user_id))
