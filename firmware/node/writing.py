# SPDX-License-Identifier: MIT
"""A written record: which register it means, and whether it may be written so.

Nothing is obeyed here; module.py does that.
"""

from mbus.record import action as action_of
from mbus.record import without_action
from micropython import const

from .match import vif_group
from .registers import ADD, CLEAR, FREEZE, READ, SUBTRACT, WRITE

DENIED = 0x10
UNKNOWN = 0x11
BAD_VALUE = 0x12

# Object actions (EN 13757-3, table 13).
ACTION_ADD = const(0x01)
ACTION_SUBTRACT = const(0x02)
ACTION_CLEAR = const(0x07)
ACTION_LIST = const(0x0C)
ACTION_UNLIST = const(0x0D)
# The access that others need; -1 is no action at all, and writes as well.
_ACCESS = {
    -1: WRITE,
    0x00: WRITE,
    ACTION_ADD: ADD,
    ACTION_SUBTRACT: SUBTRACT,
    ACTION_CLEAR: CLEAR,
    0x0B: FREEZE,
}
_WITHOUT_DATA = CLEAR | FREEZE
_FIELD = const(0x0F)


def target(registers, buf, at, vib_at, data_at):
    """(row, 0) that a written record with this head is aimed at, or (-1, application error)."""
    action = action_of(buf, vib_at, data_at)
    vib = bytes(buf[vib_at:data_at]) if action < 0 else without_action(buf, vib_at, data_at)
    group, vife_at = vif_group(vib, 0)
    need = _ACCESS.get(action, 0)
    own = like = 0
    for row in range(registers.count):
        heads, dib_at, own_at, end = registers.parts(row)
        if not _same_dib(heads, dib_at, own_at, buf, at, vib_at):
            continue
        access = registers.access(row)
        if heads[own_at:end] == vib:
            same_field = not (heads[dib_at] ^ buf[at]) & _FIELD
            if access & need and (same_field or need & _WITHOUT_DATA):
                return row, 0
            own |= access
        elif _like(heads, own_at, end, group, vib[vife_at:]):
            like |= access
    return -1, _refusal(own, like, need)


def _same_dib(heads, dib_at, end, buf, at, vib_at):
    """Whether the DIBs differ at most in their data field."""
    if end - dib_at != vib_at - at or (heads[dib_at] ^ buf[at]) & ~_FIELD:
        return False
    return heads[dib_at + 1 : end] == buf[at + 1 : vib_at]


def _like(heads, own_at, end, group, vife):
    """Whether a row is of the same quantity, in whatever power of ten."""
    own_group, vife_at = vif_group(heads, own_at)
    return own_group == group and heads[vife_at:end] == vife


def _refusal(own, like, need):
    """Why nothing was found: own is the access to rows of this head, like to similar ones."""
    writing = ~READ
    if own & need or like & writing:
        return BAD_VALUE  # another data field, or another power of ten
    if own & writing:
        return UNKNOWN  # the action is none for this register
    return DENIED if own | like else UNKNOWN
