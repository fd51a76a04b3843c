# SPDX-License-Identifier: MIT
"""Memory of the chip that outlives a reset but no power cut, for node/mirror.py.

The RP2's watchdog has eight registers of 32 bits: the SDK and the boot ROM use the fifth, and
the last two are left to the cause of a reset.  The ESP32's clock has 2 KB.
"""

from struct import pack_into, unpack_from

from micropython import const

RP2040_WATCHDOG = const(0x40058000)
RP2350_WATCHDOG = const(0x400D8000)

_SCRATCH = const(0x0C)  # the first of the registers
_USED = (0, 1, 2, 3, 5)


class Registers:
    """Five registers of a watchdog at an address, through machine.mem32."""

    def __init__(self, mem32, watchdog: int = RP2040_WATCHDOG):
        self._mem32 = mem32
        self._places = [watchdog + _SCRATCH + 4 * n for n in _USED]

    def read(self) -> bytes:
        """The 20 octets, whatever they are."""
        octets = bytearray(4 * len(_USED))
        for i, place in enumerate(self._places):
            pack_into("<I", octets, 4 * i, self._mem32[place] & 0xFFFFFFFF)
        return bytes(octets)

    def write(self, octets):
        """Replace them."""
        for i, place in enumerate(self._places):
            self._mem32[place] = unpack_from("<I", octets, 4 * i)[0]


class ClockMemory:
    """The memory of the ESP32's machine.RTC."""

    def __init__(self, rtc):
        self._rtc = rtc

    def read(self) -> bytes:
        """What was written, or nothing."""
        return self._rtc.memory()

    def write(self, octets):
        """Replace it."""
        self._rtc.memory(octets)
