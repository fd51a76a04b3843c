# SPDX-License-Identifier: MIT
"""machine.I2C, and two that answer on it: an FRAM MB85RC256V and a clock DS3231."""

from .timers import fields_of, seconds_of


class I2CBase:
    """Chip.i2c_devices are those on the wires; a call takes as long as its octets."""

    _chip = None

    def __init__(self, _id, *, scl=None, sda=None, freq=400000, timeout=50000):
        if _id not in (0, 1):
            raise ValueError("I2C(%s) doesn't exist" % _id)
        self._freq = freq

    def _device(self, address, octets):
        self._chip.core.spend(50 + (octets + 1) * 9 * 1000000 // self._freq)
        device = self._chip.i2c_devices.get(address)
        if device is None or device.broken:
            raise OSError(self._ABSENT)
        return device

    def scan(self):
        devices = self._chip.i2c_devices
        return sorted([address for address in devices if not devices[address].broken])

    def writeto(self, _addr, _buf, _stop=True):
        self._device(_addr, len(_buf)).write(bytes(_buf))
        return len(_buf)

    def writevto(self, _addr, _vector, _stop=True):
        octets = b"".join([bytes(part) for part in _vector])
        return self.writeto(_addr, octets)

    def readfrom(self, _addr, _nbytes, _stop=True):
        return self._device(_addr, _nbytes).read(_nbytes)

    def readfrom_into(self, _addr, _buf, _stop=True):
        _buf[:] = self.readfrom(_addr, len(_buf))

    def _word(self, memaddr, addrsize):
        if addrsize not in (8, 16):
            raise ValueError("addrsize")
        return bytes((memaddr >> 8, memaddr & 0xFF)) if addrsize == 16 else bytes((memaddr,))

    def writeto_mem(self, _addr, _memaddr, _buf, *, addrsize=8):
        self.writeto(_addr, self._word(_memaddr, addrsize) + bytes(_buf))

    def readfrom_mem(self, _addr, _memaddr, _nbytes, *, addrsize=8):
        self.writeto(_addr, self._word(_memaddr, addrsize))
        return self.readfrom(_addr, _nbytes)

    def readfrom_mem_into(self, _addr, _memaddr, _buf, *, addrsize=8):
        _buf[:] = self.readfrom_mem(_addr, _memaddr, len(_buf), addrsize=addrsize)


class RpI2C(I2CBase):
    _ABSENT = 5  # EIO


class EspI2C(I2CBase):
    _ABSENT = 19  # ENODEV


class Fram:
    """32 kB that keep what is written octet by octet, at once; the address runs round."""

    def __init__(self, octets=32768):
        self.octets = bytearray(octets)
        self.broken = False
        self.writes = 0
        self._at = 0

    def write(self, octets):
        self._at = (octets[0] << 8 | octets[1]) % len(self.octets)
        self.writes += len(octets) > 2
        for octet in octets[2:]:
            self.octets[self._at] = octet
            self._at = (self._at + 1) % len(self.octets)

    def read(self, n):
        at, size = self._at, len(self.octets)
        self._at = (at + n) % size
        return bytes([self.octets[(at + i) % size] for i in range(n)])


def _bcd(n):
    return n // 10 << 4 | n % 10


def _number(bcd):
    return (bcd >> 4) * 10 + (bcd & 15)


class Ds3231:
    """Runs on, whatever happens to the chip; its status says whether it ever stopped (OSF)."""

    def __init__(self, clock, seconds=None, ppm=2):
        self._clock = clock
        self.broken = False
        self.ppm = ppm
        self._others = bytearray(0x13)
        self._pointer = 0
        self._others[0x0E] = 0x1C
        self._others[0x0F] = 0x08 if seconds is not None else 0x88
        self.set(0 if seconds is None else seconds)

    def set(self, seconds):
        """Seconds since 1970."""
        self._base = seconds
        self._at = self._clock.now

    def seconds(self):
        us = self._clock.now - self._at
        return self._base + (us + us * self.ppm // 1000000) // 1000000

    def stopped(self):
        """Its battery is empty: the time is anything, and the flag says so."""
        self.set(946684800)
        self._others[0x0F] |= 0x80

    def _time(self):
        year, month, day, hour, minute, second, weekday, _ = fields_of(self.seconds())
        century = (year >= 2100) << 7
        return [_bcd(second), _bcd(minute), _bcd(hour), weekday + 1, _bcd(day),
                century | _bcd(month), _bcd(year % 100)]  # fmt: skip

    def write(self, octets):
        self._pointer = octets[0]
        if len(octets) == 1:
            return
        time = self._time()
        for octet in octets[1:]:
            if self._pointer < 7:
                time[self._pointer] = octet
            elif self._pointer == 0x0F:
                # OSF can only be cleared.
                self._others[0x0F] &= octet | 0x7F
            else:
                self._others[self._pointer] = octet
            self._pointer = (self._pointer + 1) % 0x13
        if octets[0] < 7:
            year = 2000 + _number(time[6]) + (100 if time[5] & 0x80 else 0)
            date = (year, _number(time[5] & 0x7F), _number(time[4]))
            clock = (_number(time[2] & 0x3F), _number(time[1]), _number(time[0]))
            self.set(seconds_of(date + clock))

    def read(self, n):
        registers = bytes(self._time()) + bytes(self._others[7:])
        octets = bytes([registers[(self._pointer + i) % 0x13] for i in range(n)])
        self._pointer = (self._pointer + n) % 0x13
        return octets
