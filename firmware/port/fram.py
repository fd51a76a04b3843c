# SPDX-License-Identifier: MIT
"""FRAM MB85RC256V on I2C, and storage slots in it: 32 KB that wear out never and write at once.

A slot begins with a mark, which is cleared first and set last, and the length of what is in it:
a cut in between leaves the slot empty.
"""

from errno import EIO
from struct import pack, unpack

from micropython import const

ADDRESS = const(0x50)
SIZE = const(32768)

# Two large slots for the meter's record, in the places of slots 2 and 3; small ones for the rest.
_LARGE = (2, 3)
_LARGE_OCTETS = const(2048)
_SMALL_OCTETS = const(320)
_SLOTS = const(82)
_HEAD = "<BH"
_HEAD_OCTETS = const(3)
_MARK = const(0xA5)
_ENOSPC = const(28)


class Fram:
    """The chip on a machine.I2C; OSError from it where the chip does not answer."""

    def __init__(self, i2c, address: int = ADDRESS):
        self._i2c = i2c
        self._address = address

    def read(self, at: int, n: int) -> bytearray:
        """So many octets."""
        octets = bytearray(n)
        self._i2c.readfrom_mem_into(self._address, at, octets, addrsize=16)
        return octets

    def write(self, at: int, octets):
        """Write, and compare what is there then: OSError if it is something else."""
        self._i2c.writeto_mem(self._address, at, octets, addrsize=16)
        if self.read(at, len(octets)) != octets:
            raise OSError(EIO)


class Slots:
    """The slots of node/store.py in a Fram."""

    def __init__(self, fram):
        self._fram = fram

    def load(self, slot: int):
        """The octets of the slot, or None; OSError where the chip does not answer."""
        at, size = _place(slot)
        mark, length = unpack(_HEAD, self._fram.read(at, _HEAD_OCTETS))
        if mark != _MARK or length > size - _HEAD_OCTETS:
            return None
        return bytes(self._fram.read(at + _HEAD_OCTETS, length))

    def save(self, slot: int, octets):
        """Replace the slot: a cut leaves it empty; OSError where that does not succeed."""
        at, size = _place(slot)
        if len(octets) > size - _HEAD_OCTETS:
            raise OSError(_ENOSPC)
        self._fram.write(at, b"\x00")
        self._fram.write(at, pack(_HEAD, 0, len(octets)) + octets)
        self._fram.write(at, bytes((_MARK,)))

    def forget(self):
        """Empty all slots, as a factory reset does."""
        for slot in range(_SLOTS):
            self.save(slot, b"")


def _place(slot):
    """(address, octets) of a slot."""
    if slot in _LARGE:
        return (slot - _LARGE[0]) * _LARGE_OCTETS, _LARGE_OCTETS
    if not 0 <= slot < _SLOTS:
        raise OSError(_ENOSPC)
    place = slot if slot < _LARGE[0] else slot - len(_LARGE)
    return len(_LARGE) * _LARGE_OCTETS + place * _SMALL_OCTETS, _SMALL_OCTETS
