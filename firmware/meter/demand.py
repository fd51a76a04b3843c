# SPDX-License-Identifier: MIT
"""Block demand: the mean power of each period of the clock, and the maxima of these means.

Periods of 5, 15, 30 or 60 minutes begin and end with the clock's own.  A period counts only
if it was measured from its beginning to its end by a clock that went steadily: one that
began with a start of the device, or saw the clock jump or be invalid, gives no maximum.
Energy goes to the period of the last tick(), so tick() comes before add() at each sample,
and before debiting_stop(): a period that ends at the debiting stop belongs to what it closes.

The demand of a tariff is the energy under that tariff over the whole period, and so never
more than the demand of all tariffs.
"""

from array import array
from struct import calcsize, pack, unpack

from micropython import const

from .ratio import Ratios

P_PLUS = 0
P_MINUS = 1
Q_PLUS = 2
Q_MINUS = 3
P_PLUS_T1 = 4
P_PLUS_T2 = 5

MINUTES = (5, 15, 30, 60)

_SIZE = const(6)
_ACCUMULATED = const(4)  # the tariffs have no accumulated maxima
_JUMP_S = const(60)
_NEVER = const(-61)  # a time that no tick continues: all begin at 0
_ACCUMULATED_WRAP = const(1_000_000_000)  # nine digits
_MOST_W = const(0x7FFFFFFF)  # what the register shows
_FORMAT = "<B16I"

# The demand that each kind of energy.py makes: Q+ is of R1 and R2, Q- of R3 and R4.
_OF_KIND = bytes((P_PLUS, P_MINUS, Q_PLUS, Q_PLUS, Q_MINUS, Q_MINUS))


class Demand:
    """Demand over periods of so many minutes.

    minutes   of a period
    sound     whether the running period is measured from its beginning, and so counts
    """

    def __init__(self, minutes: int = 15):
        self._sums = Ratios(_SIZE)
        self._maxima = array("I", [0] * _SIZE)
        self._times = array("I", [0] * _SIZE)
        self._accumulated = array("I", [0] * _ACCUMULATED)
        self.set_minutes(minutes)

    def set_minutes(self, minutes: int):
        """Another length of the period; the running one does not count.  ValueError."""
        if minutes not in MINUTES:
            raise ValueError("a period of %d minutes: allowed are 5, 15, 30, 60" % minutes)
        self.minutes = minutes
        self._restart()

    def _restart(self):
        # An empty period, which no time lies in: the next tick clears the sums.
        self._start = self._end = 0
        self._now = _NEVER
        self.sound = False

    def add(self, kind: int, numerator: int, denominator: int, tariff: int):
        """Count energy in the running period, with the arguments of Energy.add(); ValueError."""
        if not 0 <= kind < len(_OF_KIND):
            raise ValueError("no demand of kind %d" % kind)
        more = self._sums.scaled(numerator, denominator)
        quantity = _OF_KIND[kind]
        self._sums.numerators[quantity] += more
        if quantity == P_PLUS and 1 <= tariff <= 2:
            self._sums.numerators[P_PLUS_T1 + tariff - 1] += more

    def tick(self, now: int, valid: bool = True):
        """Time goes on: now in seconds since 2000-01-01 00:00, by a clock that is set or not.

        Comes at least once a minute; a step of more than 60 s either way is a jump.
        """
        step = now - self._now
        steady = valid and now >= self._start and -_JUMP_S <= step <= _JUMP_S
        self._now = now if valid else _NEVER
        if not steady:
            self.sound = False
        if not self._start <= now < self._end:
            if self.sound:
                self._register()
            length = self.minutes * 60
            self._start = now - now % length
            self._end = self._start + length
            self.sound = steady or (valid and now == self._start)
            self._sums.clear()

    def _register(self):
        """Take the maxima of the period that has ended; of equal ones the first stays."""
        seconds = self._end - self._start
        for quantity in range(_SIZE):
            watt_s = self._sums.numerators[quantity] * 3600
            mean = min(watt_s // (self._sums.denominator * seconds), _MOST_W)
            if mean > self._maxima[quantity]:
                self._maxima[quantity] = mean
                self._times[quantity] = self._end

    def maximum(self, quantity: int) -> int:
        """The greatest mean power since the debiting stop, in W or var, rounded down."""
        return self._maxima[quantity]

    def maximum_time(self, quantity: int) -> int:
        """The end of that period in seconds since 2000-01-01 00:00; 0 if there is no maximum."""
        return self._times[quantity]

    def accumulated(self, quantity: int) -> int:
        """The sum of the maxima of P_PLUS..Q_MINUS at all debiting stops; nine digits."""
        return self._accumulated[quantity]

    def debiting_stop(self):
        """Add the maxima to the accumulated ones and begin them anew; the period runs on."""
        for quantity in range(_ACCUMULATED):
            total = self._accumulated[quantity] + self._maxima[quantity]
            self._accumulated[quantity] = total % _ACCUMULATED_WRAP
        for quantity in range(_SIZE):
            self._maxima[quantity] = self._times[quantity] = 0

    def preset(self, quantity: int, maximum: int, time: int, accumulated: int):
        """Set what is shown of a quantity, as a host does that emulates a meter; ValueError."""
        if not 0 <= maximum <= _MOST_W or not 0 <= accumulated < _ACCUMULATED_WRAP:
            raise ValueError("a demand of %d, accumulated %d" % (maximum, accumulated))
        self._maxima[quantity] = maximum
        self._times[quantity] = time
        if quantity < _ACCUMULATED:
            self._accumulated[quantity] = accumulated

    def clear(self):
        """No maxima and no accumulated ones, as a new meter has none."""
        self.debiting_stop()
        for quantity in range(_ACCUMULATED):
            self._accumulated[quantity] = 0

    def copy(self, other):
        """Show what another one shows; the running period is not that."""
        self.minutes = other.minutes
        for quantity in range(_SIZE):
            self._maxima[quantity] = other._maxima[quantity]
            self._times[quantity] = other._times[quantity]
        for quantity in range(_ACCUMULATED):
            self._accumulated[quantity] = other._accumulated[quantity]

    def dump(self) -> bytes:
        """What outlives a power gap: the running period does not."""
        return pack(_FORMAT, self.minutes, *self._maxima, *self._times, *self._accumulated)

    def load(self, octets):
        """Take over what dump() gave, with no period running; ValueError if it is unsound."""
        if len(octets) != calcsize(_FORMAT):
            raise ValueError("demand: %d octets" % len(octets))
        minutes, *fields = unpack(_FORMAT, octets)
        if max(fields[2 * _SIZE :]) >= _ACCUMULATED_WRAP:
            raise ValueError("demand: accumulated maxima over nine digits")
        self.set_minutes(minutes)
        for quantity in range(_SIZE):
            self._maxima[quantity] = fields[quantity]
            self._times[quantity] = fields[_SIZE + quantity]
        for quantity in range(_ACCUMULATED):
            self._accumulated[quantity] = fields[2 * _SIZE + quantity]
