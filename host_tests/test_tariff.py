# SPDX-License-Identifier: MIT
"""The tariff by input, by bus and by time table."""

from helpers import raises
from meter.calendar import from_seconds, to_seconds, weekday
from meter.tariff import (
    ALL_DAYS,
    ALL_MONTHS,
    BUS,
    CLOCK,
    INPUT,
    NOT_POSSIBLE,
    OUT_OF_RANGE,
    Tariff,
    TimeTable,
)
from mutants import Random

NOON = to_seconds(2025, 11, 22, 12)  # a Saturday
WORKDAYS = 0x1F
WEEKEND = 0x60


def at(table, *moment):
    return table.tariff(to_seconds(*moment))


def test_the_input_decides_between_two_tariffs():
    for level, inverted, active in ((0, 0, 1), (1, 0, 2), (0, 1, 2), (1, 1, 1)):
        tariff = Tariff(active=3, inverted=inverted)
        assert tariff.tick(level, NOON, True)
        assert tariff.active == active
        assert not tariff.tick(level, NOON, False)


def test_the_stored_tariff_holds_until_the_input_is_decided():
    tariff = Tariff(active=4)
    assert not tariff.tick(None, NOON, True)
    assert tariff.active == 4
    tariff.tick(1, NOON, True)
    assert tariff.active == 2
    tariff.tick(None, NOON, True)
    assert tariff.active == 2


def test_inversion_acts_at_the_next_tick_even_if_the_input_is_not_decided_anew():
    tariff = Tariff()
    tariff.tick(1, NOON, True)
    assert tariff.set_inverted(1) == 0
    assert tariff.tick(None, NOON, True)
    assert tariff.active == 1
    assert tariff.set_inverted(2) == OUT_OF_RANGE
    assert tariff.inverted
    assert tariff.set_inverted(0) == 0
    assert tariff.tick(None, NOON, True)
    assert tariff.active == 2


def test_the_bus_commands_only_where_it_is_the_source():
    for source in (INPUT, CLOCK):
        tariff = Tariff(active=3, source=source)
        assert tariff.command(2) == NOT_POSSIBLE
        assert tariff.command(9) == NOT_POSSIBLE
        assert tariff.active == 3
    tariff = Tariff(source=BUS)
    for number in (1, 2, 3, 4):
        assert tariff.command(number) == 0
        assert tariff.active == number
    for number in (0, 5, 255, -1):
        assert tariff.command(number) == OUT_OF_RANGE
        assert tariff.active == 4


def test_a_commanded_tariff_holds_whatever_input_and_clock_say():
    tariff = Tariff(source=BUS, table=TimeTable([(ALL_DAYS, ALL_MONTHS, 0, 2)]))
    tariff.command(3)
    assert not tariff.tick(1, NOON, True)
    assert tariff.active == 3


def test_another_source_takes_over_at_the_next_tick():
    tariff = Tariff(source=BUS, table=TimeTable([(ALL_DAYS, ALL_MONTHS, 0, 4)]))
    tariff.tick(1, NOON, True)
    tariff.command(3)
    assert tariff.set_source(INPUT) == 0
    assert tariff.active == 3
    tariff.tick(None, NOON, True)  # the level is known from before
    assert tariff.active == 2
    assert tariff.set_source(CLOCK) == 0
    tariff.tick(1, NOON, True)
    assert tariff.active == 4
    assert tariff.set_source(3) == OUT_OF_RANGE
    assert tariff.source == CLOCK


def test_a_clock_that_is_not_valid_keeps_the_tariff():
    tariff = Tariff(active=3, source=CLOCK, table=TimeTable([(ALL_DAYS, ALL_MONTHS, 0, 2)]))
    assert not tariff.tick(0, NOON, False)
    assert tariff.active == 3
    assert tariff.tick(0, NOON, True)
    assert tariff.active == 2
    tariff.set_table(TimeTable([(ALL_DAYS, ALL_MONTHS, 0, 1)]))
    tariff.tick(0, NOON, False)
    assert tariff.active == 2
    tariff.tick(0, NOON, True)
    assert tariff.active == 1


def test_without_entries_the_clock_keeps_the_tariff():
    tariff = Tariff(active=3, source=CLOCK)
    assert not tariff.tick(1, NOON, True)
    assert tariff.active == 3


def test_entries_switch_at_their_minute_and_hold_over_night():
    table = TimeTable([(ALL_DAYS, ALL_MONTHS, 22 * 60, 2), (ALL_DAYS, ALL_MONTHS, 6 * 60 + 30, 1)])
    for hour, minute, second, tariff in (
        (0, 0, 0, 2),
        (6, 29, 59, 2),
        (6, 30, 0, 1),
        (21, 59, 59, 1),
        (22, 0, 0, 2),
        (23, 59, 59, 2),
    ):
        for year, month, day in ((2025, 11, 22), (2024, 2, 29), (2099, 12, 31), (2000, 1, 2)):
            assert at(table, year, month, day, hour, minute, second) == tariff


