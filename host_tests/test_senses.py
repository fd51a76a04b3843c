# SPDX-License-Identifier: MIT
"""Inputs and coils joined to the module: pulses, tariff, breaker, button, jumper."""

from meter import keys, reading, relay
from meters import Meter
from node.senses import Senses


class Inputs:
    """What a port sees, set by the test."""

    def __init__(self):
        self.counts = [0xFFFFFFF0, None]
        self.mains = None
        self.down = self.jumper = False
        self.power = None
        self.sampled = False

    def pulses(self, n):
        return self.counts[n]

    def level(self, n):
        return 1

    def tariff(self):
        return self.mains

    def button(self):
        return self.down

    def lock(self):
        return self.jumper

    def power_good(self):
        return self.power


class Coils:
    """A relay whose contact follows, or that has none."""

    def __init__(self, contact=1):
        self.contact = contact
        self.pulses = []

    def pulse(self, coil, ms):
        self.pulses.append((coil, ms))
        if self.contact is not None:
            self.contact = 1 if coil == relay.ON else 0

    def feedback(self):
        return self.contact


class Bench:
    def __init__(self, contact=1, **given):
        self.meter = Meter(source="pulse1", **given)
        self.inputs, self.coils = Inputs(), Coils(contact)
        module = self.meter.module
        self.senses = Senses(module, self.meter.meter.config, self.inputs, self.coils)

    def run(self, ms):
        line = self.meter.line
        for _ in range(ms // 20):
            line.now = (line.now + 20) & 0x3FFFFFFF
            self.senses.poll(line.now)
            self.meter.module.tick(line.now)
        return self


def test_pulses_since_the_start_are_counted_across_the_wrap():
    bench = Bench(pulse1_weight="100")
    bench.run(100)
    assert bench.meter.meter.pulses[0].count == 0, "what the hardware held is not new"
    for _ in range(40):
        bench.inputs.counts[0] = (bench.inputs.counts[0] + 1) & 0xFFFFFFFF
        bench.run(40)
    assert bench.meter.meter.pulses[0].count == 40
    bench.run(1000)
    assert reading.value(bench.meter.meter, keys.ENERGY, 0) == 40
    assert reading.value(bench.meter.meter, keys.LEVEL, 0) == 1
    assert bench.meter.meter.pulses[1].count == 0
    assert reading.value(bench.meter.meter, keys.LEVEL, 1) is None


def test_mains_on_the_input_is_tariff_2():
    for inverted, with_mains in (("no", 2), ("yes", 1)):
        bench = Bench(tariff_inverted=inverted)
        bench.run(3000)
        assert bench.meter.meter.tariff.active == 1, "the stored one, until one is decided"
        bench.inputs.mains = 1, 1
        bench.run(3000)
        assert bench.meter.meter.tariff.active == with_mains
        bench.inputs.mains = 0, 0
        bench.run(5000)
        assert bench.meter.meter.tariff.active == 3 - with_mains


def test_commands_move_the_relay_and_its_contact_is_the_truth():
    bench = Bench(breaker="yes", relay_ms="100")
    bench.run(2000)
    assert not bench.coils.pulses
    bench.meter.send("01FD1F00")
    bench.run(2000)
    assert bench.coils.pulses == [(relay.OFF, 100)]
    assert bench.meter.meter.breaker.closed == 0
    bench.meter.send("01FD1F01")
    bench.run(5000)
    assert len(bench.coils.pulses) == 1 and not bench.meter.meter.breaker.fault
    bench.run(6000)
    assert bench.coils.pulses[1:] == [(relay.ON, 100)]
    assert bench.meter.meter.breaker.closed == 1
    bench.coils.contact = 0
    bench.run(2000)
    assert bench.meter.meter.breaker.closed == 0
    bench.run(12_000)
    assert bench.meter.meter.breaker.fault and len(bench.coils.pulses) == 2


def test_without_a_contact_the_last_pulse_counts():
    bench = Bench(contact=None, breaker="yes")
    bench.run(1000)
    bench.meter.send("01FD1F00")
    bench.run(2000)
    assert bench.coils.pulses == [(relay.OFF, 200)]
    assert bench.meter.meter.breaker.closed == 0 and not bench.meter.meter.breaker.fault


def test_after_a_restart_nothing_is_pulsed():
    bench = Bench(contact=0, breaker="yes")
    bench.run(30_000)
    assert not bench.coils.pulses
    assert bench.meter.meter.breaker.closed == 0


def test_the_button_connects_once_it_is_held():
    bench = Bench(breaker="yes", reconnect="manual")
    bench.run(1000)
    bench.meter.send("01FD1F00")
    bench.run(12_000)
    bench.inputs.down = True
    bench.run(3000)
    assert bench.meter.meter.breaker.control == 0, "it was not released for it"
    bench.meter.send("01FD1F02")
    bench.run(3000)
    assert bench.meter.meter.breaker.control == 2, "it was pressed before"
    bench.inputs.down = False
    bench.run(100)
    bench.inputs.down = True
    bench.run(900)
    assert bench.meter.meter.breaker.control == 2
    bench.run(200)
    assert bench.meter.meter.breaker.control == 1
    bench.run(12_000)
    assert bench.coils.contact == 1


def test_a_counter_of_software_is_told_in_the_status():
    bench = Bench()
    assert not bench.meter.module.meter_status() >> 20 & 1
    bench.inputs.sampled = True
    Senses(bench.meter.module, bench.meter.meter.config, bench.inputs, bench.coils)
    assert bench.meter.module.meter_status() >> 20 & 1


def test_a_failing_supply_stores_what_can_be_stored_at_once():
    bench = Bench()
    bench.run(1000)
    saves = []
    bench.meter.module._keeping.tick = lambda: saves.append(bench.meter.line.now)
    bench.inputs.power = False
    for _ in range(3):
        bench.senses.poll(bench.meter.line.now)
    assert len(saves) == 1, "once, and not again while it lasts"


def test_the_jumper_locks_and_low_power_is_told():
    bench = Bench()
    bench.inputs.jumper, bench.inputs.power = True, False
    bench.run(100)
    assert bench.meter.send("017A08") == 0x10
    assert bench.meter.line.data(0x7B)[1] & 0x04
    bench.inputs.jumper, bench.inputs.power = False, True
    bench.run(100)
    assert bench.meter.send("017A08") == 0
    assert not bench.meter.line.data(0x7B, a=8)[1] & 0x04
