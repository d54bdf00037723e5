"""A distance between hosts of this machine: packets pass late, some are lost, and round trips are counted.

Written instead of taking netem, which many kernels lack, and because it also has to count: each host is a network
namespace whose only way out is a TUN device, and this process carries the packets between them.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from deploy.drills import CannotRun

T = TypeVar("T")
TUNSETIFF, TUN_WITHOUT_HEAD = 0x400454CA, 0x1001
CLONE_NEWNET = 0x40000000
TCP = 6


class Host:
    """A network namespace with addresses of its own. `run` calls a function inside: what it starts stays there."""

    def __init__(self, name: str, addresses: list[str]):
        self.name, self.addresses = name, addresses
        self.namespace = f"vetclinic-{os.getpid()}-{name}"
        _ip("netns", "add", self.namespace)
        self._thread = ThreadPoolExecutor(1, initializer=self._enter)
        self.tun = self._thread.submit(_open_tun).result()
        _ip("-n", self.namespace, "link", "set", "lo", "up")
        for address in addresses:
            _ip("-n", self.namespace, "address", "add", f"{address}/24", "dev", "far")
        _ip("-n", self.namespace, "link", "set", "far", "mtu", "1400", "up")

    def run(self, call: Callable[..., T], *args, **kwargs) -> T:
        return self._thread.submit(call, *args, **kwargs).result()

    def remove(self) -> None:
        self._thread.shutdown()
        os.close(self.tun)
        _ip("netns", "delete", self.namespace)

    def _enter(self) -> None:
        """Only this thread: a namespace is a thread's."""
        with Path(f"/run/netns/{self.namespace}").open() as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")


def _open_tun() -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", b"far", TUN_WITHOUT_HEAD))
    return device


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"ip {' '.join(words)}: {done.stderr.strip()}")


def check_possible() -> None:
    """Raises CannotRun where network namespaces or TUN devices cannot be made."""
    if os.geteuid() != 0:
        raise CannotRun("network namespaces need root")
    if not Path("/dev/net/tun").exists():
        raise CannotRun("there is no /dev/net/tun")
    try:
        Host("probe", ["10.77.0.99"]).remove()
    except (OSError, FileNotFoundError) as error:
        raise CannotRun(f"network namespaces cannot be made here: {error}") from error


class Distance(threading.Thread):
    """Carries packets between hosts: each `one_way_s` late, and `loss` of them never."""

    def __init__(self, hosts: list[Host], *, one_way_s: float, loss: float, counted: str):
        super().__init__(daemon=True)
        self.one_way_s, self.loss = one_way_s, loss
        self._to = {address: host.tun for host in hosts for address in host.addresses}
        self._dice = random.Random(1)  # the same losses each time
        self._ended = threading.Event()
        self._late: list[tuple[float, int, int, bytes]] = []
        self.trips = RoundTrips(counted)
        self.carried = self.dropped = 0

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        tuns = sorted(set(self._to.values()))
        while not self._ended.is_set():
            wait_s = self._late[0][0] - time.monotonic() if self._late else 0.05
            for tun in select.select(tuns, [], [], max(0.0, min(wait_s, 0.05)))[0]:
                self._take(tun)
            while self._late and self._late[0][0] <= time.monotonic():
                _at, _number, to, packet = heapq.heappop(self._late)
                os.write(to, packet)

    def _take(self, tun: int) -> None:
        try:
            packet = os.read(tun, 65536)
        except BlockingIOError:
            return
        to = self._to.get(_address(packet, 16)) if packet[0] >> 4 == 4 else None
        if to is None:
            return
        self.carried += 1
        self.trips.see(packet)
        if self._dice.random() < self.loss:
            self.dropped += 1
            return
        heapq.heappush(self._late, (time.monotonic() + self.one_way_s, self.carried, to, packet))


class RoundTrips:
    """How often somebody had to wait for an answer of the address `counted`, by the address and port of who waited.

    A question that is answered is one, however many packets it has; so is opening a connection. What is sent again
    because it was lost is not another one: how many there are is a fact of the program, not of the day.
    """

    def __init__(self, counted: str):
        self.counted, self.by = counted, Counter[tuple[str, int]]()
        self._asked: dict[tuple[str, int, int], bool] = {}
        self._seen: dict[tuple[str, int, int, bool], int] = {}

    def see(self, packet: bytes) -> None:
        head = (packet[0] & 15) * 4
        if packet[9] != TCP:
            return
        source, target = _address(packet, 12), _address(packet, 16)
        from_port, to_port, sequence = struct.unpack("!HHI", packet[head : head + 8])
        flags, length = packet[head + 13], len(packet) - head - (packet[head + 12] >> 4) * 4
        length += flags & 2 and 1  # SYN counts as a byte
        if not length or self.counted not in (source, target):
            return
        asks = target == self.counted
        pair = (source, from_port, to_port) if asks else (target, to_port, from_port)
        if flags & 2:
            self._seen.pop((*pair, asks), None)  # a port that is used again
        if not self._is_new((*pair, asks), sequence + length):
            return
        if not asks and self._asked.get(pair):
            self.by[pair[:2]] += 1
        self._asked[pair] = asks

    def of(self, address: str) -> Counter[int]:
        """By port, as of now."""
        return Counter({port: count for (host, port), count in self.by.copy().items() if host == address})

    def _is_new(self, way: tuple[str, int, int, bool], end: int) -> bool:
        known = self._seen.get(way)
        if known is not None and not 0 < (end - known) % 2**32 < 2**31:
            return False
        self._seen[way] = end % 2**32
        return True


def _address(packet: bytes, at: int) -> str:
    return ".".join(str(byte) for byte in packet[at : at + 4])
