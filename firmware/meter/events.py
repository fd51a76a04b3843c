# SPDX-License-Identifier: MIT
"""The ring of the last 64 events: who changed what when.

An event is 12 octets, least significant first: local time in seconds since 2000 (4; all ones
while the clock is not valid), number of the event (2), code (1), a spare octet 0, value (4).
"""

from struct import calcsize, pack, pack_into, unpack_from

from micropython import const

SIZE = 64
OCTETS = 12
NO_TIME = 0xFFFFFFFF

BREAKER_OPENED = 1
BREAKER_CLOSED = 2
CLOCK_SET = 3  # value: what it was before
CLOCK_SHIFTED = 4  # value: seconds, two's complement
RATIO = 5
RATIO_LOCK = 6
PRIMARY = 7
IDENTIFICATION = 8  # value: the BCD digits
DEBITING_STOP = 9  # value: its number
CREDIT_EXHAUSTED = 10
THRESHOLD_EXCEEDED = 11  # value: the power in W
CONFIGURATION_DAMAGED = 12
REFUSED_BY_LOCK = 13

_FORMAT = "<IHBBI"
_HEAD = "<I"
_CODE_AT = const(6)
_WRAP = const(0xFFFFFFFF)


class Events:
    """total is the number of all events there have been, in 32 bits."""

    def __init__(self):
        self._ring = bytearray(SIZE * OCTETS)
        self._view = memoryview(self._ring)
        self.total = 0

    def record(self, code: int, seconds, value: int = 0):
        """Note an event at a local time, or at None."""
        at = self.total % SIZE * OCTETS
        number = self.total & 0xFFFF
        time = NO_TIME if seconds is None else seconds
        pack_into(_FORMAT, self._ring, at, time, number, code, 0, value & _WRAP)
        self.total = (self.total + 1) & _WRAP

    @property
    def last(self) -> int:
        """The code of the newest event, 0 for none."""
        return self._ring[(self.total - 1) % SIZE * OCTETS + _CODE_AT] if self.total else 0

    def get(self, total: int, n: int):
        """The octets of the n-th newest of so many events; None if there is none any more."""
        later = (self.total - total) & _WRAP
        if n >= total or n < 0 or n + later >= SIZE:
            return None
        at = (total - 1 - n) % SIZE * OCTETS
        return self._view[at : at + OCTETS]

    def dump(self) -> bytes:
        """All of it, to outlive a power gap."""
        return pack(_HEAD, self.total) + self._ring

    def load(self, octets):
        """Take over what dump() gave; ValueError if it is unsound."""
        if len(octets) != calcsize(_HEAD) + SIZE * OCTETS:
            raise ValueError("events: %d octets" % len(octets))
        self.total = unpack_from(_HEAD, octets, 0)[0]
        self._ring[:] = octets[calcsize(_HEAD) :]
