# SPDX-License-Identifier: MIT
"""A slave with its link on a wire in virtual time, where octets take their line time."""

from binascii import hexlify, unhexlify

from mbus.link import SlaveLink
from mbus.slave import Slave
from mbus.timing import elapsed, octets_ms
from stations import Device

REQUEST = "107B058016"
RESET = "1040054516"


class Wire:
    """A stream in virtual time: octets arrive at their times, what is written is noted."""

    def __init__(self, echo=False):
        self.now = 1000
        self.arriving = []  # (time, octet)
        self.written = []  # (time, octets)
        self.echo = echo
        self.garble = None  # (index of the octet of an echo, xor)
        self.broken = False
        self.baud = 2400

    def arrive(self, octets, at):
        self.arriving.append((at, octets))

    def _due(self):
        return [pair for pair in self.arriving if elapsed(self.now, pair[0]) < 1 << 29]

    def any(self):
        return len(self._due())

    def readinto(self, buf, nbytes):
        due = self._due()[:nbytes]
        for i, pair in enumerate(due):
            buf[i] = pair[1]
            self.arriving.remove(pair)
        return len(due)

    def write(self, octets):
        octets = bytes(octets)
        self.written.append((self.now, octets))
        if self.echo:
            for i, octet in enumerate(octets):
                if self.garble and self.garble[0] == i:
                    octet ^= self.garble[1]
                self.arriving.append((self.now + octets_ms(i + 1, self.baud), octet))
        return len(octets)

    def txdone(self):
        return True

    def init(self, baudrate):
        self.baud = baudrate

    def errors(self):
        broken, self.broken = self.broken, False
        return broken


class Bench:
    """A slave on such a wire, polled as it wants to be."""

    def __init__(self, baud=2400, echo="auto", wire_echo=False, device=None):
        self.baud = baud
        self.wire = Wire(wire_echo)
        self.wire.baud = baud
        self.device = device or Device(primary=5, telegrams=1)
        self.slave = Slave(self.device)
        self.link = SlaveLink(self.wire, self.slave, baud, echo)

    def run(self, ms):
        end = self.wire.now + ms
        while self.wire.now < end:
            self.wire.now += min(self.link.poll(self.wire.now), end - self.wire.now)
        return self

    def say(self, octets, pause=0):
        """Octets with line times from now on, `pause` ms between them; returns when it ends."""
        at = self.wire.now
        for n, octet in enumerate(unhexlify(octets)):
            self.wire.arrive(octet, at + octets_ms(n + 1, self.baud) + n * pause)
        return at + octets_ms(n + 1, self.baud) + n * pause

    def replies(self):
        return [hexlify(octets).decode().upper() for _, octets in self.wire.written]
