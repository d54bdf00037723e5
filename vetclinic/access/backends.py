"""Who is signed in, looked up for every page: on the standby as all that is read, so that it need not cost a way to the
primary, and so that reading goes on when the primary is away.
"""

from django.contrib.auth.backends import ModelBackend

from vetclinic.replication.faults import steadily
from vetclinic.replication.state import wait_for_writes_of


class People(ModelBackend):
    def get_user(self, user_id):
        """With all that was written by and about them through this machine: a right that was taken is gone at once."""
        wait_for_writes_of(user_id)
        return steadily(lambda: super(People, self).get_user(user_id))
