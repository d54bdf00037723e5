"""The distance between hosts: packets pass late, some never, and round trips are counted as a person would."""

import os
import socket
import struct
import threading
import time

import pytest

from deploy.drills import CannotRun
from deploy.drills.distance import Distance, Host, RoundTrips, check_possible

PRIMARY, BRANCH = "10.77.0.10", "10.77.0.2"
SYN, ACK = 2, 16


@pytest.fixture
def hosts():
    """Two, with 30 ms between them each way and no packet lost; where namespaces can be made."""
    try:
        check_possible()
    except CannotRun as missing:
        pytest.skip(f"drill of distances: {missing}")
    centre, north = Host("centre", [PRIMARY]), Host("north", [BRANCH])
    distance = Distance([centre, north], one_way_s=0.03, loss=0.0, counted=PRIMARY)
    distance.start()
    yield centre, north, distance
    distance.stop()
    centre.remove()
    north.remove()


def echo(host: Host, port: int) -> None:
    """Answers each message of a connection, in the host."""
    server = host.run(socket.create_server, (PRIMARY, port))

    def answer() -> None:
        connection = server.accept()[0]
        while message := connection.recv(100):
            connection.sendall(message * 50)

    threading.Thread(target=answer, daemon=True).start()


def test_question_over_a_distance_takes_its_time_and_counts_as_one(hosts):
    centre, north, distance = hosts
    echo(centre, 7000)

    connection = north.run(socket.create_connection, (PRIMARY, 7000), 10)
    begun, missing = time.monotonic(), 5_000
    connection.sendall(b"x" * 100)
    while missing:
        missing -= len(connection.recv(10_000))
    took_s = time.monotonic() - begun
    connection.close()

    assert list(distance.trips.of(BRANCH).values()) == [2]  # opened, asked
    assert took_s >= 0.06


def test_host_is_alone_in_its_network(hosts):
    _centre, north, _distance = hosts
    with socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]

        with pytest.raises(ConnectionRefusedError):
            north.run(socket.create_connection, ("127.0.0.1", port), 5)


def packet(*, asks: bool, sequence: int, length: int, flags: int = ACK) -> bytes:
    ends = [socket.inet_aton(BRANCH), socket.inet_aton(PRIMARY)]
    source, target = ends if asks else ends[::-1]
    ports = (40_000, 5432) if asks else (5432, 40_000)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + length, 0, 0, 64, 6, 0, source, target)
    return ip + struct.pack("!HHIIBBHHH", *ports, sequence, 0, 0x50, flags, 1000, 0, 0) + b"x" * length


def counted(*packets: bytes) -> int:
    trips = RoundTrips(PRIMARY)
    for each in packets:
        trips.see(each)
    return trips.of(BRANCH).total()


def test_opening_a_connection_is_a_round_trip():
    opened = (packet(asks=True, sequence=0, length=0, flags=SYN), packet(asks=False, sequence=0, length=0, flags=SYN))

    assert counted(*opened) == 1


@pytest.mark.parametrize(
    ("packets", "trips"),
    [
        ([(True, 1, 10), (True, 11, 10), (False, 1, 99), (False, 100, 99)], 1),  # however many packets
        ([(True, 1, 10), (False, 1, 99), (True, 11, 10), (False, 100, 99)], 2),
        ([(True, 1, 10), (True, 1, 10), (False, 1, 99), (True, 1, 10), (False, 1, 99)], 1),  # sent again
        ([(True, 1, 10), (False, 1, 0), (True, 11, 0)], 0),  # nothing but acknowledged
        ([(True, 2**32 - 5, 10), (False, 1, 9), (True, 5, 10), (False, 10, 9)], 2),  # numbers begin anew
    ],
)
def test_answered_question_is_a_round_trip(packets, trips):
    made = [packet(asks=asks, sequence=sequence, length=length) for asks, sequence, length in packets]

    assert counted(*made) == trips


def test_machine_without_root_says_that_it_cannot(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CannotRun, match="need root"):
        check_possible()
