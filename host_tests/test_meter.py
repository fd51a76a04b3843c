# SPDX-License-Identifier: MIT
"""The meter joined: what feeds it, what it shows of that, and what has no source."""

from helpers import raises
from meter import keys, live
from meter.meter import Meter
from meter.preset import preset
from meter.reading import value
from node.config import Config

NOON = 817128000  # 2025-11-22 12:00


def made(**given):
    """A meter whose clock says noon."""
    meter = Meter(Config(given), 0)
    meter.clock.set(NOON, 0)
    meter.tick(0)
    return meter


def energies(meter, group=keys.ENERGY):
    """The totals of A+ A- R1 R2 R3 R4 R+ R-."""
    return [value(meter, group, 5 * kind) for kind in range(8)]


def test_pulses_are_active_energy_and_nothing_else():
    meter = made(pulse1_weight="100")
    for second in range(1, 11):
        meter.pulse(0, 1, second * 1000)
        meter.tick(second * 1000)
    assert energies(meter) == [10, None, None, None, None, None, None, None]
    assert value(meter, keys.PULSES, 0) == 10
    assert value(meter, keys.LIVE, live.P_IMPORT) == 36000
    assert value(meter, keys.LIVE, live.Q_IMPORT) is None
    assert value(meter, keys.VERIFICATION, 0) == 1000
    assert value(meter, keys.RESETTABLE, 0) == 10
    assert value(meter, keys.RESETTABLE, 1) is None
    assert value(meter, keys.MAXIMUM, 0) == 0 and value(meter, keys.MAXIMUM, 1) is None
    assert value(meter, keys.ACCUMULATED, 2) is None


def test_the_second_input_can_be_the_source():
    meter = made(source="pulse2", pulse2_unit="kWh", pulse2_weight="10", pulse1_unit="m3")
    meter.pulse(0, 7, 500)
    meter.pulse(1, 3, 500)
    meter.tick(1000)
    assert energies(meter)[0] == 30
    assert value(meter, keys.PULSES, 0) == 7  # l
    assert value(meter, keys.PULSES, 1) == 3, "a count: energy would look like verification"


def test_without_a_source_there_is_no_energy():
    meter = made(source="none")
    meter.pulse(0, 3, 500)
    meter.tick(1000)
    assert energies(meter) == [None] * 8
    assert value(meter, keys.PULSES, 0) == 0, "three Wh, shown in 10 Wh"
    assert value(meter, keys.LIVE, live.P) is None


def test_energy_goes_to_the_tariff_of_its_time():
    meter = made(pulse1_weight="100")
    for level in (0, 1, None, 0):
        meter.tariff_level = level
        meter.tick(0)
        meter.pulse(0, 1, 0)
        meter.tick(0)
    assert [value(meter, keys.ENERGY, n) for n in range(5)] == [4, 2, 2, 0, 0]
    assert value(meter, keys.OTHER, keys.TARIFF) == 1


def test_a_ct_meter_counts_both_sides():
    meter = made(ct="yes", ratio="150")
    meter.pulse(0, 7, 500)
    meter.tick(1000)
    assert energies(meter, keys.SECONDARY)[0] == 7  # Wh
    assert energies(meter)[0] == 21  # 7 * 30 Wh
    assert energies(made(), keys.SECONDARY) == [None] * 8
    meter.live.values[live.P] = -10
    meter.live.values[live.PF] = 950
    meter.live.values[live.U_L1] = 2300
    meter.live.values[live.I_L1] = 100
    shown = [value(meter, keys.LIVE, i) for i in (live.P, live.P_EXPORT, live.PF, live.U_L1)]
    assert shown == [-300, 300, 950, 2300]
    assert value(meter, keys.LIVE, live.I_L1) == 3000


def test_demand_and_its_time_are_shown_as_local_time():
    meter = made(dst="eu", pulse1_weight="1")
    meter.clock.set(804686340, 0)  # 2025-07-01 11:59, in summer
    for second in range(60, 1020, 60):
        meter.tick(second * 1000)
        if second < 900:
            meter.pulse(0, 1, second * 1000)
    assert value(meter, keys.MAXIMUM, 0) == 14 * 4000
    assert value(meter, keys.MAXIMUM_TIME, 0) == 804687300  # 12:15
    assert value(meter, keys.MAXIMUM_TIME, 1) is None


def test_a_household_feeds_every_register():
    meter = made(source="load_profile", phases="3")
    for second in range(0, 7200, 10):
        meter.tick(second * 1000)
    assert all(kind is not None for kind in energies(meter))
    assert energies(meter)[0] > 0
    assert meter.power(live.P) == sum(meter.power(i) for i in (live.P_L1, live.P_L2, live.P_L3))
    single = made(source="load_profile", phases="1")
    single.tick(1000)
    assert single.power(live.P_L2) is None and single.power(live.P_L1) is not None


def test_what_a_host_presets_is_shown():
    meter = made(source="host", ct="yes")
    for group, index, number in (
        (keys.ENERGY, 3, 123),
        (keys.SECONDARY, 4, 45),
        (keys.MAXIMUM, 5, 67),
        (keys.MAXIMUM_TIME, 4, NOON - 60),
        (keys.ACCUMULATED, 3, 89),
        (keys.RESETTABLE, 1, 10),
        (keys.VERIFICATION, 1, 9_999_999),
        (keys.OTHER, keys.HOURS, 11),
        (keys.OTHER, keys.PERIODS, 12),
        (keys.LIVE, live.FREQUENCY, 499),
    ):
        preset(meter, group, index, number, 0)
        meter.tick(0)
        assert value(meter, group, index) == number, (group, index)
    raises(ValueError, preset, meter, keys.OTHER, keys.TIME, -1, 0)
    raises(ValueError, preset, meter, keys.OTHER, keys.RATIO, 5, 0)
    raises(ValueError, preset, meter, keys.ENERGY, 0, 5, 0)


def test_a_time_table_switches_by_the_local_time():
    table = "Sa 1-12 12:00 3; Mo-Fr 1-12 06:00 1; Su 1-12 00:00 4"
    meter = made(tariff_source="clock", tariff_table=table, pulse1_weight="100")
    for second in range(0, 43_320, 60):  # from Saturday noon on
        meter.pulse(0, 1, second * 1000)
        meter.tick(second * 1000)
    assert value(meter, keys.OTHER, keys.TARIFF) == 4
    assert [value(meter, keys.ENERGY, n) for n in range(5)] == [722, 0, 0, 721, 1]


def test_periods_of_every_length_are_those_of_the_clock():
    for minutes in (5, 15, 30, 60):
        meter = made(period_min=str(minutes), pulse1_weight="1")
        for minute in range(1, 2 * minutes + 1):
            meter.tick(minute * 60_000)
            if minute == 1:
                meter.pulse(0, 1, minute * 60_000)
        assert value(meter, keys.MAXIMUM, 0) == 60_000 // minutes, minutes
        assert value(meter, keys.MAXIMUM_TIME, 0) == NOON + 60 * minutes
