# SPDX-License-Identifier: MIT
"""A whole module on its line and the model of its meter, side by side.

Each step of a sequence is done by both; check() holds what the module shows, and what it
sends, against the model.  AssertionError begins with a word for what does not hold.
"""

from binascii import hexlify
from datetime import datetime
from fractions import Fraction

from metermodel_clock import moment, seconds_of
from metermodel_whole import KIND_OF, Model

from mbus.header import LONG
from mbus.record import FILLER, MORE, split
from mbus.whole import parse
from meter import keys, live, reading
from meter.energy import A_PLUS
from meter.sources import ALL_KINDS
from meters import Meter, Slots
from node.module import table_of
from node.registers import EVENT, EXACT, HISTORY, READ
from node.sourcetext import DATE
from node.store import METER

TICK_MS = 1000
FRAME_MS = 100  # a frame of Line comes so long after the one before
SAVE_MS = 60_000
READY = 100  # ticks, in which the next readout is made ahead
WRAP = 1 << 30
WORDS = {
    keys.ENERGY: "energy",
    keys.SECONDARY: "secondary energy",
    keys.MAXIMUM: "maximum",
    keys.MAXIMUM_TIME: "time of the maximum",
    keys.ACCUMULATED: "accumulated",
    keys.VERIFICATION: "verification",
    keys.RESETTABLE: "resettable",
    keys.PULSES: "pulse register",
}
OTHERS = {value: name.lower() for name, value in vars(keys).items() if name.isupper()}


def named(group, index):
    return OTHERS[index] if group == keys.OTHER else f"{WORDS[group]} {index}"


class PowerCut(Exception):
    """The supply went while the store was being written."""


