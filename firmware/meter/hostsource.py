# SPDX-License-Identifier: MIT
"""What feeds the registers of an emulated meter: a host; see sources.py."""

from micropython import const

from .live import COUNT
from .sources import ALL_KINDS

_MOST = const(0x7FFFFFFF)  # what a register shows


class HostSource:
    """Values that a host sets: it emulates a meter of all kinds, whose energies it presets."""

    kinds = ALL_KINDS

    def __init__(self):
        self._values = [None] * COUNT

    def set(self, index: int, value):
        """A value of live.py from the next tick on, None where it is not known; ValueError."""
        if not 0 <= index < COUNT:
            raise ValueError("no value of index %d" % index)
        if value is not None and not -_MOST <= value <= _MOST:
            raise ValueError("%d is more than the register shows" % value)
        self._values[index] = value

    def tick(self, now: int, seconds: int, sink):
        """No energy comes by itself; the values are those that were set."""
        values = sink.live.values
        for i in range(COUNT):
            values[i] = self._values[i]
