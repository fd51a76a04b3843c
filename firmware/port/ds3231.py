# SPDX-License-Identifier: MIT
"""The clock DS3231 on I2C: UTC, and whether it has run without a stop."""

from micropython import const

ADDRESS = const(0x68)

_TIME = const(0x00)  # second, minute, hour, weekday, day, month, year, all of them BCD
_TIME_OCTETS = const(7)
_STATUS = const(0x0F)
_STOPPED = const(0x80)
# What of each register is used: the century is not, for years are those of 2000 to 2099.
_USED = b"\x7f\x7f\x3f\x07\x3f\x1f\xff"


def _used(octet, mask):
    return octet & mask


class Ds3231:
    """The chip on a machine.I2C, as a clock of node/timekeeper.py.

    calendar  meter/calendar.py, handed in because no port knows the meter
    failures  how often it could not be set
    """

    better = True  # 2 ppm

    def __init__(self, i2c, calendar, address: int = ADDRESS):
        self._i2c = i2c
        self._calendar = calendar
        self._address = address
        self._time = bytearray(_TIME_OCTETS)
        self._status = bytearray(1)
        self.failures = 0

    def read(self):
        """UTC in seconds since 2000, None if it has stopped since it was set, or is not there."""
        try:
            self._i2c.readfrom_mem_into(self._address, _STATUS, self._status)
            self._i2c.readfrom_mem_into(self._address, _TIME, self._time)
        except OSError:
            return None
        if self._status[0] & _STOPPED:
            return None
        second, minute, hour, _, day, month, year = [
            (octet >> 4) * 10 + (octet & 0x0F) for octet in bytes(map(_used, self._time, _USED))
        ]
        fields = 2000 + year, month, day, hour, minute, second
        return self._calendar.to_seconds(*fields) if self._calendar.valid(*fields) else None

    def set(self, utc_s: int):
        """Set it, from when on it is right; nothing happens where it is not there."""
        year, month, day, hour, minute, second = self._calendar.from_seconds(utc_s)
        weekday = self._calendar.weekday(utc_s)
        for i, value in enumerate((second, minute, hour, weekday, day, month, year - 2000)):
            self._time[i] = value // 10 << 4 | value % 10
        try:
            self._i2c.writeto_mem(self._address, _TIME, self._time)
            self._i2c.readfrom_mem_into(self._address, _STATUS, self._status)
            self._status[0] &= ~_STOPPED & 0xFF
            self._i2c.writeto_mem(self._address, _STATUS, self._status)
        except OSError:
            self.failures += 1  # read() will tell of it, and it is tried again
