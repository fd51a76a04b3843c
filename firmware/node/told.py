# SPDX-License-Identifier: MIT
"""What a module is told by SND_UD: requests for the readout list, and commands, in their order."""

from mbus.command import SEND
from mbus.record import FILLER, split, without_action
from meter import events
from micropython import const

from .commands import Commands
from .syntax import SPECIAL, is_request, request_head, selects, syntax
from .writing import ACTION_UNLIST, DENIED, UNKNOWN, target

_TOO_MANY_RECORDS = const(0x03)


class Told:
    """The ears of one module (module.py): its readout list and its commands."""

    def __init__(self, module, readout, registers):
        self._module = module
        self._list = readout.list
        self._registers = registers
        self._commands = Commands(module, registers, module.meter)
        self._fresh = True  # no request of this telegram has come yet

    def obey(self, ci: int, buf, at: int, end: int, now: int):
        """(application error or 0, whether any command was executed) of a telegram's content."""
        if ci != SEND:
            code = self._refused() or self._commands.clock(ci, buf, at, end, now)
            return code, not code
        code = syntax(buf, at, end)
        return (code, False) if code else self._records(buf, at, end, now)

    def _records(self, buf, at, end, now):
        """(application error or 0, whether any command was executed)."""
        self._fresh = True
        executed = False
        while at < end:
            if buf[at] == FILLER:
                at += 1
            elif is_request(buf, at, end):
                at = self._ask(buf, at, end)
                if not at:
                    return _TOO_MANY_RECORDS, executed
            elif buf[at] & SPECIAL == SPECIAL:
                return UNKNOWN, executed
            else:
                vib_at, data_at, next_at, _ = split(buf, at, end)
                code = self._refused()
                if not code:
                    row, code = target(self._registers, buf, at, vib_at, data_at)
                    # What was measured before counts as before: its tariff, ratio, credit, period.
                    self._module.meter.tick(now)
                    code = code or self._commands.obey(row, buf, vib_at, data_at, now)
                if code:
                    return code, executed
                executed = True
                at = next_at
        return 0, executed

    def _ask(self, buf, at, end):
        """Put one request into the readout list, or take it out: the place behind it, or 0."""
        listed = self._list
        vib_at, next_at, _ = request_head(buf, at, end)
        if selects(buf[at]):
            if self._fresh:
                listed.drop_selected()
                self._fresh = False
            head = bytes(buf[at:next_at])
        else:
            head = without_action(buf, at, next_at)
            if buf[next_at - 1] == ACTION_UNLIST:
                listed.delete(head)
                return next_at
        return next_at if listed.add(head, vib_at - at) else 0

    def _refused(self):
        if not self._module.locked:
            return 0
        # Once in a row: a master that tries for ever shall not wear out flash and log.
        if self._module.meter.events.last != events.REFUSED_BY_LOCK:
            self._module.meter.note(events.REFUSED_BY_LOCK)
        return DENIED
