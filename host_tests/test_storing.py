# SPDX-License-Identifier: MIT
"""Flash is written while the bus is idle: never between the octets of a request and its answer."""

import sys

from blockdevice import Random
from linebench import Wire
from mbus.timing import elapsed, octets_ms, reply_max_ms
from node import app, assembly, zeros
from node.config import Config
from slots import Slots

READ = b"\x10\x7b\x05\x80\x16"
READ_NEXT = b"\x10\x5b\x05\x60\x16"
OTHERS = b"\x10\x7b\x09\x84\x16"
LOOK_MS = 20


def command(fcb, records):
    user = bytes((0x73 if fcb else 0x53, 0x05, 0x51)) + records
    return bytes((0x68, len(user), len(user), 0x68)) + user + bytes((sum(user) & 0xFF, 0x16))


class NoCollector:
    """CPython's takes long among all the tests, and shows nothing."""

    @staticmethod
    def collect():
        pass


if sys.implementation.name != "micropython":
    app.gc = NoCollector


class SlowSlots(Slots):
    """Slots in flash: a save takes its time, in which nothing else is done."""

    def __init__(self):
        super().__init__()
        self.bench = None
        self.stall_ms = 45
        self.saves = []  # when they began

    def save(self, slot, octets):
        super().save(slot, octets)
        if self.bench:
            self.saves.append(self.bench.wire.now)
            self.bench.wire.now += self.stall_ms


class SteadyWire(Wire):
    """What is written leaves while flash is written, too."""

    steady = True


class Bench:
    """A module with its app on a wire, and a master that reads and commands it."""

    def __init__(self, baud, stall_ms, pulses, wire=Wire):
        self.baud = baud
        self.slots = SlowSlots()
        given = {"source": "pulse1", "primary": 5, "baud": str(baud), "save_pulses": str(pulses)}
        config = Config(given)
        self.wire = wire()
        self.wire.baud = baud
        self.module = assembly.assemble(config, self.slots, self.wire.now)
        self.link = assembly.join(self.wire, config, self.module)
        self.app = app.App(self.link, self.module, lambda: self.wire.now, None)
        self.slots.bench, self.slots.stall_ms = self, stall_ms
        self.looked_at = self.wire.now
        self.poll_at = self.wire.now
        self.busy = []  # (first octet of a request is there, its answer has left)
        self.sent = []  # when that answer began
        self.late = self.answers = 0

    def run_to(self, end):
        while self.wire.now < end:
            now = self.wire.now
            if now >= self.poll_at:
                self.poll_at = now + self.app.poll(now)
            if elapsed(now, self.looked_at) >= LOOK_MS:
                self.looked_at = now
                self.module.meter.pulse(0, 1, now)
                self.app.look(now)
            self.wire.now += 1

    def ask(self, octets, answered=True):
        """A request now, and what comes of it; returns whether it was answered."""
        wire = self.wire
        begin, n = wire.now, len(wire.written)
        for i, octet in enumerate(octets):
            wire.arrive(octet, begin + octets_ms(i + 1, self.baud))
        first = begin + octets_ms(1, self.baud)
        end = begin + octets_ms(len(octets), self.baud)
        limit = end + reply_max_ms(self.baud)
        self.run_to(limit + 20)
        if len(wire.written) == n:
            return False
        at, answer = wire.written[-1]
        assert answered, "an answer to what is not for us"
        self.late += at > limit
        self.answers += 1
        left = at + octets_ms(len(answer), self.baud)
        self.busy.append((first, left))
        self.sent.append(at)
        self.run_to(left)
        return True


def serve(baud, stall_ms, requests, pulses=1, wire=Wire):
    """So many requests; flash is due after so many pulses, 50 of which come in a second."""
    bench = Bench(baud, stall_ms, pulses, wire)
    rng = Random(baud)
    fcb = True
    for n in range(requests):
        kind = rng.below(4)
        if kind == 0:
            bench.ask(OTHERS, False)
        elif kind == 1:
            records = b"\x0c\xfd\x67" + bytes((n & 0x0F, 0, 0, 0))
            if bench.ask(command(fcb, records)):
                fcb = not fcb
        else:
            bench.ask((READ, READ_NEXT)[n & 1])
        bench.run_to(bench.wire.now + octets_ms(3, baud) + rng.below(400))
    return bench


def test_no_save_begins_between_a_request_and_the_end_of_its_answer():
    for baud, stall_ms, requests in ((300, 45, 40), (2400, 45, 120), (9600, 45, 200)):
        bench = serve(baud, stall_ms, requests)
        assert len(bench.slots.saves) > 50 and bench.answers > requests // 3
        for at in bench.slots.saves:
            for first, left in bench.busy:
                assert not first < at < left, (baud, at, first, left)


