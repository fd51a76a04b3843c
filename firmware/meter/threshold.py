# SPDX-License-Identifier: MIT
"""The power threshold: how often the power has gone above it."""

from struct import calcsize, pack, unpack

from micropython import const

from .refusal import OUT_OF_RANGE

MOST_W = 0x7FFFFFFF

_MOST_COUNT = const(0x7FFF)  # what the register shows; it stays there
_FORMAT = "<IH"


class Threshold:
    """watts is the threshold, 0 for none; exceeded tells whether the power is above it now."""

    def __init__(self, watts: int = 0):
        self.watts = watts
        self.count = 0
        self.exceeded = False

    def set(self, watts: int) -> int:
        """Another threshold: 0 or an application error.  A power above it counts anew."""
        if not 0 <= watts <= MOST_W:
            return OUT_OF_RANGE
        self.watts = watts
        self.exceeded = False
        return 0

    def tick(self, power_w) -> bool:
        """The power now, or None: True if it has just gone above the threshold."""
        above = bool(self.watts) and power_w is not None and power_w > self.watts
        began = above and not self.exceeded
        self.exceeded = above
        if began and self.count < _MOST_COUNT:
            self.count += 1
        return began

    def dump(self) -> bytes:
        """What outlives a power gap."""
        return pack(_FORMAT, self.watts, self.count)

    def load(self, octets):
        """Take over what dump() gave; ValueError if it is unsound."""
        if len(octets) != calcsize(_FORMAT):
            raise ValueError("threshold: %d octets" % len(octets))
        watts, count = unpack(_FORMAT, octets)
        if watts > MOST_W or count > _MOST_COUNT:
            raise ValueError("threshold: %d W, %d times" % (watts, count))
        self.watts, self.count = watts, count
