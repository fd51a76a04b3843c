# SPDX-License-Identifier: MIT
"""Prepayment: a credit of active energy that counts down with the meter's total A+.

Credit is in the unit of the register, 10 Wh, and never below zero.  What A+ advances while
the credit is used up, or prepayment is off, is not owed.
"""

from struct import calcsize, pack, unpack

from .refusal import NOT_POSSIBLE, OUT_OF_RANGE

MOST = 999_999_900  # 10 Wh: the meter's display

_FORMAT = "<BI"


class Prepayment:
    """mode is 0 off, 1 on; credit what is left."""

    def __init__(self):
        self.mode = self.credit = 0
        self._total = None  # A+ at the last look

    @property
    def exhausted(self) -> bool:
        """Whether there is no credit left to draw power on."""
        return self.mode == 1 and self.credit == 0

    def set_mode(self, mode: int) -> int:
        """Switch on or off; off resets the credit.  0 or an application error."""
        if not 0 <= mode <= 1:
            return OUT_OF_RANGE
        self.mode = mode
        if not mode:
            self.credit = 0
        return 0

    def set(self, credit: int) -> int:
        """Another credit: 0 or an application error."""
        if not self.mode:
            return NOT_POSSIBLE
        if not 0 <= credit <= MOST:
            return OUT_OF_RANGE
        self.credit = credit
        return 0

    def add(self, more: int) -> int:
        """More credit: 0 or an application error."""
        return self.set(self.credit + more)

    def clear(self) -> int:
        """No credit: 0 or an application error."""
        return self.set(0)

    def consume(self, total: int, wrap: int) -> bool:
        """A+ has come to this total, which wraps: True if that used up the last of the credit."""
        before, self._total = self._total, total
        if before is None or not self.mode or not self.credit:
            return False
        self.credit = max(self.credit - (total - before) % wrap, 0)
        return self.credit == 0

    def dump(self) -> bytes:
        """What outlives a power gap."""
        return pack(_FORMAT, self.mode, self.credit)

    def load(self, octets):
        """Take over what dump() gave; ValueError if it is unsound.

        A+ is to be what it was at the dump: it counts on from the next consume().
        """
        if len(octets) != calcsize(_FORMAT):
            raise ValueError("prepayment: %d octets" % len(octets))
        mode, credit = unpack(_FORMAT, octets)
        if mode > 1 or credit > MOST or (credit and not mode):
            raise ValueError("prepayment: mode %d, credit %d" % (mode, credit))
        self.mode, self.credit = mode, credit
        self._total = None