def test_a_request_that_begins_while_octets_are_packed_does_not_wait_for_their_write():
    pack, bench, packed = zeros.pack, None, 0

    def slow(octets):
        nonlocal packed
        packed += 1
        if bench:
            bench.wire.now += 4
        return pack(octets)

    zeros.pack = slow
    try:
        bench = Bench(9600, 45, 1)
        for n in range(60):
            bench.ask((READ, READ_NEXT)[n & 1])
            bench.run_to(bench.wire.now + n % 21)
    finally:
        zeros.pack = pack
    assert packed > len(bench.slots.saves) > 20
    for at in bench.slots.saves:
        for first, left in bench.busy:
            assert not first < at < left, (at, first, left)


def test_a_line_that_sends_by_itself_lets_flash_be_written_while_a_reply_leaves():
    for baud, requests in ((300, 40), (2400, 120), (9600, 200)):
        bench = serve(baud, 45, requests, wire=SteadyWire)
        assert bench.answers > requests // 3 and not bench.late
        meanwhile = 0
        for at in bench.slots.saves:
            for (first, left), sent in zip(bench.busy, bench.sent):
                # Neither before the reply nor so late that it lasts longer than the reply.
                assert not first < at < sent, (baud, at, first, sent)
                assert not max(sent, left - 60) < at < left, (baud, at, sent, left)
                meanwhile += sent <= at < left
        assert meanwhile > 50, (baud, meanwhile)


def test_garbage_is_collected_while_a_reply_leaves_or_long_behind_it():
    for request, while_it_leaves in ((READ, True), (b"\x10\x40\x05\x45\x16", False)):
        bench = Bench(9600, 45, 30_000, SteadyWire)
        # Of one register: 31 ms.
        assert bench.ask(command(False, b"\x08\x04"))
        bench.run_to(bench.wire.now + 500)
        collected = []

        class Collector:
            @staticmethod
            def collect():
                collected.append(bench.wire.now)

        before, app.gc = app.gc, Collector
        try:
            assert bench.ask(request)
            bench.run_to(bench.wire.now + 500)
        finally:
            app.gc = before
        (at,) = collected
        left = bench.busy[-1][1]
        assert bench.sent[-1] <= at < left - 25 if while_it_leaves else at > left + 100


def test_flash_is_left_alone_while_a_reply_comes_back():
    bench = Bench(9600, 45, 1, SteadyWire)
    bench.wire.echo = True
    for n in range(20):
        assert bench.ask((READ, READ_NEXT)[n & 1])
        bench.run_to(bench.wire.now + 20)
    assert bench.link.collisions == 0 and len(bench.slots.saves) > 5
    first = bench.busy[0][1]  # until then nobody knew that this line echoes
    for at in bench.slots.saves:
        for sent, (_, left) in zip(bench.sent, bench.busy):
            assert at < first or not sent <= at < left


def test_what_a_command_changed_is_stored_as_soon_as_its_acknowledgement_has_left():
    for baud in (300, 2400, 9600):
        bench = Bench(baud, 45, 30_000)
        for n in range(8):
            bench.run_to(bench.wire.now + 700 + 7 * n)
            saves = len(bench.slots.saves)
            assert bench.ask(command(n & 1, b"\x0c\xfd\x67" + bytes((n + 1, 0, 0, 0))))
            bench.run_to(bench.wire.now + 60)
            after = bench.slots.saves[saves] - bench.busy[-1][1]
            assert 0 <= after <= 6, (baud, n, after)


def test_storage_that_is_full_is_not_worn_out_by_trying():
    bench = Bench(9600, 45, 30_000)
    bench.run_to(bench.wire.now + 700)
    bench.slots.full = True
    begin = bench.wire.now
    for n in range(24):
        assert bench.ask(command(n & 1, b"\x0c\xfd\x67" + bytes((n + 1, 0, 0, 0))))
        bench.run_to(begin + 500 * (n + 1))
    assert bench.module.health.store_failures == 2, "in 12 s"
    bench.slots.full = False
    bench.run_to(begin + 22_000)
    assert bench.module.health.store_failures == 2 and not bench.module.due(bench.wire.now)


def test_flash_that_stalls_long_makes_no_late_answer():
    for baud in (300, 2400, 9600):
        bench = serve(baud, 400, 100, 100)
        assert not bench.late
        assert bench.answers > 10


def test_saves_of_a_module_that_counts_fast_are_bounded():
    bench = serve(2400, 45, 100)
    count = bench.module.meter.pulses[0].count
    saved = Slots()
    saved.octets = dict(bench.slots.octets)
    again = assembly.assemble(Config({"source": "pulse1", "primary": 5}), saved, 1000)
    assert 0 <= count - again.meter.pulses[0].count < 50 * 2


def test_nothing_is_stored_while_nobody_may():
    bench = Bench(2400, 45, 1)
    bench.run_to(bench.wire.now + 3000)
    module, saves = bench.module, len(bench.slots.saves)
    module.health.due = True
    bench.module.meter.pulse(0, 5, bench.wire.now)
    module.persist(bench.wire.now, lambda: False)
    assert len(bench.slots.saves) == saves and module.health.due
    module.persist(bench.wire.now, lambda: True)
    assert len(bench.slots.saves) > saves and not module.health.due
