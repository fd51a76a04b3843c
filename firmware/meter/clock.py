# SPDX-License-Identifier: MIT
"""The wall clock of the meter, kept from a millisecond tick that wraps, and its on time.

Standard time is what the clock keeps: it runs steadily but for commands.  Local time is what
it shows: the same, and an hour more while daylight saving is active.  Both are seconds since
2000-01-01T00:00 as calendar.py reads them.  All values are as of the last tick(), which comes
at least once a day, and which every command makes first.

An offset of up to 30 s is slewed, 1 s in 20 s: time neither jumps nor runs backwards.  What
is left of earlier slewing counts with it; what comes to more than 30 s is a jump.
"""

from micropython import const

from . import calendar
from .ticks import elapsed

RULES = ("none", "eu")

# Bits of the RTC status register.
RUNNING = 0x01
SET_SINCE_POWER_UP = 0x02
BACKUP_USED = 0x04
BATTERY_LOW = 0x08
DST_ACTIVE = 0x10
INVALID = 0x80

SLEW_MAX_S = 30

_SLEW = const(20)  # a second of offset in so many; sums of time are in ms / 20
_SECOND = const(20000)
_HOUR_S = const(3600)
_DATE = const(1)
_TIME = const(2)


class Clock:
    """A clock that is running from `now` on, a millisecond tick, and is not valid yet.

    seconds       the local time to show until it is set, such as the last one before power-down
    on_s          the on time so far: on_s is read, kept and handed in by who starts the clock
    rule          daylight saving: "none" or "eu" (last Sundays of March and October, 01:00 UTC)
    standard_min  standard time minus UTC, in minutes; only the EU rule needs it
    valid         whether the clock is right, as far as it knows
    jumps         how often the time has been changed in other ways than by slewing
    jumped        (local time before, after) the last of these changes, or None
    battery_low   to be set by who can tell
    """

    def __init__(
        self, now: int, seconds: int = 0, on_s: int = 0, rule: str = "none", standard_min: int = 60
    ):
        if rule not in RULES:
            raise ValueError("daylight saving rule %s: allowed are none, eu" % rule)
        if not -12 * 60 <= standard_min <= 14 * 60:
            raise ValueError("standard time %d min: allowed are -720..840" % standard_min)
        self._eu = rule == "eu"
        self._offset_s = standard_min * 60
        self._year = -calendar.END_S  # none is kept yet
        self._summer_begin = self._summer_end = 0
        self._at = now
        self._part = self._slewing = self._on_ms = 0
        self._backwards = False
        self._known = 0
        self._source = 0
        self.valid = self.battery_low = False
        self.jumps = 0
        self.jumped = None
        self.resume(min(max(seconds, 0), calendar.END_S - 1), on_s)

    def resume(self, seconds: int, on_s: int):
        """Show the local time of before a power gap, until it is set; and the on time so far."""
        self.standard = self.to_standard(seconds)
        self.on_s = on_s

    def tick(self, now: int) -> int:
        """Time has gone on to the tick now; returns the local time."""
        ms = elapsed(now, self._at)
        if ms:
            self._at = now
            on_ms = self._on_ms + ms
            self.on_s += on_ms // 1000
            self._on_ms = on_ms % 1000
            slewed = min(ms, self._slewing)
            self._slewing -= slewed
            part = self._part + ms * _SLEW + (-slewed if self._backwards else slewed)
            self.standard += part // _SECOND
            self._part = part % _SECOND
            if self.standard >= calendar.END_S:
                self.standard = calendar.END_S - 1
                self._part = self._slewing = self._known = 0
                self.valid = False
        return self.to_local(self.standard)

    @property
    def seconds(self) -> int:
        """The local time."""
        return self.to_local(self.standard)

    @property
    def hours(self) -> int:
        """The hour counter: whole hours that the device was on."""
        return self.on_s // _HOUR_S

    @property
    def slewing(self) -> int:
        """What is still to be slewed, in seconds, rounded away from zero; below zero: back."""
        left = -(-self._slewing // _SECOND)
        return -left if self._backwards else left

    @property
    def summer(self) -> bool:
        """Whether daylight saving is active."""
        return self._is_summer(self.standard)

    @property
    def status(self) -> int:
        """The RTC status register; a clock that has come to the end of 2099 stands still."""
        running = self.standard < calendar.END_S - 1
        return (
            (RUNNING if running else 0)
            | self._source
            | (BATTERY_LOW if self.battery_low else 0)
            | (DST_ACTIVE if self.summer else 0)
            | (0 if self.valid else INVALID)
        )

    def set(self, seconds: int, now: int, summer=None) -> bool:
        """Set the local time; valid from then on.  False if it is not in 2000..2099.

        summer tells the two readings of the hour apart that comes twice; None takes that
        which is nearer to what the clock says, and standard time if the clock is not valid.
        """
        if not 0 <= seconds < calendar.END_S:
            return False
        self._change(self.to_standard(seconds, summer), now, _DATE | _TIME)
        self._source |= SET_SINCE_POWER_UP
        return True

    def restore(self, seconds: int, now: int) -> bool:
        """As set(), but of a backup clock that kept the standard time through a power gap."""
        if not 0 <= seconds < calendar.END_S:
            return False
        self._change(seconds, now, _DATE | _TIME)
        self._source |= BACKUP_USED
        return True

    def set_date(self, year: int, month: int, day: int, now: int) -> bool:
        """Set the date alone; valid if the time of day is.  False if there is no such date.

        Where the time of day is not known the day begins now, so that the date still
        stands when the time of day is set within the day, which makes the clock valid.
        """
        if not calendar.valid(year, month, day):
            return False
        self.tick(now)
        rest = self.seconds % calendar.DAY_S if self._known & _TIME else 0
        seconds = calendar.to_seconds(year, month, day) + rest
        self._change(self.to_standard(seconds), now, self._known | _DATE)
        self._source |= SET_SINCE_POWER_UP
        return True

    def set_time(self, hour: int, minute: int, second: int, now: int) -> bool:
        """Set the time of day alone; valid if the date is.  False if there is no such time.

        The date stays, but for a correction of up to 30 s across midnight.
        """
        if not calendar.valid_time(hour, minute, second):
            return False
        before = self.tick(now)
        seconds = before - before % calendar.DAY_S + (hour * 60 + minute) * 60 + second
        for other in (seconds - calendar.DAY_S, seconds + calendar.DAY_S):
            if abs(other - before) <= SLEW_MAX_S and 0 <= other < calendar.END_S:
                seconds = other
                break
        self._change(self.to_standard(seconds), now, self._known | _TIME)
        self._source |= SET_SINCE_POWER_UP
        return True

    def adjust(self, offset_s: int, now: int) -> bool:
        """Add an offset, or subtract one below zero.

        False, and nothing has changed, if the clock is not valid or would leave 2000..2099.
        """
        self.tick(now)
        left = self._slewing if not self._backwards else -self._slewing
        units = left + offset_s * _SECOND
        if not self.valid or not 0 <= self.standard + units // _SECOND < calendar.END_S:
            return False
        if -SLEW_MAX_S * _SECOND <= units <= SLEW_MAX_S * _SECOND:
            self._backwards = units < 0
            # each ms of slewing moves one unit, and a second of offset has 20000 of them
            self._slewing = abs(units)
            return True
        part = self._part + units
        self._change(self.standard + part // _SECOND, now, self._known)
        self._part = part % _SECOND
        return True

    def _change(self, standard, now, known):
        """The standard time is this one, from the tick now on."""
        before = self.tick(now)
        self.standard = standard
        self._part = self._slewing = 0
        self._known = known
        self.valid = known == _DATE | _TIME
        after = self.seconds
        if after != before:
            self.jumps += 1
            self.jumped = (before, after)

    def to_local(self, standard: int) -> int:
        """What the clock shows at a standard time."""
        return standard + (_HOUR_S if self._is_summer(standard) else 0)

    def to_standard(self, local: int, summer=None) -> int:
        """The standard time at which the clock shows this local one; summer as in set().

        A local time of the hour that is left out is read as standard time.
        """
        if local < _HOUR_S or not self._is_summer(local - _HOUR_S):
            return local
        if self._is_summer(local):
            return local - _HOUR_S
        # the hour that comes twice: first in summer, then in standard time
        if summer is None:
            half = local - _HOUR_S // 2
            summer = self.valid and self.standard < half
        return local - _HOUR_S if summer else local

    def _is_summer(self, standard):
        if not self._eu:
            return False
        # The bounds of a year are kept: both lie far from its ends.
        if not self._year <= standard < self._year + 365 * calendar.DAY_S:
            self._year, begin, end = calendar.changes_of_time(standard)
            self._summer_begin = begin + _HOUR_S + self._offset_s  # 01:00 UTC
            self._summer_end = end + _HOUR_S + self._offset_s
        return self._summer_begin <= standard < self._summer_end
