# SPDX-License-Identifier: MIT
"""The device behind the slave station: registers to read, commands to obey, what it keeps.

What a readout sends is readout.py's business.  Obeyed here: the primary address and the
identification number.  Every other command is refused with its reason.
"""

from mbus.command import SEND
from mbus.record import FILLER, split, without_action
from micropython import const

from .readout import Readout
from .registers import of as registers_of
from .syntax import SPECIAL, is_request, request_head, selects, syntax
from .writing import ACTION_UNLIST, BAD_VALUE, UNKNOWN, target

_TOO_MANY_RECORDS = const(0x03)
_LAST_ADDRESS = const(250)
# Until the next application reset, in the header and in the meter status.
_CHANGED = const(0x80)
_CONFIGURATION_CHANGED = const(1 << 17)


class Snapshot:
    """The values of one readout, by row; nothing is stored of closed periods."""

    def __init__(self, count):
        self.values = [None] * count

    def get(self, row: int, storage: int):
        """The value of a row: an integer, data octets, or None."""
        return None if storage else self.values[row]


class Module:
    """An emulated electricity meter with its values fixed.

    dirty is True while settings wait to be stored: call persist() when the line is quiet.
    baud is the rate to begin with; 0 leaves it to the first master.
    """

    def __init__(self, config, values, settings, access=0):
        self._registers = registers = registers_of(config.ct, config.profile == "legacy")
        self.identification = bytearray(config.identification)
        self.primary = config.primary
        self.baud = settings.baud or config.baud
        if settings.primary is not None:
            self.primary = settings.primary
            self.identification[:4] = settings.identification
        self.serial = config.serial
        self.access = access
        self.error = 0
        self.dirty = False
        self._settings = settings
        self._changed = False
        self._kept_baud = settings.baud
        self._values = [None] * registers.count
        for name, value in values.items():
            row = registers.row(name)
            self._values[row] = registers.scaled(row, value) if isinstance(value, int) else value
        self._values[registers.row("serial")] = self.serial
        self._rows = tuple(registers.row(name) for name in _OWN.split(" "))
        self._writers = {registers.row(name): method for name, method in _WRITERS}
        self._readout = Readout(registers, config.telegrams)
        self._fresh = True

    def _take(self, snapshot):
        values = snapshot.values
        values[:] = self._values
        primary, number, identification, error, status = self._rows
        values[primary] = self.primary
        values[number] = bytes(self.identification[:4])
        values[identification] = bytes(self.identification)
        values[error] = self.error
        values[status] = _CONFIGURATION_CHANGED if self._changed else 0

    def freeze(self, context):
        """Put the values of this moment into context.values."""
        if context.values is None:
            context.values = Snapshot(self._registers.count)
        self._take(context.values)
        if self._readout.begin(context.values):
            context.failed = True

    def put(self, context, buf, at, limit):
        """The next telegram's records; see mbus.slave.Slave."""
        at, context.row = self._readout.put(context.values, buf, at, limit, context.row)
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
        """CI 50h: choose what is sent, forget the last error.  Registers stay as they are."""
        if not sub:
            self._readout.reset()
        else:
            snapshot = Snapshot(self._registers.count)
            self._take(snapshot)
            if not self._readout.select(sub, snapshot):
                return UNKNOWN
        self.error = 0
        self._changed = False
        return 0

    def command(self, ci: int, buf, at: int, end: int, _now: int) -> int:
        """Obey SND_UD: all records are read before the first is obeyed.

        The first record that is refused ends it; what stands before it has been done.  A
        readout selection is no command: the last error can still be asked for by it.
        """
        if ci != SEND:
            return UNKNOWN  # no clock that could be set, nothing to freeze into
        code = syntax(buf, at, end)
        if code:
            return code
        self._fresh = True
        executed = False
        while at < end:
            if buf[at] == FILLER:
                at += 1
            elif is_request(buf, at, end):
                at = self._ask(buf, at, end)
                if not at:
                    return _TOO_MANY_RECORDS
            elif buf[at] & SPECIAL == SPECIAL:
                return UNKNOWN
            else:
                vib_at, data_at, next_at, _ = split(buf, at, end)
                code = self._write(buf, at, vib_at, data_at)
                if code:
                    return code
                executed = True
                at = next_at
        if executed:
            self.error = 0
        return 0

    def keep_baud(self, baud: int):
        """A baud rate has proved good, or is preferred: the next start begins with it."""
        if baud != self._kept_baud:
            self._kept_baud = baud
            self.dirty = True

    def persist(self):
        """Store what has changed; OSError when the port cannot, and then it stays dirty."""
        self._settings.store(self.primary, self.identification[:4], self._kept_baud)
        self.dirty = False

    def _ask(self, buf, at, end):
        """Put one request into the readout list, or take it out: the place behind it, or 0."""
        listed = self._readout.list
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

    def _write(self, buf, at, vib_at, data_at):
        row, code = target(self._registers, buf, at, vib_at, data_at)
        if code:
            return code
        if row not in self._writers:
            return UNKNOWN
        return self._writers[row](self, buf, data_at)

    def _write_primary(self, buf, at):
        if buf[at] > _LAST_ADDRESS:
            return BAD_VALUE
        if buf[at] != self.primary:
            self.primary = buf[at]
            self._keep()
        return 0

    def _write_number(self, buf, at):
        for i in range(4):
            if buf[at + i] & 0x0F > 9 or buf[at + i] >> 4 > 9:
                return BAD_VALUE
        if buf[at : at + 4] != self.identification[:4]:
            self.identification[:4] = buf[at : at + 4]
            self._keep()
        return 0

    def _write_identification(self, buf, at):
        # Manufacturer, version and device type are what the meter is.
        if buf[at + 4 : at + 8] != self.identification[4:]:
            return BAD_VALUE
        return self._write_number(buf, at)

    def _keep(self):
        self.dirty = self._changed = True


# What the module itself knows; everything else is the meter's.
_OWN = "primary_address meter_number identification last_error status"
_WRITERS = (
    ("primary_address", Module._write_primary),
    ("meter_number", Module._write_number),
    ("identification", Module._write_identification),
)
