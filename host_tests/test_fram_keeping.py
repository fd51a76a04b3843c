# SPDX-License-Identifier: MIT
"""FRAM beside flash: saved each second, and the newest of both is what counts."""

from memories import FakeFramBus
from node import loss
from node.assembly import assemble
from node.config import Config
from port.fram import Fram
from port.fram import Slots as FramSlots
from slots import Slots

GIVEN = {"source": "pulse1", "tariff_source": "bus", "save_min": "10"}
SPECIAL = b"\x0c\xfd\x67\x78\x56\x34\x12"
STOP = b"\x00\xff\xc0\x0b"


class Rig:
    """A module over both, that can start again."""

    def __init__(self, given=GIVEN):
        self.slots = Slots()
        self.bus = FakeFramBus()
        self.given = given
        self.start()

    def start(self, fram=True):
        fram = FramSlots(Fram(self.bus)) if fram else None
        self.module = assemble(Config(self.given), self.slots, 1000, others=(fram, None))
        self.meter = self.module.meter
        self.now = 1000
        return self

    def seconds(self, n, pulses=0):
        for _ in range(n):
            self.now += 1000
            if pulses:
                self.meter.pulse(0, pulses, self.now)
            self.module.tick(self.now)

    def send(self, records):
        assert not self.module.command(0x51, records, 0, len(records), self.now)

    def persist(self):
        if self.module.due(self.now):
            self.module.persist(self.now)

    def count(self):
        return self.meter.pulses[0].count


def test_with_fram_nothing_is_lost_but_the_last_second():
    rig = Rig()
    rig.persist()
    before = dict(rig.slots.octets)
    rig.seconds(500, 25)
    assert not rig.module.due(rig.now), "flash is spared: 10 minutes are not over"
    assert rig.slots.octets == before
    rig.meter.pulse(0, 24, rig.now)
    assert rig.start().count() == 500 * 25
    rig.seconds(600, 1)
    assert rig.module.due(rig.now)


def test_a_command_is_in_fram_whole_before_it_is_in_flash():
    rig = Rig()
    rig.persist()
    rig.seconds(70, 10)
    rig.send(STOP + SPECIAL + b"\x01\x7a\x07")
    rig.persist()
    rig.send(b"\x01\x7a\x08")
    rig.seconds(1)
    assert rig.module.due(rig.now)
    rig.start()
    assert rig.module.primary == 8 and rig.meter.history.closed == 1
    assert rig.meter.special[0] == 12345678
    assert rig.meter.history.period(1)
    assert rig.meter.events.total == 3


def test_flash_is_taken_over_by_a_blank_fram_and_by_none():
    rig = Rig()
    rig.seconds(70, 10)
    rig.send(STOP + SPECIAL + b"\x01\x7a\x07")
    rig.persist()
    rig.bus.octets = bytearray(32768)
    for fram in (True, False):
        rig.start(fram)
        assert rig.module.primary == 7 and rig.meter.history.period(1)
        assert rig.count() == 700 and not rig.module.meter_status() & 2
    rig.start()
    rig.seconds(1, 1)
    rig.slots.octets.clear()
    rig.start()
    assert rig.module.primary == 7 and rig.meter.history.period(1), "FRAM got all of it"
    assert rig.count() == 701


def test_a_fram_that_stood_still_does_not_take_counters_back():
    rig = Rig()
    rig.seconds(100, 10)
    rig.meter.changed = True
    rig.persist()
    rig.seconds(200, 10)
    rig.start(False)
    assert rig.count() == 1000, "what flash had"
    rig.seconds(15, 200)
    rig.persist()
    # FRAM was saved more often, but less was counted by then.
    generation = rig.module._keeping._flash.store.generation
    rig.start()
    assert generation < rig.module._keeping._fram.store.generation
    assert rig.count() == 4000
    rig.seconds(1, 1)
    assert rig.start().count() == 4001
    assert not rig.module.meter_status() & 2


def test_stores_that_contradict_each_other_are_told():
    rig = Rig()
    rig.meter.energy.preset(0, 1000, 1)
    rig.meter.energy.preset(0, 10, 2)
    rig.meter.changed = True
    rig.seconds(5)
    rig.slots.octets.clear()
    rig.start(False)
    rig.meter.energy.preset(0, 10, 1)
    rig.meter.energy.preset(0, 1000, 2)
    rig.meter.changed = True
    rig.persist()
    rig.start()
    assert rig.module.meter_status() & 2


def test_registers_that_wrapped_are_not_taken_for_lower():
    rig = Rig()
    rig.meter.energy.preset(0, 999_999_999, 1)
    rig.meter.changed = True
    rig.persist()
    rig.seconds(5, 10)
    rig.seconds(5, 10)
    assert rig.meter.energy.value(0, 1) == 9
    assert rig.start().meter.energy.value(0, 1) == 9


def test_fram_that_fails_while_it_runs_leaves_flash_at_work():
    rig = Rig()
    rig.persist()
    rig.bus.absent = True
    rig.seconds(5, 10)
    rig.send(SPECIAL)
    rig.persist()
    assert rig.module._keeping.failures == 5
    rig.bus.absent = False
    rig.start()
    assert rig.count() == 50 and rig.meter.special[0] == 12345678


def test_the_worst_loss_is_a_number_of_the_configuration():
    for given, fram, pulses in (
        ({}, False, 210),
        ({"save_pulses": "1000"}, False, 1110),
        ({"save_pulses": "30000", "save_min": "1"}, False, 1610),
        ({"baud": "300"}, False, 653),
        ({"baud": "auto"}, False, 653),
        ({"baud": "38400"}, False, 151),
        ({}, True, 115),
        ({"baud": "300"}, True, 300),
        ({"baud": "9600"}, True, 68),
        ({"baud": "38400"}, True, 56),
    ):
        assert loss.worst(Config(given), fram) == pulses, (given, fram)
