"""Something in front of a server that stops passing anything on: the connection stays, nobody answers."""

import contextlib
import ctypes
import os
import selectors
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

NEW_NETWORK = 0x40000000


class Forwarder(threading.Thread):
    """Passes bytes between `address` and a port of this machine; `mute` it and it accepts, and passes nothing on."""

    def __init__(self, listener: socket.socket, port: int):
        super().__init__(daemon=True)
        self.listener, self.port = listener, port
        self.address = "{}:{}".format(*listener.getsockname())
        self.mute = False
        self._peers: dict[socket.socket, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)

    def run(self) -> None:
        while True:
            for key, _events in self._selector.select(0.05):
                if self.mute:
                    break
                self._accept() if key.fileobj is self.listener else self._pass_on(key.fileobj)
            if self.mute:
                threading.Event().wait(0.02)

    def _accept(self) -> None:
        one = self.listener.accept()[0]
        try:
            other = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            one.close()
            return
        self._peers |= {one: other, other: one}
        self._selector.register(one, selectors.EVENT_READ)
        self._selector.register(other, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        other = self._peers.get(one)
        if other is None:
            return
        try:
            data = one.recv(65536)
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        for each in (one, other):
            self._selector.unregister(each)
            del self._peers[each]
            each.close()


def forwarder(port: int) -> Forwarder:
    """On a port of its own on this machine."""
    started = Forwarder(socket.create_server(("127.0.0.1", 0), backlog=128), port)
    started.start()
    return started


class FarAway:
    """A forwarder in a network namespace of its own: `lose_packets` between here and there. For root alone."""

    def __init__(self, port: int):
        self.name = f"vcdrill{os.getpid() % 100_000}"
        near, far = f"vn{os.getpid() % 100_000}", f"vf{os.getpid() % 100_000}"
        self.near = near
        _ip("netns", "add", self.name)
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self.name)
        _ip("addr", "add", "10.213.77.1/30", "dev", near)
        _ip("link", "set", near, "up")
        _ip("-n", self.name, "addr", "add", "10.213.77.2/30", "dev", far)
        _ip("-n", self.name, "link", "set", far, "up")
        self.forwarder = Forwarder(self._listener(), port)
        self.forwarder.start()

    def _listener(self) -> socket.socket:
        """A socket belongs to the namespace in which it was made, whoever uses it."""
        found: list[socket.socket] = []
        thread = threading.Thread(target=self._listen_there, args=[found])
        thread.start()
        thread.join()
        return found[0]

    def _listen_there(self, found: list[socket.socket]) -> None:
        with Path(f"/run/netns/{self.name}").open() as there:
            if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), NEW_NETWORK):
                raise OSError(ctypes.get_errno(), "setns")
        found.append(socket.create_server(("10.213.77.2", 0), backlog=128))

    def lose_packets(self, all_of_them: bool) -> None:
        """On their way back: who calls gets no answer at all, not even that there is nobody."""
        _ip("-n", self.name, "route", "add" if all_of_them else "del", "blackhole", "10.213.77.1/32")

    def remove(self) -> None:
        _ip("link", "del", self.near)
        _ip("netns", "del", self.name)


@contextlib.contextmanager
def far_away(port: int) -> Iterator[FarAway | None]:
    """None where this user may not make networks."""
    if os.geteuid() or not shutil.which("ip"):
        yield None
        return
    made = FarAway(port)
    try:
        yield made
    finally:
        made.remove()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
