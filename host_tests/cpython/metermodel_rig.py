# SPDX-License-Identifier: MIT
"""A whole module on its line and the model of its meter, side by side.

Each step of a sequence is done by both; check() holds what the module shows, and what it
sends, against the model.  AssertionError begins with a word for what does not hold.
"""

from fractions import Fraction

from metermodel_frames import Frames
from metermodel_parts import CutSlots, Feed, PowerCut
from metermodel_whole import KIND_OF, Model

from meter import keys, live, reading
from meter.energy import A_PLUS
from meters import Meter
from node.module import table_of
from node.store import METER

TICK_MS = 1000
SAVE_MS = 60_000
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


class Rig(Frames):
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
        same = self.kept.primary.of == self.model.primary.of
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
