# SPDX-License-Identifier: MIT
"""Dates and times of EN 13757-3, annex A: types F, G, I and J, as text of ISO 8601.

A component that means "every" is written with X, as ISO 8601-2 does: XXXX-12-31 is each
31 December.  Every parse function returns (text, error): the error is None, or says why the
text cannot be trusted; the text is None where the octets hold no date at all.

Parts of it are octets: for each new text MicroPython looks among all the names that it knows.
"""

from micropython import const

_EVERY_YEAR = const(127)
_DAYS = b"\x00\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"
_INVALID = "marked invalid by the meter"
_NO_DATE = "no valid date"
_NO_TIME = "no valid time"


def _two(value, every):
    return b"XX" if value == every else b"%02d" % value


def _year(low, high, hundreds):
    # Old meters send no hundreds: then 81..99 lie in the last century.
    year = low >> 5 | high >> 1 & 0x78
    if year == _EVERY_YEAR:
        return year, b"XXXX"
    if hundreds is None or hundreds == 0:
        hundreds = 1 if year <= 80 else 0
    return year, b"%04d" % (1900 + 100 * hundreds + year)


def _date(low, high, hundreds=None):
    day, month = low & 0x1F, high & 0x0F
    year, text = _year(low, high, hundreds)
    if not (1 <= month <= 12 or month == 15) or (year > 99 and year != _EVERY_YEAR):
        return None
    if low == high == 0xFF:
        return None  # all ones stand for no date, not for each 31st
    if month != 15 and day > _DAYS[month]:
        return None
    if month == 2 and day == 29 and year != _EVERY_YEAR and int(text) & 3:
        return None
    if day and month != 15:
        return b"%s-%02d-%02d" % (text, month, day)  # all but a few, and quicker
    return b"%s-%s-%s" % (text, _two(month, 15), _two(day, 0))


def _clock(hour, minute, second=0):
    """hh:mm, or None; hour 31 and minute or second 63 mean every."""
    if hour > 23 and hour != 31:
        return None
    if (minute > 59 and minute != 63) or (second > 59 and second != 63):
        return None
    return b"%s:%s" % (_two(hour, 31), _two(minute, 63))


def parse_g(buf, at):
    """Type G, 2 octets: a date."""
    text = _date(buf[at], buf[at + 1])
    return (text.decode(), None) if text else (None, _NO_DATE)


def parse_f(buf, at):
    """Type F, 4 octets: date and time to the minute."""
    date = _date(buf[at + 2], buf[at + 3], buf[at + 1] >> 5 & 3)
    clock = _clock(buf[at + 1] & 0x1F, buf[at] & 0x3F)
    return _joined(date, clock, buf[at] & 0x80)


def parse_i(buf, at):
    """Type I, 6 octets: date and time to the second."""
    second = buf[at] & 0x3F
    date = _date(buf[at + 3], buf[at + 4])
    clock = _clock(buf[at + 2] & 0x1F, buf[at + 1] & 0x3F, second)
    return _joined(date, clock and b"%s:%s" % (clock, _two(second, 63)), buf[at + 1] & 0x80)


def _joined(date, clock, invalid):
    if not date or not clock:
        return None, _INVALID if invalid else _NO_DATE
    return (b"%sT%s" % (date, clock)).decode(), _INVALID if invalid else None


def parse_j(buf, at):
    """Type J, 3 octets: a time of day; 63, 63 and 31 mean every."""
    second, minute, hour = buf[at], buf[at + 1], buf[at + 2]
    clock = _clock(hour, minute, second)
    return ((b"%s:%s" % (clock, _two(second, 63))).decode(), None) if clock else (None, _NO_TIME)
