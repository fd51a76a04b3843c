# SPDX-License-Identifier: MIT
"""Sources: pulses as A+ and their power, values of a host."""

from helpers import raises
from meter.energy import A_MINUS, A_PLUS, R1, R2, R3, R4, Energy, PulseWeight
from meter.hostsource import HostSource
from meter.live import COUNT, P_L1, U_L1, Live, P
from meter.sources import PulseSource

HOUR = 3_600_000
WRAP = 0x3FFFFFFF


class Sink:
    """Takes what a source gives."""

    def __init__(self):
        self.live = Live()
        self.energy = Energy()
        self.added = []

    def add(self, kind, numerator, denominator):
        self.added.append((kind, numerator, denominator))
        self.energy.add(kind, numerator, denominator, 1)


def power(source, now, sink=None):
    sink = sink or Sink()
    source.tick(now & WRAP, 0, sink)
    return sink.live.values[P]


def pulsing(times, weight=None, begin=0):
    """A source that has had one pulse at each of these times."""
    source = PulseSource(weight or PulseWeight(1000))
    power(source, begin)
    for at in times:
        source.pulses(1, at & WRAP)
    return source


def test_pulses_are_imported_energy_and_each_is_handed_on_once():
    source, sink = PulseSource(PulseWeight(6400)), Sink()
    assert source.kinds == (A_PLUS,)
    source.tick(0, 0, sink)
    source.pulses(3, 10)
    source.pulses(4, 20)
    assert sink.added == []
    source.tick(30, 0, sink)
    source.tick(40, 0, sink)
    assert sink.added == [(A_PLUS, 35, 32)]  # 7 of 1000/6400 Wh
    source.pulses(0, 50)
    source.tick(60, 0, sink)
    assert len(sink.added) == 1
    source.pulses(6393, 70)
    source.tick(80, 0, sink)
    assert sink.energy.value(A_PLUS) == 100 and sink.energy.verification(A_PLUS) == 10000


def test_pulses_before_another_weight_count_at_the_old_one():
    source, sink = PulseSource(PulseWeight(1000)), Sink()
    source.pulses(5, 0)
    source.set_weight(PulseWeight(500))
    source.set_weight(PulseWeight(100))
    source.pulses(2, 3600)
    source.tick(3600, 0, sink)
    assert sink.added == [(A_PLUS, 5, 1), (A_PLUS, 20, 1)]
    # the distance of pulses of two weights says nothing
    assert sink.live.values[P] is None
    source.pulses(1, 7200)
    assert power(source, 7200) == 10000
    source.set_weight(PulseWeight(1000))
    assert power(source, 7200) is None
    # and none of those before is in the next measurement
    source = pulsing((0, 100, 200))
    source.set_weight(PulseWeight(2000))
    for at in range(300, 1301, 100):
        source.pulses(1, at)
    assert power(source, 1300) == 18000
    # after an hour without a pulse it is not known either, once it was measured again
    source = pulsing((0, 3600 + HOUR, 7200 + HOUR))
    assert power(source, 7200 + HOUR) == 1000
    source.set_weight(PulseWeight(500))
    assert power(source, 7200 + HOUR) is None


def test_only_pulses_of_energy_are_a_source():
    for unit in ("none", "m3", "l"):
        raises(ValueError, PulseSource, PulseWeight(1, 1, unit))
        raises(ValueError, PulseSource(PulseWeight(1)).set_weight, PulseWeight(1, 1, unit))


def test_power_is_not_known_before_two_pulses():
    source = PulseSource(PulseWeight(1000))
    assert power(source, 0) is None
    source.pulses(1, 1000)
    assert power(source, 1000) is None and power(source, 9000) is None
    source.pulses(1, 10000)
    assert power(source, 10000) == 400
    # several at once have no distance either
    source = PulseSource(PulseWeight(1000))
    source.pulses(5, 1000)
    assert power(source, 1000) is None
    source.pulses(5, 10000)
    assert power(source, 10000) == 2000


def test_power_is_that_of_the_last_distance():
    assert power(pulsing((0, 3600)), 3600) == 1000
    assert power(pulsing((0, 3600, 5400)), 5400) == 2000
    assert power(pulsing((0, 3600, 5400)), 7200) == 2000  # the next is just not late
    assert power(pulsing((0, 7000)), 7000) == 514  # rounded down
    assert power(pulsing((0, 36000), PulseWeight(1000, 3)), 36000) == 300
    # right across the end of the ticks
    begin = WRAP - 1800
    assert power(pulsing((begin, begin + 3600), begin=begin), begin + 3600) == 1000


