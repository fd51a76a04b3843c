# SPDX-License-Identifier: MIT
"""The values behind the registers at one moment: all telegrams of a readout show the same one.

Closed periods and events do not change: their places are copied.
"""

from meter import keys, reading
from meter.frozen import Frozen
from micropython import const

from . import clockdata
from .registers import EVENT, EVENTS, STORAGES

LOG = 19  # the place of EVENT in sourcetext.OWN

_WRITERS = (clockdata.write_f, clockdata.write_g, clockdata.write_i, clockdata.write_j)
_SIZES = b"\x04\x02\x06\x03"
_EVENT_LVAR = const(0xE0)  # binary, and its octets
_EVENT_OCTETS = const(12)

# Of the module itself, in the order of sourcetext.OWN; keys have no value where there is none.
_KNOWN = (
    lambda module: module.serial,
    lambda module: bytes(module.identification[:4]),
    lambda module: bytes(module.identification),
    lambda module: module.primary,
    lambda module: module.version,
    lambda module: module.metrology,
    lambda module: module.last_error(),
    lambda module: module.keyring.level,
    lambda module: min(module.keyring.version, 127) or None,
    lambda module: module.keyring.highest if module.keyring.secured else None,
    lambda module: module.kept_baud,
    lambda module: module.meter_status(),
    lambda module: module.health.cause,
    lambda module: module.health.starts,
    lambda module: module.health.watchdogs,
    lambda module: module.health.crashes,
    lambda module: module.health.store_failures,
    lambda module: module.health.late,
    lambda module: module.health.line_errors,
    None,  # events and crashes are many
    None,
    lambda module: module.guard and module.guard.counted,
)


class Snapshot:
    """The values of one readout of a module (module.py)."""

    def __init__(self, registers, module):
        self._registers = registers
        self._module = module
        self._meter = module.meter
        self._frozen = Frozen(module.meter)
        self._own = [None] * len(_KNOWN)
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
        for index, known in enumerate(_KNOWN):
            self._own[index] = known and known(self._module)
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
        if group == keys.MODULE:
            return self._own[index]
        if group == keys.NOTHING:
            return None
        if group == keys.DATE:
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
        if group == keys.DATE:
            group, index = keys.OTHER, keys.TIME
        value = reading.of_period(self._meter, octets, group, index)
        if value is None:
            return None
        if group in (keys.MAXIMUM_TIME, keys.OTHER):
            return clockdata.write_f(self._dates[0], value)
        return self._registers.scaled(row, value)

    def _logged(self, index, n):
        """The n-th newest event as LVAR binary, or text; None if there is none."""
        if index != LOG:
            return self._module.health.crash(n)
        octets = self._meter.events.get(self._events, n)
        if octets is None:
            return None
        self._event[1:] = octets
        return self._event
