# SPDX-License-Identifier: MIT
"""The last 15 closed debiting periods, and a frozen set that hides the newest.

Periods are numbered from 1 on as they are closed.  A ring of 16 has a place for each by its
number, so that a store can write a new one beside all that can still be read: it comes to
count with the number of periods, which is stored behind it.
"""

from micropython import const

from . import period

PLACES = 16

_LAST_STORAGE = const(15)


class History:
    """closed is how many periods have been closed; frozen the frozen set, or None."""

    def __init__(self):
        self._ring = [None] * PLACES
        self.closed = 0
        self.frozen = None

    def period(self, storage: int):
        """The octets (period.py) of storage 1, the newest, to 15; None if there are none.

        Storage 1 is the frozen set until the next freeze or debiting stop.
        """
        if storage == 1 and self.frozen is not None:
            return self.frozen
        if not 1 <= storage <= _LAST_STORAGE:
            return None
        return self.closed_as(self.closed - storage + 1)

    def closed_as(self, number: int):
        """The octets of the period that was closed with this number, or None."""
        octets = self._ring[number % PLACES]
        return octets if octets and period.number(octets) == number else None

    def close(self, octets):
        """A period is closed, the one behind the last: it is storage 1 from now on."""
        self.put(octets)
        self.closed = period.number(octets)
        self.frozen = None

    def put(self, octets):
        """Into its place, as a store gives it back: it counts if `closed` says so."""
        self._ring[period.number(octets) % PLACES] = bytes(octets)
