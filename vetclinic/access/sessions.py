"""Django's cached sessions, of which reading goes on when the primary is away."""

from django.contrib.sessions.backends import cached_db

from vetclinic.replication.faults import steadily
from vetclinic.replication.state import current


class SessionStore(cached_db.SessionStore):
    def load(self) -> dict:
        """From the cache, else from the primary. What only a standby says may have been ended since: never cached."""
        data = self._cache.get(self.cache_key)
        return steadily(self._load) if data is None else data

    def _load(self) -> dict:
        session = self._get_session_from_db()
        if session is None:
            return {}
        data, reads = self.decode(session.session_data), current.get()
        if reads is None or not reads.reading_only:
            self._cache.set(self.cache_key, data, self.get_expiry_age(expiry=session.expire_date))
        return data
