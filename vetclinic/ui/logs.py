"""What must not stand in a log."""

import logging
import re

SECRET_ADDRESS = re.compile(r"/(visit-answer|calendar)/[^\s/?'\"]+")


class HideSecretAddresses(logging.Filter):
    """Takes the secret out of addresses that open something to whoever knows them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRET_ADDRESS.sub(r"/\1/…", record.getMessage()), ()
        return True
