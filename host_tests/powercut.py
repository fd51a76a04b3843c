# SPDX-License-Identifier: MIT
"""A whole module over littlefs whose supply is cut at every write step (MicroPython only).

    micropython host_tests/powercut.py LAYOUT SEED CUTS

Lives of a module follow each other: it counts at 25 Hz, obeys commands, closes periods, has
its clock set, and is stored as a port would.  Every write step of a life is then cut, before it
and in the middle of it; the module that starts from what is left must be the one of the last
save, or of the one that was cut: all of it, settings, registers, periods and events.  The next
life begins at one of these cuts.
"""

import gc
import sys

import blockdevice
from blockdevice import BLOCK, ERASE, MEMORY, PROGRAM, Random
from node import loss, module
from node.config import Config
from powercutrig import LAYOUTS, Rig, apply, counts, difference, energies, snapshot

DIGITS = "0C7978563412"

# What a master sends: SND_UD with these records; a telegram of several is one command.
COMMANDS = (
    "0CFD6778563412",  # special data
    "0CFD6711223344" + "017A08" + DIGITS,  # and the addresses
    "017A09",
    "017A05" + "0C7921436587",
    "01FF1302",  # tariff
    "01FF1301" + "0CFD6700000001",
    "00FFC00B",  # debiting stop
    "00FFC00B" + "0CFD6799999999",
    "407E",  # freeze
    "046D00002F3B",  # the clock
    "046D1E0A313C",
    "03ED020A0000",  # ten seconds back
    "01FD1F00",  # breaker
    "01FD1F01",
    "01FF433C",
)


class Life:
    """One life of a module, in steps of a second; marks is [(step of the log, what was then)]."""

    def __init__(self, rig, config, rng):
        self.rig = rig
        self.config = config
        self.rng = rng
        self.log = rig.record()
        self.module = rig.start(config)
        self.now = 1000
        self.asked = 0
        self.saves = [(0, 0, snapshot(self.module))]  # (first step, step behind it, what counts)
        self.counted = [(0, counts(self.module))]  # the same of what was counted
        self.noted = [(0, (counts(self.module), energies(self.module)))]

    def second(self):
        """Pulses, perhaps a command, and what a port does once a second."""
        one, rng = self.module, self.rng
        for which in (0, 1):
            one.meter.pulse(which, rng.below(26), self.now)
        self.counted.append((len(self.log), counts(one)))
        # Now and then a minute in which nothing comes: debiting stops need one between them.
        self.now += 61_000 if not rng.below(10) else 1000
        self.watch(one.tick)
        self.noted.append((len(self.log), (counts(one), energies(one))))
        if not rng.below(6):
            self.command(rng.choice(COMMANDS))
        if one.due(self.now):
            self.watch(self.persist)

    def persist(self, now):
        """Now and then the bus wakes up, but not for long."""
        self.asked += 1
        patient = self.asked % 2
        self.module.persist(now, lambda: patient or self.rng.below(4) > 0)

    def command(self, records):
        """A telegram that a master sends."""
        buf = bytes.fromhex(records)
        self.module.command(0x51, buf, 0, len(buf), self.now)

    def watch(self, step):
        """What is written in a step comes to count there, or not at all."""
        begin, generation = len(self.log), self.generation()
        step(self.now)
        if all(op[0] == MEMORY for op in self.log[begin:]):
            return
        # The record of the starts is saved without the meter.
        saved = self.generation() != generation
        kept = self.rig.restarted(self.config)
        expected = snapshot(self.module) if saved else self.saves[-1][2]
        # A breaker that moves when it is saved moves on, and that is an event.
        if self.module.meter.breaker and kept[4] != expected[4]:
            expected = expected[:4] + kept[4:]
        assert kept == expected, "saved: " + difference(kept, ((0, 0, expected),))
        self.saves.append((begin, len(self.log), kept))

    def generation(self):
        """The last that counts, of any store."""
        keeping = self.module._keeping
        return max(one.store.generation for one in (keeping._flash, keeping._fram) if one)

    def before(self, step):
        """What had been counted when a step began."""
        return latest(self.counted, step)

    def noted_before(self, step):
        """What memory had been told by then."""
        return latest(self.noted, step)


def latest(rows, step):
    """The last row that was put down before a step."""
    best = rows[0]
    for row in rows:
        if row[0] <= step:
            best = row
    return best[1]