class CutSlots(Slots):
    """Slots whose supply goes in the middle of a write, `left` writes from now; None: never."""

    def __init__(self):
        super().__init__()
        self.left = None
        self.written = []  # records, in their order

    def save(self, slot, octets):
        if self.left == 0:
            self.octets[slot] = bytes(octets[: len(octets) // 2])
            raise PowerCut
        if self.left:
            self.left -= 1
        super().save(slot, octets)
        self.written.append(slot >> 1)


class Feed:
    """A source of all kinds that hands on what a test gives it, and a power."""

    kinds = ALL_KINDS

    def __init__(self):
        self.due, self.watts = [], None

    def tick(self, now, seconds, sink):
        for kind, ratio in self.due:
            sink.add(kind, ratio.numerator, ratio.denominator)
        self.due = []
        sink.live.clear()
        sink.live.values[live.P] = self.watts


class Rig:
    """given is the configuration; save_min is 1 and the line a master at 254."""

    model_of = Model

    def __init__(self, **given):
        self.given = {"save_min": "1", **given}
        self.slots = CutSlots()
        self.now = 1000
        self.ms = 0
        self.c = 0x53
        self.start()
        worth = [Fraction(*reversed(one.ratio)) * 1000 for one in self.meter.pulses]
        self.model = self.model_of(self.meter, worth)
        self.shown = self.kept_shown = self.energies()
        self.kept = self.model.copy()
        self.kept_at = self.ms
        self.meter.changed = True  # all of it is stored from the beginning
        self.persist()

    def start(self):
        self.node = Meter(self.slots, self.now, **self.given)
        self.module, self.meter = self.node.module, self.node.meter
        self.line = self.node.line
        self.registers = table_of(self.meter.config)
        self.feed, self.first_watts = None, self.meter.live.values[live.P]
        if self.given["source"] == "host":
            self.feed = self.meter.source = Feed()

    # Steps that take time.

    def pass_ms(self, ms):
        self.now = self.line.now = (self.now + ms) % WRAP
        self.ms += ms
        self.model.advance(ms)

    def tick(self, ms=TICK_MS):
        self.pass_ms(ms)
        self.module.tick(self.now)
        self.model.tick()

    def time(self, count, seconds):
        for _ in range(count):
            self.tick(seconds * 1000)

    def period(self):
        """To the next period of demand, and over the whole of it with energy in it."""
        length = self.model.periods.length
        for begin in (True, False):
            left = length - self.model.clock.standard % length
            while left > 0:
                self.tick(min(left, 57) * 1000)
                left -= 57
            if begin:
                self.energy(A_PLUS, 40, Fraction(10, 3))

    # Steps that are seen at the next tick.

    def energy(self, kind, n, ratio):
        """n pulses where pulses are counted, else n times a ratio of Wh or varh."""
        if self.feed:
            self.feed.due.append((kind, n * ratio))
            self.model.pending.append((kind, n * ratio))
        elif n:
            self.pulses(0 if self.given["source"] == "pulse1" else 1, n)

    def pulses(self, which, n):
        self.meter.pulse(which, n, self.now)
        self.model.pulses[which] = (self.model.pulses[which] + n) % 2**32
        if self.given["source"] == "pulse%d" % (which + 1):
            self.model.pending.append((A_PLUS, n * self.model.worth[which]))

    def power(self, watts):
        if self.feed:
            self.feed.watts = self.model.watts = watts

    def level(self, level):
        self.meter.tariff_level = self.model.level = level

    # Frames.

    def command(self, data, order, *arguments, ci=0x51):
        """Send a command; the model is told the same, and foretells the application error."""
        self.module.error = 0
        self.c ^= 0x20  # not a repetition of the frame before, which may be the same
        assert self.line.send(self.c, 254, ci, data) == "E5", "command: no answer"
        self.caught_up()
        self.model.tick()
        expected = order(self.model, *arguments)
        assert self.module.error == expected, (
            f"command {data}: {self.module.error:02X}h, not {expected:02X}h"
        )
        return expected

    def caught_up(self):
        self.model.advance((self.line.now - self.now) % WRAP)
        self.ms += (self.line.now - self.now) % WRAP
        self.now = self.line.now

    def request(self, selection=""):
        """What readout() gives of a selection, or by default."""
        if selection:
            assert self.line.send(0x53, 254, 0x51, selection) == "E5", "readout: no answer"
        records = self.readout()
        self.line.send(0x53, 254, 0x50)
        self.caught_up()
        return records

    def readout(self):
        """The records {head in hexadecimal: data} of all telegrams there are."""
        records, c, more = {}, 0x5B, True
        while more:
            c ^= 0x20
            buf = parse(bytes.fromhex(self.line.short(c, 254))).data
            at, more = LONG, False
            while at < len(buf) and not more:
                if buf[at] in (MORE, FILLER):
                    more = buf[at] == MORE
                    at += 1
                    continue
                _, data_at, next_at, _ = split(buf, at, len(buf))
                records[hexlify(buf[at:data_at]).decode()] = buf[data_at:next_at]
                at = next_at
        self.caught_up()
        return records

    # Storage.

    def persist(self):
        """As the module does when the line is quiet; all but what is counted is kept at once."""
        if self.module.due(self.now):
            self.module.persist(self.now)
            self.model.tick()
        self.note_kept()
        assert not self.module.due(self.now), "kept: still due"
        assert self.kept.settings() == self.model.settings(), "kept: a setting is not"
        assert self.kept.events == self.model.events, "kept: an event is not"
        same = self.kept.primary.of == self.model.primary.of and not self.model.pending
        assert same or self.ms - self.kept_at < SAVE_MS, "kept: what was counted is not"

    def note_kept(self):
        if METER in self.slots.written:
            self.kept, self.kept_at = self.model.copy(), self.ms
            self.kept_shown = self.energies()
        self.slots.written = []

    def restart(self, gap_ms):
        """The supply goes, and comes again."""
        self.now = (self.now + gap_ms) % WRAP
        self.ms += gap_ms
        self.start()
        self.model = self.kept.restarted(self.ms, self.first_watts)
        self.shown = self.kept_shown
        self.kept_at = self.ms
        self.note_kept()

    def cut(self, gap_ms, writes):
        """The supply goes in the middle of storing: all of it is stored, or nothing."""
        before, self.slots.left = self.kept, writes
        try:
            self.persist()
            after = self.kept
        except PowerCut:
            self.model.tick()
            after = self.model.copy()
        self.slots.left = None
        self.kept_shown = {}
        self.restart(gap_ms)
        differences = []
        for kept in (after, before):
            self.model = kept.restarted(self.ms, self.first_watts)
            differences.append(self.difference())
            if not differences[-1]:
                break
        assert not all(differences), "cut: %s; and before it: %s" % tuple(differences)
        self.note_kept()

    # What holds.

    def energies(self):
        """All registers that never go back, by group and index: the value, and its wrap."""
        shown = {}
        for group, energy in (
            (keys.ENERGY, self.meter.energy),
            (keys.SECONDARY, self.meter.secondary),
        ):
            for index in range(40):
                value = reading.value(self.meter, group, index)
                if value is not None:
                    shown[group, index] = value, energy.wrap(index // 5)
        shown[keys.OTHER, keys.PERIODS] = reading.value(self.meter, keys.OTHER, 2), 0x8000
        shown[keys.OTHER, keys.HOURS] = reading.value(self.meter, keys.OTHER, 1), 1 << 32
        return shown

    def check(self):
        """After a second more: all of it."""
        self.tick()
        shown = self.energies()
        for key, (value, wrap) in shown.items():
            before = self.shown.get(key, (0, 0))[0]
            assert (value - before) % wrap < wrap // 2, f"backwards: {key}"
        self.shown = shown
        for group in (keys.ENERGY, keys.SECONDARY):
            for total in [key[1] for key in shown if key[0] == group and key[1] % 5 == 0]:
                tariffs = sum(shown[group, total + tariff][0] for tariff in range(1, 5))
                value, wrap = shown[group, total]
                assert value == tariffs % wrap, "sum of the tariffs"
        maxima = [reading.value(self.meter, keys.MAXIMUM, q) or 0 for q in range(6)]
        assert max(maxima[4:]) <= maxima[0], "maximum of a tariff above all of them"
        self.agree()

    def difference(self):
        try:
            self.agree()
        except AssertionError as e:
            return str(e)
        return None

    def agree(self):
        """All values, periods and events are the model's."""
        for (group, index), value in self.model.values().items():
            value = value if self.is_there(group, index) else None
            got = reading.value(self.meter, group, index)
            assert got == value, f"{named(group, index)}: {got}, not {value}"
        self.check_storages()
        self.check_events()

    def is_there(self, group, index):
        if group in (keys.ENERGY, keys.SECONDARY):
            return index // 5 in self.model.kinds
        if group in (keys.MAXIMUM, keys.MAXIMUM_TIME, keys.ACCUMULATED):
            return KIND_OF[index] in self.model.kinds
        return group not in (keys.VERIFICATION, keys.RESETTABLE) or index in self.model.kinds

    def check_storages(self):
        for storage in range(1, 16):
            octets = self.meter.history.period(storage)
            expected = self.model.storage(storage)
            assert (octets is None) == (expected is None), f"storage {storage} is there"
            for (group, index), value in (expected or {}).items():
                got = reading.of_period(self.meter, octets, group, index)
                value = value if self.is_there(group, index) else None
                assert got == value, f"storage {storage} {named(group, index)}: {got}, not {value}"

    def check_events(self):
        ring, model = self.meter.events, self.model
        assert ring.total == model.events_total, "events: their number"
        for n, (time, number, code, value) in enumerate(reversed(model.events)):
            octets = bytes(ring.get(ring.total, n))
            fields = [int.from_bytes(octets[a:b], "little") for a, b in ((0, 4), (4, 6), (8, 12))]
            assert [*fields, octets[6]] == [time, number, value, code], f"events: {n}"
        assert ring.get(ring.total, len(model.events)) is None, "events: one too many"

    def read(self):
        """What frames say, by default and selected with all tariffs and subunits."""
        self.check()
        for _ in range(READY):
            self.module.tick(self.now)
        values = {n: self.model.storage(n) or {} for n in (1, 2, 15)}
        values[0] = self.model.values()
        self.check_records(0, values[0], self.request(), partly=True)
        for storage, expected in values.items():
            second, third = (storage & 1) << 6, "%02X707E" % (0xF0 | storage >> 1)
            selection = "%02X%s%02X%s" % (0x88 | second, third, 0x98 | second, third)
            self.check_records(storage, expected, self.request(selection))

    def check_records(self, storage, expected, records, partly=False):
        registers = self.registers
        for row in range(registers.count):
            flags = registers.flags(row)
            if flags & (EVENT | EXACT) or not registers.access(row) & READ:
                continue
            if storage and not flags & HISTORY:
                continue
            group, index = registers.source(row)
            if group == DATE:
                group, index = keys.OTHER, keys.TIME
            if (group, index) not in expected:
                continue
            head = bytearray(12)
            end = registers.put_head(row, head, 0, storage)
            data = records.get(hexlify(head[:end]).decode())
            if data is None and partly:
                continue
            value = expected[group, index] if self.is_there(group, index) else None
            self.check_record(registers.names()[row], group, index, value, data)

    def check_record(self, name, group, index, value, data):
        if value is None or data is None:
            assert data is value is None, f"readout: {name} {value}, {data}"
        elif len(data) == 4 and (group == keys.MAXIMUM_TIME or (group, index) == (keys.OTHER, 0)):
            minute = value - value % 60
            assert seconds_of(type_f(data)) == minute, f"readout: {name} {moment(value)}"
        elif group == keys.OTHER and keys.SPECIAL_1 <= index <= keys.SPECIAL_2:
            assert bytes(reversed(data)).hex() == "%08d" % value, f"readout: {name}"
        elif (group, index) != (keys.OTHER, keys.TIME):
            got = int.from_bytes(data, "little")
            assert got == value % (1 << 8 * len(data)), f"readout: {name} {got}, not {value}"


def type_f(data):
    year = (data[2] >> 5 | data[3] >> 1 & 0x78) + 100 * (data[1] >> 5 & 3) + 1900
    return datetime(year, data[3] & 0x0F, data[2] & 0x1F, data[1] & 0x1F, data[0] & 0x3F)
