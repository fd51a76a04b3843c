# SPDX-License-Identifier: MIT
"""What is measured of a module on the emulated chip: each function takes a booted Device.

Results are dicts for JSON: times in ms of emulated time, counts, and under "wrong" the texts of
what is not as it must be.
"""

import json
import statistics

from mbus.date import put_f
from mbus.failures import MasterError
from mbus.header import secondary_octets
from mbusnode.report import Report

from . import stack
from .device import PULSE_WH
from .flash import SECTOR

ADDRESS, OTHER = 5, 17
_RESEND, _SELECTED, _ALL = 254, 253, 255
_SECONDARY = "123456780D170102"
_FABRICATION = b"\x0c\x78" + bytes.fromhex("21436587")
_WRITE = 0x51
_BREAKER = b"\x01\xfd\x1f"
_ENERGY = b"\x08\x04"  # a readout selection of one register
_FREEZE = 0x5C
_SETTLE_US = 1_500_000
PERIOD_US, CLOSED_US, _JITTER_US = 40_000, 20_000, 2_000
_TARGET_MS = (2, 8)  # behind the 11 bit times: of the median, of the worst


def records(frames) -> list:
    """The records of telegrams, as `mbus decode --format json` has them."""
    return [
        row for frame in frames for row in json.loads(Report.of_frame(frame).json())["records"]
    ]


def value(frames, quantity: str, tariff: int = 0):
    """The first value of this quantity, None if there is none."""
    for row in records(frames):
        if row["quantity"] == quantity and row["tariff"] == tariff and not row["storage"]:
            return row["value"]
    return None


def pulses(frames, tariff: int = 0):
    """The pulses that telegrams tell of, as energy; None where they do not."""
    energy = value(frames, "energy", tariff)
    return None if energy is None else energy // PULSE_WH


class Checks:
    """Collects what is wrong; of a Device also how much of its stack has been left."""

    def __init__(self, device=None):
        self.wrong, self.right = [], 0
        self._device = device

    def that(self, what: str, is_so):
        if is_so:
            self.right += 1
        else:
            self.wrong.append(what)

    def runs(self, what: str, function, *arguments):
        """What it returns; None, and it is wrong, where the master gives up."""
        try:
            result = function(*arguments)
        except MasterError as e:
            self.wrong.append("%s: %s" % (what, e))
            return None
        self.right += 1
        return result

    def result(self, **more) -> dict:
        if self._device:
            more["stack_unused"] = left = stack.unused(self._device.pico.rp2040)
            self.that("only %d octets of stack were left" % left, left >= stack.SPARE)
        return {"checks": self.right + len(self.wrong), "wrong": self.wrong, **more}


def readout(device) -> dict:
    """Both telegrams, by every kind of address."""
    checks, bus, master = Checks(device), device.bus, device.bus.master
    first = checks.runs("read out", bus.read, ADDRESS) or []
    checks.that("two telegrams", len(first) == 2)
    quantities = {row["quantity"] for row in records(first)}
    for quantity in ("energy", "power", "fabrication number", "on time"):
        checks.that("a record of " + quantity, quantity in quantities)
    checks.runs("read 254", bus.read, _RESEND)
    for mask in (_SECONDARY, "FFFFFFFFFFFFFFFF", "1234567FFFFFFFFF", "12345678FFFF0102"):
        frames = checks.runs("select " + mask, bus.read, secondary_octets(mask))
        checks.that(
            "%s is answered by its meter" % mask, value(frames or [], "energy") is not None
        )
    extra = secondary_octets("FFFFFFFFFFFFFFFF") + _FABRICATION
    checks.that("select by fabrication number", checks.runs("enhanced", bus.read, extra))
    master.tries = 1
    for mask in ("12345679FFFFFFFF", "FFFFFFFFAAAAFFFF"):
        try:
            bus.run(master.select(secondary_octets(mask)))
            checks.that("no selection by " + mask, False)
        except MasterError:
            checks.that("", True)
    return checks.result()


def commands(device) -> dict:
    """Orders of every sort, and what came of them."""
    checks, bus, master = Checks(device), device.bus, device.bus.master

    def send(what, ci, data=b"", address=ADDRESS):
        return checks.runs(what, bus.run, master.send(address, ci, data))

    moment = bytearray(4)
    put_f(moment, 0, 2026, 3, 4, 5, 6)
    send("set the clock", _WRITE, b"\x04\x6d" + moment)
    send("freeze", _FREEZE)
    for word, closed in ((0, False), (1, True)):
        send("breaker %d" % word, _WRITE, _BREAKER + bytes((word,)))
        # The coils cool for 10 s between two pulses.
        device.pico.run_until(lambda closed=closed: device.relay.closed == closed, 12e6)
        checks.that("the relay follows to %d" % word, device.relay.closed == closed)
    lengths = [round(us / 1e3, 1) for _, _, us in device.relay.pulses]
    checks.that("pulses of 200 ms: %s" % lengths, lengths == [200.0, 200.0])
    checks.that("never both coils", not device.relay.overlaps)
    checks.runs("set the address", bus.run, master.set_address(ADDRESS, OTHER))
    checks.that("there now", checks.runs("read there", bus.read, OTHER))
    checks.runs("set it back", bus.run, master.set_address(OTHER, ADDRESS))
    checks.runs("application reset", bus.run, master.application_reset(ADDRESS))
    checks.runs("to all", bus.run, master.send(_ALL, _FREEZE))
    device.pico.run_us(_SETTLE_US)
    frames = checks.runs("read at last", bus.read, ADDRESS)
    checks.that("still two telegrams", frames and len(frames) == 2)
    return checks.result(relay_ms=lengths)


