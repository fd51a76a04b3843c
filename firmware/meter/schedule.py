# SPDX-License-Identifier: MIT
"""When a debiting stop is due: each month at a day and a time of local time.

A stop is due once time has come, by going on or by a jump, from before its date to its date
or behind, whether the device was on then or not.  Each month's stop is made once: which ones
have been made is kept for all of 2000..2099, so that a clock put back makes none again, and
one that was wrongly far ahead loses none of the months still to come but those it made there.
A jump over the dates of several months makes one stop, that of the last: nothing has been
counted in between.

Between two stops, by schedule or command, at least 60 s go by on the tick, whatever the
clock does; one that is due then waits.
"""

from struct import calcsize, pack, unpack

from micropython import const

from . import calendar

DISTANCE_MS = 60_000
NEVER = 0  # the day of a schedule that makes no stop

_TICK_WRAP = const(0x3FFFFFFF)
_MONTHS = const(1200)
_MADE = const(150)  # octets of the bits of the months
_UNSEEN = const(0xFFFFFFFF)  # later than any date: none is due
_FORMAT = "<I150s"


class Schedule:
    """Debiting stops on a day of the month (1..31; NEVER) at a minute of the day (0..1439).

    In a month that is too short for the day it is the month's last.  ValueError for others.
    """

    def __init__(self, day: int = 1, minute: int = 0):
        self._made = bytearray(_MADE)
        self._seen = _UNSEEN  # the local time up to which no stop is due any more
        self._stopped_at = 0
        self._waiting = False
        self.set(day, minute)

    def set(self, day: int, minute: int):
        """Another day and minute, for dates to come; a month's stop that is made stays made."""
        if not NEVER <= day <= 31:
            raise ValueError("day of the month %d: allowed are 1..31, 0 for no stop" % day)
        if not 0 <= minute < 1440:
            raise ValueError("minute of the day %d: allowed are 0..1439" % minute)
        self.day = day
        self.minute = minute

    def due(self, seconds: int, valid: bool, now: int) -> bool:
        """Whether a stop is to be made at this local time, by a clock that is valid or not.

        Comes at least once a day, now being the millisecond tick.  It stays true until made()
        says that the stop has been made, which is to outlive a power gap together with it.
        """
        may = self.may(now)
        if not valid:
            return False
        if seconds == self._seen:
            return False
        month, at = self._last_date(seconds)
        if self.day != NEVER and at > self._seen and not self.is_made(month):
            return may
        self._seen = seconds  # going back as well: the dates behind it come again
        return False

    def may(self, now: int) -> bool:
        """Whether 60 s have gone by since the last stop; a command is refused if not."""
        if self._waiting and (now - self._stopped_at) & _TICK_WRAP >= DISTANCE_MS:
            self._waiting = False
        return not self._waiting

    def made(self, seconds: int, now: int):
        """The stop that is due() at this local time has been made."""
        month = self._last_date(seconds)[0]
        if month >= 0:
            self._made[month >> 3] |= 1 << (month & 7)
        self._seen = seconds
        self.commanded(now)

    def commanded(self, now: int):
        """A stop has been made by command: that of the schedule comes nevertheless."""
        self._stopped_at = now
        self._waiting = True

    def is_made(self, month: int) -> bool:
        """Whether the stop of a month has been made by schedule: 0 is January 2000, .. 1199."""
        return 0 <= month < _MONTHS and bool(self._made[month >> 3] >> (month & 7) & 1)

    def _last_date(self, seconds):
        """(month, date) of the last date up to a local time; month -1 for that before 2000."""
        year, month = calendar.from_seconds(seconds)[:2]
        at = self._date(year, month)
        if at > seconds:
            month -= 1
            if month == 0:
                year, month = year - 1, 12
            at = self._date(year, month) if year >= calendar.FIRST_YEAR else -1
        return (year - calendar.FIRST_YEAR) * 12 + month - 1, at

    def _date(self, year, month):
        day = min(max(self.day, 1), calendar.days_of_month(year, month))
        return calendar.to_seconds(year, month, day) + self.minute * 60

    def dump(self) -> bytes:
        """What outlives a power gap: the months made, and up to when they were looked for.

        It may be some time old if since then no stop was made, the clock not put back and
        no other day set.
        """
        return pack(_FORMAT, self._seen, self._made)

    def load(self, octets):
        """Take over what dump() gave; ValueError, and nothing has changed, if it is unsound."""
        if len(octets) != calcsize(_FORMAT):
            raise ValueError("schedule: %d octets" % len(octets))
        seen, made = unpack(_FORMAT, octets)
        if seen != _UNSEEN and seen >= calendar.END_S:
            raise ValueError("schedule: %d s are not in 2000..2099" % seen)
        self._seen = seen
        self._made[:] = made