def test_weekdays_hold_over_the_days_without_an_entry():
    table = TimeTable(
        [(WORKDAYS, ALL_MONTHS, 360, 1), (WORKDAYS, ALL_MONTHS, 1320, 2), (0x40, ALL_MONTHS, 0, 4)]
    )
    assert at(table, 2025, 11, 21, 12) == 1  # Friday
    assert at(table, 2025, 11, 21, 22) == 2
    assert at(table, 2025, 11, 22, 12) == 2  # Saturday: as Friday ended
    assert at(table, 2025, 11, 23, 0) == 4  # Sunday
    assert at(table, 2025, 11, 24, 5, 59) == 4  # Monday
    assert at(table, 2025, 11, 24, 6) == 1


def test_months_hold_over_the_months_without_an_entry():
    # Sundays of January T2, Sundays of July T3
    table = TimeTable([(0x40, 0x001, 60, 2), (0x40, 0x040, 60, 3)])
    for moment, tariff in (
        ((2025, 1, 5, 0, 59), 3),
        ((2025, 1, 5, 1, 0), 2),
        ((2025, 6, 30), 2),
        ((2025, 7, 6, 0, 59), 2),
        ((2025, 7, 6, 1, 0), 3),
        ((2026, 1, 4, 0, 59), 3),
        ((2000, 1, 2, 0, 59), 0),  # nothing has switched since 2000
        ((2000, 1, 2, 1, 0), 2),
    ):
        assert at(table, *moment) == tariff, moment


def test_an_entry_that_comes_once_a_year_holds_all_the_year():
    for months in (1 << n for n in range(12)):
        table = TimeTable([(0x01, months, 0, 3)])
        for month in range(1, 13):
            assert at(table, 2025, month, 1) == 3
            assert at(table, 2025, month, 28) == 3


def test_of_two_entries_for_one_minute_the_later_one_counts():
    entries = [(ALL_DAYS, ALL_MONTHS, 60, n) for n in (1, 2, 3)] + [(WEEKEND, ALL_MONTHS, 60, 4)]
    assert at(TimeTable(entries), 2025, 11, 21, 2) == 3
    assert at(TimeTable(entries), 2025, 11, 22, 2) == 4
    assert at(TimeTable(entries[::-1]), 2025, 11, 22, 2) == 1


def test_the_table_is_right_whichever_way_the_clock_moves():
    entries = []
    random = Random(5)
    for _ in range(16):
        days, months = 1 + random.below(ALL_DAYS), 1 + random.below(ALL_MONTHS)
        entries.append((days, months, random.below(1440), 1 + random.below(4)))
    moving = TimeTable(entries)
    for _ in range(100):
        seconds = to_seconds(2001 + random.below(98), 1, 1) + random.below(365 * 1440) * 60
        assert moving.tariff(seconds) == minute_by_minute(entries, seconds)
        again = seconds - random.below(4 * 86400)
        assert moving.tariff(again) == minute_by_minute(entries, again)


def minute_by_minute(entries, seconds):
    """What switched last, found by going back: by day, and in a day by minute."""
    minute = seconds % 86400 // 60
    while True:
        month = from_seconds(seconds)[1]
        day = weekday(seconds)
        best = (-1, 0)
        for days, months, begin, tariff in entries:
            fits = days >> (day - 1) & 1 and months >> (month - 1) & 1
            if fits and best[0] <= begin <= minute:
                best = (begin, tariff)
        if best[1]:
            return best[1]
        seconds -= 86400
        minute = 1439


def test_a_wrong_table_is_refused_with_its_entry():
    good = (ALL_DAYS, ALL_MONTHS, 0, 1)
    for bad, text in (
        ((0, ALL_MONTHS, 0, 1), "entry 2: weekdays 0, allowed are 1..127"),
        ((128, ALL_MONTHS, 0, 1), "entry 2: weekdays 128"),
        ((1, 0, 0, 1), "entry 2: months 0"),
        ((1, 0x1000, 0, 1), "entry 2: months 4096"),
        ((1, 1, 1440, 1), "entry 2: minute of the day 1440, allowed are 0..1439"),
        ((1, 1, -1, 1), "entry 2: minute of the day -1"),
        ((1, 1, 0, 0), "entry 2: tariff 0"),
        ((1, 1, 0, 5), "entry 2: tariff 5, allowed are 1..4"),
    ):
        assert text in str(raises(ValueError, TimeTable, [good, bad]))
    TimeTable([good] * 16)
    assert "17 entries" in str(raises(ValueError, TimeTable, [good] * 17))
    assert "tariff 0" in str(raises(ValueError, Tariff, 0))
    assert "source 3" in str(raises(ValueError, Tariff, 1, 3))