class Cuts:
    """Cuts a life at every write step, and starts the module from what each cut leaves."""

    def __init__(self, layout, config, rng):
        self.layout = layout
        self.config = config
        self.rng = rng
        self.worst = loss.worst(config, LAYOUTS[layout][2])
        self.done = self.lost = self.saves = 0

    def of(self, life, base):
        """Cut all of a life that began with base; return what one of its cuts has left."""
        left = None
        image, fram, memory = base
        chosen = self.rng.below(len(life.log))
        self.saves += len(life.saves)
        at = 1
        for step, op in enumerate(life.log):
            while at < len(life.saves) and life.saves[at][1] <= step:
                at += 1
            if op[0] == MEMORY:
                memory = op[3]
                continue
            during = life.saves[at]
            assert during[0] <= step < during[1], "something is written outside of a save"
            for torn in (False, True):
                cut = self.cut(op, torn, image, fram)
                where = "%s, step %d of %d%s" % (
                    self.layout,
                    step,
                    len(life.log),
                    ", torn" if torn else "",
                )
                self.check(cut, (life.saves[at - 1], during), life.before(step), where)
                if memory and not self.done % 4:
                    self.check_reset(cut, memory, life.noted_before(step), where)
                if torn and left is None and step >= chosen:
                    left = cut
            apply(op, image, fram)
        return left

    def cut(self, op, torn, image, fram):
        """What flash and FRAM hold when the supply goes in front of a step, or within it."""
        image, fram = bytearray(image), bytearray(fram)
        if torn:
            kind, block, offset, octets = op
            if kind == ERASE:
                blockdevice.tear_erase(image, block * BLOCK, self.rng)
            elif kind == PROGRAM:
                blockdevice.tear_program(image, block * BLOCK + offset, octets, self.rng)
            else:
                n = self.rng.below(len(octets) + 1)
                fram[offset : offset + n] = octets[:n]
        self.done += 1
        return image, fram, b""

    def check(self, cut, saves, counted, where):
        rig = Rig(self.layout, bytearray(cut[0]), bytearray(cut[1]))
        one = rig.start(self.config)
        found = snapshot(one)
        assert not one.meter_status() & 2, where + ": something is damaged"
        if found != saves[0][2] and found != saves[1][2]:
            raise AssertionError(where + ": " + difference(found, saves))
        if counted:
            for then, now in zip(counted, counts(one)):
                self.lost = max(self.lost, then - now)
                assert then - now <= self.worst, "%s: %d pulses lost" % (where, then - now)
        if not self.done % 8:
            self.check_goes_on(rig, one, where)
        rig.stop()

    def check_goes_on(self, rig, one, where):
        """The next save makes the module's state count, and nothing that was cut before."""
        one.set_primary(self.rng.below(251))
        one.persist(2000)
        expected = snapshot(one)
        rig.stop()
        found = snapshot(rig.start(self.config))
        if found != expected:
            raise AssertionError(
                where + ", saved again: " + difference(found, ((0, 0, expected),))
            )

    def check_reset(self, cut, memory, noted, where):
        """Memory of the chip outlives a reset: nothing that it has noted is lost."""
        rig = Rig(self.layout, bytearray(cut[0]), bytearray(cut[1]), memory)
        one = rig.start(self.config)
        assert counts(one) == noted[0], "%s, reset: %s, not %s" % (where, counts(one), noted[0])
        assert energies(one) == noted[1], where + ", reset: energy"
        rig.stop()


def fail_in_a_save(rig, life):
    """The supply goes in a save that the module sees fail: an OSError and nothing else."""
    one = life.module
    life.command(COMMANDS[1])
    rig.device.cut = 1 + life.rng.below(5)
    try:
        one.persist(life.now)
    except OSError:
        assert one.due(life.now), "what has failed is not due any more"
    return life.saves[-1][2], snapshot(one)


def live(rig, config, rng):
    """A life, and what is in flash and FRAM at its end; then a save fails, which is checked."""
    life = Life(rig, config, rng)
    for _ in range(40 + rng.below(40)):
        life.second()
    rig.device.log = None
    fram = bytearray(rig.bus.octets) if rig.bus else bytearray(32768)
    after = bytearray(rig.device.image), fram, b""
    failed = fail_in_a_save(rig, life)
    rig.stop()
    if not rig.bus:
        again = Rig(rig.layout, bytearray(rig.device.image))
        found = snapshot(again.start(config))
        # A breaker may have moved on, with an event.
        assert found == failed[0] or found[:4] == failed[1][:4], "behind a save that failed"
        again.stop()
    return life, after


def run(layout, seed, cuts):
    """So many cuts at least; prints what was seen."""
    rng = Random(seed)
    config = Config(LAYOUTS[layout][1])
    table = module.table_of(config)
    module.table_of = lambda _config: table  # the same for all; making it takes most of a start
    made = Cuts(layout, config, rng)
    image, fram = Rig(layout).device.image, bytearray(32768)
    lives = erases = programs = 0
    while made.done < cuts:
        base = bytearray(image), bytearray(fram), b""
        rig = Rig(layout, image, fram)
        life, after = live(rig, config, rng)
        erases += rig.device.erases
        programs += rig.device.programs
        image, fram, _ = made.of(life, base) or after
        lives += 1
        gc.collect()
    print(
        "%s, seed %d: %d cuts in %d lives with %d saves, %d erases, %d programs,"
        " at most %d of %d lost"
        % (layout, seed, made.done, lives, made.saves, erases, programs, made.lost, made.worst)
    )


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
