# SPDX-License-Identifier: MIT
"""The DS3231 as a backup clock: UTC in, UTC out, and an honest None."""

from meter import calendar
from port.ds3231 import ADDRESS, Ds3231


class Wire:
    """A machine.I2C with one chip on it."""

    def __init__(self, registers):
        self.registers = registers
        self.absent = False

    def readfrom_mem_into(self, address, at, buf, addrsize=8):
        self._check(address)
        for i in range(len(buf)):
            buf[i] = self.registers[at + i]

    def writeto_mem(self, address, at, octets, addrsize=8):
        self._check(address)
        for i, octet in enumerate(octets):
            self.registers[at + i] = octet

    def _check(self, address):
        if self.absent or address != ADDRESS:
            raise OSError(5)


STOPPED = bytearray(b"\x00\x00\x00\x01\x01\x01\x00" + bytes(8) + b"\x88" + bytes(3))


def test_what_is_set_is_read():
    for utc_s in (0, 817112730, calendar.END_S - 1):
        wire = Wire(bytearray(STOPPED))
        clock = Ds3231(wire, calendar)
        assert clock.read() is None, "it has stopped"
        clock.set(utc_s)
        assert clock.read() == utc_s
        assert wire.registers[15] == 0x08, "only the flag is cleared"
        assert wire.registers[3] == calendar.weekday(utc_s)


def test_the_registers_are_bcd():
    wire = Wire(bytearray(STOPPED))
    Ds3231(wire, calendar).set(817112730)  # 2025-11-22 07:45:30
    assert bytes(wire.registers[:7]) == b"\x30\x45\x07\x06\x22\x11\x25"
    wire.registers[5] |= 0x80
    assert Ds3231(wire, calendar).read() == 817112730, "the century does not count"


def test_nonsense_and_silence_are_no_time():
    wire = Wire(bytearray(STOPPED))
    clock = Ds3231(wire, calendar)
    clock.set(817112730)
    wire.registers[4] = 0x31
    assert clock.read() is None, "31 November"
    wire.absent = True
    assert clock.read() is None
    clock.set(0)
    assert clock.failures == 1
