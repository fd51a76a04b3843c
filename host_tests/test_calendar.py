# SPDX-License-Identifier: MIT
"""The calendar of 2000..2099."""

from helpers import raises
from meter import calendar

DAY = 86400

# seconds, the moment, weekday, ISO week
MOMENTS = (
    (0, (2000, 1, 1, 0, 0, 0), 6, 52),
    (59, (2000, 1, 1, 0, 0, 59), 6, 52),
    (2 * DAY, (2000, 1, 3, 0, 0, 0), 1, 1),
    (59 * DAY - 1, (2000, 2, 28, 23, 59, 59), 1, 9),
    (59 * DAY, (2000, 2, 29, 0, 0, 0), 2, 9),
    (60 * DAY, (2000, 3, 1, 0, 0, 0), 3, 9),
    (366 * DAY - 1, (2000, 12, 31, 23, 59, 59), 7, 52),
    (366 * DAY, (2001, 1, 1, 0, 0, 0), 1, 1),
    (366 * DAY + 59 * DAY, (2001, 3, 1, 0, 0, 0), 4, 9),
    (817112730, (2025, 11, 22, 7, 45, 30), 6, 47),
    (1461 * DAY, (2004, 1, 1, 0, 0, 0), 4, 1),
    (1461 * DAY - 1, (2003, 12, 31, 23, 59, 59), 3, 1),
    (36525 * DAY - 1, (2099, 12, 31, 23, 59, 59), 4, 53),
)


def test_moments_of_the_calendar_are_known_both_ways():
    for seconds, moment, weekday, week in MOMENTS:
        assert calendar.from_seconds(seconds) == moment, seconds
        assert calendar.to_seconds(*moment) == seconds, moment
        assert calendar.weekday(seconds) == weekday, moment
        assert calendar.iso_week(seconds) == week, moment


def test_the_first_and_last_second_of_every_month_come_in_order():
    expected = 0
    for year in range(2000, 2100):
        for month in range(1, 13):
            days = 31 - (month in (4, 6, 9, 11))
            if month == 2:
                days = 29 if year % 4 == 0 else 28
            assert calendar.days_of_month(year, month) == days
            assert calendar.to_seconds(year, month, 1) == expected
            assert calendar.from_seconds(expected)[:3] == (year, month, 1)
            expected += days * DAY
            assert calendar.from_seconds(expected - 1) == (year, month, days, 23, 59, 59)
    assert expected == calendar.END_S


def test_times_that_there_are_not_are_refused():
    for moment in (
        (1999, 12, 31, 23, 59, 59),
        (2100, 1, 1, 0, 0, 0),
        (2127, 1, 1, 0, 0, 0),  # "every year" of type F
        (2025, 0, 1, 0, 0, 0),
        (2025, 13, 1, 0, 0, 0),
        (2025, 15, 1, 0, 0, 0),
        (2025, 1, 0, 0, 0, 0),
        (2025, 1, 32, 0, 0, 0),
        (2025, 4, 31, 0, 0, 0),
        (2025, 2, 29, 0, 0, 0),
        (2024, 2, 30, 0, 0, 0),
        (2025, 1, 1, 24, 0, 0),
        (2025, 1, 1, 31, 0, 0),
        (2025, 1, 1, 0, 60, 0),
        (2025, 1, 1, 0, 63, 0),
        (2025, 1, 1, 0, 0, 60),
        (2025, 1, 1, -1, 0, 0),
    ):
        assert not calendar.valid(*moment), moment
        assert "no such time" in str(raises(ValueError, calendar.to_seconds, *moment))
    for seconds in (-1, calendar.END_S):
        assert "2000..2099" in str(raises(ValueError, calendar.from_seconds, seconds))
    assert calendar.valid(2024, 2, 29, 23, 59, 59)
    assert calendar.valid(2099, 12, 31)
    assert calendar.valid_time(23, 59, 59) and not calendar.valid_time(23, 59, 60)


def test_the_last_sundays_are_those_of_the_changes_of_time():
    for year, march, october in (
        (2000, 26, 29),
        (2001, 25, 28),
        (2019, 31, 27),
        (2021, 28, 31),
        (2024, 31, 27),
        (2025, 30, 26),
        (2099, 29, 25),
    ):
        days = (year, 1, 1), (year, 3, march), (year, 10, october)
        bounds = tuple(calendar.to_seconds(*day) for day in days)
        for moment in (year, 1, 1), (year, 7, 1), (year, 12, 31, 23, 59, 59):
            assert calendar.changes_of_time(calendar.to_seconds(*moment)) == bounds
