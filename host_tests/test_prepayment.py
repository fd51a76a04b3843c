# SPDX-License-Identifier: MIT
"""Credit that counts down, the power threshold, and the ring of events."""

from helpers import raises
from meter.events import NO_TIME, SIZE, Events
from meter.prepayment import MOST, NOT_POSSIBLE, OUT_OF_RANGE, Prepayment
from meter.threshold import Threshold

WRAP = 1_000_000_000


def on(credit=0):
    one = Prepayment()
    assert one.set_mode(1) == 0
    assert one.set(credit) == 0
    return one


def test_credit_is_refused_while_prepayment_is_off():
    one = Prepayment()
    for refused in (lambda: one.set(1), lambda: one.add(1), one.clear):
        assert refused() == NOT_POSSIBLE
    assert (one.mode, one.credit, one.exhausted) == (0, 0, False)
    assert one.set_mode(2) == OUT_OF_RANGE


def test_credit_has_the_range_of_the_display():
    one = on(5)
    assert one.add(MOST - 5) == 0 and one.credit == MOST
    assert one.add(1) == OUT_OF_RANGE and one.credit == MOST
    assert one.set(MOST + 1) == OUT_OF_RANGE and one.credit == MOST
    assert one.clear() == 0 and one.credit == 0
    assert one.exhausted


def test_switching_off_resets_the_credit():
    one = on(5)
    assert one.set_mode(1) == 0 and one.credit == 5
    assert one.set_mode(0) == 0
    assert (one.mode, one.credit) == (0, 0)


def test_it_counts_down_with_the_energy_and_stops_at_zero():
    one = on(10)
    assert not one.consume(1000, WRAP), "where the counting begins"
    assert not one.consume(1004, WRAP) and one.credit == 6
    assert not one.consume(1004, WRAP) and one.credit == 6
    assert one.consume(1020, WRAP) and one.credit == 0
    assert not one.consume(1030, WRAP), "it crosses zero once"
    one.set(3)
    assert not one.consume(1031, WRAP) and one.credit == 2, "nothing is owed"


def test_energy_that_wraps_counts_on():
    one = on(10)
    one.consume(WRAP - 2, WRAP)
    assert not one.consume(3, WRAP) and one.credit == 5


def test_credit_outlives_a_power_gap():
    one = on(10)
    one.consume(100, WRAP)
    one.consume(103, WRAP)
    again = Prepayment()
    again.load(one.dump())
    assert (again.mode, again.credit) == (1, 7)
    again.consume(103, WRAP)
    again.consume(104, WRAP)
    assert again.credit == 6
    for octets in (b"", b"\x02\x00\x00\x00\x00", b"\x00\x01\x00\x00\x00", b"\x01\xff\xff\xff\xff"):
        raises(ValueError, Prepayment().load, octets)


def test_the_threshold_counts_each_time_the_power_goes_above_it():
    one = Threshold(1000)
    steps = (
        (1000, False),
        (1001, True),
        (5000, False),
        (1000, False),
        (1001, True),
        (None, False),
    )
    for power, began in steps:
        assert one.tick(power) == began, power
    assert (one.count, one.exceeded) == (2, False)
    assert one.set(0) == 0
    assert not one.tick(9999) and one.count == 2
    assert one.set(0x80000000) == 0x12 and one.set(-1) == 0x12 and one.watts == 0


def test_the_counter_of_the_threshold_stays_at_its_end_and_outlives_a_power_gap():
    one = Threshold(5)
    for _ in range(0x8002):
        one.tick(6)
        one.tick(0)
    assert one.count == 0x7FFF
    again = Threshold()
    again.load(one.dump())
    assert (again.watts, again.count) == (5, 0x7FFF)
    for octets in (b"", b"\xff" * 6, b"\x00\x00\x00\x00\x00\x80"):
        raises(ValueError, Threshold().load, octets)


def test_events_are_kept_newest_first_up_to_64():
    ring = Events()
    assert ring.get(0, 0) is None
    for n in range(70):
        ring.record(n, 1000 + n, -n)
    total = ring.total
    assert total == 70
    for n in range(SIZE):
        octets = bytes(ring.get(total, n))
        number = 69 - n
        assert octets[:4] == (1000 + number).to_bytes(4, "little")
        assert octets[4:8] == bytes((number, 0, number, 0))
        assert octets[8:] == (-number & 0xFFFFFFFF).to_bytes(4, "little")
    assert ring.get(total, SIZE) is None


def test_a_reader_of_events_is_not_disturbed_by_new_ones():
    ring = Events()
    for n in range(64):
        ring.record(n, 0)
    total = ring.total
    ring.record(99, None)
    assert ring.get(total, 0)[6] == 63
    assert ring.get(total, 62)[6] == 1
    assert ring.get(total, 63) is None, "overwritten meanwhile"
    assert bytes(ring.get(ring.total, 0)[:4]) == NO_TIME.to_bytes(4, "little")


def test_events_outlive_a_power_gap():
    ring = Events()
    for n in range(67):
        ring.record(n, n)
    again = Events()
    again.load(ring.dump())
    assert again.total == 67
    assert bytes(again.get(67, 3)) == bytes(ring.get(67, 3))
    raises(ValueError, again.load, b"short")
