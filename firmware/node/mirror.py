# SPDX-License-Identifier: MIT
"""What has been counted since the last save, in memory of the chip that outlives a reset.

20 octets: generation of the save (store.py) that it goes with (4), pulses of both inputs since
then (2 each), those that made energy under tariff 1 to 4 (2 each), CRC-32 (4).
"""

from binascii import crc32
from struct import calcsize, pack, unpack, unpack_from

from meter.energy import A_PLUS, TARIFFS
from micropython import const

_FORMAT = "<I6H"
_CRC = "<I"
_OCTETS = const(20)
_MOST = const(0xFFFF)
_WRAP = const(0xFFFFFFFF)
_INPUTS = const(2)


class Mirror:
    """The counts in a memory with read() -> octets and write(octets), of 20 octets at least."""

    def __init__(self, memory):
        self._memory = memory
        self._counts = [0] * (_INPUTS + TARIFFS)
        self._last = [0] * _INPUTS
        self._generation = 0

    def restore(self, meter, generation: int) -> bool:
        """Count again what was counted since the save of this generation: whether there was any.

        To be done behind loading and before the first tick.
        """
        octets = self._memory.read()[:_OCTETS]
        size = calcsize(_FORMAT)
        if len(octets) < _OCTETS or unpack_from(_CRC, octets, size)[0] != crc32(octets[:size]):
            return False
        of, *counts = unpack(_FORMAT, octets[:size])
        if of != generation or not any(counts):
            return False
        for which in range(_INPUTS):
            meter.pulses[which].add(counts[which])
            if meter.is_source(which):
                self._measure(meter, counts[_INPUTS:])
        self.begin(meter, generation, counts)
        return True

    def _measure(self, meter, counts):
        if meter.prepayment:
            # From here on energy is taken off the credit.
            meter.prepayment.consume(meter.energy.value(A_PLUS), meter.energy.wrap(A_PLUS))
        weight, active = meter.source.weight, meter.tariff.active
        for i in range(TARIFFS):
            if counts[i]:
                meter.tariff.active = i + 1
                meter.add(A_PLUS, counts[i] * weight.numerator, weight.denominator)
        meter.tariff.active = active

    def begin(self, meter, generation: int, counts=(0,) * (_INPUTS + TARIFFS)):
        """The meter has been saved, but for these counts."""
        self._generation = generation
        self._counts[:] = counts
        self._last[:] = [one.count for one in meter.pulses]
        self._write()

    def note(self, meter):
        """Behind each tick of the meter."""
        changed = False
        for which in range(_INPUTS):
            more = (meter.pulses[which].count - self._last[which]) & _WRAP
            if not 0 < more <= _MOST:
                continue  # nothing, or a register was set, which is saved at once
            changed = True
            self._last[which] = meter.pulses[which].count
            self._add(which, more)
            if meter.is_source(which):
                self._add(_INPUTS + meter.fed - 1, more)
        if changed:
            self._write()

    def _add(self, index, more):
        self._counts[index] = min(self._counts[index] + more, _MOST)

    def _write(self):
        octets = pack(_FORMAT, self._generation, *self._counts)
        self._memory.write(octets + pack(_CRC, crc32(octets)))
