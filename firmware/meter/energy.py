# SPDX-License-Identifier: MIT
"""The energy registers of a meter, exact: whole register units and the remainder below each.

What is stored is one register for each kind and tariff; everything else follows from them.
The total of a kind is the sum of its tariffs as they are shown, so that a bill always adds
up: it stays less than one unit per tariff in use behind what was measured, and what it is
behind lies in the remainders.  R+ is R1 + R2 and R- is R3 + R4, in each tariff.

A CT meter has two of these: one at the primary side, Energy(10, 1000, CT_WRAP_KWH), and one
at the meter's terminals, Energy(1, 1, 1_000_000), whose registers count 1 Wh and 1 varh.
"""

from array import array
from struct import calcsize, pack, unpack

from micropython import const

from .ratio import DENOMINATOR_MAX, Ratios, gcd

# Kinds: what is measured, and the two sums.
A_PLUS = 0
A_MINUS = 1
R1 = 2
R2 = 3
R3 = 4
R4 = 5
R_PLUS = 6
R_MINUS = 7

TARIFFS = 4
VERIFICATION_WRAP = 10_000_000  # 0.1 Wh: the display has 3.4 digits of kWh
CT_WRAP_KWH = 1_000_000_000  # nine digits: a register of 48 bits

_KINDS = const(6)
_RESETTABLE = const(24)  # behind the registers of kinds and tariffs: A+ and A-
_SLOTS = const(26)
_FORMAT = "<Q26Q26q"

# What one of a weight's units is in whole Wh, l or counts, and how many of these the
# pulse register shows as one: 10 Wh (VIF 04h), 1 l (VIF 13h), a count.
_UNITS = {"kWh": (1000, 10), "m3": (1000, 1), "l": (1, 1), "none": (1, 1)}


