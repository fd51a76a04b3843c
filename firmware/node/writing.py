# SPDX-License-Identifier: MIT
"""A written record: which register it means, and whether it may be written so.

Nothing is obeyed here; commands.py does that.
"""

from mbus.record import action as action_of
from micropython import const

from .match import vif_group
from .registers import ADD, CLEAR, FREEZE, READ, SUBTRACT, WRITE

DENIED = 0x10
UNKNOWN = 0x11
BAD_VALUE = 0x12

# Object actions (EN 13757-3, table 13) and the access they need.
ACTION_ADD = const(0x01)
ACTION_SUBTRACT = const(0x02)
ACTION_CLEAR = const(0x07)
ACTION_FREEZE = const(0x0B)
ACTION_LIST = const(0x0C)
ACTION_UNLIST = const(0x0D)
_ACCESS = {
    0: WRITE,
    ACTION_ADD: ADD,
    ACTION_SUBTRACT: SUBTRACT,
    ACTION_CLEAR: CLEAR,
    ACTION_FREEZE: FREEZE,
}
_WITHOUT_DATA = CLEAR | FREEZE
_FIELD = const(0x0F)
_EXTENSION = const(0x80)


class Target:
    """What a written record is aimed at: look() fills it.

    row     the register, or -1
    action  0 to write
    code    0, or the application error that refuses it
    """

    def __init__(self, registers):
        self._registers = registers
        self._vib = bytearray(24)
        self.row = -1
        self.action = self.code = 0

    def look(self, buf, at, vib_at, data_at) -> int:
        """Find the register of the record with this head; returns code."""
        registers = self._registers
        action = action_of(buf, vib_at, data_at)
        size = data_at - vib_at - (1 if action >= 0 else 0)
        if size > len(self._vib):
            return self._refuse(UNKNOWN)
        vib = self._vib
        vib[:size] = buf[vib_at : vib_at + size]
        if action >= 0:
            vib[size - 1] &= ~_EXTENSION
        self.action = max(action, 0)
        need = _ACCESS.get(self.action, 0)
        own = like = 0
        self.row = -1
        for row in range(registers.count):
            if not self._same_dib(row, buf, at, vib_at):
                continue
            heads, dib_at, own_at, end = registers.parts(row)
            if end - own_at == size and heads[own_at:end] == vib[:size]:
                own |= registers.access(row)
                same_field = not (heads[dib_at] ^ buf[at]) & _FIELD
                if registers.access(row) & need and (same_field or need & _WITHOUT_DATA):
                    self.row = row
            elif self._like(heads, own_at, end, size):
                like |= registers.access(row)
        if self.row >= 0:
            self.code = 0
            return 0
        return self._refuse(_refusal(own, like, need))

    def _refuse(self, code):
        self.code = code
        return code

    def _same_dib(self, row, buf, at, vib_at):
        heads, dib_at, end, _ = self._registers.parts(row)
        if end - dib_at != vib_at - at or (heads[dib_at] ^ buf[at]) & ~_FIELD:
            return False
        return heads[dib_at + 1 : end] == buf[at + 1 : vib_at]

    def _like(self, heads, own_at, end, size):
        """Whether it is the same quantity in another power of ten."""
        group, vife_at = vif_group(heads, own_at)
        asked, asked_at = vif_group(self._vib, 0)
        return group == asked and heads[vife_at:end] == self._vib[asked_at:size]


def _refusal(own, like, need):
    """Why nothing was found: own is the access to rows of this head, like to similar ones."""
    writing = ~READ
    if own & need or like & writing:
        return BAD_VALUE  # another data field, or another power of ten
    if own & writing:
        return UNKNOWN  # the action is none for this register
    return DENIED if own | like else UNKNOWN
