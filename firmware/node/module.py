# SPDX-License-Identifier: MIT
"""The device behind the slave station: registers to read, commands to obey, what it keeps.

Obeyed here: the primary address, the identification number, and the choice between both
default telegrams and the first alone.  Every other command is refused with its reason.
"""

from mbus.command import REPORT, SEND
from mbus.record import FILLER, PREMATURE_END, RESERVED_LENGTH, RecordError, split
from micropython import const

from . import registers
from .telegram import put_rows, row_like, row_of

_DENIED = const(0x10)
_UNKNOWN = const(0x11)
_BAD_VALUE = const(0x12)

_SELECTION = const(0x08)  # the data field "selection for readout"
_GLOBAL = const(0x7F)
_LAST_ADDRESS = const(250)
_USER_DATA = const(0x10)  # CI 50h: only the consumption
# Until the next application reset, in the header and in the meter status.
_CHANGED = const(0x80)
_CONFIGURATION_CHANGED = const(1 << 17)

_SERIAL = registers.row("serial")
_METER_NUMBER = registers.row("meter_number")
_LAST_ERROR = registers.row("last_error")
_STATUS = registers.row("status")


class Module:
    """An emulated electricity meter with its values fixed.

    dirty is True while settings wait to be stored: call persist() when the line is quiet.
    """

    def __init__(self, config, values, settings, access=0):
        self.identification = bytearray(config.identification)
        self.primary = config.primary
        if settings.primary is not None:
            self.primary = settings.primary
            self.identification[:4] = settings.identification
        self.serial = config.serial
        self.access = access
        self.error = 0
        self.dirty = False
        self._settings = settings
        self._values = [values.get(name) for name in registers.names()]
        self._last = self._telegrams = config.telegrams
        self._changed = False

    def freeze(self, context):
        """Put the values of this moment into context.values."""
        snapshot = context.values
        if snapshot is None:
            snapshot = context.values = list(self._values)
        snapshot[_SERIAL] = self.serial
        snapshot[_METER_NUMBER] = bytes(self.identification[:4])
        snapshot[_LAST_ERROR] = self.error
        snapshot[_STATUS] = _CONFIGURATION_CHANGED if self._changed else 0

    def put(self, context, buf, at, limit):
        """The next telegram's records; see mbus.slave.Slave."""
        at, context.row = put_rows(context.values, buf, at, limit, context.row, self._last)
        return at

    def status(self) -> int:
        """The status octet of the header, bits 2 to 7."""
        return _CHANGED if self._changed else 0

    def alarms(self) -> int:
        """No source of alarms yet."""
        return 0

    def acknowledge(self, bits):
        """The master has seen the alarm bits."""

    def application(self, sub: int) -> int:
        """CI 50h: choose the telegrams, forget the last error.  Registers stay as they are."""
        if sub not in (0, _USER_DATA):
            return _UNKNOWN
        self._last = 1 if sub == _USER_DATA else self._telegrams
        self.error = 0
        self._changed = False
        return 0

    def command(self, ci: int, buf, at: int, end: int, now: int) -> int:
        """Obey SND_UD: all records are read before the first is obeyed.

        The first record that is refused ends it; what stands before it has been done.
        """
        if ci != SEND:
            return _UNKNOWN  # no clock that could be set, nothing to freeze into
        code = _syntax(buf, at, end)
        if code:
            return code
        while at < end:
            if buf[at] == FILLER:
                at += 1
                continue
            if buf[at] & 0x0F == 0x0F:
                return _UNKNOWN
            vib_at, data_at, next_at, _ = split(buf, at, end)
            code = self._write(buf, at, vib_at, data_at, next_at)
            if code:
                return code
            at = next_at
        self.error = 0
        return 0

    def persist(self):
        """Store what has changed; OSError when the port cannot, and then it stays dirty."""
        self._settings.store(self.primary, self.identification[:4])
        self.dirty = False

    def _write(self, buf, at, vib_at, data_at, next_at):
        if buf[at] & 0x0F == _SELECTION:
            return _UNKNOWN
        row = row_of(buf, at, vib_at, data_at)
        if row < 0:
            row = row_like(buf, at, vib_at, data_at)
            if row < 0:
                return _UNKNOWN
            return _BAD_VALUE if registers.writable(row) else _DENIED
        if not registers.writable(row):
            return _DENIED
        return _WRITERS[row](self, buf, data_at)

    def _write_primary(self, buf, at):
        if buf[at] > _LAST_ADDRESS:
            return _BAD_VALUE
        if buf[at] != self.primary:
            self.primary = buf[at]
            self._keep()
        return 0

    def _write_number(self, buf, at):
        for i in range(4):
            if buf[at + i] & 0x0F > 9 or buf[at + i] >> 4 > 9:
                return _BAD_VALUE
        if buf[at : at + 4] != self.identification[:4]:
            self.identification[:4] = buf[at : at + 4]
            self._keep()
        return 0

    def _write_identification(self, buf, at):
        # Manufacturer, version and device type are what the meter is.
        if buf[at + 4 : at + 8] != self.identification[4:]:
            return _BAD_VALUE
        return self._write_number(buf, at)

    def _keep(self):
        self.dirty = self._changed = True


_WRITERS = {
    registers.row("primary_address"): Module._write_primary,
    registers.row("meter_number"): Module._write_number,
    registers.row("identification"): Module._write_identification,
}


def _syntax(buf, at, end):
    """The application error of the first record that cannot be read, or 0.

    With REPORT when the telegram begins as a readout selection.
    """
    report = 0
    first = True
    while at < end:
        dif = buf[at]
        if dif == FILLER:
            at += 1
            continue
        if first and (dif == _GLOBAL or dif & 0x0F == _SELECTION):
            report = REPORT
        first = False
        if dif & 0x0F == 0x0F:
            return 0  # nothing behind it is a record
        try:
            at, code = split(buf, at, end)[2:]
        except RecordError as e:
            code = PREMATURE_END if e.code == RESERVED_LENGTH else e.code
        if code:
            return code | report
    return 0
