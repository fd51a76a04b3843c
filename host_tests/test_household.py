# SPDX-License-Identifier: MIT
"""The load profile as a source: energy that is exact, whatever clock and ticks do."""

from helpers import raises
from meter import calendar
from meter.energy import A_MINUS, A_PLUS, R1, R2, R3, R4
from meter.household import Household, HouseholdSource
from meter.live import Live

WRAP = 0x3FFFFFFF
DAY_MS = 86_400_000
SUMMER = calendar.to_seconds(2026, 6, 8)  # Mondays
WINTER = calendar.to_seconds(2026, 1, 12)


class Sink:
    """Sums up energy in 1/3600000 Wh."""

    def __init__(self):
        self.live = Live()
        self.sums = [0] * 6

    def add(self, kind, numerator, denominator):
        assert numerator > 0 and denominator == 3_600_000
        self.sums[kind] += numerator


def run(steps, begin=SUMMER, at=0, phases=3, seed=1):
    """The sums and the last values after ticks so many ms apart, by a clock that runs steadily."""
    source, sink = HouseholdSource(phases, seed), Sink()
    source.tick(at & WRAP, begin, sink)
    assert sink.sums == [0] * 6
    ms = 0
    for step in steps:
        ms += step
        source.tick(at + ms & WRAP, begin + ms // 1000, sink)
    return sink.sums, sink.live.values


def by_hand(begin, ms, phases=3):
    """The sums of so many ms from the begin of a minute on."""
    house, sums = Household(phases), [0] * 6
    minute = begin // 60
    while ms > 0:
        house.go(minute)
        part = min(ms, 60000)
        p, q = sum(house.watts), sum(house.vars)
        sums[A_PLUS if p >= 0 else A_MINUS] += abs(p) * part
        sums[(R1 if q >= 0 else R4) if p >= 0 else (R2 if q >= 0 else R3)] += abs(q) * part
        minute += 1
        ms -= part
    return sums


def test_energy_is_the_power_of_each_minute_times_its_ms():
    for ms in (1, 59_999, 60_000, 60_001, 3_600_000, 7_234_567, DAY_MS):
        for phases in (1, 3):
            assert run((ms,), phases=phases)[0] == by_hand(SUMMER, ms, phases), ms


def test_it_does_not_matter_how_ticks_are_spaced():
    total = 4 * 3_600_000
    for begin in (SUMMER + 34567, WINTER + 20011):
        whole = run((total,), begin)
        for step in (1000, 997, 60_000, 61_234, 1_800_000):
            assert run(spaced(total, (step,)), begin) == whole, step
        assert run(spaced(total, (1, 0, 7000, 33, 90_001, 250)), begin) == whole


def spaced(total, steps):
    """These steps again and again, until they come to total ms."""
    n = 0
    while total:
        step = min(steps[n % len(steps)], total)
        yield step
        total -= step
        n += 1


def test_ticks_may_come_round():
    for at in (WRAP, WRAP - 12345, 5):
        assert run((60_000,) * 60, at=at) == run((3_600_000,))


def test_of_a_gap_of_more_than_a_day_the_last_day_counts():
    assert run((DAY_MS + 1,))[0] != run((DAY_MS,))[0]
    assert run((3 * DAY_MS,)) == run((DAY_MS,), SUMMER + 2 * 86400)
    assert run((2 * DAY_MS + 30_000,))[0] == run((DAY_MS,), SUMMER + 86430)[0]
    assert run((30_000, 2 * DAY_MS, 45_000))[1] == run((1,), SUMMER + 2 * 86400 + 75)[1]


def test_a_jump_of_the_clock_makes_no_energy_and_loses_none():
    source, sink = HouseholdSource(3), Sink()
    source.tick(0, SUMMER, sink)
    source.tick(30_000, SUMMER + 30, sink)
    source.tick(60_000, WINTER + 7, sink)  # set back by months just now
    assert sink.sums == by_hand(SUMMER, 60_000)
    assert sink.live.values == run((), WINTER)[1]
    before = list(sink.sums)
    source.tick(60_000 + 53_000, WINTER + 60, sink)
    house = Household(3)
    house.go(WINTER // 60)
    assert sum(sink.sums[:2]) - sum(before[:2]) == abs(sum(house.watts)) * 53_000
    assert sink.live.values == run((), WINTER + 60)[1]


def test_a_second_off_is_no_jump_and_two_are():
    begin = SUMMER + 8 * 3600
    whole = run((59_500,) + (1000,) * 120, begin)
    for off, same in ((-1, True), (1, True), (-2, False), (2, False)):
        source, sink = HouseholdSource(3), Sink()
        source.tick(0, begin, sink)
        for ms in range(59_500, 59_500 + 121_000, 1000):
            source.tick(ms, begin + ms // 1000 + off, sink)
        assert (sink.sums == whole[0]) == same, off


def test_a_tick_that_was_read_earlier_is_no_time():
    source, sink = HouseholdSource(3), Sink()
    source.tick(1000, SUMMER, sink)
    for ms in (31_000, 30_990, 61_000):
        source.tick(ms, SUMMER + ms // 1000 - 1, sink)
    assert sink.sums == by_hand(SUMMER, 60_000)


def test_the_same_seed_makes_the_same_house_whenever_it_is_asked():
    minutes = [WINTER // 60 + n * 977 for n in range(60)]
    first, again, other = Household(3, 7), Household(3, 7), Household(3, 8)
    seen = []
    for minute in minutes:
        first.go(minute)
        seen.append((tuple(first.watts), tuple(first.vars)))
    different = 0
    for i in range(len(minutes) - 1, -1, -1):
        again.go(minutes[i])
        assert (tuple(again.watts), tuple(again.vars)) == seen[i]
        other.go(minutes[i])
        different += tuple(other.watts) != seen[i][0]
    assert different > 50


def test_a_known_minute_is_what_it_was():
    # both runtimes, any machine
    values = [-1165, 154, 49, 98, 2320, 2307, 2300, 503, 75, 25, -994, -999, 885, 860, 501, -962]
    assert run((), calendar.to_seconds(2026, 6, 10, 12, 59))[1] == values


def test_there_are_one_or_three_phases():
    for phases in (0, 2, 4):
        raises(ValueError, HouseholdSource, phases)
    assert HouseholdSource(1).kinds == HouseholdSource(3).kinds == (0, 1, 2, 3, 4, 5)
