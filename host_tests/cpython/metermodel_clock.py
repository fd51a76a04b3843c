# SPDX-License-Identifier: MIT
"""Models of the wall clock and of the schedule of debiting stops, over datetime.

They say what the meter is to do, in units in which nothing is rounded.
"""

from datetime import datetime, timedelta
from functools import lru_cache

EPOCH = datetime(2000, 1, 1)
UNIT = 20_000  # units of a second: a ms is 20, and slewing moves one of them each ms
SLEW_S = 30
HOUR_S = 3600
STOP_DISTANCE_MS = 60_000


def moment(seconds):
    return EPOCH + timedelta(seconds=seconds)


def seconds_of(when):
    return int((when - EPOCH).total_seconds())


def last_sunday_at_one(year, month):
    day = datetime(year, month, 31, 1)
    return day - timedelta(days=day.isoweekday() % 7)


@lru_cache(5000)
def is_summer(half_hour):
    """Whether the half hour of UTC lies in the summer time of Europe."""
    utc = moment(half_hour * 1800)
    return last_sunday_at_one(utc.year, 3) <= utc < last_sunday_at_one(utc.year, 10)


@lru_cache(5000)
def last_stop(day, minute, now):
    """The last date of a stop up to a minute of local time: its month, and its seconds."""
    when = moment(now * 60)
    at = stop_of(day, minute, when.year, when.month)
    if at > when:
        before = when.replace(day=1) - timedelta(days=1)
        at = stop_of(day, minute, before.year, before.month)
    return (at.year, at.month), seconds_of(at)


def stop_of(day, minute, year, month):
    first = datetime(year, month, 1, minute // 60, minute % 60)
    behind = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first.replace(day=min(max(day, 1), (behind - timedelta(days=1)).day))


class WallClock:
    """Standard time in units, and what it shows; known is a set of "date" and "time"."""

    def __init__(self, eu, utc_offset_min, seconds, valid):
        self.eu = eu
        self.utc_offset_s = utc_offset_min * 60
        self.known = {"date", "time"} if valid else set()
        self.units = seconds * UNIT
        self.slewing = self.on_ms = 0

    @property
    def valid(self):
        return len(self.known) == 2

    @property
    def standard(self):
        return self.units // UNIT

    @property
    def local(self):
        return self.to_local(self.standard)

    def summer(self, standard):
        return self.eu and is_summer((standard - self.utc_offset_s) // 1800)

    def to_local(self, standard):
        return standard + (HOUR_S if self.summer(standard) else 0)

    def to_standard(self, local, summer=None):
        shown = [at for at in (local - HOUR_S, local) if at >= 0 and self.to_local(at) == local]
        if len(shown) < 2:
            return shown[0] if shown else local
        if summer is None:
            summer = self.valid and self.standard < local - HOUR_S // 2
        return shown[0] if summer else shown[1]

    def advance(self, ms):
        self.on_ms += ms
        step = min(ms, abs(self.slewing)) * (1 if self.slewing > 0 else -1)
        self.slewing -= step
        self.units += ms * 20 + step

    def set(self, local, summer=None, known=("date", "time")):
        self.units = self.to_standard(local, summer) * UNIT
        self.slewing = 0
        self.known |= set(known)

    def set_date(self, date):
        rest = self.local % 86400 if "time" in self.known else 0
        self.set(seconds_of(date) + rest, known=("date",))

    def set_time(self, of_day):
        begin = self.local - self.local % 86400
        times = [begin + of_day + days * 86400 for days in (0, -1, 1)]
        near = [at for at in times[1:] if abs(at - self.local) <= SLEW_S and at >= 0]
        self.set(near[0] if near else times[0], known=("time",))

    def shift(self, offset_s):
        units = self.slewing + offset_s * UNIT
        if abs(units) <= SLEW_S * UNIT:
            self.slewing = units
        else:
            self.units += units
            self.slewing = 0

    def restart(self, preset):
        """Shows what it showed last, and is not valid; but a preset one is.

        In the hour that comes twice that one is valid, and thinks that it comes from before.
        """
        local = self.local
        self.known = {"date", "time"} if preset else set()
        self.units = self.to_standard(local, preset) * UNIT
        self.slewing = 0
        self.on_ms -= self.on_ms % 1000


class Stops:
    """Which months' stops have been made, and up to what local time none is due any more."""

    def __init__(self, day, minute):
        self.day, self.minute = day, minute
        self.made, self.seen, self.at_ms = set(), None, None

    def may(self, ms):
        return self.at_ms is None or ms - self.at_ms >= STOP_DISTANCE_MS

    def due(self, local, ms):
        """Whether the stop of a month is to be made now; then it counts as made."""
        month, at = last_stop(self.day, self.minute, max(local // 60, 31 * 1440))
        passed = self.seen is not None and self.seen < at <= local and month not in self.made
        if passed and self.day and not self.may(ms):
            return False
        self.seen = local
        if not passed or not self.day:
            return False
        self.made.add(month)
        self.at_ms = ms
        return True
