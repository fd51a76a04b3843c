# SPDX-License-Identifier: MIT
"""Dates and times as the octets of EN 13757-3, annex A: types F, G, I and J; datetext.py reads."""

from micropython import const

_EVERY_YEAR = const(127)


def put_g(buf, at, year, month, day):
    """Write type G; returns where it ends.  Year 1981..2080, 127 for every year."""
    short = year if year == _EVERY_YEAR else year % 100
    buf[at] = day | (short & 7) << 5
    buf[at + 1] = month | (short & 0x78) << 1
    return at + 2


def put_f(buf, at, year, month, day, hour, minute, summer=False):
    """Write type F; returns where it ends.  The hundreds are sent, so year is 1900..2299."""
    hundreds = 1 if year == _EVERY_YEAR else (year - 1900) // 100
    buf[at] = minute
    buf[at + 1] = hour | hundreds << 5 | (0x80 if summer else 0)
    return put_g(buf, at + 2, year, month, day)


def put_i(buf, at, year, month, day, hour, minute, second, weekday=0, week=0, summer=False):
    """Write type I; returns where it ends.  Weekday 1 is Monday, 0 leaves it open, so does week.

    The deviation of summer time is sent as +1 hour while summer is true.
    """
    leap = year != _EVERY_YEAR and not year & 3
    buf[at] = second | (0x40 if summer else 0) | (0x80 if leap else 0)
    buf[at + 1] = minute | (0x40 if summer else 0)
    buf[at + 2] = hour | weekday << 5
    at = put_g(buf, at + 3, year, month, day)
    buf[at] = week | (0x40 if summer else 0)
    return at + 1


def put_j(buf, at, hour, minute, second):
    """Write type J; returns where it ends."""
    buf[at] = second
    buf[at + 1] = minute
    buf[at + 2] = hour
    return at + 3
