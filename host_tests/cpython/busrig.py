# SPDX-License-Identifier: MIT
"""A bus server in a thread with made-up stations, and clients that wait for what they need."""

import os
import select
import socket
import threading
import time

from mbusnode.bus import Bus
from mbusnode.bus_server import BusServer

HOST = "127.0.0.1"
ASK = bytes.fromhex("1040014116")
DEADLINE_S = 10


class FakeLink:
    """A station that answers every fifth octet with the reply, once it has been polled again."""

    quiet = True

    def __init__(self, stream, reply=b"\xe5"):
        self.stream = stream
        self.reply = reply
        self.polls = 0
        self._octets = bytearray(64)
        self._heard = 0

    def poll(self, now):
        self.polls += 1
        n = self.stream.readinto(self._octets, self.stream.any())
        self._heard += n
        if self._heard >= len(ASK):
            self._heard = 0
            self.stream.write(self.reply)
        return 5


class Rig:
    """A server in a thread, with what it traced."""

    def __init__(self, baud=9600):
        self.rows = []
        self.server = BusServer(Bus(baud))
        self.server.bus.trace = lambda *row: self.rows.append(row)
        self.thread = threading.Thread(target=self.server.run)

    def fake(self, reply=b"\xe5"):
        links = []

        def make(stream):
            links.append(FakeLink(stream, reply))
            return links[0]

        self.server.slave_local(make)
        return links[0]

    def start(self):
        self.thread.start()

    def stop(self):
        if self.thread.ident:
            self.server.stop()
            self.thread.join()
        self.server.close()

    def sent(self, key):
        return b"".join(octets for _, who, octets in self.rows if who == key)


def receive(fd, size):
    """size octets of a descriptor, or what has come in time."""
    octets = b""
    limit = time.monotonic() + DEADLINE_S
    while len(octets) < size:
        if not select.select([fd], [], [], max(0, limit - time.monotonic()))[0]:
            break
        more = os.read(fd, size - len(octets))
        if not more:
            break
        octets += more
    return octets


def wait(condition):
    limit = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


def opened(path):
    return os.open(path, os.O_RDWR | os.O_NOCTTY)


def connect(port):
    line = socket.create_connection((HOST, port), DEADLINE_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line
