# SPDX-License-Identifier: MIT
"""Pulse inputs: count, weight, preset, and the values of a moment."""

from helpers import raises
from meter import live
from meter.live import Live
from meter.pulses import PulseInput

# fmt: off
SHOWN = (
    # unit    pulses  per  count    value
    ("none",  1,      1,   12345,   12345),
    ("kWh",   1000,   1,   12345,   1234),     # 10 Wh
    ("kWh",   1000,   3,   1000,    300),
    ("kWh",   6400,   1,   64,      1),
    ("m3",    100,    1,   123,     1230),     # l
    ("m3",    1,      10,  5,       50000),
    ("l",     10,     1,   99,      9),
)
# fmt: on


def test_a_count_is_shown_in_the_unit_of_the_input():
    for unit, pulses, per, count, value in SHOWN:
        one = PulseInput(unit, pulses, per)
        one.add(count)
        assert one.value() == value, (unit, count)


def test_a_preset_is_what_is_shown_and_no_pulse_more():
    for unit, pulses, per, _, _ in SHOWN:
        for value in (0, 1, 7, 99999):
            one = PulseInput(unit, pulses, per)
            code = one.preset(value)
            if code:
                continue
            shown = one.value()
            assert shown >= value
            assert one.count == 0 or PulseInput.value(fewer(one)) < value, (unit, value)
    assert PulseInput().preset(1 << 31) == 0x12
    assert PulseInput("kWh", 0xFFFFFFFF).preset(1 << 30) == 0x12


def test_a_large_preset_of_small_pulses_takes_no_counting():
    one = PulseInput("kWh", 100_000)
    assert one.preset(4_294_967) == 0
    assert one.count == 4_294_967_000 and one.value() == 4_294_967
    assert one.preset(4_294_968) == 0x12


def fewer(one):
    other = PulseInput(one.unit)
    other.weight = one.weight
    other.count = one.count - 1
    return other


def test_the_count_goes_on_over_its_end():
    one = PulseInput()
    one.add((1 << 31) - 1)
    assert one.value() == (1 << 31) - 1
    one.add(1)
    assert one.value() == 0
    one.add(1 << 31)
    assert one.count == 0


def test_a_weight_is_whole_pulses_per_unit():
    one = PulseInput("kWh", 1000, 3)
    assert one.pulses == 333
    assert one.set_weight(500) == 0 and one.pulses == 500
    one.add(500)
    assert one.value() == 100
    assert one.set_weight(0) == 0x12 and one.set_weight(1 << 32) == 0x12


def test_it_outlives_a_power_gap():
    one = PulseInput("kWh", 1000, 3)
    one.add(77)
    again = PulseInput("kWh")
    again.load(one.dump())
    assert (again.count, again.value()) == (77, one.value())
    for octets in (b"", bytes(12), b"\x01" + bytes(11)):
        raises(ValueError, again.load, octets)
    assert again.count == 77


def test_directions_of_power_are_told_apart():
    now = Live()
    for index in (live.P, live.P_IMPORT, live.P_EXPORT, live.Q_IMPORT, live.Q_EXPORT):
        assert now.value(index) is None
    now.values[live.P], now.values[live.Q] = 1534, -20
    assert now.value(live.P_IMPORT) == 1534 and now.value(live.P_EXPORT) == 0
    assert now.value(live.Q_IMPORT) == 0 and now.value(live.Q_EXPORT) == 20
    now.values[live.P] = -7
    assert now.value(live.P_IMPORT) == 0 and now.value(live.P_EXPORT) == 7
    now.clear()
    assert now.value(live.P_EXPORT) is None
