# SPDX-License-Identifier: MIT
"""What a readout sends: the default telegrams, the set of an application, or a readout list.

Application select (CI 50h) takes an application in its upper digit, and in the lower one a
telegram of its set, 0 for all.  A telegram that is not the last of its sequence ends with
DIF 1Fh (EN 13757-3, 6.3.2).
"""

from mbus.record import MORE
from micropython import const

from .readlist import ReadList, put_row
from .registers import (
    ENHANCED,
    HISTORY,
    INSTALLATION,
    INSTANTANEOUS,
    LOAD,
    SIMPLE,
    TARIFFS,
    TELEGRAMS,
)

# Sets by application; none for those that this meter lacks.
_SETS = (0, 1, SIMPLE, SIMPLE | ENHANCED, TARIFFS, INSTANTANEOUS, LOAD, 0, INSTALLATION)
_ENHANCED_BILLING = const(3)
_ROOM = const(234)  # octets behind the header, see mbus/slave.py


class Readout:
    """What the next readout sends; both kinds of addressing share it.

    list  the readout list, which goes before the set
    """

    def __init__(self, registers, telegrams=2):
        self._registers = registers
        self._default = (1 << telegrams) - 1
        self.list = ReadList(registers)
        self.reset()

    def reset(self):
        """The default telegrams, as after power-up."""
        self.list.clear()
        self._set = self._default
        self._last_storage = 0
        self._only = 0
        self._by_list = False

    def select(self, sub: int, snapshot) -> bool:
        """Choose by the sub-code of an application select; False if there is no such set."""
        application, only = sub >> 4, sub & 0x0F
        chosen = _SETS[application] if application < len(_SETS) else 0
        if not application:
            chosen = self._default
        if not chosen:
            return False
        before = self._set, self._last_storage, self._only
        self._set, self._only = chosen, only
        self._last_storage = 1 if application == _ENHANCED_BILLING else 0
        if only and self._count(snapshot) < only:
            self._set, self._last_storage, self._only = before
            return False
        return True

    def _count(self, snapshot):
        """How many telegrams the set has."""
        scratch = bytearray(_ROOM)
        count = place = 0
        while not count or place:
            _, place = self._put_set(snapshot, scratch, 0, _ROOM, place)
            count += 1
        return count

    def begin(self, snapshot) -> bool:
        """A readout begins: True if the list names a register that is not there."""
        self._by_list = False
        if not len(self.list):
            return False
        found, failed = self.list.look(snapshot)
        # Wildcards that mean nothing at all leave the normal data.
        self._by_list = found or failed
        return failed

    def put(self, snapshot, buf, at, limit, place):
        """Write one telegram's records at buf[at:limit] from a place on, 0 to begin with.

        Returns (end, the place to go on from: 0 if that was the last telegram).
        """
        if self._by_list:
            return self.list.put(snapshot, buf, at, limit, place)
        if not self._only:
            return self._put_set(snapshot, buf, at, limit, place)
        start = at
        for _ in range(self._only):
            at, place = self._put_set(snapshot, buf, start, limit, place)
        return at - 1 if place else at, 0

    def _put_set(self, snapshot, buf, at, limit, place):
        registers = self._registers
        default = self._set == self._default
        begun = 0
        while place < registers.count * (1 + self._last_storage):
            storage, row = place // registers.count, place % registers.count
            flags = registers.flags(row)
            wanted = flags & (HISTORY if storage else self._set)
            value = snapshot.get(row, storage) if wanted else None
            if value is not None:
                begun = begun or flags
                end = -1
                if not default or not (begun ^ flags) & TELEGRAMS:
                    field = registers.dif(row) & 0x0F
                    end = put_row(registers, row, storage, field, value, buf, at, limit)
                if end < 0:
                    buf[at] = MORE
                    return at + 1, place
                at = end
            place += 1
        return at, 0
