# SPDX-License-Identifier: MIT
"""Meters that say whole telegrams, with keys or without, for the tests of reading."""

from contextlib import contextmanager

from commands import served
from keyfile import NUMBER, OURS, keyless

from fakeline import FakeLine, FakeMeter
from fakeline import run as exchange
from mbus.header import secondary_octets
from mbus.master import Master
from mbus.whole import FrameError, parse
from mbusnode import keys
from mbusnode.bus import Bus
from mbusnode.bus_server import BusServer
from mbusnode.report import Report
from mbusnode.securedreading import OpenedMeter, opening
from securedtelegrams import METER, RECORDS, sealed

BY_NUMBER = METER[:4] + b"\xff" * 4
ANYBODY = b"\xff" * 8

CLEAR = b"\x72" + METER + b"\x01\x00\x00\x00" + RECORDS
MODE_5 = sealed(0x72, 5, RECORDS, key=OURS)
MODE_7 = sealed(0x72, 7, RECORDS, 40, OURS)
MORE_7 = sealed(0x72, 7, RECORDS + b"\x1f", 39, OURS)


class Scripted(FakeMeter):
    """Answers with whole telegrams, from their CI on."""

    def __init__(self, *telegrams):
        super().__init__(METER, 5, telegrams)

    def _data(self, kind, first, new):
        at = 0 if first else (self._index.get(kind, -1) + new) % len(self.records)
        self._index[kind] = at
        return self._frame(self.records[at][0], self.records[at][1:])


def ring_of(level, name=NUMBER):
    """A ring with one entry, by secondary address or identification number."""
    address = secondary_octets(name.ljust(16, "0"))[: len(name) // 2]
    return keys.Ring([keys.Entry(address, OURS, level)])


def read(telegrams, level=2, address=METER, name=NUMBER):
    """(number of records of each telegram, all errors) of a meter that is read."""
    reports, master = [], Master(1)
    procedure = master.read(address, lambda frame: reports.append(Report.of_frame(frame)))
    line = FakeLine([Scripted(*telegrams)])
    exchange(line, master, opening(procedure, master, OpenedMeter(ring_of(level, name))))
    errors = [error for report in reports for error in report.errors]
    keyless("\n".join(errors + [report.json() for report in reports]))
    return [len(report.rows) for report in reports], errors


class Station:
    """A scripted meter as a node of a bus server."""

    quiet = True

    def __init__(self, stream, meter):
        self._stream, self._meter = stream, meter
        self._octets, self._chunk = b"", bytearray(64)

    def poll(self, now):
        n = self._stream.readinto(self._chunk, min(len(self._chunk), self._stream.any()))
        self._octets += self._chunk[:n]
        try:
            parse(self._octets)
        except FrameError:
            return 5
        reply, self._octets = self._meter.handle(self._octets), b""
        self._stream.write(reply)
        return 5


@contextmanager
def bus_of(*telegrams):
    """The port of a bus with one meter, as a URL."""
    server = BusServer(Bus(9600))
    server.slave_local(lambda stream: Station(stream, Scripted(*telegrams)))
    with served(server) as port:
        yield port
