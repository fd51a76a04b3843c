# SPDX-License-Identifier: MIT
"""The counter of a pulse input: a count, and what it is worth in the input's unit."""

from struct import calcsize, pack, unpack

from micropython import const

from .energy import PulseWeight
from .refusal import OUT_OF_RANGE

WRAP = 1 << 31  # of the register

_MOST_WEIGHT = const(0xFFFFFFFF)
_FORMAT = "<III"


def shown_unit(number: int, unit: str, legacy: bool) -> str:
    """The unit that the register of input 1 or 2 shows: "none" for the bare count.

    Energy on subunit 2 would look like a verification register to masters that drop
    qualifiers, and the codes of the legacy profile use the subunits for directions.
    """
    return "none" if legacy or (number == 2 and unit == "kWh") else unit


class PulseInput:
    """An input whose pulses / per are worth one unit: kWh, m3, l or none.

    count  pulses so far
    level  of the input, 0 or 1; None until it is known
    shown  the unit of the register where it is not that of the weight: "none"
    """

    def __init__(self, unit: str = "none", pulses: int = 1, per: int = 1, shown: str = ""):
        self.unit = unit
        self.shown = shown or unit
        self.ratio = pulses, per
        self.count = 0
        self.level = None

    @property
    def ratio(self):
        """(pulses, per): so many are worth so many units; weight is what one of them is."""
        return self._ratio

    @ratio.setter
    def ratio(self, ratio):
        self.weight = PulseWeight(ratio[0], ratio[1], self.unit)
        self._ratio = ratio

    @property
    def pulses(self) -> int:
        """Pulses per unit, as the register shows them: rounded down."""
        return self._ratio[0] // self._ratio[1]

    def add(self, n: int):
        """So many pulses have come."""
        self.count = (self.count + n) % (1 << 32)

    def value(self) -> int:
        """What the register shows: 10 Wh, l, or the count itself."""
        if self.shown == "none":
            return self.count % WRAP
        return self.weight.value(self.count) % WRAP

    def preset(self, value: int) -> int:
        """Make the register show this value: 0 or an application error."""
        if not 0 <= value < WRAP:
            return OUT_OF_RANGE
        count = value
        if self.shown != "none":
            count = self.weight.count(value)
            if count >= 1 << 32:
                return OUT_OF_RANGE
        self.count = count
        return 0

    def set_weight(self, pulses: int) -> int:
        """Another weight, in whole pulses per unit: 0 or an application error."""
        if not 1 <= pulses <= _MOST_WEIGHT:
            return OUT_OF_RANGE
        self.ratio = pulses, 1
        return 0

    def dump(self) -> bytes:
        """What outlives a power gap."""
        return pack(_FORMAT, self.count, *self._ratio)

    def load(self, octets):
        """Take over what dump() gave; ValueError if it is unsound."""
        if len(octets) != calcsize(_FORMAT):
            raise ValueError("pulse input: %d octets" % len(octets))
        count, pulses, per = unpack(_FORMAT, octets)
        self.ratio = pulses, per
        self.count = count
