"""An S3 stand-in on loopback with TLS (pgBackRest wants it), whose faults are switched by the word in a file.

python -m deploy.drills.s3 PORT CERTIFICATE KEY SWITCH      ("ok", "500", or "silent": takes requests, never answers)
"""

import contextlib
import sys
import time
from pathlib import Path

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

SILENCE_S = 120


class Faults:
    def __init__(self, app, switch: Path):
        self.app, self.switch = app, switch

    def __call__(self, environ, start_response):
        word = self.switch.read_text().strip()
        if word == "silent":
            time.sleep(SILENCE_S)
        if word != "ok":
            start_response("500 Internal Server Error", [("Content-Length", "0"), ("Connection", "close")])
            return [b""]
        return self.app(environ, start_response)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *args) -> None:
        """Nothing: thousands of requests tell nobody anything."""


class Server(ThreadedWSGIServer):
    def shutdown_request(self, request) -> None:
        """Close as TLS asks: without the farewell pgBackRest takes an answer for cut off."""
        with contextlib.suppress(OSError, ValueError):
            request.settimeout(1)
            request.unwrap()
        super().shutdown_request(request)


def main(port: str, certificate: str, key: str, switch: str) -> None:
    app = Faults(DomainDispatcherApplication(create_backend_app), Path(switch))
    Server("127.0.0.1", int(port), app, handler=Quiet, ssl_context=(certificate, key)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
