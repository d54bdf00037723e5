"""Files on their way in: written to a temporary file while they are read, and dropped once they are too large."""

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

TOO_LARGE, DISK_FULL = "too large", "disk full"


def takes_file(view):
    """Declare that a view takes a file: the guard lets its body be as long as a file may be."""
    view.takes_file = True
    return view


def upload_fault(request) -> str:
    """Why a file of this request was dropped while it was read: TOO_LARGE, DISK_FULL or nothing."""
    return getattr(request, "upload_fault", "")


class LimitedUpload(TemporaryFileUploadHandler):
    """Keeps no more than ATTACHMENT_MAX_MB of a request, on disk. The rest is read past, so that the browser gets
    its page with all that was typed beside the file."""

    def __init__(self, request=None):
        super().__init__(request)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.ATTACHMENT_MAX_BYTES:
            self._drop(TOO_LARGE)
        try:
            self.file.write(raw_data)
        except OSError:
            self._drop(DISK_FULL)

    def _drop(self, fault: str) -> None:
        if self.request is not None:
            self.request.upload_fault = fault
        self.upload_interrupted()
        raise SkipFile
