# SPDX-License-Identifier: MIT
"""The values behind the registers at one moment: all telegrams of a readout show the same one.

Closed periods and events do not change: their places are copied.
"""

from meter import keys, reading
from meter.frozen import Frozen
from micropython import const

from . import clockdata
from .registers import EVENT, EVENTS, STORAGES
from .sourcetext import DATE, MODULE, NOTHING, OWN

_WRITERS = (clockdata.write_f, clockdata.write_g, clockdata.write_i, clockdata.write_j)
_SIZES = b"\x04\x02\x06\x03"
_EVENT_LVAR = const(0xE0)  # binary, and its octets
_EVENT_OCTETS = const(12)
_EVENT = OWN.index("EVENT")

# Of the module itself; keys have no value where there is none.
_KNOWN = {
    "SERIAL": lambda module: module.serial,
    "METER_NUMBER": lambda module: bytes(module.identification[:4]),
    "IDENTIFICATION": lambda module: bytes(module.identification),
    "PRIMARY": lambda module: module.primary,
    "VERSION": lambda module: module.version,
    "METROLOGY": lambda module: module.metrology,
    "LAST_ERROR": lambda module: module.last_error(),
    "SECURITY_LEVEL": lambda module: module.keyring.level,
    "KEY_VERSION": lambda module: min(module.keyring.version, 127) or None,
    "COMMAND_COUNTER": lambda module: module.keyring.highest if module.keyring.secured else None,
    "FAILURES": lambda module: module.guard and module.guard.counted,
    "BAUD": lambda module: module.kept_baud,
    "STATUS": lambda module: module.meter_status(),
    "CAUSE": lambda module: module.health.cause,
    "STARTS": lambda module: module.health.starts,
    "WATCHDOGS": lambda module: module.health.watchdogs,
    "CRASHES": lambda module: module.health.crashes,
    "STORE_FAILURES": lambda module: module.health.store_failures,
    "LATE": lambda module: module.health.late,
    "LINE_ERRORS": lambda module: module.health.line_errors,
}


def _own(module, index: int):
    """What the module itself is, by the index of its name in sourcetext.OWN, or None."""
    known = _KNOWN.get(OWN[index])
    return known and known(module)


class Snapshot:
    """The values of one readout of a module (module.py)."""

    def __init__(self, registers, module):
        self._registers = registers
        self._module = module
        self._meter = module.meter
        self._frozen = Frozen(module.meter)
        self._own = [None] * len(OWN)
        self._summer = False
        self._periods = [None] * STORAGES
        self._events = 0
        self._dates = tuple([bytearray(size) for size in _SIZES])
        self._event = bytearray(1 + _EVENT_OCTETS)
        self._event[0] = _EVENT_LVAR + _EVENT_OCTETS

    def take(self):
        """Take over what there is now."""
        meter = self._meter
        self._frozen.take()
        self._summer = meter.clock.summer
        for index in range(len(OWN)):
            self._own[index] = _own(self._module, index)
        for storage in range(1, STORAGES):
            self._periods[storage] = meter.history.period(storage)
        self._events = meter.events.total

    def get(self, row: int, storage: int):
        """The value of a row: an integer, data octets good until the next call, or None."""
        registers = self._registers
        group, index = registers.source(row)
        if registers.flags(row) & EVENT:
            return self._logged(index, storage) if storage < EVENTS else None
        if storage:
            octets = self._periods[storage]
            return None if octets is None else self._of_period(row, octets, group, index)
        if group == MODULE:
            return self._own[index]
        if group == NOTHING:
            return None
        if group == DATE:
            return self._date(index)
        value = self._frozen.value(group, index)
        if value is None:
            return None
        if group == keys.MAXIMUM_TIME:
            return clockdata.write_f(self._dates[0], value)
        return registers.scaled(row, value)

    def _date(self, index):
        seconds = self._frozen.value(keys.OTHER, keys.TIME)
        if seconds is None:
            return None
        if index & 1:  # types G and J have no summer time
            return _WRITERS[index](self._dates[index], seconds)
        return _WRITERS[index](self._dates[index], seconds, self._summer)

    def _of_period(self, row, octets, group, index):
        if group == DATE:
            group, index = keys.OTHER, keys.TIME
        value = reading.of_period(self._meter, octets, group, index)
        if value is None:
            return None
        if group in (keys.MAXIMUM_TIME, keys.OTHER):
            return clockdata.write_f(self._dates[0], value)
        return self._registers.scaled(row, value)

    def _logged(self, index, n):
        """The n-th newest event as LVAR binary, or text; None if there is none."""
        if index != _EVENT:
            return self._module.health.crash(n)
        octets = self._meter.events.get(self._events, n)
        if octets is None:
            return None
        self._event[1:] = octets
        return self._event
