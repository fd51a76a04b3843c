# SPDX-License-Identifier: MIT
"""The calendar of 2000..2099: seconds since 2000-01-01T00:00 to and from dates and times.

These seconds know no time zone and no leap second.  What M-Bus can write beyond these
hundred years is refused: 2100 is no leap year, and a meter does not get that old.
"""

from micropython import const

FIRST_YEAR = 2000
LAST_YEAR = 2099
DAY_S = 86400
END_S = 36525 * DAY_S  # 2100-01-01T00:00, the first second that is none of ours

_FOUR_YEARS = const(1461)  # days, of which the first 366 are the leap year
_WEEKDAY_OF_DAY_0 = const(5)  # a Saturday, from Monday 0
_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS = b"\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


def is_leap(year: int) -> bool:
    """Whether a year of 2000..2099 has 366 days."""
    return not year & 3


def days_of_month(year: int, month: int) -> int:
    """28..31."""
    return 29 if month == 2 and is_leap(year) else _DAYS[month - 1]


def valid(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0):
    """Whether there is such a second, as a clock can be set to it: no "every", no leap second."""
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:
        return False
    if not 1 <= day <= days_of_month(year, month):
        return False
    return valid_time(hour, minute, second)


def valid_time(hour: int, minute: int, second: int = 0) -> bool:
    """Whether there is such a time of day."""
    return 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59


def to_seconds(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> int:
    """Seconds since 2000-01-01T00:00; ValueError where valid() is false."""
    if not valid(year, month, day, hour, minute, second):
        raise ValueError(
            "no such time: %d-%02d-%02dT%02d:%02d:%02d" % (year, month, day, hour, minute, second)
        )
    years = year - FIRST_YEAR
    days = years * 365 + (years + 3) // 4 + _BEFORE_MONTH[month - 1] + day - 1
    if month > 2 and is_leap(year):
        days += 1
    return days * DAY_S + (hour * 60 + minute) * 60 + second


def from_seconds(seconds: int):
    """(year, month, day, hour, minute, second); ValueError outside 2000..2099."""
    if not 0 <= seconds < END_S:
        raise ValueError("%d s are not in 2000..2099" % seconds)
    year, day = _year_and_day(seconds // DAY_S)
    month = 12
    while day < _begin(year, month):
        month -= 1
    rest = seconds % DAY_S
    return (
        year,
        month,
        day - _begin(year, month) + 1,
        rest // 3600,
        rest // 60 % 60,
        rest % 60,
    )


def _begin(year, month):
    """The day of the year, from 0, that a month begins with."""
    return _BEFORE_MONTH[month - 1] + (1 if month > 2 and is_leap(year) else 0)


def _year_and_day(days):
    """The year, and the day in it from 0, of a day since 2000-01-01, or shortly before it."""
    cycle, day = divmod(days, _FOUR_YEARS)
    year = FIRST_YEAR + 4 * cycle
    if day >= 366:
        year += 1 + (day - 366) // 365
        day = (day - 366) % 365
    return year, day


def weekday(seconds: int) -> int:
    """1 Monday .. 7 Sunday."""
    return (seconds // DAY_S + _WEEKDAY_OF_DAY_0) % 7 + 1


def iso_week(seconds: int) -> int:
    """The week of ISO 8601, 1..53: it belongs to the year that its Thursday lies in."""
    thursday = seconds // DAY_S + 4 - weekday(seconds)
    return _year_and_day(thursday)[1] // 7 + 1


def changes_of_time(seconds: int):
    """When a moment's year begins, and its last Sundays of March and October: (s, s, s)."""
    days = seconds // DAY_S
    year, day = _year_and_day(days)
    first = days - day
    march = first + (89 if year & 3 else 90)  # the 31st
    october = march + 214
    march -= weekday(march * DAY_S) % 7
    october -= weekday(october * DAY_S) % 7
    return first * DAY_S, march * DAY_S, october * DAY_S
