# SPDX-License-Identifier: MIT
"""What a meter shows at one moment, in room of its own: taken in one go, read at leisure."""

from micropython import const

from . import keys, reading
from .demand import Demand
from .energy import Energy
from .live import COUNT, P_IMPORT

_DERIVED = const(4)  # P and Q by direction
_INPUTS = const(2)


class Frozen:
    """A copy of what reading.py reads; value() is the same as reading.value() was then."""

    def __init__(self, meter):
        self._meter = meter
        self.clock = meter.clock  # for local times, which do not change
        self.energy = Energy()
        self.secondary = Energy() if meter.secondary else None
        self.demand = Demand()
        self.kinds = meter.kinds
        self.verification = [0, 0]
        self._live = [None] * (COUNT + _DERIVED)
        self._inputs = [None] * (2 * _INPUTS)
        self._others = [None] * keys.OTHERS

    def take(self):
        """Take over what the meter shows now."""
        meter = self._meter
        self.energy.copy(meter.energy)
        if self.secondary:
            self.secondary.copy(meter.secondary)
        self.demand.copy(meter.demand)
        self.verification[:] = meter.verification
        for i in range(COUNT):
            self._live[i] = meter.power(i)
        for i in range(_DERIVED):
            self._live[COUNT + i] = meter.power(P_IMPORT + i)
        for i in range(_INPUTS):
            self._inputs[i] = meter.pulses[i].value()
            self._inputs[_INPUTS + i] = meter.pulses[i].level
        for i in range(keys.OTHERS):
            self._others[i] = reading.value(meter, keys.OTHER, i)

    def value(self, group: int, index: int):
        """As reading.value()."""
        if group == keys.OTHER:
            return self._others[index]
        if group == keys.LIVE:
            return self._live[index if index < COUNT else index - P_IMPORT + COUNT]
        if group == keys.PULSES:
            return self._inputs[index]
        if group == keys.LEVEL:
            return self._inputs[_INPUTS + index]
        return reading.value(self, group, index)