class Energy:
    """Registers in units of active_wh and reactive_varh that wrap at wrap_kwh (and kvarh)."""

    def __init__(self, active_wh: int = 10, reactive_varh: int = 1000, wrap_kwh: int = 10_000_000):
        self._units = (active_wh,) * 2 + (reactive_varh,) * 4
        self._wraps = tuple(wrap_kwh * 1000 // unit for unit in self._units)
        self._counts = array("Q", [0] * _SLOTS)
        self._rests = Ratios(_SLOTS)

    def wrap(self, kind: int) -> int:
        """What a register of this kind wraps at, in its unit."""
        return self._wraps[R1 if kind >= R_PLUS else kind]

    def takes(self, numerator: int, denominator: int) -> bool:
        """Whether this ratio can be added to the remainders there are."""
        return self._rests.fits(numerator, denominator)

    def add(self, kind: int, numerator: int, denominator: int, tariff: int):
        """Count numerator/denominator Wh or varh of A_PLUS..R4 under a tariff of 1..4.

        ValueError, and nothing has changed, for another kind or tariff and for a ratio that
        Ratios.scaled() refuses.
        """
        if not 0 <= kind < _KINDS or not 1 <= tariff <= TARIFFS:
            raise ValueError("no register of kind %d, tariff %d" % (kind, tariff))
        more = self._rests.scaled(numerator, denominator)
        self._count(kind, kind * TARIFFS + tariff - 1, more)
        if kind <= A_MINUS:
            self._count(kind, _RESETTABLE + kind, more)

    def _count(self, kind, slot, more):
        one = self._units[kind] * self._rests.denominator
        rest = self._rests.numerators[slot] + more
        if rest >= one:
            self._counts[slot] = (self._counts[slot] + rest // one) % self._wraps[kind]
            rest %= one
        self._rests.numerators[slot] = rest

    def value(self, kind: int, tariff: int = 0) -> int:
        """A register in its unit, rounded down: of a tariff, or of all of them (0)."""
        if not 0 <= kind <= R_MINUS or not 0 <= tariff <= TARIFFS:
            raise ValueError("no register of kind %d, tariff %d" % (kind, tariff))
        if tariff:
            return self._shown(kind, tariff)
        total = 0
        for each in range(1, TARIFFS + 1):
            total += self._shown(kind, each)
        return total % self.wrap(kind)

    def _shown(self, kind, tariff):
        if kind < R_PLUS:
            return self._counts[kind * TARIFFS + tariff - 1]
        slot = (R1 if kind == R_PLUS else R3) * TARIFFS + tariff - 1
        rests = self._rests.numerators
        one = self._units[R1] * self._rests.denominator
        carry = (rests[slot] + rests[slot + TARIFFS]) // one
        return (self._counts[slot] + self._counts[slot + TARIFFS] + carry) % self._wraps[R1]

    def resettable(self, kind: int) -> int:
        """The resettable register of A_PLUS or A_MINUS, in its unit."""
        return self._counts[_active(kind) + _RESETTABLE]

    def clear(self, kind: int):
        """Begin the resettable register of A_PLUS or A_MINUS at zero, remainder and all."""
        slot = _active(kind) + _RESETTABLE
        self._counts[slot] = self._rests.numerators[slot] = 0

    def verification(self, kind: int) -> int:
        """All that was counted of A_PLUS or A_MINUS in 0.1 Wh, of which 1000 kWh are shown."""
        counts = rests = 0
        for slot in range(_active(kind) * TARIFFS, (kind + 1) * TARIFFS):
            counts += self._counts[slot]
            rests += self._rests.numerators[slot]
        tenths = counts * self._units[kind] * 10 + rests * 10 // self._rests.denominator
        return tenths % VERIFICATION_WRAP

    def preset(self, kind: int, value: int, tariff: int):
        """Set the register of A_PLUS..R4 of one tariff, as a host does that emulates a meter."""
        if not 0 <= kind < _KINDS or not 1 <= tariff <= TARIFFS:
            raise ValueError("no register of kind %d, tariff %d" % (kind, tariff))
        self._preset(kind * TARIFFS + tariff - 1, kind, value)

    def preset_resettable(self, kind: int, value: int):
        """The same of the resettable register of A_PLUS or A_MINUS."""
        self._preset(_active(kind) + _RESETTABLE, kind, value)

    def _preset(self, slot, kind, value):
        if not 0 <= value < self._wraps[kind]:
            raise ValueError("%d is more than the register shows" % value)
        self._counts[slot] = value
        self._rests.numerators[slot] = 0

    def copy(self, other):
        """Show what another one shows."""
        self._units, self._wraps = other._units, other._wraps
        self._rests.copy(other._rests)
        for slot in range(_SLOTS):
            self._counts[slot] = other._counts[slot]

    def dump(self) -> bytes:
        """The whole state: denominator, counts, remainders."""
        return pack(_FORMAT, self._rests.denominator, *self._counts, *self._rests.numerators)

    def load(self, octets):
        """Take over what dump() gave; ValueError, and nothing has changed, if it is unsound."""
        if len(octets) != calcsize(_FORMAT):
            raise ValueError("energy: %d octets" % len(octets))
        fields = unpack(_FORMAT, octets)
        denominator, counts, rests = fields[0], fields[1 : _SLOTS + 1], fields[_SLOTS + 1 :]
        if not 1 <= denominator <= DENOMINATOR_MAX:
            raise ValueError("energy: denominator %d" % denominator)
        for slot in range(_SLOTS):
            kind = slot // TARIFFS if slot < _RESETTABLE else slot - _RESETTABLE
            if counts[slot] >= self._wraps[kind]:
                raise ValueError("energy: register %d holds %d" % (slot, counts[slot]))
            if not 0 <= rests[slot] < self._units[kind] * denominator:
                raise ValueError("energy: remainder %d holds %d" % (slot, rests[slot]))
        self._rests.denominator = denominator
        for slot in range(_SLOTS):
            self._counts[slot] = counts[slot]
            self._rests.numerators[slot] = rests[slot]


def _active(kind):
    if not A_PLUS <= kind <= A_MINUS:
        raise ValueError("no register of this sort for kind %d" % kind)
    return kind


class PulseWeight:
    """What a pulse is worth: pulses / per of them make one unit of kWh, m3, l or none.

    numerator, denominator   one pulse in Wh, l or counts, reduced: what n pulses add to
                             Energy is add(kind, n * numerator, denominator, tariff), and the
                             remainder is carried there
    """

    def __init__(self, pulses: int, per: int = 1, unit: str = "kWh"):
        if unit not in _UNITS:
            raise ValueError("unit %s: allowed are kWh, m3, l, none" % unit)
        if not 1 <= pulses <= 0xFFFFFFFF or not 1 <= per <= 0xFFFFFFFF:
            raise ValueError("%d/%d pulses per unit" % (pulses, per))
        whole, self._shown = _UNITS[unit]
        common = gcd(whole * per, pulses)
        self.unit = unit
        self.numerator = whole * per // common
        self.denominator = pulses // common

    def value(self, count: int) -> int:
        """A count of pulses as the pulse register shows it: 10 Wh, l or counts, rounded down."""
        return count * self.numerator // (self.denominator * self._shown)

    def count(self, value: int) -> int:
        """The fewest pulses that the pulse register shows as this value, or a greater one."""
        return -(-value * self.denominator * self._shown // self.numerator)
