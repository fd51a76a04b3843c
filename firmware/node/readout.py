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
_SKIPPED = const(16)  # rows that are not sent, passed in one step
ROOM = 234  # octets behind the header, see mbus/slave.py; encrypted there is less


class Telegram:
    """One telegram's records under way: made in steps, of a row or a request each.

    snapshot  the values, with get(row, storage)
    buf       where they are written, from at on and not beyond limit; at is then the end
    place     where in the readout it goes on, 0 to begin with; behind the telegram where the
              next one begins, 0 if that was the last
    by_list   it is the list's that is sent, not the set
    begun     the flags of its first row
    """

    def __init__(self, snapshot):
        self.snapshot = snapshot
        self.by_list = False
        self.begin(None, 0, 0, 0)

    def begin(self, buf, at: int, limit: int, place: int):
        """The next one, from a place on."""
        self.buf = buf
        self.at = at
        self.limit = limit
        self.place = place
        self.begun = 0

    def full(self):
        """What comes next does not fit: more follows."""
        self.buf[self.at] = MORE
        self.at += 1
        return True


class Readout:
    """What the next readout sends; both kinds of addressing share it.

    list  the readout list, which goes before the set
    only  the one telegram of the set that is sent, 0 for all
    room  octets of records in a telegram
    """

    def __init__(self, registers, telegrams=2):
        self._registers = registers
        self._default = (1 << telegrams) - 1
        self.list = ReadList(registers)
        self.room = ROOM
        self.reset()

    def reset(self):
        """The default telegrams, as after power-up."""
        self.list.clear()
        self._set = self._default
        self._last_storage = 0
        self.only = 0

    def select(self, sub: int, snapshot) -> bool:
        """Choose by the sub-code of an application select; False if there is no such set."""
        application, only = sub >> 4, sub & 0x0F
        chosen = _SETS[application] if application < len(_SETS) else 0
        if not application:
            chosen = self._default
        if not chosen:
            return False
        before = self._set, self._last_storage, self.only
        self._set, self.only = chosen, only
        self._last_storage = 1 if application == _ENHANCED_BILLING else 0
        if only and self._count(snapshot) < only:
            self._set, self._last_storage, self.only = before
            return False
        return True

    def _count(self, snapshot):
        """How many telegrams the set has."""
        telegram, scratch = Telegram(snapshot), bytearray(ROOM)
        count = 0
        while not count or telegram.place:
            telegram.begin(scratch, 0, self.room, telegram.place)
            while not self.step(telegram):
                pass
            count += 1
        return count

    def begin(self, telegram) -> bool:
        """A readout begins: True if the list names a register that is not there."""
        telegram.by_list = False
        if not len(self.list):
            return False
        found, failed = self.list.look(telegram.snapshot)
        # Wildcards that mean nothing at all leave the normal data.
        telegram.by_list = found or failed
        return failed

    def step(self, telegram) -> bool:
        """Go on with a telegram by one row or request: True when it is done."""
        if telegram.by_list:
            return self.list.step(telegram)
        registers = self._registers
        storage = telegram.place // registers.count
        if storage > self._last_storage:
            telegram.place = 0
            return True
        place = self._skipped(telegram.place, storage)
        row = place - storage * registers.count
        if row == registers.count:
            telegram.place = place
            return False
        flags = registers.flags(row)
        wanted = flags & (HISTORY if storage else self._set)
        value = telegram.snapshot.get(row, storage) if wanted else None
        if value is not None:
            telegram.begun = telegram.begun or flags
            end = -1
            if self._set != self._default or not (telegram.begun ^ flags) & TELEGRAMS:
                end = put_row(
                    registers,
                    row,
                    storage,
                    registers.dif(row) & 0x0F,
                    value,
                    telegram.buf,
                    telegram.at,
                    telegram.limit,
                )
            if end < 0:
                telegram.place = place
                return telegram.full()
            telegram.at = end
        telegram.place = place + 1
        return False

    def _skipped(self, place, storage):
        """The place of the next row that is sent, or one as far on as a step goes."""
        registers, wanted = self._registers, HISTORY if storage else self._set
        before = storage * registers.count
        end = min(place + _SKIPPED, before + registers.count)
        while place < end and not registers.flags(place - before) & wanted:
            place += 1
        return place
