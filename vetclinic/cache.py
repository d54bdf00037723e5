"""The cache of a machine, in files that all its workers read."""

import random

from django.core.cache.backends.filebased import FileBasedCache

LOOKS_AT_ONE_OF = 100


class Files(FileBasedCache):
    """Django's, but it does not look through the whole folder for too many files with each value that is set: after
    every form one is, and half of the work was that. There may be some more files than MAX_ENTRIES for a while."""

    def _cull(self) -> None:
        if random.randrange(LOOKS_AT_ONE_OF) == 0:
            super()._cull()
