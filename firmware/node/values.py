# SPDX-License-Identifier: MIT
"""The values behind the registers: an image of the meter at one moment, and snapshots of it.

The image is made while the bus is quiet; a readout takes a copy, so that all its telegrams
show the same moment.  Closed periods and events do not change: their places are copied.
"""

from meter import keys, reading
from micropython import const

from . import clockdata
from .registers import EVENT, EVENTS, STORAGES
from .sourcetext import DATE, MODULE, NOTHING, OWN

_WRITERS = (clockdata.write_f, clockdata.write_g, clockdata.write_i, clockdata.write_j)
_SIZES = b"\x04\x02\x06\x03"
_EVENT_LVAR = const(0xE0)  # binary, and its octets
_EVENT_OCTETS = const(12)
_EVENT = OWN.index("EVENT")


class Snapshot:
    """The values of one readout."""

    def __init__(self, image):
        self._image = image
        self._values = [None] * image.registers.count
        self._periods = [None] * STORAGES
        self._events = 0
        self._dates = {row: bytearray(len(octets)) for row, octets in image.dates.items()}

    def take(self):
        """Copy the image as it is now."""
        image = self._image
        values = self._values
        values[:] = image.values()
        for row, own in self._dates.items():
            if values[row] is not None:
                # The image writes its dates in place.
                own[:] = values[row]
                values[row] = own
        for storage in range(1, STORAGES):
            self._periods[storage] = image.meter.history.period(storage)
        self._events = image.meter.events.total

    def get(self, row: int, storage: int):
        """The value of a row: an integer, data octets good until the next call, or None."""
        image = self._image
        if image.registers.flags(row) & EVENT:
            return image.logged(row, self._events, storage) if storage < EVENTS else None
        if not storage:
            return self._values[row]
        octets = self._periods[storage]
        return None if octets is None else image.of_period(row, octets)


class Image:
    """The values of the meter and its module by row; stale when something has changed since.

    own(index) is what the module itself knows, by the names of sourcetext.OWN; crash(n) the
    n-th newest text of what it died of.
    """

    def __init__(self, registers, meter, own, crash):
        self.registers = registers
        self.meter = meter
        self._own = own
        self._crash = crash
        self._own_rows = []
        self._values = [None] * registers.count
        self.dates = {}  # row: octets of its date
        for row in range(registers.count):
            group, index = registers.source(row)
            if group == MODULE:
                self._own_rows.append(row)
            elif group in (DATE, keys.MAXIMUM_TIME):
                self.dates[row] = bytearray(_SIZES[index if group == DATE else 0])
        self._period_date = bytearray(_SIZES[0])
        self._event = bytearray(1 + _EVENT_OCTETS)
        self._event[0] = _EVENT_LVAR + _EVENT_OCTETS
        self.stale = True

    def values(self):
        """The values, those of the meter made anew only if something has changed since."""
        if self.stale:
            self.refresh()
        values = self._values
        for row in self._own_rows:
            values[row] = self._own(self.registers.source(row)[1])
        return values

    def refresh(self):
        """Take all values from the meter."""
        values = self._values
        registers = self.registers
        for row in range(registers.count):
            group, index = registers.source(row)
            if group not in (MODULE, NOTHING):
                values[row] = self._value(row, group, index)
        self.stale = False

    def _value(self, row, group, index):
        meter = self.meter
        if group == DATE:
            seconds = reading.value(meter, keys.OTHER, keys.TIME)
            if seconds is None:
                return None
            if index & 1:  # types G and J have no summer time
                return _WRITERS[index](self.dates[row], seconds)
            return _WRITERS[index](self.dates[row], seconds, meter.clock.summer)
        value = reading.value(meter, group, index)
        if value is None:
            return None
        if group == keys.MAXIMUM_TIME:
            return clockdata.write_f(self.dates[row], value)
        return self.registers.scaled(row, value)

    def of_period(self, row, octets):
        """The value of a row in a closed period."""
        group, index = self.registers.source(row)
        if group == DATE:
            group, index = keys.OTHER, keys.TIME
        value = reading.of_period(self.meter, octets, group, index)
        if value is None:
            return None
        if group in (keys.MAXIMUM_TIME, keys.OTHER):
            return clockdata.write_f(self._period_date, value)
        return self.registers.scaled(row, value)

    def logged(self, row, total, n):
        """The n-th newest event of so many as LVAR binary, or text; None if there is none."""
        if self.registers.source(row)[1] != _EVENT:
            return self._crash(n)
        octets = self.meter.events.get(total, n)
        if octets is None:
            return None
        self._event[1:] = octets
        return self._event
