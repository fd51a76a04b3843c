# SPDX-License-Identifier: MIT
"""Encrypted read-outs and commands of a module that got a key, on the emulated chip."""

import random
import tempfile
from pathlib import Path

from mbus.failures import MasterError
from mbus.secured import Envelope
from mbus.security import Key
from mbusnode.keys import OneKey
from mbusnode.secured import opened
from mbusnode.securedreading import opening
from node.keyring import provision
from port.files import Slots

from .device import Device, flash, module_files
from .measure import ADDRESS, CLOSED_US, PERIOD_US, Checks, pulses, records, reply_times

_BAUD = 9600
_METER = bytes.fromhex("785634120D170102")
_COMMAND = 0x5B
_SPECIAL = b"\xfd\x67"  # special data 1
_WRITE = 0x51
_AT = 6  # of the CI in a frame
_PAUSE_US = 300_000
_START_US = 1_500_000  # the first readout of all is made meanwhile
_SUMMER = bytes.fromhex("05044437")  # 2026-07-04 04:05, as type F
# A key for this alone.
_KEY = random.Random(7).randbytes(16)


def image(uf2, settings, level: int) -> bytes:
    """A flash with a module that has a key and a level, and has stored nothing else."""
    files = module_files(dict(settings, baud=_BAUD, dst="eu"))
    with tempfile.TemporaryDirectory() as folder:
        provision(Slots(folder), _KEY, level)
        for path in Path(folder).iterdir():
            files["state/" + path.name] = path.read_bytes()
    return flash(uf2, files)


class _Owner:
    """Who has the key: opens what is read, and seals commands."""

    def __init__(self, bus):
        self._bus, self._ring, self._counter = bus, OneKey(Key(_KEY)), 0
        self.modes = set()

    def read(self):
        """The telegrams of a read-out, opened; MasterError where one cannot be."""
        frames = []
        master = self._bus.master
        self._bus.run(opening(master.read(ADDRESS, frames.append), master, self))
        return frames

    def sent(self, octets):
        """See mbusnode.securedreading.opening(): there is one meter, whatever is sent."""

    def opened(self, frame):
        """A telegram opened; an acknowledgement as it is."""
        if frame.ci is None:
            return frame
        frame = opened(frame, self._ring)
        security = getattr(frame, "security", None)
        if security is None or not security.is_open:
            raise MasterError("a telegram was not encrypted with the key")
        self.modes.add(security.mode)
        return frame

    def special(self):
        """The value that the commands write, as the meter tells it when it is asked."""
        bus, master = self._bus, self._bus.master
        bus.run(master.send(ADDRESS, _WRITE, b"\x08" + _SPECIAL))
        (row,) = records(self.read())
        bus.run(master.application_reset(ADDRESS))
        return row["value"]

    def command(self, mode: int, records: bytes):
        """Send a command, which is acknowledged."""
        self._counter += 1
        buf, envelope = memoryview(bytearray(300)), Envelope()
        at = envelope.begin(
            buf, _AT, _COMMAND, mode, _METER, self._counter & 0xFF, 0, self._counter
        )
        end = at + len(records)
        buf[at:end] = records
        end = envelope.seal(Key(_KEY), end)
        master = self._bus.master
        self._bus.run(master.send(ADDRESS, buf[_AT], bytes(buf[_AT + 1 : end])))


def replies(image, level: int, reads: int) -> dict:
    """Read-outs with pulses and saves, and commands in each mode that the level allows."""
    device = Device(image, _BAUD)
    checks = Checks(device)
    device.boot()
    bus = device.bus
    owner = _Owner(bus)
    checks.runs("reset", bus.run, bus.master.reset(ADDRESS))
    device.pico.run_us(_START_US)
    device.pulses[0].run(PERIOD_US, CLOSED_US)
    bus.replies.clear()
    for n in range(reads):
        checks.runs("read %d" % n, owner.read)
    read = reply_times(bus.replies, _BAUD)
    checks.that("%(outside)s read-outs were not in the window" % read, not read["outside"])
    checks.that("%(unanswered)s requests were not answered" % read, not read["unanswered"])
    checks.that("read in %s" % owner.modes, owner.modes == {7 if level == 3 else 5})
    told = {"%d, read-out" % _BAUD: read}
    for mode in (5, 7) if level < 3 else (7,):
        bus.replies.clear()
        for n in range(reads):
            written = b"\x0c" + _SPECIAL + bytes((n // 10 % 10 << 4 | n % 10, mode, 0, 0))
            checks.runs("command %d in mode %d" % (n, mode), owner.command, mode, written)
            device.pico.run_us(_PAUSE_US)
        times = reply_times(bus.replies, _BAUD)
        checks.that("%(outside)s commands were not in the window" % times, not times["outside"])
        # What goes deepest: no order has more to do between it and its answer.
        checks.runs("clock in mode %d" % mode, owner.command, mode, b"\x04\x6d" + _SUMMER)
        device.pico.run_us(_PAUSE_US)
        told["%d, command in mode %d" % (_BAUD, mode)] = times
        value = owner.special()
        checks.that("mode %d wrote %s" % (mode, value), value == 100 * mode + (reads - 1) % 100)
    frames = checks.runs("read at last", owner.read) or []
    checks.that("%s pulses are told of" % pulses(frames), pulses(frames))
    checks.that("something was raised", b"Traceback" not in device.pico.console.output)
    return checks.result(replies=told)
