# SPDX-License-Identifier: MIT
"""The clock of a microcontroller: right while nothing has stopped it, and honest about that."""

from machine import RTC

from micropython import const

_SET_SINCE = const(2024)  # chips begin anew in 2000 or 2021


class ChipClock:
    """The clock of the chip, as one of node/timekeeper.py: it has no supply of its own.

    calendar  meter/calendar.py, handed in because no port knows the meter
    """

    better = False  # it has the same crystal

    def __init__(self, calendar):
        self._calendar = calendar
        self._rtc = RTC()

    def read(self):
        """UTC in seconds since 2000, None if it has not been set since it last began anew."""
        year, month, day, _, hour, minute, second, _ = self._rtc.datetime()
        fields = year, month, day, hour, minute, second
        if year < _SET_SINCE or not self._calendar.valid(*fields):
            return None
        return self._calendar.to_seconds(*fields)

    def set(self, utc_s: int):
        """Set it, from when on it is right."""
        year, month, day, hour, minute, second = self._calendar.from_seconds(utc_s)
        weekday = self._calendar.weekday(utc_s) - 1
        self._rtc.datetime((year, month, day, weekday, hour, minute, second, 0))
