# SPDX-License-Identifier: MIT
"""Dates and times between the octets of a record and the clock (EN 13757-3, annex A).

Only what a clock can be set to: no "every", nothing marked invalid, 2000 to 2099.
"""

from mbus.date import put_f, put_g, put_i, put_j
from meter import calendar
from micropython import const

NONE = const(-1)

_INVALID = const(0x80)
_SUMMER_F = const(0x80)
_SUMMER_I = const(0x40)


def _date(buf, at, hundreds):
    year = buf[at] >> 5 | buf[at + 1] >> 1 & 0x78
    if not hundreds:  # old masters send none: 81 to 99 were in the last century
        hundreds = 1 if year <= 80 else 0
    return 1900 + 100 * hundreds + year, buf[at + 1] & 0x0F, buf[at] & 0x1F


def _seconds(year, month, day, hour, minute, second):
    if not calendar.valid(year, month, day, hour, minute, second):
        return NONE
    return calendar.to_seconds(year, month, day, hour, minute, second)


def read_f(buf, at):
    """(seconds since 2000 or NONE, summer: True or None) of type F."""
    if buf[at] & _INVALID:
        return NONE, None
    year, month, day = _date(buf, at + 2, buf[at + 1] >> 5 & 3)
    seconds = _seconds(year, month, day, buf[at + 1] & 0x1F, buf[at] & 0x3F, 0)
    return seconds, buf[at + 1] & _SUMMER_F != 0 or None


def read_i(buf, at):
    """The same of type I."""
    if buf[at + 1] & _INVALID:
        return NONE, None
    year, month, day = _date(buf, at + 3, 0)
    seconds = _seconds(year, month, day, buf[at + 2] & 0x1F, buf[at + 1] & 0x3F, buf[at] & 0x3F)
    return seconds, buf[at] & _SUMMER_I != 0 or None


def read_g(buf, at):
    """(year, month, day) of type G, whether there is such a day or not."""
    return _date(buf, at, 0)


def read_j(buf, at) -> int:
    """Seconds since midnight of type J, or NONE."""
    second, minute, hour = buf[at], buf[at + 1], buf[at + 2]
    if not calendar.valid_time(hour, minute, second):
        return NONE
    return (hour * 60 + minute) * 60 + second


def write_f(buf, seconds, summer=False):
    """Type F of a local time into buf[0:4]; the seconds are dropped."""
    year, month, day, hour, minute, _ = calendar.from_seconds(seconds)
    put_f(buf, 0, year, month, day, hour, minute, summer)
    return buf


def write_g(buf, seconds):
    """Type G into buf[0:2]."""
    year, month, day = calendar.from_seconds(seconds)[:3]
    put_g(buf, 0, year, month, day)
    return buf


def write_i(buf, seconds, summer=False):
    """Type I into buf[0:6], with weekday and week."""
    year, month, day, hour, minute, second = calendar.from_seconds(seconds)
    weekday, week = calendar.weekday(seconds), calendar.iso_week(seconds)
    put_i(buf, 0, year, month, day, hour, minute, second, weekday, week, summer)
    return buf


def write_j(buf, seconds):
    """Type J into buf[0:3]."""
    hour, minute, second = calendar.from_seconds(seconds)[3:]
    put_j(buf, 0, hour, minute, second)
    return buf
