# SPDX-License-Identifier: MIT
"""Keeps the meter's clock and a backup clock together; the backup runs on while there is no power.

What a master has commanded goes to the backup when it is done.  Otherwise a backup that is the
better clock is followed, a little at a time.
"""

from mbus.timing import elapsed
from micropython import const

_LOOK_MS = const(10_000)
_APART_S = const(2)  # reading at any part of a second says no more


class Timekeeper:
    """A meter and a backup clock.

    The backup has read() -> UTC in seconds since 2000, or None while it is not right;
    set(utc_s); better: whether it keeps time better than the interpreter's tick.
    """

    def __init__(self, meter, backup, utc_offset_min: int):
        self._meter = meter
        self._backup = backup
        self._offset_s = utc_offset_min * 60
        self._orders = meter.clock_orders
        self._looked_at = None

    def poll(self, now: int):
        """To be called as often as one likes, behind the meter's tick."""
        if self._looked_at is not None and elapsed(now, self._looked_at) < _LOOK_MS:
            return
        self._looked_at = now
        clock, backup = self._meter.clock, self._backup
        if not clock.valid or clock.slewing:
            return
        utc_s = clock.standard - self._offset_s
        kept = backup.read()
        if self._orders != self._meter.clock_orders or kept is None:
            self._orders = self._meter.clock_orders
            backup.set(utc_s)
        elif backup.better and not -_APART_S < kept - utc_s < _APART_S:
            clock.adjust(kept - utc_s, now)
