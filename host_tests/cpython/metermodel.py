# SPDX-License-Identifier: MIT
"""Models of energy registers and block demand in exact fractions, for the property tests.

They say what was measured and know nothing of how the firmware counts it; check() holds a
meter against them.
"""

from fractions import Fraction
from math import floor

from meter import demand
from meter.energy import A_MINUS, A_PLUS, R1, R2, R3, R4, R_MINUS, R_PLUS

KINDS = (A_PLUS, A_MINUS, R1, R2, R3, R4)
PARTS = {R_PLUS: (R1, R2), R_MINUS: (R3, R4)} | {kind: (kind,) for kind in KINDS}
TARIFFS = range(1, 5)
MOST_W = 0x7FFFFFFF


def unit(kind):
    return 10 if kind in (A_PLUS, A_MINUS) else 1000


def wrap(kind):
    return 10**10 // unit(kind)


class Measured:
    """The energy that was measured, in fractions of Wh and varh."""

    def __init__(self):
        self.of = {(kind, tariff): Fraction(0) for kind in KINDS for tariff in TARIFFS}
        self.since_clear = {A_PLUS: Fraction(0), A_MINUS: Fraction(0)}
        self.shown = {}

    def add(self, kind, ratio, tariff):
        self.of[kind, tariff] += ratio
        if kind in self.since_clear:
            self.since_clear[kind] += ratio

    def exact(self, kind, tariff):
        return sum(self.of[part, tariff] for part in PARTS[kind]) / unit(kind)

    def check(self, meter):
        for kind in PARTS:
            exact = [self.exact(kind, tariff) for tariff in TARIFFS]
            shown = [meter.value(kind, tariff) for tariff in TARIFFS]
            total = meter.value(kind)
            for tariff, value in enumerate([total, *shown]):
                self.check_direction(kind, tariff, value, exact)
            assert shown == [floor(value) % wrap(kind) for value in exact], "lost"
            assert total == sum(shown) % wrap(kind), "the sum of the tariffs"
            assert floor(sum(exact)) - sum(map(floor, exact)) < len(exact)
        for kind, since in self.since_clear.items():
            measured = sum(self.of[kind, tariff] for tariff in TARIFFS)
            assert meter.verification(kind) == floor(measured * 10) % 10**7, "lost"
            assert meter.resettable(kind) == floor(since / 10) % wrap(kind), "lost"

    def check_direction(self, kind, tariff, value, exact):
        """A register falls only where what it shows has passed its wrap."""
        whole = floor(exact[tariff - 1]) if tariff else sum(map(floor, exact))
        before, rounds = self.shown.get((kind, tariff), (0, 0))
        assert value >= before or whole // wrap(kind) > rounds, "backwards"
        self.shown[kind, tariff] = value, whole // wrap(kind)


class Periods:
    """The demand of periods that one steady stretch of a valid clock covers from end to end."""

    def __init__(self, length):
        self.length = length
        self.maxima, self.accumulated = [(0, 0)] * 6, [0] * 4
        self.stretch = self.last = None
        self.sums = [Fraction(0)] * 6

    def tick(self, now, valid):
        start = None if self.last is None else self.last - self.last % self.length
        if not valid or self.last is None or abs(now - self.last) > 60 or now < start:
            self.stretch, self.sums = now, [Fraction(0)] * 6
        elif now >= start + self.length:
            if self.stretch <= start:
                self.register(start + self.length)
            self.sums = [Fraction(0)] * 6
        self.last = now if valid else None

    def register(self, end):
        for quantity, wh in enumerate(self.sums):
            mean = min(floor(wh * 3600 / self.length), MOST_W)
            if mean > self.maxima[quantity][0]:
                self.maxima[quantity] = mean, end

    def add(self, kind, ratio, tariff):
        quantity = (0, 1, 2, 2, 3, 3)[kind]
        for each in (quantity, 3 + tariff if quantity == 0 and tariff <= 2 else None):
            if each is not None:
                self.sums[each] += ratio

    def debiting_stop(self):
        for quantity in range(4):
            total = self.accumulated[quantity] + self.maxima[quantity][0]
            self.accumulated[quantity] = total % 10**9
        self.maxima = [(0, 0)] * 6

    def check(self, meter):
        shown = [(meter.maximum(q), meter.maximum_time(q)) for q in range(6)]
        assert shown == self.maxima, "maxima"
        tariffs = max(shown[demand.P_PLUS_T1][0], shown[demand.P_PLUS_T2][0])
        assert tariffs <= shown[demand.P_PLUS][0], "a tariff above all of them"
        assert [meter.accumulated(q) for q in range(4)] == self.accumulated, "accumulated"
