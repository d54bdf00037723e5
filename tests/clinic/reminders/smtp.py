"""A mail server on loopback that does as it is told: takes letters, refuses them, or hangs up."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class Server(socketserver.ThreadingTCPServer):
    """`answer` is what it says once it has a whole letter; "" hangs up instead."""

    daemon_threads = True

    def __init__(self, answer: str = "250 taken"):
        super().__init__(("127.0.0.1", 0), Session)
        self.answer, self.letters = answer, []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def taken(self) -> list[EmailMessage]:
        return [message_from_bytes(letter, policy=policy.default) for letter in self.letters]


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 ready")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.letters.append(letter)
                if not self.server.answer:
                    return
                self.say(self.server.answer)
            else:
                self.say("221 bye" if verb == b"QUIT" else "250 yes")

    def say(self, text: str):
        self.wfile.write(f"{text}\r\n".encode())
