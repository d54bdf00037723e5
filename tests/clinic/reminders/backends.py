"""Back ends for workers in processes of their own."""

import time
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.filebased import EmailBackend


class StopsAfterDelivery(EmailBackend):
    """Delivers, says so, and never comes back: the moment between sending and noting, for as long as a test needs."""

    def send_messages(self, messages):
        super().send_messages(messages)
        Path(settings.EMAIL_FILE_PATH, "delivered").touch()
        time.sleep(3600)
