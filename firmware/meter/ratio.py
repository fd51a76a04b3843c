# SPDX-License-Identifier: MIT
"""Exact sums of ratios: integer numerators over one common denominator.

Sources count in ratios (a pulse of 6400 imp/kWh is 5/32 Wh).  The denominator grows to the
least common multiple when a new one comes, which a change of source or weight does and a
pulse does not; no rounding happens anywhere.
"""

# A remainder below 1000 units (a kvarh in varh) still fits into 63 bits when it is stored.
DENOMINATOR_MAX = 1 << 53


def gcd(a: int, b: int) -> int:
    """The greatest common divisor of two positive numbers."""
    while b:
        a, b = b, a % b
    return a


class Ratios:
    """numerators[i] / denominator, for a fixed number of sums."""

    def __init__(self, size: int):
        self.denominator = 1
        self.numerators = [0] * size

    def scaled(self, numerator: int, denominator: int) -> int:
        """The numerator of this ratio over the common denominator, which may grow by it.

        ValueError, and nothing has changed, for a ratio that is negative or none, or where
        the common denominator would exceed DENOMINATOR_MAX.
        """
        if numerator < 0 or denominator < 1:
            raise ValueError("no ratio to add: %d/%d" % (numerator, denominator))
        if self.denominator % denominator:
            common = gcd(numerator, denominator)
            numerator //= common
            denominator //= common
            if self.denominator % denominator:
                self._grow(denominator)
        return numerator * (self.denominator // denominator)

    def fits(self, numerator: int, denominator: int) -> bool:
        """Whether scaled() takes this ratio of positive numbers; nothing changes."""
        denominator //= gcd(numerator, denominator)
        common = gcd(self.denominator, denominator)
        return self.denominator // common * denominator <= DENOMINATOR_MAX

    def _grow(self, denominator):
        factor = denominator // gcd(self.denominator, denominator)
        if self.denominator * factor > DENOMINATOR_MAX:
            raise ValueError("the remainders do not go with a denominator of %d" % denominator)
        self.denominator *= factor
        for i in range(len(self.numerators)):
            self.numerators[i] *= factor

    def copy(self, other):
        """The same sums as another one of this size."""
        self.denominator = other.denominator
        self.numerators[:] = other.numerators

    def clear(self):
        """All sums to zero; the denominator begins anew."""
        self.denominator = 1
        for i in range(len(self.numerators)):
            self.numerators[i] = 0
