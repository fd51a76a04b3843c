# SPDX-License-Identifier: MIT
"""FRAM on I2C: slots in it, a cut between any two octets, a chip that does not answer."""

from helpers import raises
from memories import FakeFramBus
from node.store import METER, RECORDS, SETTINGS, Store
from port.fram import Fram, Slots

OLD = b"the old one"
NEW = bytes(range(1, 250)) + b"and longer than a slot's length in one octet"


def test_what_was_saved_is_loaded_and_slots_do_not_touch_each_other():
    slots = Slots(Fram(FakeFramBus()))
    longest = {2: 2045, 3: 2045}
    for slot in range(2 * RECORDS):
        assert slots.load(slot) is None
        slots.save(slot, bytes([slot + 1]) * longest.get(slot, 317))
    for slot in range(2 * RECORDS):
        assert slots.load(slot) == bytes([slot + 1]) * longest.get(slot, 317), slot


def test_what_does_not_fit_is_refused_and_nothing_is_touched():
    bus = FakeFramBus()
    slots = Slots(Fram(bus))
    slots.save(0, b"abc")
    before = bytes(bus.octets)
    for slot, size in ((0, 318), (2, 2046), (2 * RECORDS, 1), (-1, 1)):
        raises(OSError, slots.save, slot, bytes(size))
    assert bus.octets == before


def test_a_blank_chip_and_one_of_all_ones_hold_nothing():
    for octet in (0, 0xFF):
        bus = FakeFramBus()
        bus.octets = bytearray(bytes((octet,)) * 32768)
        store = opened(bus)
        assert store.read(METER) is None and store.read(SETTINGS) is None
        assert not store.damaged and not store.generation


def opened(bus):
    slots = Slots(Fram(bus))
    return Store(slots.load, slots.save)


def test_a_cut_between_any_two_octets_leaves_the_old_or_the_new_and_no_damage():
    bus = FakeFramBus()
    store = opened(bus)
    store.commit(METER, OLD)
    before = bytes(bus.octets)
    bus.written = 0
    store.commit(METER, NEW)
    steps = bus.written
    for left in range(1, steps):
        bus.octets = bytearray(before)
        store = opened(bus)
        store.read(METER)
        bus.left = left
        raises(OSError, store.commit, METER, NEW)
        bus.left = None
        again = opened(bus)
        found = again.read(METER)
        assert found == OLD, left
        assert not again.damaged
        again.commit(METER, b"third")
        assert opened(bus).read(METER) == b"third"
    assert opened(bus).read(METER) == b"third" and steps > 300


def test_a_chip_that_stores_something_else_or_does_not_answer_is_an_error():
    bus = FakeFramBus()
    slots = Slots(Fram(bus))
    bus.writeto_mem = lambda *_, addrsize: None
    raises(OSError, slots.save, 0, b"abc")
    bus.absent = True
    raises(OSError, slots.load, 0)


def test_a_factory_reset_empties_all_slots():
    bus = FakeFramBus()
    slots = Slots(Fram(bus))
    for slot in range(2 * RECORDS):
        slots.save(slot, b"abc")
    slots.forget()
    assert not any(slots.load(slot) for slot in range(2 * RECORDS))
