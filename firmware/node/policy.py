# SPDX-License-Identifier: MIT
"""What a command has to be secured with, by what it does: one question, three answers."""

from mbus.command import RESETS, SEND
from mbus.record import FILLER, RecordError, split
from micropython import const

from .commands import SET_CLOCK, SHIFT_CLOCK, SYNCHRONISE
from .syntax import SPECIAL, is_request, request_head
from .writing import target

FREE = 0  # may come in clear at every level
LEVEL = 1  # as the security level says
MODE_7 = 2  # mode 7 at every level

# Whoever has these has the supply, the money or the keys.
_GUARDED = ("breaker", "credit", "prepayment")
_UNLOCK = ("ratio_lock",)
_ADDRESS = b"\x01\x7a"
_KEY_VIB = b"\xfd\x19"
_COMMANDS = (SYNCHRONISE, SET_CLOCK, SHIFT_CLOCK)
KEY_HEAD = b"\x0d" + _KEY_VIB + b"\xf0"
_KEY_SIZE = const(20)


def key_record(ci, buf, at, end):
    """Where the key stands, if a command is one change of key and fillers; else -1."""
    if ci != SEND:
        return -1
    while at < end and buf[at] == FILLER:
        at += 1
    if end - at < _KEY_SIZE or buf[at : at + 4] != KEY_HEAD:
        return -1
    for i in range(at + _KEY_SIZE, end):
        if buf[i] != FILLER:
            return -1
    return at + 4


class Policy:
    """The answers for one register table."""

    def __init__(self, registers):
        self._registers = registers
        self._guarded = [registers.row(name) for name in _GUARDED]
        self._unlock = [registers.row(name) for name in _UNLOCK]

    def needs(self, ci: int, buf, at: int, end: int) -> int:
        """What a command needs, with its CI as mbus.command hands it to a device."""
        if ci in RESETS:
            return FREE
        if ci in _COMMANDS:
            return LEVEL
        return self._of_records(buf, at, end) if ci == SEND else FREE

    def _of_records(self, buf, at, end):
        # An address is free, and leaves the judgement to what stands beside it.
        needed = FREE
        while at < end:
            if buf[at] == FILLER:
                at += 1
                continue
            try:
                if is_request(buf, at, end):
                    at = request_head(buf, at, end)[1]
                    continue
                if buf[at] & SPECIAL == SPECIAL:
                    return max(needed, LEVEL)
                vib_at, data_at, next_at, _ = split(buf, at, end)
            except RecordError:
                # Nothing of it is obeyed; how it begins decides what it was meant for.
                return needed
            if bytes(buf[at:data_at]) != _ADDRESS:
                needed = max(needed, self._of_record(buf, at, vib_at, data_at))
            at = next_at
        return needed

    def _of_record(self, buf, at, vib_at, data_at):
        if bytes(buf[vib_at:data_at]) == _KEY_VIB:
            return MODE_7
        row, _ = target(self._registers, buf, at, vib_at, data_at)
        if row in self._guarded or (row in self._unlock and not buf[data_at]):
            return MODE_7
        return LEVEL