def test_fast_pulses_are_measured_over_a_second():
    # 20 a second, each seen up to 9 ms late
    times = [n * 50 + n * 7 % 10 for n in range(60)]
    source = PulseSource(PulseWeight(1000))
    shown = []
    for at in times:
        source.pulses(1, at)
        shown.append(power(source, at))
    assert shown[:20] == [None] * 20
    assert all(71_300 <= p <= 72_700 for p in shown[20:]), shown
    # and pulses from before a pause are not of the distance after it
    source.pulses(1, times[-1] + 36000)
    assert power(source, times[-1] + 36000) == 100


def test_power_falls_when_the_next_pulse_is_late():
    source = pulsing((0, 3600))
    last = 1000
    for late in (3600, 3601, 3700, 5000, 7200, 36000, 360_000, HOUR - 1):
        now = power(source, 3600 + late)
        assert now == HOUR // max(late, 3600) and now <= last
        last = now
    assert now == 1
    source.pulses(0, 3600 + HOUR - 1)  # none
    assert power(source, 3600 + HOUR - 1) == 1
    # of fast ones it is late after one of their distances, not after n
    source = pulsing(range(0, 2001, 100))
    assert power(source, 2000) == power(source, 2100) == 36000
    assert power(source, 2200) == 18000


def test_an_hour_without_a_pulse_is_no_power():
    source = pulsing((0, 3600), PulseWeight(1))  # 1 kWh each: it would be 1 kW yet
    assert power(source, 3600 + HOUR - 1) == 1000
    assert power(source, 3600 + HOUR) == 0
    # and stays so, however often the ticks come round
    for hours in range(2, 700):
        assert power(source, hours * HOUR) == 0
    source.pulses(1, 700 * HOUR & WRAP)
    assert power(source, 700 * HOUR) == 0
    source.pulses(1, 700 * HOUR + 36000 & WRAP)
    assert power(source, 700 * HOUR + 36000) == 100_000


def test_an_hour_from_the_start_without_two_pulses_is_no_power():
    source = pulsing(())
    assert power(source, HOUR - 1) is None
    assert power(source, HOUR) == 0
    source = pulsing((1000,))
    assert power(source, HOUR + 999) is None
    assert power(source, HOUR + 1000) == 0
    # the distance to a pulse before the hour is not measured, whoever comes first
    source = pulsing((0, 3600))
    source.pulses(1, 3600 + HOUR)
    assert power(source, 3600 + HOUR) == 0


def test_power_is_no_more_than_a_register_shows():
    source = pulsing((0,), PulseWeight(1, 1000))
    source.pulses(1000, 1000)
    assert power(source, 1000) == 0x7FFFFFFF


def test_a_tick_that_was_read_earlier_is_no_time():
    source = pulsing((1000, 4600))
    assert power(source, 4590) == 1000
    source.pulses(1, 4590)
    assert power(source, 4590) == 1000


def test_pulses_know_nothing_of_phases():
    sink = Sink()
    source = pulsing((0, 3600))
    source.tick(3600, 0, sink)
    assert [i for i in range(COUNT) if sink.live.values[i] is not None] == [P]


def test_a_host_sets_values_and_adds_nothing():
    source, sink = HostSource(), Sink()
    assert source.kinds == (A_PLUS, A_MINUS, R1, R2, R3, R4)
    source.set(P_L1, -1500)
    source.set(U_L1, 2301)
    source.tick(0, 0, sink)
    source.tick(HOUR, 3600, sink)
    assert sink.added == []
    values = sink.live.values
    assert values[P_L1] == -1500 and values[U_L1] == 2301 and values[P] is None
    source.set(P_L1, None)
    source.tick(HOUR, 3600, sink)
    assert values[P_L1] is None and values[U_L1] == 2301


def test_a_host_sets_only_what_there_is():
    source = HostSource()
    raises(ValueError, source.set, -1, 0)
    raises(ValueError, source.set, COUNT, 0)
    raises(ValueError, source.set, P, 1 << 31)
    raises(ValueError, source.set, P, -(1 << 31))  # the invalid value of a register