def tariffs(device) -> dict:
    """Energy goes to the tariff that the mains at the input choose."""
    checks = Checks(device)
    contact = device.pulses[0]
    for present, count in ((True, 5), (False, 7)):
        device.mains.set(present)
        device.pico.run_us(3_000_000)
        contact.run(PERIOD_US, CLOSED_US, _JITTER_US, count)
        device.pico.run_us(count * PERIOD_US + _SETTLE_US)
    frames = checks.runs("read", device.bus.read, ADDRESS) or []
    for tariff, count in ((1, 7), (2, 5), (0, 12)):
        got = pulses(frames, tariff)
        checks.that("tariff %d: %s pulses, not %d" % (tariff, got, count), got == count)
    return checks.result()


def baud_switch(device) -> dict:
    """To 9600 by command, and to 300 and back."""
    checks, bus, master = Checks(device), device.bus, device.bus.master
    for baud in (9600, 300, 2400):
        checks.runs("order %d" % baud, bus.run, master.switch_baud(ADDRESS, baud))
        bus.set_baud(baud)
        device.pico.run_us(_SETTLE_US)
        checks.that("answers at %d" % baud, checks.runs("reset", bus.run, master.reset(ADDRESS)))
    checks.that("read", checks.runs("read", bus.read, ADDRESS))
    return checks.result()


def automatic_rate(device) -> dict:
    """A module whose rate is not set finds that of its master."""
    checks, bus, master = Checks(device), device.bus, device.bus.master
    asked = {}
    for baud in (9600, 300, 2400):
        bus.set_baud(baud)
        device.pico.run_us(_SETTLE_US)
        bus.replies.clear()
        checks.runs("reset at %d" % baud, bus.run, master.reset(ADDRESS))
        frames = checks.runs("read at %d" % baud, bus.read, ADDRESS)
        checks.that("two telegrams at %d" % baud, frames and len(frames) == 2)
        asked[baud] = reply_times(bus.replies, baud)
    return checks.result(replies=asked)


def replies(device, baud: int, reads: int, count: int, whole=None) -> dict:
    """Reads one after the other while pulses come and are saved; and all pulses are counted.

    whole  so many of the reads are of both telegrams, the others of one register; None for all
    """
    checks, bus, master = Checks(device), device.bus, device.bus.master
    if baud != bus.link.baud:
        checks.runs("order the rate", bus.run, master.switch_baud(ADDRESS, baud))
        bus.set_baud(baud)
    checks.runs("reset", bus.run, master.reset(ADDRESS))
    begin, flash = device.pico.now_us, len(device.pico.flash_times.operations)
    device.pulses[0].run(PERIOD_US, CLOSED_US, _JITTER_US, count)
    bus.replies.clear()
    failures = 0
    for n in range(reads):
        try:
            if n == whole:
                bus.run(master.send(ADDRESS, _WRITE, _ENERGY))
            bus.read(ADDRESS)
        except MasterError:
            failures += 1
    times = reply_times(bus.replies, baud)
    late = slowest(bus.replies, device.pico.flash_times.operations[flash:])
    until = begin + count * PERIOD_US + _SETTLE_US
    device.pico.run_us(max(_SETTLE_US, until - device.pico.now_us))
    checks.runs("reset of the readout", bus.run, master.application_reset(ADDRESS))
    counted = pulses(checks.runs("read the count", bus.read, ADDRESS) or [])
    closed = device.pulses[0].closed
    checks.that("%s of %d pulses counted" % (counted, closed), counted == closed)
    checks.that("%d reads failed" % failures, not failures)
    checks.that("%(outside)s answers were not in the window" % times, not times["outside"])
    checks.that("%d overruns" % bus.uart.overruns, not bus.uart.overruns)
    operations = device.pico.flash_times.operations[flash:]
    erases = sum(size >= SECTOR for _, size, _ in operations)
    return checks.result(
        pulses=closed,
        counted=counted,
        reads=reads,
        whole=reads if whole is None else whole,
        erases=erases,
        programs=len(operations) - erases,
        slowest=late,
        replies={baud: times},
    )


def slowest(heard, operations, n: int = 3) -> list:
    """The n answers that took longest: the request, the ms to its answer, and the flash work
    from 50 ms before the request's end on, as [ms behind that end, octets concerned, address]."""
    answered = [reply for reply in heard if reply.begin_us is not None]
    rows = []
    for reply in sorted(answered, key=lambda reply: -reply.after_us)[:n]:
        near = [
            [round((us - reply.end_us) / 1e3, 2), size, at]
            for us, size, at in operations
            if reply.end_us - 50_000 < us < reply.begin_us
        ]
        rows.append([reply.octets.hex(), round(reply.after_us / 1e3, 2), near])
    return rows


def reply_times(heard, baud) -> dict:
    """Of the answers to telegrams: how many, when they began, and against the window."""
    after = [reply.after_us / 1e3 for reply in heard if reply.begin_us is not None]
    if not after:
        return {"count": 0, "unanswered": len(heard), "outside": 0}
    earliest, latest = (us / 1e3 for us in heard[0].window_us)
    return {
        "count": len(after),
        "unanswered": len(heard) - len(after),
        "outside": sum(not earliest <= ms <= latest for ms in after),
        "earliest_ms": round(earliest, 2),
        "minimum_ms": round(min(after), 2),
        "median_ms": round(statistics.median(after), 2),
        "maximum_ms": round(max(after), 2),
        "latest_ms": round(latest, 2),
        "target_median_ms": round(earliest + _TARGET_MS[0], 2),
        "target_maximum_ms": round(earliest + _TARGET_MS[1], 2),
    }
